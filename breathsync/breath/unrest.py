"""A hand's unrest: what a sensor that a hand moves shows besides the movement.

No hand moves evenly. Its way is made of small movements, two or three a second (Doeringer and Hogan, J Neurophysiol
80, 1998), and it trembles at 8 to 12 Hz (Elble and Koller, Tremor, 1990); a chest that breathes does neither. So what
is left of the samples around a smooth curve says whether something held the sensor that did not hold it before.
"""

import numpy as np
from scipy.signal import savgol_filter

from breathsync.samples import FloatArray

CURVE_S = 0.9
"""The smooth curve is a parabola through so much around each sample: a breath of 4 s hardly leaves it."""
PART_S = 0.5
"""Unrest is the median over parts of this length, so that one jolt, or the crest of a breath, does not make it."""
STRETCH_S, BACK_S = 8.0, 24.0
"""The calm before: the calmest of the stretches within so long; a hand may have been there before as well."""
BEFORE_S = 1.0
"""They end so long before the inhale, since a hand is there before it moves."""
LOOKS_BACK_S = BACK_S + BEFORE_S
CURVED = 0.005
"""A clean sensor still shows how a breath itself bends, about this share of its amplitude: no calm is less."""


def unrest(t_s: FloatArray, x: FloatArray, *, start_s: float, amplitude: float) -> float | None:
    """How many times the calm before `start_s` the unrest after it is, of samples `t_s` (n,), `x` (n, columns) from
    `LOOKS_BACK_S` before the inhale to now; None with too few of them."""
    step_s = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
    part = round(PART_S / step_s) if step_s > 0 else 0
    curve = 2 * round(CURVE_S / step_s / 2) + 1 if part else 0
    if part < 2 or len(t_s) < curve:
        return None
    off = x - savgol_filter(x, curve, 2, axis=0)
    power = (off * off).sum(axis=1)
    inside = _median(power[t_s >= start_s], part)
    last_s = start_s - BEFORE_S
    before = [
        found
        for k in range(1, round(BACK_S / STRETCH_S) + 1)
        if (found := _median(power[_within(t_s, last_s - k * STRETCH_S, last_s - (k - 1) * STRETCH_S)], part))
        is not None
    ]
    if inside is None or not before:
        return None
    calm = max(float(np.sqrt(min(before))), CURVED * amplitude)
    return float(np.sqrt(inside)) / calm if calm > 0.0 else None


def _within(t_s: FloatArray, start_s: float, stop_s: float) -> slice:
    return slice(int(t_s.searchsorted(start_s)), int(t_s.searchsorted(stop_s)))


def _median(power: FloatArray, part: int) -> float | None:
    """Median of the means over parts, None where there is not one whole second of them."""
    n = len(power) // part
    if n < 2:
        return None
    return float(np.median(power[: n * part].reshape(n, part).sum(axis=1) / part))
