"""`breathsync watch mqtt://HOST`: a class on one screen, hands up when somebody is lost."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breathsync.cli.stopping import run_until_stopped
from breathsync.errors import BreathsyncError

if TYPE_CHECKING:
    from rich.table import Table

    from breathsync.service.classroom import Classroom, Row

FRAMES_A_S = 10
AGAIN_S = 1.0
BAR = 16
HAND = "✋"


def watch(
    broker: Annotated[str, typer.Argument(help="mqtt://HOST, or mqtt://HOST/TOPIC above all people's.")],
    plain: Annotated[
        bool, typer.Option("--plain", help="A line a change instead of a table; needs no terminal.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.", min=0)] = 0.0,
) -> None:
    """Show everybody who sends a session to a broker (`--to mqtt://HOST/breathsync/NAME`): step, breath, signal."""
    if run_until_stopped(_watch(broker, plain=plain or not sys.stdout.isatty(), seconds=seconds)):
        raise typer.Exit(130)


async def _watch(address: str, *, plain: bool, seconds: float) -> None:
    from breathsync.service import mqtt
    from breathsync.service.classroom import Classroom
    from breathsync.service.sinks import broker, topic_of

    base = topic_of(address) or mqtt.BASE
    room = Classroom(base=base)
    hearing = asyncio.create_task(listen(room, lambda: mqtt.client(broker(address)), base))
    showing = asyncio.create_task((_show_lines if plain else _show_table)(room))
    try:
        done, _ = await asyncio.wait(
            {hearing, showing}, timeout=seconds or None, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
    finally:
        for task in (hearing, showing):
            task.cancel()
        await asyncio.gather(hearing, showing, return_exceptions=True)


async def listen(room: "Classroom", client: Callable[[], Any], base: str) -> None:
    """Listen. A broker that was there and went is looked for again: meanwhile everybody's silence has its hand up."""
    import aiomqtt

    answered = False
    while True:
        try:
            async with client() as connected:
                await connected.subscribe(f"{base}/#")
                answered = True
                async for message in connected.messages:
                    room.take(str(message.topic), bytes(message.payload or b""), now_s=monotonic())
        except aiomqtt.MqttError as error:
            if not answered:
                raise BreathsyncError(
                    f"The broker does not answer ({error}).",
                    advice="Is it running, and is the address right? For trying: mosquitto -p 1883.",
                ) from None
        await asyncio.sleep(AGAIN_S)


async def _show_table(room: "Classroom") -> None:
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(), auto_refresh=False, screen=True) as screen:
        due_s = monotonic()
        while True:
            screen.update(table(room.rows(now_s=monotonic())), refresh=True)
            due_s = max(due_s + 1 / FRAMES_A_S, monotonic())
            await asyncio.sleep(due_s - monotonic())


async def _show_lines(room: "Classroom") -> None:
    before: dict[str, str] = {}
    while True:
        for line in changed(room.rows(now_s=monotonic()), before):
            print(f"{datetime.now():%H:%M:%S}  {line}", flush=True)
        await asyncio.sleep(1 / FRAMES_A_S)


def changed(rows: "Sequence[Row]", before: dict[str, str]) -> list[str]:
    """A line for each person whose step or hand is another than `before`, which is kept up to date."""
    lines = []
    for row in rows:
        if not row.step and not row.hand:
            continue
        raised = row.hand.partition(" for ")[0]  # the seconds of a silence are no change
        text = f"{row.name}: {row.step}" + (f"  {HAND} {raised}" if row.hand else "")
        if before.get(row.name) != text:
            before[row.name] = text
            lines.append(text)
    return lines


def table(rows: "Sequence[Row]") -> "Table":
    """Everybody as a table. A raised hand is a sign and a word, not a colour alone."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(expand=True, title=_title(rows))
    for name in ("", "who", "step", "breath", "signal", "gates"):
        shown.add_column(name, no_wrap=True, justify="right" if name == "gates" else "left")
    for row in rows:
        bar = "█" * round(row.breath * BAR)
        cells = (HAND if row.hand else "", row.name, row.step, bar.ljust(BAR, "·"), row.hand or row.signal)
        shown.add_row(*map(Text, cells), Text(str(row.gates)), style="bold reverse" if row.hand else "")
    return shown


def _title(rows: "Sequence[Row]") -> str:
    hands = sum(bool(row.hand) for row in rows)
    return f"{len(rows)} people, {hands} with a hand up" if rows else "Nobody yet."
