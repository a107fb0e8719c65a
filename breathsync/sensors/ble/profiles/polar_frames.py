"""Polar Measurement Data, the data frames: raw and delta-compressed, both directions.

    type (1)  timestamp (8, ns since 2000-01-01, of the LAST sample)  frame type (1)  samples

Bit 7 of the frame type says compressed, the low seven bits how. Source: Polar's PMD specification; layouts and
sample times as in polar-ble-sdk 8.0.0 (facts; no code).
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breathsync.samples import FloatArray, Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack
from breathsync.sensors.ble.profiles.polar_control import Measurement
from breathsync.sensors.ble.profiles.polar_delta import Sample, compress, decompress

POLAR_EPOCH_UNIX_NS = 946_684_800_000_000_000
"""2000-01-01T00:00:00Z. A strap that was never told the time thinks it is 2019: a relative clock only."""
H10_FIRST_TIME_NS = 599_616_000_000_000_000
"""2019-01-01 as a Polar timestamp: where an H10 starts after each power-off."""

COMPRESSED = 0x80
_HEAD = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """How the samples of one frame type lie: channels, bytes each, and their unit once multiplied."""

    stream: Stream
    channels: int
    bytes_each: int
    scale: float = 1.0
    floats: bool = False


LAYOUTS = {
    (Measurement.ECG, 0): Layout(Stream.ECG, 1, 3),
    (Measurement.ACC, 0): Layout(Stream.ACCELERATION, 3, 1),
    (Measurement.ACC, 1): Layout(Stream.ACCELERATION, 3, 2),
    (Measurement.ACC, 2): Layout(Stream.ACCELERATION, 3, 3),
    (Measurement.ACC, COMPRESSED | 0): Layout(Stream.ACCELERATION, 3, 2, 1000.0),
    (Measurement.ACC, COMPRESSED | 1): Layout(Stream.ACCELERATION, 3, 2),
    (Measurement.GYRO, COMPRESSED | 0): Layout(Stream.GYROSCOPE, 3, 2),
    (Measurement.GYRO, COMPRESSED | 1): Layout(Stream.GYROSCOPE, 3, 4, floats=True),
}
"""What breathsync reads. Compressed ACC type 0 comes in g / factor, type 1 in mg / factor; gyroscope in deg/s,
type 1 as the bits of a float32, so that differences are differences of bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One notification of PMD data. `samples` are counts as sent; `values` brings them to the stream's unit."""

    measurement: Measurement
    frame_type: int
    timestamp_ns: int
    samples: tuple[Sample, ...]

    def __post_init__(self) -> None:
        if (self.measurement, self.frame_type) not in LAYOUTS:
            raise ValueError(f"no layout for {self.measurement.name} frame type {self.frame_type:#04x}")
        check_range("Polar frame", "timestamp_ns", self.timestamp_ns, 0, 2**63 - 1)
        if not self.samples:
            raise ValueError("a Polar frame holds at least one sample")

    @property
    def layout(self) -> Layout:
        """How its samples lie."""
        return LAYOUTS[self.measurement, self.frame_type]

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frame":
        """Decode. Raises DecodeError for other measurements, unknown frame types and cut samples."""
        what = "Polar frame"
        number, timestamp_ns, frame_type = unpack("BQB", data, 0, what)
        layout = LAYOUTS.get((number, frame_type))
        if layout is None:
            raise fail(what, f"measurement {number} frame type {frame_type:#04x} is not known", data)
        if timestamp_ns > 2**63 - 1:
            raise fail(what, f"timestamp {timestamp_ns} is beyond the year 2290", data)
        return cls(
            measurement=Measurement(number),
            frame_type=frame_type,
            timestamp_ns=timestamp_ns,
            samples=_samples(data[_HEAD:], layout, compressed=bool(frame_type & COMPRESSED)),
        )

    def to_bytes(self) -> bytes:
        """Encode. Raises ValueError when a sample does not fit its layout."""
        head = struct.pack("<BQB", self.measurement, self.timestamp_ns, self.frame_type)
        layout = self.layout
        if self.frame_type & COMPRESSED:
            return head + compress(self.samples, channels=layout.channels, bits=8 * layout.bytes_each)
        limit = 1 << (8 * layout.bytes_each - 1)
        for sample in self.samples:
            if len(sample) != layout.channels:
                raise ValueError(f"{layout.channels} channels expected, got {sample}")
            for value in sample:
                check_range("Polar frame", "sample", value, -limit, limit - 1)
        return head + b"".join(
            value.to_bytes(layout.bytes_each, "little", signed=True)
            for sample in self.samples
            for value in sample
        )

    def values(self, factor: float = 1.0) -> FloatArray:
        """Samples of shape (n, channels) in mg, deg/s or µV. `factor` came with the answer to START."""
        layout = self.layout
        scale = layout.scale * (factor if self.frame_type & COMPRESSED else 1.0)
        if layout.floats:
            return np.asarray(self.samples, dtype=np.int32).view(np.float32).astype(np.float64) * scale
        return np.asarray(self.samples, dtype=np.float64) * scale


def _samples(data: bytes, layout: Layout, *, compressed: bool) -> tuple[Sample, ...]:
    what = "Polar frame"
    if compressed:
        return decompress(data, channels=layout.channels, bits=8 * layout.bytes_each)
    size = layout.channels * layout.bytes_each
    if not data or len(data) % size:
        raise fail(what, f"{len(data)} bytes of samples are not a multiple of {size}", data)
    if layout.bytes_each == 2:
        return tuple(struct.iter_unpack(f"<{layout.channels}h", data))
    each = layout.bytes_each
    values = [int.from_bytes(data[i : i + each], "little", signed=True) for i in range(0, len(data), each)]
    return tuple(tuple(values[i : i + layout.channels]) for i in range(0, len(values), layout.channels))


def frame_times(
    *, timestamp_ns: int, count: int, rate_hz: float, previous_ns: int | None = None
) -> NDArray[np.int64]:
    """When each of a frame's samples was taken, ns, shape (count,); the last is the frame's own timestamp.

    The first frame spreads by the nominal rate, later ones evenly from the previous frame's timestamp to this
    one's (as polar-ble-sdk does), so that the samples follow the device's true rate. Where that spacing is more
    than half away from the nominal, frames were lost or the clock was set: then the nominal rate again, and the
    gap stays a gap.
    """
    nominal_ns = 1e9 / rate_hz
    step_ns = nominal_ns
    if previous_ns is not None:
        spread_ns = (timestamp_ns - previous_ns) / count
        if abs(spread_ns - nominal_ns) <= 0.5 * nominal_ns:
            step_ns = spread_ns
    times_ns: NDArray[np.int64] = timestamp_ns - np.rint(np.arange(count - 1, -1, -1) * step_ns).astype(
        np.int64
    )
    return times_ns
