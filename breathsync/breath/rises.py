"""Whether an inhale on a motion sensor came in two rises, told from the samples below the detector's low-pass.

A double gasp of two seconds dips for a third of one, which the low-pass that keeps the heart beat out hides; in an
inhale of six seconds a dip of the same share of it is far longer than a beat. So the signal is smoothed by a share of
the inhale, whatever its length, and a dip on the way up must stand out from what else moves: from the beat's ripple,
and from how far the exhale of the same breath, which has no reason to, rises on its way down.
"""

import numpy as np

from breathsync.samples import FloatArray

SMOOTHED = 0.12
"""Of the inhale: two moving means of this length. A dip that takes a sixth of the inhale keeps about half its depth."""
DIP = 0.04
"""Of the amplitude. 99 of 100 full breaths of simulated people whose breath is large beside all else stay below."""
FIRST_RISE = (0.3, 0.9)
"""The first rise is this much of the whole: less is a bump at the onset, more a wobble at the top."""
RIPPLE_TIMES = 0.75
"""A dip within this share of the wobble from beat to beat is no dip."""


def two_rises(
    t_s: FloatArray, x: FloatArray, *, onset_s: float, peak_s: float, amplitude: float, ripple: float
) -> bool:
    """Whether the samples `t_s`, `x` (n,) of one breath, from before its onset to now, dip on the way up.

    `amplitude`, `ripple` (peak to peak of the wobble): in the unit of `x`. False with too few samples to tell.
    """
    if len(t_s) < 8:
        return False
    step_s = float(t_s[-1] - t_s[0]) / (len(t_s) - 1)
    half = max(1, round(0.5 * SMOOTHED * (peak_s - onset_s) / step_s))
    smooth = _mean(_mean(x, half), half)
    inhale = smooth[(t_s >= onset_s) & (t_s <= peak_s)]
    exhale = smooth[t_s > peak_s]
    if len(inhale) < 4 or len(exhale) < 4:
        return False
    top = np.maximum.accumulate(inhale)
    first = (top - inhale[0]) / max(float(top[-1] - inhale[0]), 1e-9)
    dips = (top - inhale)[(first >= FIRST_RISE[0]) & (first <= FIRST_RISE[1])]
    if not len(dips):
        return False
    # What rises after the lowest point is the next inhale.
    fall = exhale[: int(np.argmin(exhale)) + 1]
    bounce = float((fall - np.minimum.accumulate(fall)).max())
    return float(dips.max()) > max(DIP * amplitude, RIPPLE_TIMES * ripple, bounce)


def _mean(x: FloatArray, half: int) -> FloatArray:
    """Mean over `half` samples before and after each one, fewer at the ends; a sum in a fixed order (G16)."""
    total = np.concatenate(((0.0,), np.cumsum(x)))
    n = len(x)
    at = np.arange(n)
    first, last = np.maximum(at - half, 0), np.minimum(at + half + 1, n)
    return np.asarray((total[last] - total[first]) / (last - first), dtype=float)
