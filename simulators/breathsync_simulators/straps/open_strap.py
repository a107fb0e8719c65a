"""A home-built strap that speaks the open strap profile (firmware-notes/open-strap-profile.md), version 1."""

from dataclasses import dataclass, field

import numpy as np

from breathsync.errors import DecodeError
from breathsync.samples import Samples
from breathsync.sensors.ble.profiles.open_strap import (
    CAPABILITIES,
    CONTROL,
    DATA,
    NAME,
    SERVICE,
    STREAMS,
    TICK_NS,
    Capabilities,
    Command,
    ControlAnswer,
    DataFrame,
    Kind,
    Op,
    Status,
    StreamCapability,
    no_value,
    samples_a_frame,
)
from breathsync_simulators.straps.peripheral import Att, AttError, Characteristic, Identity, Service, Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "open-strap"
SENSOR = "imu6"
SCALES = {Kind.ACCELERATION: 0.25, Kind.GYROSCOPE: 0.0625, Kind.FORCE: 0.001, Kind.STRETCH: 0.001}
MOST_A_FRAME = 10
SLOWER = (1, 2, 4)
"""It offers the wearer's own rate and these parts of it."""


@dataclass(slots=True)
class _Running:
    every: int
    sequence: int = 0
    skipped: int = 0
    times_s: list[float] = field(default_factory=list)
    rows: list[tuple[int, ...]] = field(default_factory=list)


class OpenStrap(Strap):
    """Says what it can, starts what is asked, sends frames with sequence numbers and its own time."""

    protected = frozenset({CONTROL, DATA})

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self._running: dict[Kind, _Running] = {}
        self._rates_hz = {k: wearer.info.rates_hz[s] for k, s in STREAMS.items() if s in wearer.info.rates_hz}

    @property
    def streaming(self) -> bool:
        """Whether anything is started."""
        return bool(self._running)

    def own_services(self) -> tuple[Service, ...]:
        """Capabilities, control, data."""
        members = (
            Characteristic(CAPABILITIES, ("read",)),
            Characteristic(CONTROL, ("write", "indicate")),
            Characteristic(DATA, ("notify",)),
        )
        return (Service(SERVICE, members),)

    def own_reset(self) -> None:
        """Streams end with the link."""
        self._running.clear()

    def own_read(self, uuid: str) -> bytes:
        """What it can."""
        if uuid != CAPABILITIES:
            raise AttError(Att.READ_NOT_PERMITTED)
        streams = tuple(
            StreamCapability(kind=kind, scale=SCALES[kind], periods_us=self._periods_us(kind))
            for kind in self._rates_hz
        )
        return Capabilities(streams=streams).to_bytes()

    def own_write(self, uuid: str, data: bytes) -> None:
        """A command; its answer is an indication."""
        if uuid != CONTROL:
            raise AttError(Att.WRITE_NOT_PERMITTED)
        try:
            answer = self._obey(Command.from_bytes(data))
        except DecodeError:
            op, kind = (*data[:2], 0, 0)[:2]
            answer = ControlAnswer(op=op & 0x7F, kind=kind & 0x7F, status=Status.UNKNOWN_COMMAND)
        self.send(CONTROL, answer.to_bytes())

    def measured(self, samples: Samples) -> None:
        """Fill the frames of what runs."""
        kind = next((k for k, stream in STREAMS.items() if stream is samples.stream), None)
        running = self._running.get(kind) if kind else None
        if kind is None or running is None:
            return
        first = -running.skipped % running.every
        running.skipped += len(samples)
        values = samples.values[first :: running.every] / SCALES[kind]
        lowest = no_value(kind)
        counts = np.clip(np.rint(values), lowest + 1, -lowest - 1)
        counts = np.where(np.isfinite(values), counts, lowest)
        if 0 <= self.quirks.stuck_axis < counts.shape[1]:
            counts[:, self.quirks.stuck_axis] = 0
        running.times_s += samples.t_s[first :: running.every].tolist()
        running.rows += [tuple(int(v) for v in row) for row in counts.tolist()]
        size = min(MOST_A_FRAME, samples_a_frame(kind, self.mtu))
        while len(running.rows) >= size:
            self._send(kind, running, size)

    def _send(self, kind: Kind, running: _Running, size: int) -> None:
        frame = DataFrame(
            kind=kind,
            sequence=running.sequence,
            first_tick=self.device_ns(running.times_s[0]) // TICK_NS & 0xFFFFFFFF,
            samples=tuple(running.rows[:size]),
        )
        running.sequence = (running.sequence + 1) & 0xFF
        del running.rows[:size], running.times_s[:size]
        self.send_frame(DATA, frame.to_bytes())

    def _obey(self, command: Command) -> ControlAnswer:
        if command.op is Op.STOP:
            for kind in [k for k in self._running if command.kind in (0, k)]:
                del self._running[kind]
            return ControlAnswer(op=command.op, kind=command.kind, status=Status.OK)
        if command.kind not in self._rates_hz:
            return ControlAnswer(op=command.op, kind=command.kind, status=Status.NO_SUCH_STREAM)
        kind = Kind(command.kind)
        if self.quirks.refuse_settings or command.period_us not in self._periods_us(kind):
            return ControlAnswer(op=command.op, kind=kind, status=Status.PERIOD_NOT_OFFERED)
        self._running[kind] = _Running(every=SLOWER[self._periods_us(kind).index(command.period_us)])
        return ControlAnswer(op=command.op, kind=kind, status=Status.OK, period_us=command.period_us)

    def _periods_us(self, kind: Kind) -> tuple[int, ...]:
        return tuple(round(1e6 * part / self._rates_hz[kind]) for part in SLOWER)


def strap(wearer: Wearer, quirks: Quirks | None = None) -> OpenStrap:
    """An open strap on this wearer, with the streams the wearer has."""
    identity = Identity(
        name=f"{NAME} sim",
        address="E0:98:A3:F2:67:01",
        maker="A maker (simulated)",
        model="open strap",
        serial="1",
        firmware="1.0",
        advertised=(SERVICE,),
    )
    return OpenStrap(identity=identity, wearer=wearer, quirks=quirks)
