"""Movesense with GATT SensorData: /Meas/Acc, /Meas/IMU6 and /Meas/HR by path subscription, in m/s²."""

from dataclasses import dataclass, field

from breathsync.errors import DecodeError
from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles.movesense import (
    ADVERTISED,
    COMMAND,
    DATA,
    HEART_PATH,
    PACKETS_HZ,
    SERVICE,
    STANDARD_GRAVITY,
    Code,
    Command,
    HeartPacket,
    Kind,
    MotionPacket,
    Notification,
)
from breathsync_simulators.straps.peripheral import Att, AttError, Characteristic, Identity, Service, Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "movesense"
SENSOR = "imu6"
SERIAL = "204830000999"
MOST_SUBSCRIPTIONS = 4
OK, BAD_REQUEST, NO_STORAGE = 200, 400, 507


@dataclass(slots=True)
class _Motion:
    ref: int
    rate_hz: int
    gyroscope: bool
    times_s: list[float] = field(default_factory=list)
    acceleration: list[tuple[float, ...]] = field(default_factory=list)
    turn_rate: list[tuple[float, ...]] = field(default_factory=list)


class Movesense(Strap):
    """Answers commands by status and sends packets for what is subscribed."""

    protected = frozenset({COMMAND, DATA})

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self._motion: dict[int, _Motion] = {}
        self._heart: set[int] = set()
        self._seen = dict.fromkeys((Stream.ACCELERATION, Stream.GYROSCOPE), 0)

    @property
    def streaming(self) -> bool:
        """Whether anything is subscribed."""
        return bool(self._motion or self._heart)

    def own_services(self) -> tuple[Service, ...]:
        """GATT SensorData."""
        members = (Characteristic(COMMAND, ("write",)), Characteristic(DATA, ("notify",)))
        return (Service(SERVICE, members),)

    def own_reset(self) -> None:
        """Subscriptions end with the link."""
        self._motion.clear()
        self._heart.clear()

    def own_write(self, uuid: str, data: bytes) -> None:
        """A command; its answer is a notification."""
        if uuid != COMMAND:
            raise AttError(Att.WRITE_NOT_PERMITTED)
        try:
            command = Command.from_bytes(data)
        except DecodeError:
            raise AttError(Att.UNLIKELY) from None
        body = b"Hello" if command.code is Code.HELLO else self._obey(command).to_bytes(2, "little")
        self.send(DATA, Notification(kind=Kind.ANSWER, ref=command.ref, body=body).to_bytes())

    def measured(self, samples: Samples) -> None:
        """Fill the packets of every subscription; the wearer gives acceleration before its gyroscope."""
        for motion in self._motion.values():
            self._fill(motion, samples)
        if samples.stream in self._seen:
            self._seen[samples.stream] += len(samples)
        if samples.stream is Stream.RR:
            for rr_ms in samples.values[:, 0].tolist():
                body = HeartPacket(average_bpm=60000 / rr_ms, rr_ms=(round(rr_ms),)).to_bytes()
                for ref in self._heart:
                    self.send_frame(DATA, Notification(kind=Kind.DATA, ref=ref, body=body).to_bytes())

    def lived(self) -> None:
        """Send the packets that are full."""
        for motion in self._motion.values():
            size = max(1, motion.rate_hz // PACKETS_HZ)
            while min(len(motion.acceleration), len(motion.turn_rate) if motion.gyroscope else size) >= size:
                self._send(motion, size)

    def _fill(self, motion: _Motion, samples: Samples) -> None:
        if samples.stream not in self._seen:
            return
        every = max(1, round(self.wearer.info.rates_hz[samples.stream] / motion.rate_hz))
        first = -self._seen[samples.stream] % every
        rows = samples.values[first::every].tolist()
        if samples.stream is Stream.ACCELERATION:
            motion.times_s += samples.t_s[first::every].tolist()
            motion.acceleration += [tuple(mg * STANDARD_GRAVITY / 1000 for mg in row) for row in rows]
        elif motion.gyroscope:
            motion.turn_rate += [tuple(row) for row in rows]

    def _send(self, motion: _Motion, size: int) -> None:
        packet = MotionPacket(
            timestamp_ms=self.device_ns(motion.times_s[0]) // 1_000_000 & 0xFFFFFFFF,
            acceleration=tuple((a[0], a[1], a[2]) for a in motion.acceleration[:size]),
            turn_rate=tuple((g[0], g[1], g[2]) for g in motion.turn_rate[:size]),
        ).to_bytes()
        del motion.times_s[:size], motion.acceleration[:size], motion.turn_rate[:size]
        most = self.mtu - 3 - 2
        kinds = (Kind.DATA, Kind.DATA_PART_TWO)
        for kind, start in zip(kinds, range(0, len(packet), most), strict=False):
            body = packet[start : start + most]
            self.send_frame(DATA, Notification(kind=kind, ref=motion.ref, body=body).to_bytes())

    def _obey(self, command: Command) -> int:
        if command.code is Code.UNSUBSCRIBE:
            self._motion.pop(command.ref, None)
            self._heart.discard(command.ref)
            return OK
        if self.quirks.refuse_settings or len(self._motion) + len(self._heart) >= MOST_SUBSCRIPTIONS:
            return NO_STORAGE
        if command.path == HEART_PATH and Stream.RR in self.wearer.info.streams:
            self._heart.add(command.ref)
            return OK
        kind, _, rate = command.path.removeprefix("/Meas/").partition("/")
        has = self.wearer.info.streams
        wants = {"Acc": (Stream.ACCELERATION,), "IMU6": (Stream.ACCELERATION, Stream.GYROSCOPE)}.get(kind)
        if wants is None or not rate.isdigit() or not set(wants) <= set(has):
            return BAD_REQUEST
        self._motion[command.ref] = _Motion(ref=command.ref, rate_hz=int(rate), gyroscope=len(wants) == 2)
        return OK


def strap(wearer: Wearer, quirks: Quirks | None = None) -> Movesense:
    """A Movesense on this wearer."""
    identity = Identity(
        name=f"Movesense {SERIAL}",
        address="0C:8C:DC:20:48:30",
        maker="Movesense (simulated)",
        model="Movesense",
        serial=SERIAL,
        firmware="2.3.1",
        advertised=(ADVERTISED,),
    )
    return Movesense(identity=identity, wearer=wearer, quirks=quirks)
