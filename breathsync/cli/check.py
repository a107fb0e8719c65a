"""`breathsync check`: see how well the breath is seen while the strap is moved about."""

import asyncio
import math
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.numbers import a_time
from breathsync.cli.out import Json, Out, Plain
from breathsync.cli.stopping import run_or_exit
from breathsync.errors import BreathsyncError, UsageError

if TYPE_CHECKING:
    from breathsync.samples import SensorEvent
    from breathsync.sensors.base import Sensor
    from breathsync.sensors.meter import BreathMeter

LINE_EVERY_S = 0.25
TRACE_WIDTH = 40


def check(
    source: Annotated[
        str, typer.Argument(help="A paired strap's name, or any source such as sim:steady.")
    ] = "",
    plain: Plain = False,
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
    run_or_exit(check_source(source, out=Out(plain=plain, as_json=as_json), seconds=seconds))


async def check_source(source: str, *, out: Out, seconds: float) -> None:
    """Reach a paired strap or any source and show its breath for so long; 0: without end."""
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
        await watch_breath(sensor, out=out, seconds=seconds)
    finally:
        await sensor.close()


async def watch_breath(sensor: "Sensor", *, out: Out, seconds: float) -> None:
    """Draw the breath as it comes, then say how well it was seen."""
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


def _draw(out: Out, t_s: float, meter: "BreathMeter", unit: str) -> None:
    at = round(meter.level * (TRACE_WIDTH - 1))
    trace = "·" * at + "●" + "·" * (TRACE_WIDTH - 1 - at)
    out.draw(
        f"{t_s:6.1f} s  {trace}  {meter.word:<8} {meter.travel:6.3g} {unit}",
        event="breath", t_s=round(t_s, 2), level=round(meter.level, 3), seen=round(meter.seen, 2),
        word=meter.word, travel=round(meter.travel, 4), unit=unit,
    )  # fmt: skip
