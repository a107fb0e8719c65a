"""A wearer's samples as a phone's motion sensors tell them: SI units, the phone's own clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from breathsync.samples import Samples, Stream
from breathsync.sensors.phone.units import DEG_PER_RAD, MG_PER_M_S2, NS_PER_S
from breathsync_simulators.wearer import Wearer

BOOTED_S = 3925.657519
"""The phone was switched on so long before the body's zero: its clock shares nothing with ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """One sample of one sensor: m/s² with gravity or rad/s, at the phone's own time."""

    stream: Stream
    time_ns: int
    xyz: tuple[float, float, float]


class Carried:
    """A phone on a wearer. `now_s` is the body's time, `sleep` waits so many seconds of it."""

    def __init__(
        self,
        *,
        wearer: Wearer,
        now_s: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.sleep = sleep
        self._wearer = wearer
        self._now_s = now_s

    def since_last(self) -> list[Motion]:
        """All motion since the last call, each sensor's oldest first."""
        return [motion for block in self._wearer.until(self._now_s()) for motion in _motions(block)]


def _motions(block: Samples) -> list[Motion]:
    scales = {Stream.ACCELERATION: 1 / MG_PER_M_S2, Stream.GYROSCOPE: 1 / DEG_PER_RAD}
    if block.stream not in scales:
        return []
    values = block.values * scales[block.stream]
    return [
        Motion(stream=block.stream, time_ns=round((t_s + BOOTED_S) * NS_PER_S), xyz=(x, y, z))
        for t_s, (x, y, z) in zip(block.t_s.tolist(), values.tolist(), strict=True)
    ]
