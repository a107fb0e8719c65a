"""`breathsync pair`: find a strap, try it, and remember it."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.check import check_source, watch_breath
from breathsync.cli.numbers import a_time
from breathsync.cli.out import Json, Out, Plain
from breathsync.cli.stopping import run_or_exit
from breathsync.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from breathsync.sensors.ble.pairing import Candidate

# Imports stand in the functions: bleak and numpy are loaded only when a strap is really looked for.

WATCH_S = 20.0


def pair(
    strap: Annotated[str, typer.Argument(help="Which one: a name, serial, address or kind.")] = "",
    name: Annotated[str, typer.Option(help="Remember it under this name.")] = "",
    plain: Plain = False,
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
        run_or_exit(_pair_phone(out=Out(plain=plain, as_json=as_json), seconds=seconds, watch=watch))
        return
    run_or_exit(_pair(strap, name=name, out=Out(plain=plain, as_json=as_json), seconds=seconds, watch=watch))


async def _pair(strap: str, *, name: str, out: Out, seconds: float, watch: float) -> None:
    from breathsync.clock import SessionClock
    from breathsync.sensors.ble.pairing import look
    from breathsync.sensors.ble.radio import open_radio
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
            info, left = sensor.info, sensor.battery_percent
            out.say(
                f"Connected: {chosen.known.title}, firmware {info.firmware or 'unknown'}, "
                f"battery {'unknown' if left is None else f'{left} %'}; it gives "
                f"{', '.join(str(stream) for stream in info.streams)}.",
                event="connected", name=chosen.name, firmware=info.firmware, battery_percent=left,
                streams=list(info.streams),
            )  # fmt: skip
            for note in sensor.notes:
                out.say(f"Note: {note}", event="note", says=note)
            if info.breath_stream is None:
                out.say(f"It cannot tell {chosen.known.cannot}.", event="note", says=chosen.known.cannot)
            elif watch > 0:
                out.say("Breathe: do you see yourself?")
                await watch_breath(sensor, out=out, seconds=watch)
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


def _list(out: Out, number: int, candidate: "Candidate") -> None:
    from breathsync.sensors.ble.pairing import bar

    found, known = candidate.found, candidate.known
    held = "  held by this computer already" if found.connected_already else ""
    out.say(
        f"{number:>2}  {candidate.name:<24} {bar(found.rssi_dbm):<14} {known.title}: {known.can}{held}",
        event="found", name=candidate.name, address=found.address, kind=known.key, rssi_dbm=found.rssi_dbm,
        sees_breath=known.sees_breath, connected_already=found.connected_already,
    )  # fmt: skip


async def _choose(strap: str, candidates: "list[Candidate]", out: Out) -> "Candidate":
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


async def _pair_phone(*, out: Out, seconds: float, watch: float) -> None:
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
        await check_source("phone:", out=out, seconds=watch)
