"""InfiniTime (PineTime) motion service: raw acceleration, 1 g = 1024, notified when it changes.

Source: InfiniTime, doc/MotionService.md. The watch tells no time; a value that stays the same is not sent.
"""

import struct
from dataclasses import dataclass

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack
from breathsync.sensors.ble.profiles.base import Connection, Facts, Heard, Script, Subscribe, block

SERVICE = "00030000-78fc-48fe-8e23-433b3a1942d0"
STEPS = "00030001-78fc-48fe-8e23-433b3a1942d0"
MOTION = "00030002-78fc-48fe-8e23-433b3a1942d0"

COUNTS_PER_G = 1024
RATE_HZ = 10.0
"""About what the watch reads its sensor at while connected; nothing promises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """One notification: x, y, z in 1/1024 g."""

    x: int
    y: int
    z: int

    def __post_init__(self) -> None:
        for name in ("x", "y", "z"):
            check_range("InfiniTime motion", name, getattr(self, name), -0x8000, 0x7FFF)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Motion":
        """Decode. Raises DecodeError unless it is six bytes."""
        if len(data) != 6:
            raise fail("InfiniTime motion", "six bytes expected", data)
        x, y, z = unpack("3h", data, 0, "InfiniTime motion")
        return cls(x=x, y=y, z=z)

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack("<3h", self.x, self.y, self.z)

    @property
    def acc_mg(self) -> tuple[float, float, float]:
        """The same in mg."""
        return (self.x * 1000 / COUNTS_PER_G, self.y * 1000 / COUNTS_PER_G, self.z * 1000 / COUNTS_PER_G)


class InfiniTime:
    """Acceleration of a PineTime."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Subscribe."""
        if MOTION not in connection.characteristics or Stream.ACCELERATION not in connection.wanted:
            return Facts()
        yield Subscribe(characteristic=MOTION)
        return Facts(streams=(Stream.ACCELERATION,), rates_hz={Stream.ACCELERATION: RATE_HZ})

    def stop(self) -> Script[None]:
        """Nothing to write."""
        yield from ()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """One sample."""
        return (
            [block(Stream.ACCELERATION, [Motion.from_bytes(data).acc_mg])] if characteristic == MOTION else []
        )
