"""Judging one breath: what held around it (`Conditions`), how far it can be trusted, whether it is like the others."""

from collections.abc import Sequence

import numpy as np

from breathsync.breath.events import Doubt
from breathsync.samples import FloatArray

CAPS = {
    Doubt.NO_DATA: 0.0,
    Doubt.GAP: 0.1,
    Doubt.CLOCK: 0.1,
    Doubt.CLIPPED: 0.2,
    Doubt.STUCK: 0.0,
    Doubt.NOT_WORN: 0.0,
    Doubt.LOOSE: 0.4,
    Doubt.BELOW_NOISE: 0.2,
    Doubt.MOVEMENT: 0.3,
    Doubt.UNLIKE_OWN: 0.45,
    Doubt.HEART_DISAGREES: 0.45,
    Doubt.NO_AXIS: 0.45,
}
"""No breath with this doubt has a higher quality."""
VISIBLE = 2.0
"""A breath under this many times the peak-to-peak noise cannot be told from it."""
LEAST_TRAVEL = {"N": 0.1, "mg": 1.5}
"""Below this, by unit, a belt or an accelerometer sees its own wandering, however smooth it looks."""
CLEAR = 6.0
"""From here on the noise says nothing against a breath."""
POINTS = 16
RETURNED = 0.7
LIKE_OWN = 0.7
"""Correlation with the person's own shape under which a breath is unlike it. A smooth rise and fall of any
proportion reaches 0.9; a jagged one does not."""


def is_visible(amplitude: float, noise: float, unit: str) -> bool:
    """Whether a rise and fall can be told from noise and from the sensor's own wandering."""
    return amplitude > 0.0 and amplitude >= max(VISIBLE * noise, LEAST_TRAVEL.get(unit, 0.0))


def quality(amplitude: float, noise: float, doubts: Sequence[Doubt]) -> float:
    """0..1: how clearly the breath stands above the noise, capped by the worst doubt."""
    clearness = 1.0 if noise <= 0 else (amplitude / noise - VISIBLE) / (CLEAR - VISIBLE)
    seen = 0.5 + 0.5 * min(max(clearness, 0.0), 1.0) if amplitude > VISIBLE * noise else 0.2
    return min([seen, *(CAPS[d] for d in doubts)])


def shape(
    t_s: FloatArray, x: FloatArray, *, start_s: float, peak_s: float, end_s: float
) -> FloatArray | None:
    """A breath's form (2 × POINTS,): rise and fall each brought to `POINTS` points, level 0 to 1; None where the
    stretch is too short to have one. `end_s` is the moment of the 70 % return; what drift makes rise and fall
    disagree is taken out first."""
    if len(t_s) < 8 or not start_s < peak_s < end_s:
        return None
    at = np.concatenate((np.linspace(start_s, peak_s, POINTS), np.linspace(peak_s, end_s, POINTS)))
    y = np.interp(at, t_s, x)
    rise = float(y[POINTS - 1] - y[0])
    fall = float(y[POINTS] - y[-1])
    drift = (rise - fall / RETURNED) / ((peak_s - start_s) + (end_s - peak_s) / RETURNED)
    y = y - drift * (at - start_s)
    low, high = float(y.min()), float(y.max())
    return (y - low) / (high - low) if high > low else None


def likeness(a: FloatArray, b: FloatArray) -> float:
    """Correlation of two forms, -1..1."""
    da, db = a - a.sum() / len(a), b - b.sum() / len(b)
    size = float(np.sqrt((da * da).sum() * (db * db).sum()))
    return float((da * db).sum()) / size if size > 0 else 0.0


class Template:
    """The person's own form of a breath: the mean of the forms of the clean breaths of a calibration."""

    NEEDED = 4

    def __init__(self) -> None:
        self._sum = np.zeros(2 * POINTS)
        self._n = 0

    def learn(self, form: FloatArray) -> None:
        """Another clean breath."""
        self._sum = self._sum + form
        self._n += 1

    @property
    def known(self) -> bool:
        """Whether enough was learned to call anything unlike."""
        return self._n >= self.NEEDED

    def unlike(self, form: FloatArray) -> bool:
        """Whether the form does not agree with what was learned."""
        return likeness(form, self._sum) < LIKE_OWN
