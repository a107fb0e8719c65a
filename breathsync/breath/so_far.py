"""How large a motion sensor's breath is while its exhale is still under way, on a chest that sinks or rises beneath it.

From sitting tall one sinks, often by 1 to 3 mg a second, so that a full breath of 15 mg seems to rise by seven, to peak
early and to be back a second or two too soon. Neither the heights nor the moments seen are to be trusted then. So all
that is known is explained at once, by a regression over the last seconds:

- the breath under way: a rise from an onset to a peak and a fall to an end, the three near the moments that were seen,
  each on a grid;
- the breaths before it, where they were seen, of any size;
- a level that changes steadily, wanders (a random walk) and carries white noise (heart beat, sway).

The last two make the noise coloured; what is new to a filter that follows such a level is not, so every column goes
through it alike (the local level model: Harvey, Forecasting, structural time series models and the Kalman filter,
1989). For each onset, peak and end on the grid the size and how well it explains the samples follow from a few inner
products, with the scale of the noise integrated out. The likeliest is the size; its error is how far the others lie
from it, weighted by how likely they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from breathsync.breath.raw import RawBreath
from breathsync.samples import FloatArray

LOOKS_BACK_S, LEAST_BACK_S = 6.0, 1.5
"""So much before the inhale is explained too, as far as the person was still."""
STEP_S = 0.2
"""Samples are averaged over this long first."""
FOLLOWS = 0.27
"""A level that wanders by 0.7 mg in a second, under noise of 1 mg in a step, is best followed by this share of what is
new in each step; how the two compare does not matter much."""
STEADY_MG = 1.5
"""How much a level may well sink or rise in a second, beside its wandering."""
EARLIER = 1.5
"""A breath before is thought to be about this many times as large as it looked, or nothing."""
LEAST_EARLIER_MG = 2.0
ONSETS_S = np.array((-1.9, -1.3, -0.8, -0.4, -0.1, 0.3, 0.8))
PEAKS_S = np.array((-1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0))
USUAL_INHALE_S = 5.0
"""Onset and peak beside where they were seen: an onset mostly looks late, a peak on a sinking level early. In longer
inhales than usual these grow with them."""
ONSET_S, ONSET_ERROR_S, PEAK_ERROR_S = -0.4, 0.5, 0.5
EXHALES = np.exp(np.linspace(np.log(0.4), np.log(2.8), 8))
"""Length of the exhale, in inhales as they were seen (1.5 s at the least)."""
EXHALE, EXHALE_SPREAD = 1.3, 0.35
"""In inhales of the grid, what is usual of full breaths; the spread is of the logarithm."""
HURRY = 0.87
"""Half a cosine of the share of the exhale to this power: a passive exhale hurries first (0.75), a slow one is as round
as the inhale (1); a form that is wrong by the half of that makes a size wrong by a twentieth."""
LEAST_INHALE_S, LEAST_SEEN_S = 0.6, 1.5
MOST = 1.8
"""Times the height from trough to peak; a level that would hide more of a breath than this is a movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """The breath under way: its size and the standard error of that, in the unit of the samples; its peak; how far the
    samples have fallen since; how much of it has come back by the last sample, and when `return_fraction` of it had or
    will have."""

    size: float
    error: float
    inhale_peak_s: float
    fallen: float
    returned: float
    returned_s: float


def back_s(still_before_s: float) -> float:
    """How much before the inhale is worth explaining, of a person who was still for so long before it."""
    return min(LOOKS_BACK_S, max(LEAST_BACK_S, still_before_s - 0.3))


