"""From a sensor's clock to the session's: the sensor's clock orders its samples, the host's dates them.

The offset between the two clocks plus the delay of the air is seen at each arrival; the delay is never negative
and often small, so the running minimum of what is seen is the offset (the least-delay argument of F. Cristian,
"Probabilistic clock synchronization", Distributed Computing 3, 1989). A burst arrives late and changes nothing.
The minimum may rise slowly, because the sensor's quartz may run slow.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from breathsync.samples import FloatArray

DRIFT_ALLOWED = 300e-6
"""How fast the offset may rise, seconds a second: quartz is good to 20-100 ppm, and more than twice that passes."""
SLEW = 0.02
"""How fast dates follow a smaller delay. A first frame that came 0.5 s late is made up for in 25 s, unnoticed,
instead of by a step back in time."""
JUMP_S = 2.0
"""A clock that is ahead by more has been set anew: begin again. No first frame is that late."""
LATE_S = 10.0
"""Frames later than this are not late but from a clock set back."""
REJOIN_S = 0.5
"""After a new connection the clock has gone on if it agrees so well, and begun anew otherwise."""
COUNTED_WINDOW_S = 3.0
"""Longer than the pauses of a Bluetooth link that goes on (half a second)."""
KNOTS = 64
"""So many arrivals back the dates are known; streams of one sensor lie closer together than that."""
SMALLEST_STEP_S = 1e-6


class DeviceClock:
    """Dates for one sensor's samples, one curve for all its streams.

    Delay: none; a date depends on what arrived until then only. Within a run of the sensor's clock dates never
    run backwards; across a clock set anew they may, and `in_order` sees to that.
    """

    def __init__(self) -> None:
        self._base_ns = 0
        self._offset_s: float | None = None
        self._knots: deque[tuple[float, float]] = deque(maxlen=KNOTS)
        """Sensor time → session time minus sensor time, as given out; straight in between."""
        self._joining = False

    def rejoin(self) -> None:
        """A new connection: the sensor's clock may have gone on or begun anew; the next block tells."""
        self._joining = True

    def date(self, device_time_ns: NDArray[np.int64], *, arrived_s: float) -> FloatArray:
        """Session times (n,) in seconds of samples stamped by the sensor (n,) that arrived together."""
        seen_s = arrived_s - (int(device_time_ns[-1]) - self._base_ns) * 1e-9
        if self._offset_s is None or self._is_set_anew(seen_s):
            self._base_ns = int(device_time_ns[-1])
            self._offset_s = arrived_s
            self._knots.clear()
            self._knots.append((0.0, arrived_s))
        self._joining = False
        device_s = (device_time_ns - self._base_ns).astype(np.float64) * 1e-9
        self._learn(float(device_s[-1]), arrived_s)
        knots = np.array(self._knots)
        dated: FloatArray = device_s + np.interp(device_s, knots[:, 0], knots[:, 1])
        return dated

    def _learn(self, device_s: float, arrived_s: float) -> None:
        assert self._offset_s is not None
        newest_s, given_s = self._knots[-1]
        passed_s = max(0.0, device_s - newest_s)
        self._offset_s = min(arrived_s - device_s, self._offset_s + DRIFT_ALLOWED * passed_s)
        if passed_s:
            self._knots.append((device_s, max(self._offset_s, given_s - SLEW * passed_s)))

    def _is_set_anew(self, seen_s: float) -> bool:
        assert self._offset_s is not None
        later_s = seen_s - self._offset_s
        if self._joining:
            return abs(later_s) > REJOIN_S
        return later_s < -JUMP_S or later_s > LATE_S


class CountedClock:
    """Dates for a sensor that tells no time but sends every sample once, at an even rate: counting dates them.

    The newest sample of the least delay within the last `COUNTED_WINDOW_S` is dated by its arrival, the others by
    their number from there. So a burst is spread over the time it was measured in. A lost sample is noticed
    when the window has passed: then dates step forward, and the gap is seen.
    """

    def __init__(self, *, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._count = 0
        self._seen: deque[tuple[float, float]] = deque()
        self._applied_s: float | None = None

    def rejoin(self) -> None:
        """A new connection: samples were not counted meanwhile."""
        self._seen.clear()
        self._applied_s = None

    def date(self, count: int, *, arrived_s: float) -> FloatArray:
        """Session times (count,) in seconds of the next `count` samples, which arrived together, oldest first."""
        numbers = np.arange(self._count, self._count + count, dtype=np.float64)
        self._count += count
        newest_s = float(numbers[-1]) * self._period_s
        if self._seen and arrived_s - self._seen[-1][0] > COUNTED_WINDOW_S:
            self.rejoin()
        self._seen.append((arrived_s, arrived_s - newest_s))
        while self._seen[0][0] < arrived_s - COUNTED_WINDOW_S:
            self._seen.popleft()
        offset_s = min(seen_s for _, seen_s in self._seen)
        if self._applied_s is None:
            self._applied_s = offset_s
        self._applied_s = max(offset_s, self._applied_s - SLEW * count * self._period_s)
        dated: FloatArray = numbers * self._period_s + self._applied_s
        return dated


def in_order(t_s: FloatArray, *, after_s: float) -> FloatArray:
    """The same times, all after `after_s` and each after its neighbour, where need be by a microsecond."""
    steps = np.arange(1, len(t_s) + 1) * SMALLEST_STEP_S
    ordered: FloatArray = np.maximum.accumulate(np.maximum(t_s - steps, after_s)) + steps
    return ordered
