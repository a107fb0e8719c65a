"""Random and mutated frames through every decoder: a value or a DecodeError, nothing else, and no hang.

    python -m tests.benchmarks.fuzz_decoders                    3,000,000 frames, a table
    python -m tests.benchmarks.fuzz_decoders --frames 20000     a quick look
    python -m tests.benchmarks.fuzz_decoders --write            and the table into firmware-notes/fuzz.md

Half of the frames are random bytes; half are published or self-made good frames with bytes changed, cut out, put
in, doubled or spliced, one in four with its length and checksum made right again. Stateful readers keep their
state from frame to frame, as on a link.
"""

import argparse
import faulthandler
import json
import platform
import random
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from breathsync.errors import DecodeError, SensorError
from breathsync.sensors.ble.profiles import (
    bangle,
    go_direct,
    go_direct_belt,
    heart_rate,
    infinitime,
    microbit,
    movesense,
    nordic_uart,
    open_strap,
    polar_control,
    polar_delta,
    polar_frames,
    polar_pmd,
)
from breathsync.sensors.ble.profiles.base import Ask, Connection, Profile, Read
from breathsync.sensors.ble.profiles.movesense_link import Movesense
from breathsync.sensors.ble.profiles.open_strap_link import OpenStrap

NOTES = Path(__file__).parents[2] / "firmware-notes"
FRAMES = 3_000_000
BATCH = 2000
HANG_S = 60.0
LONGEST = 300

Decode = Callable[[bytes], object]


@dataclass
class Tally:
    """What came of one decoder's frames."""

    frames: int = 0
    values: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    reasons: set[str] = field(default_factory=set)


def good_frames() -> dict[str, list[bytes]]:
    """Good frames by the first word of the decoder's name: the vectors, and frames no vector has."""
    acc, samples = polar_control.Measurement.ACC, tuple((i, -i, 1000 + i) for i in range(36))
    polar = [
        polar_frames.Frame(measurement=acc, frame_type=kind, timestamp_ns=10**18, samples=samples).to_bytes()
        for kind in (1, 2, 0x80, 0x81)
    ]
    capability = open_strap.StreamCapability(kind=1, scale=0.0625, periods_us=(20_000,))
    own = [
        open_strap.Capabilities(streams=(capability, capability)).to_bytes(),
        open_strap.Command(op=open_strap.Op.START, kind=1, period_us=20_000).to_bytes(),
        bytes.fromhex("81 01 00 20 4e 00 00"),
        *(
            open_strap.DataFrame(
                kind=kind, sequence=1, first_tick=400, samples=((1, 2, 3)[: open_strap.CHANNELS[kind]],) * 2
            ).to_bytes()
            for kind in open_strap.Kind
        ),
    ]
    framed = [
        nordic_uart.UartFrame(channel=channel, payload=data).to_bytes()
        for channel in range(4)
        for data in own
    ]
    info = go_direct.SensorInfo(number=1, description="Force", unit="N", typical_period_us=100_000)
    belt = [
        go_direct.Measurement(kind=kind, sensors=(1,), rows=((5,), (6,))).to_bytes()
        for kind in go_direct.Kind
        if kind < go_direct.Kind.START_TIME
    ]
    belt += [
        go_direct.Command(op=go_direct.Op.GET_STATUS, counter=9).to_bytes(),
        go_direct.Answer(op=0x50, command_counter=9, payload=info.to_bytes()).to_bytes(),
        info.to_bytes(),
    ]
    triples = struct.pack("<I24f", 77, *([0.0, 0.0, 9.8] * 4), *([1.0, 2.0, 3.0] * 4))
    movement = [b"\x02\x01" + triples, b"\x03\x01" + triples[40:], triples, struct.pack("<fH", 60, 990)]
    movement += [b"\x02\x02" + movement[-1], b"\x01\x01\xc8\x00", b"\x01\x01/Meas/Acc/52"]
    groups = {
        "heart": [b"\x16\x34\xe4\x04", b"\x10\x38\x2d\x04\x35\x00", b"\x0d\x3c\x00\x0a\x00"],
        "battery": [b"\x55"],
        "Polar": [*polar, polar[3][10:], b"\x01\x02", b"\x0f\x05\x00"],
        "Go": belt,
        "Movesense": movement,
        "open": [*own, *framed],
        "UART": [*framed, b"a line\r\n", b"x" * 90],
        "InfiniTime": [bytes(6)],
        "micro:bit": [bytes(6)],
        "Bangle.js": [
            b"BS,1000,0.0100,0.0000,-1.0000",
            b"BS,1000,0.01,0,-1\r\n",
            b">\r\nBS,1080,0.02,0,-1\r\nBS,1",
        ],
    }
    first_word = {"pmd": "Polar", "polar": "Polar", "go": "Go", "open": "open", "movesense": "Movesense"}
    for path in sorted((NOTES / "vectors").glob("*.json")):
        for vector in json.loads(path.read_text())["vectors"]:
            group = first_word.get(vector["decode"].split("_")[0])
            if group:
                groups[group].append(bytes.fromhex(vector["bytes"]))
    return groups


