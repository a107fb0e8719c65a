"""How large a motion sensor's breath was: the form of a breath laid over all of its samples (least squares).

From the lowest sample to the highest counts the wobble (heart beat, sway) twice, which makes a quiet breath of 3 mg a
fifth too large and a full one hardly. So the size is that of a rise and fall with the same onset, peak and end which
comes nearest to the whole breath, on a level that may sink or rise beneath it: from sitting tall one sinks, by a
milligravity a second and more.
"""

from dataclasses import replace

import numpy as np

from breathsync.breath.raw import RawBreath
from breathsync.samples import FloatArray

BEFORE_S, AFTER_S = 0.6, 0.3
"""Of the rest before the onset and after the end so much is laid under the form as well."""
HURRY = 0.75
"""A passive exhale is quick first and lingers at its foot: half a cosine of the share of its time to this power."""
RETURNED_AT = 0.54
"""Such an exhale has come back by 70 % at this share of its time: that says when it will end."""
LEAST_POWER = 0.01
"""Mean square of the form, beside a straight line, with which it can be told from one: a whole breath has 0.1."""
LEAST, MOST = 0.5, 1.25
"""Of the height from trough to peak; a form that wants less or more does not fit."""


def sized(raw: RawBreath, t_s: FloatArray, level: FloatArray) -> RawBreath:
    """The breath with the size that its form has in `level` (n,) at the moments `t_s` (n,), which reach from before its
    onset as far as is known.

    A breath whose end nothing tells, that was broken off or had two rises is left as it is.
    """
    start_s, peak_s, end_s = raw.inhale_start_s, raw.inhale_peak_s, raw.exhale_end_s
    if end_s is None and raw.returned_s is not None:
        end_s = peak_s + (raw.returned_s - peak_s) / RETURNED_AT
    if end_s is None or raw.broken or raw.rises != 1 or not start_s < peak_s < end_s:
        return raw
    a, b = t_s.searchsorted((start_s - BEFORE_S, end_s + AFTER_S))
    t, x = t_s[a:b] - start_s, level[a:b] - raw.trough
    if len(t) < 12:
        return raw
    rise = np.minimum(np.maximum(t / (peak_s - start_s), 0.0), 1.0)
    fall = np.minimum(np.maximum((t + start_s - peak_s) / (end_s - peak_s), 0.0), 1.0) ** HURRY
    form = 0.5 * (np.cos(np.pi * fall) - np.cos(np.pi * rise))
    # What of the form is neither a constant nor a straight line: so each coefficient stands alone.
    t = t - t.sum() / len(t)
    form = form - form.sum() / len(t)
    form = form - t * float((t * form).sum() / (t * t).sum())
    power = float((form * form).sum())
    if power < LEAST_POWER * len(t):
        return raw
    size = float((form * x).sum()) / power
    return replace(raw, size=min(max(size, LEAST * raw.height), MOST * raw.height))
