"""From a profile's blocks to dated samples: each sample once, in order, on the session's axis."""

import numpy as np

from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles.base import DeviceBlock
from breathsync.sensors.clock import CountedClock, DeviceClock, in_order

CLOCK_SET_BACK_NS = 10_000_000_000
"""A time stamp so much older than the newest is not a frame heard before but a clock set back."""
EVEN_WITHOUT_TIME = frozenset({"go-direct-belt", "microbit"})
"""Sensors of the catalog that tell no time and send every sample once: counting dates them."""


class Intake:
    """Dates the blocks of one sensor, over all its connections."""

    def __init__(self) -> None:
        self._clock = DeviceClock()
        self._counted: dict[Stream, CountedClock] = {}
        self._newest_ns: dict[Stream, int] = {}
        self._newest_s: dict[Stream, float] = {}

    def rejoin(self) -> None:
        """A new connection."""
        self._clock.rejoin()
        for clock in self._counted.values():
            clock.rejoin()

    def learn(self, key: str, rates_hz: dict[Stream, float]) -> None:
        """Which sensor it is, and at which rates it sends."""
        if key in EVEN_WITHOUT_TIME:
            self._counted = {stream: CountedClock(rate_hz=rate_hz) for stream, rate_hz in rates_hz.items()}

    def take(self, block: DeviceBlock, *, arrived_s: float) -> Samples | None:
        """The block's new samples with their times; None when all of it was heard before (bleak issue 2002)."""
        values = block.values
        if block.device_time_ns is not None:
            device_ns = block.device_time_ns
            newest_ns = self._newest_ns.get(block.stream)
            if newest_ns is not None and device_ns[-1] > newest_ns - CLOCK_SET_BACK_NS:
                new = device_ns > newest_ns
                device_ns, values = device_ns[new], values[new]
            if not len(device_ns):
                return None
            self._newest_ns[block.stream] = int(device_ns[-1])
            t_s = self._clock.date(device_ns, arrived_s=arrived_s)
        elif not len(values):
            return None
        elif block.stream in self._counted:
            t_s = self._counted[block.stream].date(len(values), arrived_s=arrived_s)
        else:
            t_s = arrived_s - (np.zeros(len(values)) if block.age_s is None else block.age_s)
        t_s = in_order(t_s, after_s=self._newest_s.get(block.stream, -np.inf))
        self._newest_s[block.stream] = float(t_s[-1])
        return Samples(stream=block.stream, t_s=t_s, values=values)
