"""Still or moving: bursts (a cough, a jolt) and slow shifts (a lean, a slump, sitting up, a turn).

Two marks of movement, both measured at the working rate and both causal:

- a *burst*: the curvature of the signal (its second difference, which a breath hardly has) carries far more
  power than in the calm before;
- a *shift*: a motion sensor moves across the breath's axis, or along it faster than a breath can; a belt's
  force changes faster than a full breath changes it.

A slow lean along the breath's own axis is neither: `Conditions.tilt_change_deg` and `level_change` judge that.
"""

from bisect import bisect_left, bisect_right, insort

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.events import MotionChanged
from breathsync.breath.filters import EvenLowPass
from breathsync.samples import FloatArray

SMOOTH_HZ = 1.5
"""The corner of the smooth signal: the same as the breath detector's, so both are equally late."""
SHIFT_S = 0.6
"""A shift is the way gone within this time."""
HOLD_S = 0.6
"""Movement is over when nothing has stirred for this long."""
REMEMBER_S = 240.0
BACKGROUND_HZ = 0.03
BURST_POWER = 30.0
"""A burst has this many times the calm's power (a heart beat's own crest is about 6 times)."""
BURST_FLOOR_MG = 7.0
"""... and at least this curvature; below it is a sensor's own noise and rounding."""
LOUDEST_MG = 12.0
"""No calm is louder; what is counts as this much, so that a movement does not deafen what follows it."""
SHIFT_FLOOR_MG = 9.0
"""A shift of half a degree within `SHIFT_S` across the axis."""
SHIFT_NOISE = 4.0
ACROSS = 0.5
"""A breath's path is a little bent: this share of the way along the axis is allowed across it."""
ALONG_UNKNOWN_MG = 90.0
FAST = 1.2
"""No breath goes this many full breaths' way within `SHIFT_S`."""
BELT_FLOOR = 0.06
"""A belt's burst bends by this share of a full breath from sample to sample."""
LATE_S = 0.2
"""How late the marks are, about: they are dated back by it."""