def resealed(data: bytes) -> bytes:
    """Go Direct and UART frames with length and checksum made right again, so that what lies behind is reached."""
    if 5 <= len(data) <= 255 and data[0] in (go_direct.MEASUREMENT_HEAD, go_direct.COMMAND_HEAD):
        data = data[:1] + bytes([len(data)]) + data[2:]
        return data[:3] + bytes([go_direct.checksum(data)]) + data[4:]
    if 4 <= len(data) <= 255 and data[0] == nordic_uart.FRAME_START:
        body = bytes([len(data) - 4]) + data[2:-1]
        return data[:1] + body + bytes([nordic_uart.crc8(body)])
    return data


def frames(rng: random.Random, own: list[bytes], others: list[bytes]) -> Iterator[bytes]:
    """Frames without end: half of them random bytes, half mutated good frames."""
    while True:
        if rng.random() < 0.5:
            yield rng.randbytes(rng.choice((0, 1, 2, 6, 10, 20, rng.randrange(LONGEST))))
            continue
        data = bytearray(rng.choice(own))
        for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
            at = rng.randrange(len(data) + 1)
            what = rng.randrange(8)
            if what <= 3 and at < len(data):
                data[at] = rng.choice((rng.randrange(256), 0, 0xFF, 0x80, data[at] ^ 1 << rng.randrange(8)))
            elif what == 4:
                del data[at:]
            elif what == 5:
                data[at:at] = rng.randbytes(rng.randrange(1, 9))
            elif what == 6:
                data += data[:LONGEST]
            else:
                data[at:] = rng.choice(others)
        yield resealed(bytes(data[: 2 * LONGEST])) if rng.random() < 0.5 else bytes(data[: 2 * LONGEST])


def _running(
    profile: Profile, connection: Connection, answers: Callable[[Read | Ask], list[bytes]], on: str
) -> Decode:
    """A profile brought to streaming; then its `feed` on one characteristic."""
    script = profile.start(connection)
    reply: bytes | None = None
    with suppress(StopIteration):
        while True:
            step = script.send(reply)
            reply = None
            if isinstance(step, Read):
                reply = answers(step)[0]
            elif isinstance(step, Ask):
                heard = [h for data in answers(step) for h in profile.feed(on, data)]
                reply = getattr(heard[0], "data", None) if heard else None
    return lambda data: profile.feed(on, data)


def _polar(step: Read | Ask) -> list[bytes]:
    if isinstance(step, Read):
        return [
            polar_control.Features.of(polar_control.Measurement.ACC, polar_control.Measurement.ECG).to_bytes()
        ]
    command = polar_control.Command.from_bytes(step.data)
    rate = polar_control.Settings(values=((polar_control.Setting.SAMPLE_RATE_HZ, (200,)),)).to_bytes()
    parameters = rate if command.op is polar_control.Op.GET_SETTINGS else b""
    status = polar_control.Status.OK
    answer = polar_control.ControlAnswer(
        op=command.op, measurement=command.measurement, status=status, parameters=parameters
    )
    return [answer.to_bytes()]


def _belt(step: Read | Ask) -> list[bytes]:
    assert isinstance(step, Ask)
    command = go_direct.Command.from_bytes(step.data)
    info = go_direct.SensorInfo(number=1, description="Force", unit="N", typical_period_us=100_000)
    payload = {
        go_direct.Op.GET_STATUS: go_direct.DeviceStatus(battery_percent=80, charger=0).to_bytes(),
        go_direct.Op.GET_DEVICE_INFO: go_direct.DeviceInfo(order_code="", serial="", name="").to_bytes(),
        go_direct.Op.GET_SENSOR_MASK: b"\x02\0\0\0",
        go_direct.Op.GET_SENSOR_INFO: info.to_bytes(),
    }.get(command.op, b"\0")
    return [go_direct.Answer(op=command.op, command_counter=command.counter, payload=payload).to_bytes()]


