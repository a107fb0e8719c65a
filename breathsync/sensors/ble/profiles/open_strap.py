"""The open strap profile, version 1: the packets of a strap anybody can build.

The whole profile is written down in `firmware-notes/open-strap-profile.md`; reference firmware that makes the
same bytes is in `firmware-notes/reference/`. All numbers are little endian.
"""

import math
import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from breathsync.samples import FloatArray, Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack

SERVICE = "98a3f267-a5ef-416b-8c3d-1e9257ba81db"
CAPABILITIES = "98a3f268-a5ef-416b-8c3d-1e9257ba81db"
CONTROL = "98a3f269-a5ef-416b-8c3d-1e9257ba81db"
DATA = "98a3f26a-a5ef-416b-8c3d-1e9257ba81db"
NAME = "BreathStrap"
"""How the advertised name of a strap on the Nordic UART begins; that service alone tells nothing."""

VERSION = (1, 0)
MAGIC = b"BS"
TICK_NS = 100_000
"""The strap's clock counts tenths of a millisecond in 32 bits: it begins again after 119 hours."""
LOWEST_SCALE, HIGHEST_SCALE = 1e-9, 1e6
LONGEST_CAPABILITIES = 255
NOT_WORN = 0x80
"""Flag in a data frame's first byte."""

CHANNEL_CAPABILITIES, CHANNEL_CONTROL, CHANNEL_DATA, CHANNEL_BATTERY = 0, 1, 2, 3
"""Channels of `nordic_uart.UartFrame`."""


class Kind(IntEnum):
    """Streams a strap may have."""

    ACCELERATION = 1
    GYROSCOPE = 2
    FORCE = 3
    STRETCH = 4


STREAMS = {
    Kind.ACCELERATION: Stream.ACCELERATION,
    Kind.GYROSCOPE: Stream.GYROSCOPE,
    Kind.FORCE: Stream.FORCE,
    Kind.STRETCH: Stream.IMPEDANCE,
}
_FORMAT = {Kind.ACCELERATION: "3h", Kind.GYROSCOPE: "3h", Kind.FORCE: "i", Kind.STRETCH: "i"}
_BITS = {Kind.ACCELERATION: 16, Kind.GYROSCOPE: 16, Kind.FORCE: 32, Kind.STRETCH: 32}
CHANNELS = {Kind.ACCELERATION: 3, Kind.GYROSCOPE: 3, Kind.FORCE: 1, Kind.STRETCH: 1}


