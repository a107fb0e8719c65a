"""A strap that speaks Polar Measurement Data, beside the Heart Rate Service: the part H10 and Verity Sense share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from breathsync.errors import DecodeError
from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles import polar_pmd
from breathsync.sensors.ble.profiles.polar_control import (
    Command,
    ControlAnswer,
    Features,
    Measurement,
    Op,
    Setting,
    Settings,
    Status,
)
from breathsync.sensors.ble.profiles.polar_frames import COMPRESSED, Frame
from breathsync_simulators.straps.heart import SERVICE as HEART_SERVICE
from breathsync_simulators.straps.heart import Heart
from breathsync_simulators.straps.peripheral import (
    BODY_LOCATION,
    HEART_RATE_MEASUREMENT,
    Att,
    AttError,
    Characteristic,
    Identity,
    Service,
    Strap,
)
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

FRAME_HEAD = 10
ANSWER_HEAD = 5
SMALLEST_MTU = 64
"""Below this a PMD stream is refused (status 10)."""

POLAR_SERVICE = Service(
    polar_pmd.SERVICE,
    (
        Characteristic(polar_pmd.CONTROL, ("read", "write", "indicate")),
        Characteristic(polar_pmd.DATA, ("notify",)),
    ),
)

_REFUSED_BY = {
    Setting.SAMPLE_RATE_HZ: Status.INVALID_SAMPLE_RATE,
    Setting.RESOLUTION_BITS: Status.INVALID_RESOLUTION,
    Setting.RANGE: Status.INVALID_RANGE,
    Setting.CHANNELS: Status.INVALID_CHANNELS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One measurement a strap offers.

    `most` samples go into a frame where the MTU allows; `factor` is what one count of a compressed frame is
    worth, in the unit of the frame type.
    """

    stream: Stream
    settings: Settings
    frame_type: int
    bytes_each: int
    most: int
    factor: float | None = None
    mg_per_range: bool = False
    """RANGE is in g and clips acceleration."""


@dataclass(slots=True)
class _Running:
    rate_hz: float
    limit: float
    times_s: list[float] = field(default_factory=list)
    rows: list[tuple[int, ...]] = field(default_factory=list)
    skipped: int = 0


