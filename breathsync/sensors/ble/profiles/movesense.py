"""Movesense GATT SensorData: acceleration, gyroscope and heart rate by path subscription.

    command       code ref data                      SUBSCRIBE is 1, data the path in ASCII
    notification  01 ref status (u16)                answer; the sample firmware gives none but 01 FB (507, big endian)
                  02 ref data     03 ref data        data, and the rest of a packet too long for one notification

Source: Movesense's firmware sample `GATTSensorDataClient.cpp` and working web and Python clients (facts; no code).
A packet's time stamp is that of its first sample (Movesense API, meas/acc and meas/imu).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack

SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
DATA = "34800002-7185-4d5d-b431-630e7050e8f0"
ADVERTISED = "0000fdf3-0000-1000-8000-00805f9b34fb"

RATE_HZ = 52
PACKETS_HZ = 13
"""The sensor fills about 13 packets a second, so that one of /52 holds four samples."""
ACC_PATH, IMU_PATH, HEART_PATH = f"/Meas/Acc/{RATE_HZ}", f"/Meas/IMU6/{RATE_HZ}", "/Meas/HR"

STANDARD_GRAVITY = 9.80665
TRIPLE_BYTES = 12


class Code(IntEnum):
    """Commands."""

    HELLO = 0
    SUBSCRIBE = 1
    UNSUBSCRIBE = 2


class Kind(IntEnum):
    """What a notification is."""

    ANSWER = 1
    DATA = 2
    DATA_PART_TWO = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A write; `ref` is the host's own number for the subscription, 1..255."""

    code: Code
    ref: int
    path: str = ""

    def __post_init__(self) -> None:
        check_range("Movesense command", "ref", self.ref, 1, 255)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Command":
        """Decode (the simulated sensor's side). Raises DecodeError for unknown codes and paths not in ASCII."""
        what = "Movesense command"
        code, ref = unpack("BB", data, 0, what)
        if code not in Code.__members__.values() or not ref or not data[2:].isascii():
            raise fail(what, f"code {code}, reference {ref}", data)
        return cls(code=Code(code), ref=ref, path=data[2:].decode("ascii"))

    def to_bytes(self) -> bytes:
        """Encode."""
        return bytes((self.code, self.ref)) + self.path.encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification as it came: what it is, whose, and its bytes."""

    kind: Kind
    ref: int
    body: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> "Notification":
        """Decode. Raises DecodeError for an unknown kind."""
        what = "Movesense notification"
        kind, ref = unpack("BB", data, 0, what)
        if kind not in Kind.__members__.values():
            raise fail(what, f"begins with {kind:#04x}", data)
        return cls(kind=Kind(kind), ref=ref, body=data[2:])

    def to_bytes(self) -> bytes:
        """Encode."""
        return bytes((self.kind, self.ref)) + self.body

    @property
    def status(self) -> int:
        """The HTTP-like status of an answer, of either style; 200 for a greeting. Raises DecodeError otherwise."""
        if self.body == b"Hello":
            return 200
        (status,) = unpack("H", self.body, 0, "Movesense answer")
        swapped = int.from_bytes(self.body[:2], "big")
        for candidate in (status, swapped):
            if 100 <= candidate < 600:
                return int(candidate)
        raise fail("Movesense answer", f"no status is {status}", self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionPacket:
    """Acceleration, and turn rates when it is /Meas/IMU6: all acceleration triples, then all gyroscope triples.

    `timestamp_ms` is of the first sample. Acceleration is in the device's unit (m/s² by the API, mg by one
    client's word: see `UnitFinder`), turn rates in deg/s.
    """

    timestamp_ms: int
    acceleration: tuple[tuple[float, ...], ...]
    turn_rate: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        check_range("Movesense packet", "timestamp_ms", self.timestamp_ms, 0, 0xFFFFFFFF)
        if self.turn_rate and len(self.turn_rate) != len(self.acceleration):
            raise ValueError("as many gyroscope triples as acceleration triples expected")

    @classmethod
    def from_bytes(cls, body: bytes, *, gyroscope: bool) -> "MotionPacket":
        """Decode what follows `02 ref`. Raises DecodeError unless it holds whole samples of finite numbers."""
        what = "Movesense packet"
        (timestamp_ms,) = unpack("I", body, 0, what)
        size = 2 * TRIPLE_BYTES if gyroscope else TRIPLE_BYTES
        values = body[4:]
        if not values or len(values) % size:
            raise fail(what, f"{len(values)} bytes of samples are not a multiple of {size}", body)
        triples = tuple(struct.iter_unpack("<3f", values))
        if not np.isfinite(triples).all():
            raise fail(what, "a value is not a number", body)
        count = len(values) // size
        return cls(timestamp_ms=timestamp_ms, acceleration=triples[:count], turn_rate=triples[count:])

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack("<I", self.timestamp_ms) + b"".join(
            struct.pack("<3f", *triple) for triple in (*self.acceleration, *self.turn_rate)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartPacket:
    """/Meas/HR: the average rate and the RR intervals in ms. It carries no time."""

    average_bpm: float
    rr_ms: tuple[int, ...]

    @classmethod
    def from_bytes(cls, body: bytes) -> "HeartPacket":
        """Decode what follows `02 ref`. Raises DecodeError for half an interval or a rate outside 0..400.

        One client (noduslabs/movesense-nodejs-driver) reads a byte with the number of intervals before them, others
        none: the length tells which it is.
        """
        what = "Movesense heart packet"
        (average_bpm,) = unpack("f", body, 0, what)
        rest = body[4:]
        if len(rest) % 2 and rest[0] == len(rest) // 2:
            rest = rest[1:]
        if len(rest) % 2 or not 0 <= average_bpm <= 400:
            raise fail(what, f"{average_bpm} beats/min and {len(rest)} bytes of intervals", body)
        return cls(average_bpm=average_bpm, rr_ms=struct.unpack(f"<{len(rest) // 2}H", rest))

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack(f"<f{len(self.rr_ms)}H", self.average_bpm, *self.rr_ms)