class Movement:
    """Marks movement in the working signal of one sensor.

    `columns` 3 for a motion sensor in mg, 1 for a belt. `t_s` of marks are dated back by `LATE_S`; each mark
    carries the stamp at which it was known, and a question says up to when it may look.
    """

    def __init__(self, *, rate_hz: float, columns: int) -> None:
        self._vector = columns == 3
        self._smooth = EvenLowPass(
            rate_hz=rate_hz, corner_hz=min(SMOOTH_HZ, rate_hz / 3), columns=columns + 1
        )
        self._calm = EvenLowPass(rate_hz=rate_hz, corner_hz=BACKGROUND_HZ)
        self._loudest = LOUDEST_MG**2 if self._vector else np.inf
        self._step_s = 1.0 / rate_hz
        self._lag = max(1, round(SHIFT_S * rate_hz))
        self._columns = columns
        self._slow = EvenLowPass(rate_hz=rate_hz, corner_hz=0.05)
        self._size = EvenLowPass(rate_hz=rate_hz, corner_hz=0.02)
        self._known: list[float] = []
        self._told: list[float] = []
        self._sudden: list[bool] = []
        self._moving = False
        self.reset(0.0)

    @property
    def delay_s(self) -> float:
        """Delay of the smooth signal behind the working one."""
        return self._smooth.delay_s

    def reset(self, t_s: float) -> None:
        """The stream starts afresh at `t_s`: what was before it says nothing of stillness now."""
        for low_pass in (self._smooth, self._calm, self._slow, self._size):
            low_pass.reset()
        self._before = np.zeros((0, self._columns))
        self._stamps = np.zeros(0)
        self._paths = np.zeros((0, self._columns))
        self._fresh_s = t_s
        self.calm_power = 0.0

    def push(
        self,
        t_s: FloatArray,
        v: FloatArray,
        *,
        axis: FloatArray | None,
        largest: float | None,
        turned: FloatArray | None = None,
    ) -> tuple[FloatArray, NDArray[np.bool_], list[MotionChanged]]:
        """Take working samples: `t_s` (n,), `v` (n, columns). Returns the smooth signal, which samples moved, and
        the changes between still and moving with the stamps at which they were known as `t_s`.

        `axis`: unit vector of the breath (motion sensor) or None; `largest`: a full breath's size, or None (a
        belt's is taken from its own signal, four times what goes on now); `turned` (n,): not 0 where a gyroscope
        saw a turn.
        """
        # The power of the curvature goes through the same filter: one call for both.
        both = np.empty((len(v), self._columns + 1))
        both[:, :-1], both[:, -1] = v, self._curvature(t_s, v)
        both, _ = self._smooth.push(both)
        smooth = both[:, :-1]
        size = largest if self._vector else self._sizes(smooth)
        burst, power = self._bursts(both[:, -1], size)
        shift = self._shifts(smooth, axis, size)
        warm = t_s - self._fresh_s > (2.0 if self._vector else 5.0)
        marks = (burst | shift) & warm
        if turned is not None:
            marks |= turned > 0
        changes: list[MotionChanged] = []
        self.calm_power = power
        for i in np.flatnonzero(marks).tolist() if marks.any() else ():
            t = float(t_s[i])
            self._still_by(t, changes)
            self._known.append(t)
            self._sudden.append(bool(burst[i]))
            if not self._moving:
                self._moving = True
                changes.append(MotionChanged(t_s=t, still=False, sudden=bool(burst[i])))
        self._still_by(float(t_s[-1]), changes)
        if len(self._known) > 8192:
            old = bisect_left(self._known, self._known[-1] - REMEMBER_S)
            del self._known[:old], self._sudden[:old]
        return smooth, marks, changes

    def _still_by(self, t_s: float, changes: list[MotionChanged]) -> None:
        """Note the end of a movement that ended before `t_s`."""
        if self._moving and t_s - self._known[-1] > HOLD_S:
            self._moving = False
            changes.append(MotionChanged(t_s=self._known[-1] + HOLD_S, still=True))

    def _sizes(self, smooth: FloatArray) -> FloatArray:
        """About four breaths' size, sample by sample, from the power around the slow level."""
        off = smooth - self._slow.push(smooth)[0]
        power = np.maximum(self._size.push(off * off)[0][:, 0], 1e-12)
        sizes: FloatArray = 4.0 * 2.83 * np.sqrt(power)
        return sizes

    def _curvature(self, t_s: FloatArray, v: FloatArray) -> FloatArray:
        """Square of the second difference (n,), over all columns. A step over a longer time than usual (a belt's lost
        packet) counts as steep as it is, not as far: a breath that goes on rising meanwhile does not bend."""
        joined = np.concatenate((self._before, v))
        stamps = np.concatenate((self._stamps, t_s))
        while len(joined) < len(v) + 2:
            joined = np.concatenate((joined[:1], joined))
            stamps = np.concatenate((stamps[:1] - self._step_s, stamps))
        self._before, self._stamps = joined[-2:], stamps[-2:]
        steps = (joined[1:] - joined[:-1]) * np.minimum(1.0, self._step_s / (stamps[1:] - stamps[:-1]))[
            :, None
        ]
        bend = steps[1:] - steps[:-1]
        squares: FloatArray = (bend * bend).sum(axis=1)
        return squares

    def _bursts(
        self, power: FloatArray, largest: FloatArray | float | None
    ) -> tuple[NDArray[np.bool_], float]:
        power = np.maximum(power, 1e-9)
        calm = np.exp(self._calm.push(np.log(np.minimum(power, self._loudest))[:, None])[0][:, 0])
        floor = BURST_FLOOR_MG if self._vector or largest is None else BELT_FLOOR * np.asarray(largest)
        return power > np.maximum(BURST_POWER * calm, floor * floor), float(calm[-1])

    def _shifts(
        self, smooth: FloatArray, axis: FloatArray | None, largest: FloatArray | float | None
    ) -> NDArray[np.bool_]:
        joined = np.concatenate((self._paths, smooth))
        if len(joined) < len(smooth) + self._lag:
            joined = np.concatenate(
                (np.repeat(joined[:1], len(smooth) + self._lag - len(joined), axis=0), joined)
            )
        self._paths = joined[-self._lag :]
        way = joined[self._lag :] - joined[: -self._lag]
        if not self._vector:
            return np.asarray(np.abs(way[:, 0]) > FAST * np.asarray(largest))
        if axis is None:
            return np.asarray(np.sqrt((way * way).sum(axis=1)) > ALONG_UNKNOWN_MG)
        along = np.abs((way * axis).sum(axis=1))
        across = np.sqrt(np.maximum((way * way).sum(axis=1) - along * along, 0.0))
        limit = np.maximum(SHIFT_FLOOR_MG, ACROSS * along)
        fast = ALONG_UNKNOWN_MG if largest is None else max(FAST * float(largest), 30.0)
        return np.asarray((across > limit) | (along > fast))

    def told(self, t_s: float) -> None:
        """Another witness saw that the person moved up to `t_s`; asked from now on."""
        insort(self._told, t_s)
        del self._told[:-256]

    def still_before_s(self, onset_s: float, known_s: float) -> float:
        """How long the person had been still at `onset_s`, from marks known by `known_s`."""
        last = self._fresh_s
        at = bisect_right(self._known, min(onset_s + LATE_S, known_s))
        if at:
            last = max(self._known[at - 1] - LATE_S, last)
        at = bisect_right(self._told, onset_s)
        if at:
            last = max(self._told[at - 1], last)
        return max(0.0, onset_s - last)

    def moved_within(self, start_s: float, known_s: float) -> bool:
        """Whether anything stirred after `start_s`, as known by `known_s`."""
        return bisect_right(self._known, start_s + LATE_S) < bisect_right(self._known, known_s)

    def calm(self, t_s: FloatArray) -> NDArray[np.bool_]:
        """For stamps (n,): whether nothing stirred within 1.5 s around them, as known by the last of them."""
        known = np.array(self._known[: bisect_right(self._known, float(t_s[-1]))] if len(t_s) else [])
        quiet: NDArray[np.bool_] = np.searchsorted(known, t_s + 1.5) == np.searchsorted(known, t_s - 1.5)
        return quiet

    def still_for_s(self, t_s: float) -> float:
        """How long the person has been still now."""
        return self.still_before_s(t_s, t_s)


def tilt_deg(a: FloatArray, b: FloatArray) -> float:
    """Angle between two gravity vectors of shape (3,), degrees; 0 where one of them is nothing."""
    lengths = float(np.sqrt((a * a).sum()) * np.sqrt((b * b).sum()))
    if lengths <= 0.0:
        return 0.0
    cross = np.array((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]))
    return float(np.degrees(np.arctan2(np.sqrt((cross * cross).sum()), (a * b).sum())))
