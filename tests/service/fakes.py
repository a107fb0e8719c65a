"""What the tests of sinks share: a session that stands still, and a broker of one's own."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from breathsync.breath.events import Live, Phase
from breathsync.guide.events import ClauseResult, Cue, CueKind, GuideView, Place, Side, Step, Verdict
from breathsync.outcome import View
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream

BELT = SensorInfo(
    name="Anna's belt", kind="fake", streams=(Stream.FORCE,), rates_hz={Stream.FORCE: 100.0}, simulated=True
)
CUE = Cue(t_s=1.0, kind=CueKind.OPENED, sentence="That was a full breath.")
VERDICT = Verdict(
    decided_s=12.5,
    inhale_start_s=6.0,
    inhale_peak_s=9.0,
    returned_s=12.3,
    side=Side.LEFT,
    point=2,
    opened=True,
    amplitude=11.0,
    amplitude_quiet=None,
    clauses=(ClauseResult(clause="G5", ok=True),),
    phrase="full",
    sentence="That was a full breath.",
)


def view(state: SensorState = SensorState.STREAMING, place: Place = Place.BREATHE) -> View:
    step = Step(t_s=0.0, place=place, side=Side.LEFT, point=2, points=3, sentence="One slow full breath.")
    return View(
        t_s=5.0,
        guide=GuideView(step=step, armed=place is Place.BREATHE),
        live=Live(t_s=5.0, phase=Phase.IN, level=0.5, level_quiet=1.0, doubts=()),
        sensor=SensorChange(t_s=0.0, state=state),
        info=BELT,
    )


class StillSession(SimpleNamespace):
    """As much of a session as a sink looks at."""

    def __init__(self, clock: Any = None) -> None:
        super().__init__(
            sensor=SimpleNamespace(info=BELT),
            view=view(),
            clock=clock or SimpleNamespace(now_s=lambda: 5.0, speed=1.0),
            faces=[],
            closers=[],
            on_samples=None,
        )


MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def mosquitto(folder: Path, port: int) -> AsyncIterator[None]:
    """A broker on loopback that takes in everybody."""
    assert MOSQUITTO is not None
    settings = folder / f"mosquitto-{port}.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", str(settings), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                await writer.wait_closed()
                break
        yield
    finally:
        process.terminate()
        await process.wait()