class PmdStrap(Strap):
    """Answers the control point and sends frames for what was started."""

    protected = frozenset({polar_pmd.CONTROL, polar_pmd.DATA})

    def __init__(
        self,
        *,
        identity: Identity,
        wearer: Wearer,
        offers: Mapping[Measurement, Offer],
        heart: Heart,
        quirks: Quirks | None = None,
    ) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self.offers = offers
        self.heart = heart
        self._running: dict[Measurement, _Running] = {}
        self._left_on: set[Measurement] = set()
        self._by_stream = {offer.stream: measurement for measurement, offer in offers.items()}

    @property
    def streaming(self) -> frozenset[Measurement]:
        """What has been started and not stopped."""
        return frozenset(self._running)

    def own_services(self) -> tuple[Service, ...]:
        """Heart rate and PMD."""
        return (HEART_SERVICE, POLAR_SERVICE)

    def own_read(self, uuid: str) -> bytes:
        """Features from the control point, the chest as body location."""
        if uuid == polar_pmd.CONTROL:
            return Features.of(*self.offers).to_bytes()
        if uuid == BODY_LOCATION:
            return b"\x01"
        raise AttError(Att.READ_NOT_PERMITTED)

    def own_write(self, uuid: str, data: bytes) -> None:
        """A command; its answer is an indication."""
        if uuid != polar_pmd.CONTROL:
            raise AttError(Att.WRITE_NOT_PERMITTED)
        if not self.hears(uuid):
            raise AttError(Att.CCCD_IMPROPER)
        try:
            command = Command.from_bytes(data)
        except DecodeError:
            self.send(uuid, bytes([0xF0, *data[:2].ljust(2, b"\0"), Status.INVALID_OP, 0]))
            return
        status, parameters = self._obey(command)
        most = self.mtu - 3 - ANSWER_HEAD
        parts = [parameters[start : start + most] for start in range(0, len(parameters), most)] or [b""]
        for number, part in enumerate(parts, start=1):
            answer = ControlAnswer(
                op=command.op,
                measurement=command.measurement,
                status=status,
                more=number < len(parts),
                parameters=part,
            )
            self.send(uuid, answer.to_bytes())

    def own_reset(self) -> None:
        """Streams end with the link; a strap on a bad day remembers them (status 6 at the next start)."""
        self._running.clear()
        self._left_on = set(self.offers) if self.quirks.already_streaming else set()

    def measured(self, samples: Samples) -> None:
        """Beats to the heart, the rest into frames."""
        self.heart.hear(samples)
        measurement = self._by_stream.get(samples.stream)
        if measurement is None or measurement not in self._running:
            return
        offer, running = self.offers[measurement], self._running[measurement]
        every = max(1, round(self.wearer.info.rates_hz[samples.stream] / running.rate_hz))
        keep = np.arange(len(samples)) + running.skipped
        running.skipped = (running.skipped + len(samples)) % every
        chosen = keep % every == every - 1
        counts = samples.values[chosen] / (offer.factor or 1.0)
        counts = np.clip(np.rint(counts), -running.limit, running.limit - 1).astype(int)
        if 0 <= self.quirks.stuck_axis < counts.shape[1]:
            counts[:, self.quirks.stuck_axis] = 0
        running.times_s += samples.t_s[chosen].tolist()
        running.rows += [tuple(row) for row in counts.tolist()]
        fits = (self.mtu - 3 - FRAME_HEAD) // (offer.bytes_each * counts.shape[1])
        size = min(offer.most, fits)
        while len(running.rows) >= size:
            self._send_rows(measurement, offer, running, size)

    def lived(self) -> None:
        """Once a second the heart rate."""
        if measurement := self.heart.due(self.now_s):
            self.send_frame(HEART_RATE_MEASUREMENT, measurement)

    def _send_rows(self, measurement: Measurement, offer: Offer, running: _Running, size: int) -> None:
        frame = Frame(
            measurement=measurement,
            frame_type=offer.frame_type,
            timestamp_ns=self.device_ns(running.times_s[size - 1]),
            samples=tuple(running.rows[:size]),
        )
        del running.rows[:size], running.times_s[:size]
        self.send_frame(polar_pmd.DATA, frame.to_bytes())

    def _obey(self, command: Command) -> tuple[Status, bytes]:
        offer = self.offers.get(command.measurement)
        if offer is None:
            return Status.NOT_SUPPORTED, b""
        match command.op:
            case Op.GET_SETTINGS:
                return Status.OK, offer.settings.to_bytes()
            case Op.START:
                return self._start(command, offer)
            case Op.STOP:
                self._left_on.discard(command.measurement)
                if self._running.pop(command.measurement, None) is None:
                    return Status.ALREADY_IN_STATE, b""
                return Status.OK, b""
            case _:
                return Status.INVALID_OP, b""

    def _start(self, command: Command, offer: Offer) -> tuple[Status, bytes]:
        if command.measurement in self._running or command.measurement in self._left_on:
            return Status.ALREADY_IN_STATE, b""
        if self.quirks.refuse_settings:
            return Status.INVALID_SAMPLE_RATE, b""
        if self.mtu < SMALLEST_MTU:
            return Status.INVALID_MTU, b""
        for setting, allowed in offer.settings.values:
            chosen = command.settings.of(setting)
            if len(chosen) != 1:
                return Status.INVALID_PARAMETER, b""  # an H10 wants every setting named (polar-ble-sdk 124)
            if chosen[0] not in allowed:
                return _REFUSED_BY[setting], b""
        limit = float(1 << (8 * offer.bytes_each - 1))
        if offer.mg_per_range:
            limit = min(limit, 1000.0 * command.settings.of(Setting.RANGE)[0] / (offer.factor or 1.0))
        self._running[command.measurement] = _Running(
            rate_hz=command.settings.of(Setting.SAMPLE_RATE_HZ)[0], limit=limit
        )
        if offer.frame_type & COMPRESSED and offer.factor is not None:
            return Status.OK, Settings(values=((Setting.FACTOR, (offer.factor,)),)).to_bytes()
        return Status.OK, b""