def _open_strap(step: Read | Ask) -> list[bytes]:
    capability = open_strap.StreamCapability(kind=1, scale=0.0625, periods_us=(20_000,))
    if isinstance(step, Read):
        return [open_strap.Capabilities(streams=(capability,)).to_bytes()]
    reader = nordic_uart.Frames()
    framed = reader.feed(step.data) if step.characteristic == nordic_uart.RX else []
    data = framed[0].payload if framed else step.data
    if framed and framed[0].channel == open_strap.CHANNEL_CAPABILITIES:
        answer = open_strap.Capabilities(streams=(capability,)).to_bytes()
    else:
        command = open_strap.Command.from_bytes(data)
        answer = open_strap.ControlAnswer(
            op=command.op, kind=command.kind, status=open_strap.Status.OK, period_us=command.period_us
        ).to_bytes()
    return (
        [nordic_uart.UartFrame(channel=framed[0].channel, payload=answer).to_bytes()] if framed else [answer]
    )


def _there(*characteristics: str) -> Connection:
    return Connection(characteristics=frozenset(characteristics))


def decoders() -> dict[str, Decode]:
    """Every way in which bytes from a device enter the program."""
    pmd = _there(polar_pmd.CONTROL, polar_pmd.DATA)
    belt = _there(go_direct_belt.RESPONSE)
    gatt = _there(open_strap.CAPABILITIES, open_strap.CONTROL, open_strap.DATA)
    uart = _there(nordic_uart.TX)
    lines, framed = nordic_uart.Lines(), nordic_uart.Frames()
    return {
        "heart rate": heart_rate.HeartRateMeasurement.from_bytes,
        "heart rate, profile": lambda data: heart_rate.HeartRate().feed(heart_rate.MEASUREMENT, data),
        "battery": heart_rate.battery_percent,
        "Polar features": polar_control.Features.from_bytes,
        "Polar settings": polar_control.Settings.from_bytes,
        "Polar command": polar_control.Command.from_bytes,
        "Polar answer": lambda data: polar_control.ControlAnswer.from_bytes(data).settings,
        "Polar stop notice": polar_control.stopped,
        "Polar delta blocks": lambda data: polar_delta.decompress(data, channels=3, bits=16),
        "Polar frame": lambda data: polar_frames.Frame.from_bytes(data).values(2.44e-4),
        "Polar, profile: data": _fed(polar_pmd.PolarPmd(), pmd, _polar, polar_pmd.CONTROL, polar_pmd.DATA),
        "Polar, profile: control": _running(polar_pmd.PolarPmd(), pmd, _polar, polar_pmd.CONTROL),
        "Go Direct command": go_direct.Command.from_bytes,
        "Go Direct answer": go_direct.Answer.from_bytes,
        "Go Direct measurement": go_direct.Measurement.from_bytes,
        "Go Direct status": go_direct.DeviceStatus.from_bytes,
        "Go Direct device": go_direct.DeviceInfo.from_bytes,
        "Go Direct sensor": go_direct.SensorInfo.from_bytes,
        "Go Direct, profile": _running(go_direct_belt.GoDirect(), belt, _belt, go_direct_belt.RESPONSE),
        "Movesense command": movesense.Command.from_bytes,
        "Movesense notification": lambda data: movesense.Notification.from_bytes(data).status,
        "Movesense motion": lambda data: movesense.MotionPacket.from_bytes(data, gyroscope=True),
        "Movesense heart": movesense.HeartPacket.from_bytes,
        "Movesense, profile": _running(Movesense(), _there(movesense.DATA), lambda _: [], movesense.DATA),
        "open strap capabilities": open_strap.Capabilities.from_bytes,
        "open strap command": open_strap.Command.from_bytes,
        "open strap answer": open_strap.ControlAnswer.from_bytes,
        "open strap frame": lambda data: open_strap.DataFrame.from_bytes(data).values(0.0625),
        "open strap, profile": _fed(OpenStrap(), gatt, _open_strap, open_strap.CONTROL, open_strap.DATA),
        "open strap over UART": _running(OpenStrap(), uart, _open_strap, nordic_uart.TX),
        "UART lines": lines.feed,
        "UART frames": framed.feed,
        "UART frame": nordic_uart.UartFrame.from_bytes,
        "InfiniTime": infinitime.Motion.from_bytes,
        "micro:bit": microbit.AccelerometerData.from_bytes,
        "Bangle.js line": bangle.Sample.from_bytes,
        "Bangle.js, profile": _running(bangle.Bangle(), uart, lambda _: [], nordic_uart.TX),
    }


def _fed(
    profile: Profile, connection: Connection, answers: Callable[[Read | Ask], list[bytes]], on: str, then: str
) -> Decode:
    """As `_running`, with data on another characteristic than the answers."""
    _running(profile, connection, answers, on)
    return lambda data: profile.feed(then, data)


