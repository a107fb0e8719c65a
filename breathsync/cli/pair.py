"""`breathsync pair`, `straps`, `check`, `doctor`: find a strap, hold on to it, place it well, and what is wrong."""

import asyncio
import json
import math
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breathsync.cli.numbers import a_time
from breathsync.errors import BreathsyncError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from breathsync.samples import SensorEvent
    from breathsync.sensors.base import Sensor
    from breathsync.sensors.ble.pairing import Candidate
    from breathsync.sensors.meter import BreathMeter

# Imports stand in the functions: bleak and numpy are loaded only when a strap is really looked for.

straps = typer.Typer(help="The straps that were paired: list, rename, forget.", invoke_without_command=True)

Json = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout.")]
WATCH_S = 20.0
LINE_EVERY_S = 0.25
TRACE_WIDTH = 40


def pair(
    strap: Annotated[str, typer.Argument(help="Which one: a name, serial, address or kind.")] = "",
    name: Annotated[str, typer.Option(help="Remember it under this name.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="A line a time, never redrawn.")] = False,
    as_json: Json = False,
    seconds: Annotated[float, typer.Option(help="How long to listen.", callback=a_time)] = 6.0,
    watch: Annotated[
        float, typer.Option(help="How long to show the breath; 0: not at all.", callback=a_time)
    ] = WATCH_S,
    phone: Annotated[
        bool, typer.Option("--phone", help="A phone as the strap: find it, or show it a code.")
    ] = False,
) -> None:
    """Find a strap, try it, and remember it."""
    if phone:
        _run(_pair_phone(out=_Out(plain=plain, as_json=as_json), seconds=seconds, watch=watch))
        return
    _run(_pair(strap, name=name, out=_Out(plain=plain, as_json=as_json), seconds=seconds, watch=watch))


def check(
    source: Annotated[
        str, typer.Argument(help="A paired strap's name, or any source such as sim:steady.")
    ] = "",
    plain: Annotated[bool, typer.Option("--plain", help="A line a time, never redrawn.")] = False,
    as_json: Json = False,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.", callback=a_time)] = 0.0,
) -> None:
    """See how well the breath is seen while you move the strap about."""
    from breathsync.sensors.known_straps import KnownStraps

    if not source:
        known = KnownStraps().all()
        if len(known) != 1:
            raise UsageError(
                "Which strap?" if known else "No strap is paired yet.",
                advice=f"Name one of {', '.join(s.name for s in known)}."
                if known
                else "Try breathsync pair.",
            )
        source = known[0].name
    _run(_check(source, out=_Out(plain=plain, as_json=as_json), seconds=seconds))


def doctor(as_json: Json = False) -> None:
    """Say what is wrong with Bluetooth here, and what to do. Exit code 1 when something is."""
    from breathsync.sensors.ble.doctor import ThisMachine, examine
    from breathsync.sensors.known_straps import KnownStraps

    if not as_json:
        typer.echo("Looking, and listening for a few seconds ...", err=True)
    findings = examine(ThisMachine(), straps=KnownStraps().all())
    for finding in findings:
        if as_json:
            trouble = finding.trouble.value if finding.trouble else None
            entry = {"looked_at": finding.looked_at, "says": finding.says, "trouble": trouble}
            typer.echo(json.dumps(entry | {"advice": finding.advice}))
        else:
            typer.echo(f"{'ok  ' if finding.well else 'look'}  {finding.looked_at}: {finding.says}")
            if finding.advice:
                typer.echo(f"      {finding.advice}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@straps.callback()
def list_straps(context: typer.Context, as_json: Json = False) -> None:
    """The straps that were paired."""
    if context.invoked_subcommand:
        return
    import msgspec

    from breathsync.sensors.known_straps import KnownStraps

    known = KnownStraps().all()
    if not known and not as_json:
        typer.echo("No strap is paired yet; breathsync pair finds one.", err=True)
    if as_json:
        for strap in known:
            typer.echo(msgspec.json.encode(strap).decode())
    elif known:
        from breathsync.cli.table import table

        rows = [(strap.name, strap.advertised, strap.key, strap.firmware or "-") for strap in known]
        for line in table(("name", "advertises", "kind", "firmware"), rows):
            typer.echo(line)


@straps.command()
def rename(name: str, new: str) -> None:
    """Give a strap another name."""
    from breathsync.sensors.known_straps import KnownStraps

    KnownStraps().rename(name, new)
    typer.echo(f"{name} is now called {new}.", err=True)


@straps.command()
def forget(name: str) -> None:
    """Take a strap off the list; unpair it where it was paired."""
    from breathsync.sensors.known_straps import KnownStraps

    strap = KnownStraps().find(name)
    if strap.paired:
        _run(_unpair(name))
    KnownStraps().forget(name)
    typer.echo(f"{strap.name} is forgotten.", err=True)


class _Out:
    """Lines for a person on stderr and stdout, or JSON Lines on stdout."""

    def __init__(self, *, plain: bool, as_json: bool) -> None:
        self.as_json = as_json
        self._redraws = not plain and not as_json and sys.stdout.isatty()
        self._drawn = False

    def say(self, line: str, **fields: Any) -> None:
        """One line of text, or one object of `fields`."""
        self._end_drawing()
        if self.as_json:
            if fields:
                print(json.dumps(fields), flush=True)
        else:
            print(line, flush=True)

    def draw(self, line: str, **fields: Any) -> None:
        """A line that the next one replaces, where the terminal can."""
        if self._redraws:
            print(f"\r{line}\x1b[K", end="", flush=True)
            self._drawn = True
        else:
            self.say(line, **fields)

    def _end_drawing(self) -> None:
        if self._drawn:
            print(flush=True)
            self._drawn = False


async def _pair(strap: str, *, name: str, out: _Out, seconds: float, watch: float) -> None:
    from breathsync.clock import SessionClock
    from breathsync.radio import open_radio
    from breathsync.sensors.ble.pairing import look
    from breathsync.sensors.ble.strap import StrapSensor
    from breathsync.sensors.ble.target import target_of
    from breathsync.sensors.known_straps import KnownStraps, Remembered

    async with open_radio() as radio:
        if not out.as_json:
            print(f"Listening for {seconds:g} s; put the strap on so that it wakes ...", file=sys.stderr)
        candidates = await look(radio, seconds=seconds)
        for number, candidate in enumerate(candidates, start=1):
            _list(out, number, candidate)
        chosen = await _choose(strap, candidates, out)
        KnownStraps().keep_free(
            name or chosen.name, address=chosen.found.address, advertised=chosen.found.name
        )
        sensor = StrapSensor(
            target=target_of(chosen.found, label=name or chosen.name), clock=SessionClock(), radio=radio
        )
        try:
            out.say(f"Connecting to {chosen.name} ...")
            await sensor.connect()
            info = sensor.info
            out.say(
                f"Connected: {chosen.known.title}, firmware {info.firmware or 'unknown'}; it gives "
                f"{', '.join(str(stream) for stream in info.streams)}.",
                event="connected", name=chosen.name, firmware=info.firmware, streams=list(info.streams),
            )  # fmt: skip
            for note in sensor.notes:
                out.say(f"Note: {note}", event="note", says=note)
            if info.breath_stream is None:
                out.say(f"It cannot tell {chosen.known.cannot}.", event="note", says=chosen.known.cannot)
            elif watch > 0:
                out.say("Breathe: do you see yourself?")
                await _watch(sensor, out=out, seconds=watch)
        finally:
            await sensor.close()
    remembered = Remembered(
        name=name or chosen.name,
        address=chosen.found.address,
        advertised=chosen.found.name,
        key=chosen.known.key,
        serial=info.serial,
        firmware=info.firmware,
        paired=sensor.paired,
    )
    KnownStraps().remember(remembered)
    out.say(
        f"Remembered as {remembered.name}. Use it: breathsync session --source 'ble:{remembered.name}'",
        event="remembered", name=remembered.name,
    )  # fmt: skip


def _list(out: _Out, number: int, candidate: "Candidate") -> None:
    from breathsync.sensors.ble.pairing import bar

    found, known = candidate.found, candidate.known
    held = "  held by this computer already" if found.connected_already else ""
    out.say(
        f"{number:>2}  {candidate.name:<24} {bar(found.rssi_dbm):<14} {known.title}: {known.can}{held}",
        event="found", name=candidate.name, address=found.address, kind=known.key, rssi_dbm=found.rssi_dbm,
        sees_breath=known.sees_breath, connected_already=found.connected_already,
    )  # fmt: skip


async def _choose(strap: str, candidates: "list[Candidate]", out: _Out) -> "Candidate":
    """The one that was named, the only one, or the one the person picks."""
    from breathsync.errors import SensorTrouble
    from breathsync.sensors.ble.target import target_for
    from breathsync.sensors.ble.trouble import sensor_error

    if not candidates:
        raise sensor_error(SensorTrouble.NOT_FOUND, strap=strap or "a strap")
    names = [candidate.name for candidate in candidates]
    if strap:
        target = target_for(strap)
        for candidate in candidates:
            if target.is_it(candidate.found):
                return candidate
        raise UnknownNameError("strap", strap, names)
    if len(candidates) == 1:
        return candidates[0]
    if out.as_json or not sys.stdin.isatty():
        raise UsageError("Several straps are in sight.", advice=f"Name one: {', '.join(names)}.")
    said = await asyncio.to_thread(input, f"Which one, 1 to {len(candidates)}? ")
    if not said.strip().isdigit() or not 1 <= int(said) <= len(candidates):
        raise UsageError(f"{said!r} is none of 1 to {len(candidates)}.")
    return candidates[int(said) - 1]


async def _check(source: str, *, out: _Out, seconds: float) -> None:
    from breathsync.clock import SessionClock
    from breathsync.sensors.known_straps import KnownStraps
    from breathsync.sources import open_source

    if KnownStraps().get(source) or ":" not in source:
        source = f"ble:{source}"
    sensor = open_source(source, clock=SessionClock(), invite=lambda text: print(text, file=sys.stderr))
    try:
        await sensor.connect()
        if sensor.info.breath_stream is None:
            raise BreathsyncError(
                f"{sensor.info.name} sends no signal of the breath.", advice="Use a belt or a motion sensor."
            )
        out.say("Breathe as usual and move the strap about; Ctrl-C ends.")
        await _watch(sensor, out=out, seconds=seconds)
    finally:
        await sensor.close()


async def _pair_phone(*, out: _Out, seconds: float, watch: float) -> None:
    """Say which phones announce themselves and what to do with others; then show a phone's code and its breath."""
    from breathsync.sensors.phone.finding import WAYS, find_phones

    out.say("Listening for phones.")
    for phone in await find_phones(seconds=seconds):
        out.say(
            f"Found {phone.name}: breathsync session --source {phone.source}",
            name=phone.name,
            source=phone.source,
        )
    for way in WAYS:
        out.say(way)
    if watch > 0:
        await _check("phone:", out=out, seconds=watch)


async def _watch(sensor: "Sensor", *, out: _Out, seconds: float) -> None:
    """Draw the breath as it comes."""
    from breathsync.samples import UNITS, Samples, SensorChange, SensorState
    from breathsync.sensors.meter import BreathMeter

    meter = BreathMeter()
    stream = sensor.info.breath_stream
    unit = UNITS[stream] if stream else ""
    zero_s = next_s = -math.inf

    def take(event: "SensorEvent") -> bool:
        """Draw what is due; whether the source has ended."""
        nonlocal zero_s, next_s
        if isinstance(event, SensorChange):
            if event.why:
                out.say(f"{event.state}: {event.why}", event=str(event.state), why=event.why)
            return event.state is SensorState.ENDED
        if isinstance(event, Samples) and len(event):
            meter.push(event)
            t_s = float(event.t_s[-1])
            if event.stream is stream and t_s >= next_s:
                zero_s = zero_s if math.isfinite(zero_s) else t_s
                next_s = t_s + LINE_EVERY_S
                _draw(out, t_s - zero_s, meter, unit)
        return False

    async def follow() -> None:
        async for event in sensor.events():
            if take(event):
                return

    try:
        async with asyncio.timeout(seconds or None):
            await follow()
    except TimeoutError:
        pass
    out.say(
        _seen(meter, unit),
        event="seen", seen=round(meter.seen, 2), word=meter.word, travel=round(meter.travel, 4), unit=unit,
    )  # fmt: skip


def _seen(meter: "BreathMeter", unit: str) -> str:
    from breathsync.sensors.meter import LEAST_S

    moved = f"it moves the sensor by {meter.travel:.3g} {unit}"
    match meter.word:
        case "wait":
            return f"Too short a look to say how well the breath is seen: it takes {LEAST_S:g} s."
        case "not seen":
            return f"No breath is seen: what moves the sensor, by {meter.travel:.3g} {unit}, does not repeat like one."
        case "fair":
            return f"The breath is seen, not very clearly: {moved}."
        case _:
            return f"The breath is seen well: {moved}."


def _draw(out: _Out, t_s: float, meter: "BreathMeter", unit: str) -> None:
    at = round(meter.level * (TRACE_WIDTH - 1))
    trace = "·" * at + "●" + "·" * (TRACE_WIDTH - 1 - at)
    out.draw(
        f"{t_s:6.1f} s  {trace}  {meter.word:<8} {meter.travel:6.3g} {unit}",
        event="breath", t_s=round(t_s, 2), level=round(meter.level, 3), seen=round(meter.seen, 2),
        word=meter.word, travel=round(meter.travel, 4), unit=unit,
    )  # fmt: skip


async def _unpair(name: str) -> None:
    from breathsync.clock import SessionClock
    from breathsync.radio import open_radio
    from breathsync.sensors.ble.strap import StrapSensor

    async with open_radio() as radio:
        sensor = StrapSensor(name=name, clock=SessionClock(), radio=radio)
        try:
            await sensor.connect()
            await sensor.forget()
        except BreathsyncError as error:
            typer.echo(f"It could not be unpaired in the system: {error}", err=True)
        finally:
            await sensor.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; Ctrl-C, SIGTERM and a closed terminal end it with the strap stopped."""
    from breathsync.cli.stopping import run_until_stopped

    if run_until_stopped(work):
        raise typer.Exit(130)
