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

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import FloatArray, Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    Connection,
    DeviceBlock,
    Facts,
    Heard,
    Script,
    Subscribe,
    Write,
    block,
)
from breathsync.sensors.ble.profiles.heart_rate import MEASUREMENT as HEART_RATE_MEASUREMENT
from breathsync.sensors.ble.profiles.heart_rate import beats, believable

SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
DATA = "34800002-7185-4d5d-b431-630e7050e8f0"
ADVERTISED = "0000fdf3-0000-1000-8000-00805f9b34fb"

RATE_HZ = 52
PACKETS_HZ = 13
"""The sensor fills about 13 packets a second, so that one of /52 holds four samples."""
ACC_PATH, IMU_PATH, HEART_PATH = f"/Meas/Acc/{RATE_HZ}", f"/Meas/IMU6/{RATE_HZ}", "/Meas/HR"
MOTION_REF, HEART_REF = 1, 2
OK_STATUS, REFUSED_FROM = 200, 400

STANDARD_GRAVITY = 9.80665
_TRIPLE = 12


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
            return OK_STATUS
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
        size = 2 * _TRIPLE if gyroscope else _TRIPLE
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
        """Decode what follows `02 ref`. Raises DecodeError for half an interval or a rate outside 0..400."""
        what = "Movesense heart packet"
        (average_bpm,) = unpack("f", body, 0, what)
        rest = body[4:]
        if len(rest) % 2 or not 0 <= average_bpm <= 400:
            raise fail(what, f"{average_bpm} beats/min and {len(rest)} bytes of intervals", body)
        return cls(average_bpm=average_bpm, rr_ms=struct.unpack(f"<{len(rest) // 2}H", rest))

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack(f"<f{len(self.rr_ms)}H", self.average_bpm, *self.rr_ms)


class UnitFinder:
    """Settles the unit of acceleration by its length at rest: about 9.8 m/s², 1000 mg or 1 g.

    Until the median length of the last quarter second is within 30 % of one of them, nothing is known, and nothing
    may be passed on.
    """

    WINDOW = 13
    NEAR = 0.3

    def __init__(self) -> None:
        self._lengths: list[float] = []
        self.to_mg: float | None = None

    def put(self, acceleration: FloatArray) -> None:
        """Look at samples of shape (n, 3) until the unit is known."""
        if self.to_mg is not None:
            return
        self._lengths.extend(np.linalg.norm(acceleration, axis=1).tolist())
        self._lengths = self._lengths[-self.WINDOW :]
        if len(self._lengths) == self.WINDOW:
            median = float(np.median(self._lengths))
            for one_g in (STANDARD_GRAVITY, 1000.0, 1.0):
                if abs(median - one_g) <= self.NEAR * one_g:
                    self.to_mg = 1000.0 / one_g


