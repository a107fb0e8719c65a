"""From a sensor's samples to clean stretches at the working rate.

`Intake` mends what clocks and sensors do wrong and cuts where the stream is broken; `Decimator` brings a
stretch down to the working rate (about 25 Hz) without aliasing.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from breathsync.breath.filters import EvenLowPass, decimation
from breathsync.samples import FloatArray

GAP_S = 0.5
"""A longer silence breaks the stream: filters start afresh behind it (domain.md G2)."""
BACK_S = 2.0
"""A sample up to this much older than the newest is late or doubled and is left out; an older one means that
the clock started anew."""
LARGEST = 1e7
"""No sensor of ours says more, in any unit; it would drown the filters' states."""
ANTI_ALIAS_HZ = 6.0
"""Corner before decimation, order 4: 23 and 24 Hz, which would fold to 2 and 1 Hz, come through at 1 in 50 and 60;
a breath of 1 Hz and less at 0.99."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Samples with finite values and growing times: `t_s` (n,), `values` (n, columns).

    `fresh`: the stream was broken before it, after `gap_s` of silence; `jumped`: because the clock ran back.
    """

    t_s: FloatArray
    values: FloatArray
    fresh: bool = False
    gap_s: float = 0.0
    jumped: bool = False


def run_on(t_s: FloatArray, silence_s: float) -> bool:
    """Whether the stamps (n,) grow all the way, with no silence longer than `silence_s` between them."""
    steps = t_s[1:] - t_s[:-1]
    return len(steps) == 0 or bool(steps.min() > 0 and steps.max() <= silence_s)


class Intake:
    """Leaves out what is not finite, late or doubled, and cuts at silences and at jumps of the clock."""

    def __init__(self) -> None:
        self.last_s = float("nan")
        """Time of the newest sample that was taken, NaN before the first."""
        self.dropped = 0
        """Samples left out so far."""

    def push(self, t_s: FloatArray, values: FloatArray) -> list[Stretch]:
        """Take a block as it came: `t_s` (n,), `values` (n, columns)."""
        if len(t_s) == 0:
            return []
        runs_on = isfinite(t_s[0]) and run_on(t_s, GAP_S)
        if not (runs_on and np.abs(values).max() < LARGEST):
            good = np.isfinite(t_s) & (np.abs(values) < LARGEST).all(axis=1)
            self.dropped += int(len(t_s) - np.count_nonzero(good))
            t_s, values = t_s[good], values[good]
            if len(t_s) == 0:
                return []
            runs_on = run_on(t_s, GAP_S)
        step = float(t_s[0]) - self.last_s
        if runs_on and not -BACK_S < step <= 0:
            self.last_s = float(t_s[-1])
            if 0 < step <= GAP_S:
                return [Stretch(t_s, values)]
            return [Stretch(t_s, values, True, step if step > 0 else 0.0, step < 0)]
        return self._cut(t_s, values)

    def _cut(self, t_s: FloatArray, values: FloatArray) -> list[Stretch]:
        stretches: list[Stretch] = []
        taken: list[int] = []
        fresh, gap_s, jumped = False, 0.0, False
        for i, t in enumerate(t_s.tolist()):
            step = t - self.last_s
            if -BACK_S < step <= 0:
                self.dropped += 1
                continue
            if not 0 < step <= GAP_S:
                if taken:
                    stretches.append(Stretch(t_s[taken], values[taken], fresh, gap_s, jumped))
                taken = []
                fresh, gap_s, jumped = True, step if step > 0 else 0.0, step < 0
            taken.append(i)
            self.last_s = t
        if taken:
            stretches.append(Stretch(t_s[taken], values[taken], fresh, gap_s, jumped))
        return stretches


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """Samples at the working rate: `t_s` (n,) stamps of the samples they were known with; `values` low-passed,
    late by the decimator's `delay_s`; `raw` the sensor's own values at `t_s` (for stuck and clipped)."""

    t_s: FloatArray
    values: FloatArray
    raw: FloatArray


class Decimator:
    """Anti-alias low-pass (order 4) and every n-th sample, with state from block to block.

    Up to 50 Hz nothing is done: `delay_s` is 0. The cut into blocks changes no bit (G16).
    """

    def __init__(self, *, rate_hz: float, columns: int) -> None:
        self._keep = decimation(rate_hz)
        self.rate_hz = rate_hz / self._keep
        """The working rate."""
        self._low_pass = (
            EvenLowPass(rate_hz=rate_hz, corner_hz=ANTI_ALIAS_HZ, order=4, keep=self._keep, columns=columns)
            if self._keep > 1
            else None
        )
        self.delay_s = self._low_pass.delay_s if self._low_pass else 0.0

    def reset(self) -> None:
        """Forget the past: settle on the next sample."""
        if self._low_pass:
            self._low_pass.reset()

    def push(self, t_s: FloatArray, values: FloatArray) -> Working:
        """Take a stretch: `t_s` (n,), `values` (n, columns), finite."""
        if self._low_pass is None:
            return Working(t_s, values, values)
        filtered, kept = self._low_pass.push(values)
        return Working(t_s[kept], filtered, values[kept])