def no_value(kind: Kind) -> int:
    """The lowest count of a stream means: nothing measured here (clipped, or the sensor failed)."""
    return -(1 << (_BITS[kind] - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCapability:
    """One stream: `scale` units (mg, deg/s, N; any for stretch) a count, the periods it offers, µs."""

    kind: int
    scale: float
    periods_us: tuple[int, ...]

    def __post_init__(self) -> None:
        what = "open strap capability"
        check_range(what, "kind", self.kind, 0, 127)
        check_range(what, "scale", self.scale, LOWEST_SCALE, HIGHEST_SCALE)
        check_range(what, "number of periods", len(self.periods_us), 1, 16)
        for period_us in self.periods_us:
            check_range(what, "period_us", period_us, 1, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the strap is asked first. Streams of a kind not known here are kept, and never started."""

    streams: tuple[StreamCapability, ...]
    feels_skin: bool = False
    version: tuple[int, int] = VERSION

    @classmethod
    def from_bytes(cls, data: bytes) -> "Capabilities":
        """Decode. Raises DecodeError for other magic, cut streams, or a scale or period of no sense.

        A later major version is decoded no further than its number: `streams` is empty then.
        """
        what = "open strap capabilities"
        magic, major, minor = unpack("2sBB", data, 0, what)
        if magic != MAGIC:
            raise fail(what, "42 53 expected", data)
        if major != VERSION[0]:
            return cls(streams=(), version=(major, minor))
        flags, count = unpack("BB", data, 4, what)
        streams = []
        at = 6
        for _ in range(count):
            length, kind, scale = unpack("BBf", data, at, what)
            at += 1
            if length < 9 or (length - 5) % 4 or length > 69 or kind > 127:
                raise fail(what, f"a stream of {length} bytes, kind {kind}", data)
            periods_us = unpack(f"{(length - 5) // 4}I", data, at + 5, what)
            if not (math.isfinite(scale) and LOWEST_SCALE <= scale <= HIGHEST_SCALE) or not all(periods_us):
                raise fail(what, f"a scale of {scale} or a period of 0", data)
            streams.append(StreamCapability(kind=kind, scale=scale, periods_us=periods_us))
            at += length
        return cls(streams=tuple(streams), feels_skin=bool(flags & 1), version=(major, minor))

    def to_bytes(self) -> bytes:
        """Encode. Raises ValueError when it would be longer than 255 bytes."""
        out = MAGIC + bytes((*self.version, self.feels_skin, len(self.streams)))
        for stream in self.streams:
            periods = struct.pack(f"<{len(stream.periods_us)}I", *stream.periods_us)
            out += struct.pack("<BBf", 5 + len(periods), stream.kind, stream.scale) + periods
        check_range("open strap capabilities", "length", len(out), 0, LONGEST_CAPABILITIES)
        return out


class Op(IntEnum):
    """Commands."""

    START = 1
    STOP = 2


class Status(IntEnum):
    """What an answer says of its command."""

    OK = 0
    UNKNOWN_COMMAND = 1
    NO_SUCH_STREAM = 2
    PERIOD_NOT_OFFERED = 3
    SENSOR_FAILED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A write to the control characteristic. STOP of kind 0 stops all; START of one that runs starts it anew."""

    op: Op
    kind: int
    period_us: int = 0

    def __post_init__(self) -> None:
        check_range("open strap command", "kind", self.kind, 0, 127)
        check_range("open strap command", "period_us", self.period_us, 0, 0xFFFFFFFF)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Command":
        """Decode (the strap's side). Raises DecodeError for an unknown op."""
        what = "open strap command"
        op, kind = unpack("BB", data, 0, what)
        if op not in Op.__members__.values() or kind > 127:
            raise fail(what, f"command {op} for stream {kind}", data)
        period_us = unpack("I", data, 2, what)[0] if op == Op.START else 0
        return cls(op=Op(op), kind=kind, period_us=period_us)

    def to_bytes(self) -> bytes:
        """Encode."""
        period = struct.pack("<I", self.period_us) if self.op is Op.START else b""
        return bytes((self.op, self.kind)) + period


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """An indication on the control characteristic. `period_us` is what the strap really uses, after START."""

    op: int
    kind: int
    status: Status
    period_us: int = 0

    @classmethod
    def from_bytes(cls, data: bytes) -> "ControlAnswer":
        """Decode. Raises DecodeError for an unknown status or a START without its period."""
        what = "open strap answer"
        op, kind, status = unpack("BBB", data, 0, what)
        if not op & 0x80 or status not in Status.__members__.values():
            raise fail(what, f"begins {op:#04x}, status {status}", data)
        started = op & 0x7F == Op.START and status == Status.OK
        period_us = unpack("I", data, 3, what)[0] if started else 0
        if started and not period_us:
            raise fail(what, "a period of 0", data)
        return cls(op=op & 0x7F, kind=kind, status=Status(status), period_us=period_us)

    def to_bytes(self) -> bytes:
        """Encode."""
        started = self.op == Op.START and self.status is Status.OK
        period = struct.pack("<I", self.period_us) if started else b""
        return bytes((0x80 | self.op, self.kind, self.status)) + period


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFrame:
    """A notification of samples: `first_tick` is when the first was taken, `sequence` counts this stream's frames."""

    kind: Kind
    sequence: int
    first_tick: int
    samples: tuple[tuple[int, ...], ...]
    worn: bool = True

    def __post_init__(self) -> None:
        what = "open strap frame"
        check_range(what, "sequence", self.sequence, 0, 255)
        check_range(what, "first_tick", self.first_tick, 0, 0xFFFFFFFF)
        limit = 1 << (_BITS[self.kind] - 1)
        if not self.samples:
            raise ValueError(f"{what}: at least one sample")
        for sample in self.samples:
            if len(sample) != CHANNELS[self.kind]:
                raise ValueError(f"{what}: {CHANNELS[self.kind]} values a sample, got {sample}")
            for value in sample:
                check_range(what, "sample", value, -limit, limit - 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> "DataFrame":
        """Decode. Raises DecodeError for an unknown stream and cut samples."""
        what = "open strap frame"
        first, sequence, first_tick = unpack("BBI", data, 0, what)
        number = first & 0x0F
        if number not in STREAMS:
            raise fail(what, f"no stream has the number {number}", data)
        kind = Kind(number)
        sample = struct.Struct("<" + _FORMAT[kind])
        if len(data) == 6 or (len(data) - 6) % sample.size:
            raise fail(what, f"{len(data) - 6} bytes of samples are not a multiple of {sample.size}", data)
        return cls(
            kind=kind,
            sequence=sequence,
            first_tick=first_tick,
            samples=tuple(sample.iter_unpack(data[6:])),
            worn=not first & NOT_WORN,
        )

    def to_bytes(self) -> bytes:
        """Encode."""
        head = struct.pack("<BBI", self.kind | (0 if self.worn else NOT_WORN), self.sequence, self.first_tick)
        sample = struct.Struct("<" + _FORMAT[self.kind])
        return head + b"".join(sample.pack(*values) for values in self.samples)

    def values(self, scale: float) -> FloatArray:
        """Samples of shape (n, channels) in the stream's unit; NaN where nothing was measured."""
        counts = np.asarray(self.samples, dtype=np.float64)
        return np.where(counts == no_value(self.kind), np.nan, counts * scale)


def samples_a_frame(kind: Kind, mtu: int) -> int:
    """How many samples fit into one notification: 2 triples or 3 single values at the smallest MTU of 23."""
    return (mtu - 3 - 6) // struct.calcsize("<" + _FORMAT[kind])