class Movesense:
    """Acceleration with gyroscope where it can be had, and heart where the Heart Rate Service is missing."""

    def __init__(self) -> None:
        self._unit = UnitFinder()
        self._gyroscope = False
        self._refs: set[int] = set()
        self._asked: int | None = None
        self._held: bytes | None = None
        self._whole_size = self._expected_size = 0
        self._last_ms: int | None = None

    def start(self, connection: Connection) -> Script[Facts]:
        """Subscribe to IMU6, or to acceleration alone when that is refused or not wanted; then to the heart.

        Raises SensorError when acceleration is refused.
        """
        if DATA not in connection.characteristics:
            return Facts()
        yield Subscribe(characteristic=DATA)
        facts = Facts()
        if Stream.ACCELERATION in connection.wanted:
            facts = facts.with_(
                (yield from self._start_motion(gyroscope=Stream.GYROSCOPE in connection.wanted))
            )
        heart = tuple(s for s in (Stream.RR, Stream.HEART_RATE) if s in connection.wanted)
        if heart and HEART_RATE_MEASUREMENT not in connection.characteristics:
            status = yield from self._subscribe(HEART_REF, HEART_PATH)
            if status < REFUSED_FROM:
                facts = facts.with_(Facts(streams=heart))
        return facts

    def stop(self) -> Script[None]:
        """Unsubscribe."""
        refs, self._refs = sorted(self._refs), set()
        for ref in refs:
            yield Write(
                characteristic=COMMAND, data=Command(code=Code.UNSUBSCRIBE, ref=ref).to_bytes(), optional=True
            )

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Answers, and packets once they are whole."""
        if characteristic != DATA:
            return []
        notification = Notification.from_bytes(data)
        if notification.kind is Kind.ANSWER:
            status = notification.status
            if notification.ref != self._asked:
                return []
            self._asked = None
            return [Answer(data=struct.pack("<BBH", Kind.ANSWER, notification.ref, status))]
        heard: list[Heard] = []
        if notification.ref == self._asked:  # the sample firmware says yes by sending
            self._asked = None
            heard.append(Answer(data=struct.pack("<BBH", Kind.ANSWER, notification.ref, OK_STATUS)))
        if notification.ref == HEART_REF:
            heard += _heart(HeartPacket.from_bytes(notification.body))
        elif notification.ref == MOTION_REF:
            for body in self._whole(notification):
                heard += self._motion(MotionPacket.from_bytes(body, gyroscope=self._gyroscope))
        return heard

    def _start_motion(self, *, gyroscope: bool) -> Script[Facts]:
        for self._gyroscope in (True, False) if gyroscope else (False,):
            size = 2 * _TRIPLE if self._gyroscope else _TRIPLE
            self._whole_size = self._expected_size = 4 + size * (RATE_HZ // PACKETS_HZ)
            status = yield from self._subscribe(MOTION_REF, IMU_PATH if self._gyroscope else ACC_PATH)
            if status < REFUSED_FROM:
                streams = (Stream.ACCELERATION, *((Stream.GYROSCOPE,) if self._gyroscope else ()))
                return Facts(streams=streams, rates_hz=dict.fromkeys(streams, float(RATE_HZ)))
        raise SensorError(
            f"The Movesense sensor refuses to send acceleration (status {status}).",
            trouble=SensorTrouble.REFUSED_SETTINGS,
            advice="Is another app connected to it? Otherwise update its firmware to 2.3 or newer.",
        )

    def _subscribe(self, ref: int, path: str) -> Script[int]:
        """Subscribe; the status answered, 200 where the firmware answers only by sending."""
        self._refs.add(ref)
        self._asked = ref
        command = Command(code=Code.SUBSCRIBE, ref=ref, path=path).to_bytes()
        reply = yield Ask(characteristic=COMMAND, data=command, within_s=1.5, optional=True)
        self._asked = None
        status = OK_STATUS if reply is None else int.from_bytes(reply[2:4], "little")
        if status >= REFUSED_FROM:
            self._refs.discard(ref)
        return status

    def _whole(self, notification: Notification) -> list[bytes]:
        """The packets that are whole now.

        A notification shorter than expected waits for its second part; when the next packet comes instead, it
        was whole, and that is the size to expect from then on.
        """
        held, self._held = self._held, None
        if notification.kind is Kind.DATA_PART_TWO:
            if held is None:
                self._whole_size = self._expected_size
                raise fail("Movesense packet", "a second part without its first", notification.body)
            return [held + notification.body]
        whole = []
        if held is not None:
            self._whole_size = len(held)
            whole.append(held)
        if len(notification.body) >= self._whole_size:
            whole.append(notification.body)
        else:
            self._held = notification.body
        return whole

    def _motion(self, packet: MotionPacket) -> list[Heard]:
        last_ms = self._last_ms
        if last_ms is not None and packet.timestamp_ms == last_ms & 0xFFFFFFFF:
            return []  # a notification doubled
        wraps = 0 if last_ms is None else (last_ms - packet.timestamp_ms + 0x80000000) >> 32
        self._last_ms = packet.timestamp_ms + (wraps << 32)
        acceleration = np.asarray(packet.acceleration)
        self._unit.put(acceleration)
        if self._unit.to_mg is None:
            return []
        first_ns = self._last_ms * 1_000_000
        times_ns = first_ns + np.rint(np.arange(len(acceleration)) * (1e9 / RATE_HZ)).astype(np.int64)
        heard: list[Heard] = [
            DeviceBlock(
                stream=Stream.ACCELERATION, values=acceleration * self._unit.to_mg, device_time_ns=times_ns
            )
        ]
        if packet.turn_rate:
            turn_rate = np.asarray(packet.turn_rate)
            heard.append(DeviceBlock(stream=Stream.GYROSCOPE, values=turn_rate, device_time_ns=times_ns))
        return heard


def _heart(packet: HeartPacket) -> list[Heard]:
    heard: list[Heard] = []
    if packet.average_bpm:
        heard.append(block(Stream.HEART_RATE, [(packet.average_bpm,)]))
    if rr_ms := believable(packet.rr_ms, heart_rate_bpm=packet.average_bpm):
        heard.append(beats(rr_ms))
    return heard
