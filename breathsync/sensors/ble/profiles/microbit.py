"""BBC micro:bit accelerometer service: mg, a sample a notification, period chosen by the host.

Source: BBC micro:bit Bluetooth profile 1.10. Its sensors resolve 1 to 4 mg, so that a quiet breath hardly shows.
"""

import struct
from dataclasses import dataclass

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack
from breathsync.sensors.ble.profiles.base import Connection, Facts, Heard, Script, Subscribe, Write, block

SERVICE = "e95d0753-251d-470a-a062-fa1922dfa9a8"
ACCELEROMETER = "e95dca4b-251d-470a-a062-fa1922dfa9a8"
PERIOD = "e95dfb24-251d-470a-a062-fa1922dfa9a8"

PERIODS_MS = (1, 2, 5, 10, 20, 80, 160, 640)
"""What may be written; 0 makes the device crash (microbit-connection, pull request 2)."""
PERIOD_MS = 20


def period_to_bytes(period_ms: int) -> bytes:
    """The period characteristic's value. Raises ValueError for a period the device does not take."""
    if period_ms not in PERIODS_MS:
        raise ValueError(f"period_ms = {period_ms} is none of {PERIODS_MS}")
    return struct.pack("<H", period_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccelerometerData:
    """One notification: x, y, z in mg."""

    x_mg: int
    y_mg: int
    z_mg: int

    def __post_init__(self) -> None:
        for name in ("x_mg", "y_mg", "z_mg"):
            check_range("micro:bit acceleration", name, getattr(self, name), -0x8000, 0x7FFF)

    @classmethod
    def from_bytes(cls, data: bytes) -> "AccelerometerData":
        """Decode. Raises DecodeError unless it is six bytes."""
        if len(data) != 6:
            raise fail("micro:bit acceleration", "six bytes expected", data)
        x_mg, y_mg, z_mg = unpack("3h", data, 0, "micro:bit acceleration")
        return cls(x_mg=x_mg, y_mg=y_mg, z_mg=z_mg)

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack("<3h", self.x_mg, self.y_mg, self.z_mg)


class Microbit:
    """Acceleration of a micro:bit whose program has the accelerometer service switched on."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Set 50 Hz and subscribe."""
        if ACCELEROMETER not in connection.characteristics or Stream.ACCELERATION not in connection.wanted:
            return Facts()
        if PERIOD in connection.characteristics:
            yield Write(characteristic=PERIOD, data=period_to_bytes(PERIOD_MS), optional=True)
        yield Subscribe(characteristic=ACCELEROMETER)
        return Facts(streams=(Stream.ACCELERATION,), rates_hz={Stream.ACCELERATION: 1000 / PERIOD_MS})

    def stop(self) -> Script[None]:
        """Nothing to write."""
        yield from ()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """One sample."""
        if characteristic != ACCELEROMETER:
            return []
        sample = AccelerometerData.from_bytes(data)
        return [block(Stream.ACCELERATION, [(sample.x_mg, sample.y_mg, sample.z_mg)])]