def starts(rng: random.Random, seeds: list[bytes], count: int) -> Tally:
    """Whole start scripts answered with garbage: they end in facts, a DecodeError or a SensorError."""
    tally = Tally()
    source = frames(rng, seeds, seeds)
    makers: list[tuple[Callable[[], Profile], Connection, str]] = [
        (polar_pmd.PolarPmd, _there(polar_pmd.CONTROL, polar_pmd.DATA), polar_pmd.CONTROL),
        (go_direct_belt.GoDirect, _there(go_direct_belt.RESPONSE), go_direct_belt.RESPONSE),
        (Movesense, _there(movesense.DATA), movesense.DATA),
        (OpenStrap, _there(open_strap.CAPABILITIES, open_strap.CONTROL, open_strap.DATA), open_strap.CONTROL),
        (OpenStrap, _there(nordic_uart.TX), nordic_uart.TX),
    ]
    while tally.frames < count:
        make, connection, on = rng.choice(makers)
        profile = make()

        def garbage(step: Read | Ask, profile: Profile = profile) -> list[bytes]:
            tally.frames += 1
            good: list[bytes] = []
            if rng.random() < 0.7:  # now and then a right answer, so that the scripts get further
                with suppress(DecodeError, AssertionError, KeyError):
                    good = (
                        _polar(step)
                        if isinstance(profile, polar_pmd.PolarPmd)
                        else (
                            _belt(step) if isinstance(profile, go_direct_belt.GoDirect) else _open_strap(step)
                        )
                    )
            return good or [next(source)]

        started = time.process_time()
        try:
            _running(profile, connection, garbage, on)
            tally.values += 1
        except (DecodeError, SensorError) as error:
            tally.refused += 1
            tally.reasons.add(error.message.split(":")[0])
        tally.slowest_ms = max(tally.slowest_ms, 1000 * (time.process_time() - started))
    return tally


def fuzz(*, count: int, seed: int, talk: bool = False) -> dict[str, Tally]:
    """Run `count` frames; any exception but DecodeError, or a batch over 60 s, ends the program with a traceback."""
    rng = random.Random(seed)
    groups = good_frames()
    everything = [data for group in groups.values() for data in group]
    tallies: dict[str, Tally] = {}
    table = decoders()
    share = -(-count // (len(table) + 1))
    for name, decode in table.items():
        tally = tallies[name] = Tally()
        source = frames(rng, groups[name.replace(",", " ").split()[0]], everything)
        while tally.frames < share:
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            for _ in range(min(BATCH, share - tally.frames)):
                data = next(source)
                started = time.process_time()
                try:
                    decode(data)
                    tally.values += 1
                except DecodeError as error:
                    tally.refused += 1
                    tally.reasons.add(error.message.split("(")[0][:40])
                except Exception:
                    print(f"{name}: {data.hex(' ')}", file=sys.stderr)
                    raise
                tally.slowest_ms = max(tally.slowest_ms, 1000 * (time.process_time() - started))
                tally.frames += 1
            faulthandler.cancel_dump_traceback_later()
        if talk:
            print(f"{name}: {tally.frames:,} frames", file=sys.stderr)
    tallies["start scripts, answered with garbage"] = starts(rng, everything, share)
    return tallies


def report(tallies: dict[str, Tally], *, seconds: float, seed: int) -> str:
    """The table, in Markdown."""
    total = sum(tally.frames for tally in tallies.values())
    rows = [
        f"| {name} | {t.frames:,} | {t.values:,} | {t.refused:,} | {t.slowest_ms:.1f} |"
        for name, t in tallies.items()
    ]
    return "\n".join(
        [
            "# Fuzzing the decoders",
            "",
            f"{total:,} random and mutated frames (seed {seed}), {seconds:.0f} s of processor time, Python "
            f"{platform.python_version()}: every frame gave a value or a `DecodeError` with its reason, nothing else.",
            "",
            "    python -m tests.benchmarks.fuzz_decoders --write",
            "",
            "| decoder | frames | values | refused | slowest, ms |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "«Values» of a profile include frames it leaves alone. Times are processor time. "
            "A start script counts its answers as frames and its outcome once.",
            "",
        ]
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true", help="write the table into firmware-notes/fuzz.md")
    chosen = parser.parse_args()
    started = time.process_time()
    tallies = fuzz(count=chosen.frames, seed=chosen.seed, talk=True)
    table = report(tallies, seconds=time.process_time() - started, seed=chosen.seed)
    print(table)
    if chosen.write:
        (NOTES / "fuzz.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
