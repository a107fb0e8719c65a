"""A Movesense sensor on one connection: subscriptions, long packets put together, the unit settled.

Codecs are in `movesense`.
"""

import struct

import numpy as np

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import FloatArray, Stream
from breathsync.sensors.ble.profiles._bytes import fail
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
from breathsync.sensors.ble.profiles.movesense import (
    ACC_PATH,
    COMMAND,
    DATA,
    HEART_PATH,
    IMU_PATH,
    PACKETS_HZ,
    RATE_HZ,
    STANDARD_GRAVITY,
    TRIPLE_BYTES,
    Code,
    Command,
    HeartPacket,
    Kind,
    MotionPacket,
    Notification,
)

MOTION_REF, HEART_REF = 1, 2
OK_STATUS, REFUSED_FROM = 200, 400


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
            size = 2 * TRIPLE_BYTES if self._gyroscope else TRIPLE_BYTES
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
