"""Devices that send one sample of acceleration a notification: InfiniTime and the BBC micro:bit."""

from collections.abc import Callable

import numpy as np

from breathsync.samples import Samples, Stream
from breathsync_simulators.straps.peripheral import Att, AttError, Characteristic, Identity, Service, Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

Triple = tuple[float, float, float]


class SingleSamples(Strap):
    """`encode` makes a notification of one triple in mg. `rate_hz` is what the device measures at.

    `only_changes`: a value that stays the same is not sent.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        wearer: Wearer,
        service: Service,
        data: str,
        encode: Callable[[Triple], bytes],
        rate_hz: float,
        only_changes: bool = False,
        quirks: Quirks | None = None,
    ) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self.protected = frozenset({data})
        self._service = service
        self._data = data
        self._encode = encode
        self._rate_hz = rate_hz
        self._only_changes = only_changes
        self._count = 0
        self._last = b""

    @property
    def streaming(self) -> bool:
        """Whether somebody listens."""
        return self.hears(self._data)

    def own_services(self) -> tuple[Service, ...]:
        """The one service."""
        return (self._service,)

    def own_write(self, uuid: str, data: bytes) -> None:
        """Periods may be written; the device keeps its own."""
        writable = {c.uuid for c in self._service.characteristics if "write" in c.properties}
        if uuid not in writable:
            raise AttError(Att.WRITE_NOT_PERMITTED)

    def measured(self, samples: Samples) -> None:
        """Every so many samples one is sent."""
        if samples.stream is not Stream.ACCELERATION:
            return
        every = max(1, round(self.wearer.info.rates_hz[samples.stream] / self._rate_hz))
        chosen = samples.values[-self._count % every :: every]
        self._count += len(samples)
        if 0 <= self.quirks.stuck_axis < 3:
            chosen = np.where(np.arange(3) == self.quirks.stuck_axis, 0.0, chosen)
        for x, y, z in chosen.tolist():
            data = self._encode((x, y, z))
            if not (self._only_changes and data == self._last):
                self.send_frame(self._data, data)
            self._last = data


def writable_period(uuid: str) -> Characteristic:
    """A characteristic for a period."""
    return Characteristic(uuid, ("read", "write"))