def so_far(
    raw: RawBreath,
    t_s: FloatArray,
    level_mg: FloatArray,
    *,
    earlier: Sequence[RawBreath],
    return_fraction: float,
) -> SoFar | None:
    """What the samples `t_s`, `level_mg` (n,), from `back_s` before the onset to now, say of the breath under way.

    `earlier`: the breaths before it, whole ones. None with too few samples to tell, or where no rise and fall fits.
    """
    per_step = max(1, round(STEP_S * (len(t_s) - 1) / float(t_s[-1] - t_s[0]))) if len(t_s) > 1 else 1
    m = len(t_s) // per_step
    if m < 10:
        return None
    t = t_s[-m * per_step :].reshape(m, per_step).sum(axis=1) / per_step
    x = level_mg[-m * per_step :].reshape(m, per_step).sum(axis=1) / per_step
    seen_s = raw.inhale_peak_s - raw.inhale_start_s
    wider = max(1.0, seen_s / USUAL_INHALE_S)
    onsets, peaks = raw.inhale_start_s + wider * ONSETS_S, raw.inhale_peak_s + wider * PEAKS_S
    exhales_s = EXHALES * max(seen_s, LEAST_SEEN_S)
    inhales_s = peaks[None, :, None] - onsets[:, None, None]
    o, p, e = len(onsets), len(peaks), len(exhales_s)

    rest = [STEADY_MG * (t - t[0]), *(_whole(t, b) for b in earlier if b.exhale_end_s is not None)]
    all_rises = _rise(t, np.repeat(onsets, p), np.tile(peaks, o))
    all_falls = _rise(t, np.repeat(peaks, e), (peaks[:, None] + exhales_s).ravel(), HURRY)
    table = _apart(_whitened(np.column_stack((*rest, all_rises, all_falls, x))), len(rest))
    rises, falls, seen = table[:, : o * p], table[:, o * p : -1], table[:, -1:]

    # Sums in a fixed order, so that the cut into blocks changes nothing (G16).
    both = np.einsum("mop,mpe->ope", rises.reshape(-1, o, p), falls.reshape(-1, p, e))
    power = (
        (rises * rises).sum(axis=0).reshape(o, p, 1)
        + (falls * falls).sum(axis=0).reshape(1, p, e)
        - 2.0 * both
    )
    along = (rises * seen).sum(axis=0).reshape(o, p, 1) - (falls * seen).sum(axis=0).reshape(1, p, e)
    power = np.maximum(power, 1e-6)
    sizes = along / power
    left = np.maximum(float((seen * seen).sum()) - along * sizes, 1e-6)
    likely = (
        -0.5 * m * np.log(left)
        - 0.5 * (((ONSETS_S - ONSET_S) / ONSET_ERROR_S) ** 2)[:, None, None]
        - 0.5 * ((PEAKS_S / PEAK_ERROR_S) ** 2)[None, :, None]
        - 0.5 * (np.log(exhales_s / (EXHALE * np.maximum(inhales_s, LEAST_INHALE_S))) / EXHALE_SPREAD) ** 2
    )
    likely[(sizes <= 0.0) | (inhales_s < LEAST_INHALE_S)] = -np.inf
    best = np.unravel_index(int(np.argmax(likely)), likely.shape)
    if not np.isfinite(likely[best]):
        return None
    weights = np.exp(likely - likely[best])
    weights /= weights.sum()
    size = float(sizes[best])
    error = float(np.sqrt((weights * ((sizes - size) ** 2 + left / (m * power))).sum()))
    top_s = float((weights.sum(axis=(0, 2)) * peaks).sum())
    peak_s, exhale_s = peaks[[best[1]]], exhales_s[[best[2]]]
    share = (np.arccos(1.0 - 2.0 * return_fraction) / np.pi) ** (1.0 / HURRY)
    return SoFar(
        size=min(size, MOST * raw.height),
        error=error,
        inhale_peak_s=top_s,
        fallen=float(np.interp(top_s, t, x) - 0.5 * (x[-2] + x[-1])),
        returned=float(_rise(t_s[-1:], peak_s, peak_s + exhale_s, HURRY)[0, 0]),
        returned_s=float(peak_s[0] + share * exhale_s[0]),
    )


def _rise(t_s: FloatArray, start_s: FloatArray, stop_s: FloatArray, power: float = 1.0) -> FloatArray:
    """Half a cosine from 0 at `start_s` (k,) to 1 at `stop_s` (k,), shape (m, k)."""
    share = np.clip((t_s[:, None] - start_s) / np.maximum(stop_s - start_s, 0.3), 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * (share if power == 1.0 else share**power))


def _whole(t_s: FloatArray, breath: RawBreath) -> FloatArray:
    """The form of a breath that is over, as large as it may have been."""
    moments = np.array((breath.inhale_start_s, breath.inhale_peak_s, breath.exhale_end_s), dtype=float)
    rise = _rise(t_s, moments[:1], moments[1:2])
    fall = _rise(t_s, moments[1:2], moments[2:], HURRY)
    form: FloatArray = (rise - fall)[:, 0] * EARLIER * max(breath.height, LEAST_EARLIER_MG)
    return form


def _whitened(columns: FloatArray) -> FloatArray:
    """What is new in each step of `columns` (m, k) to one who follows the level so far, (m - 1, k)."""
    level = lfilter([FOLLOWS], [1.0, FOLLOWS - 1.0], columns, axis=0, zi=(1.0 - FOLLOWS) * columns[:1])[0]
    new: FloatArray = columns[1:] - level[:-1]
    return new


def _apart(columns: FloatArray, rest: int) -> FloatArray:
    """The columns (m, k) behind the first `rest`, less all that those explain of them; each of those is thought to have
    a coefficient of about 1, which stands as a row of its own below the others (m + rest, k - rest).

    Modified Gram-Schmidt: Björck, BIT 7, 1967.
    """
    table = np.concatenate((columns, np.eye(rest, columns.shape[1])))
    for i in range(rest):
        one = table[:, i : i + 1] / float(np.sqrt((table[:, i] ** 2).sum()))
        table[:, i + 1 :] -= one * (one * table[:, i + 1 :]).sum(axis=0)
    return table[:, rest:]
