"""Firm taps on the strap, from an accelerometer at 100 Hz or more.

A tap is a jerk of hundreds of mg that is over within a few hundredths of a second, with calm before the first
and after the last. Coughing, talking, reaching and a strap being moved shake longer and softer. Two taps within
0.6 s are a word, three are another (the guide gives them their meaning).
"""

import numpy as np

from breathsync.breath.events import Tapped
from breathsync.samples import FloatArray

SLOWEST_HZ = 95.0
JERK_MG = 350.0
"""Change from sample to sample that only a knock makes (at 200 Hz; scaled to other rates)."""
OVER_S = 0.08
"""A tap is over by then."""
APART_S = (0.12, 0.6)
"""Two taps of one word lie this far apart."""
CALM_S = 0.5
"""So long before the first tap nothing shakes."""
CALM_MG = 60.0
"""... by more than this from sample to sample."""
AFTER_S = 0.65
"""The word is over when no tap has come for this long."""


class Taps:
    """Counts taps in the raw samples; what it says is known `AFTER_S` after the last tap."""

    def __init__(self, *, rate_hz: float) -> None:
        self.able = rate_hz >= SLOWEST_HZ
        share = 200.0 / max(rate_hz, 1.0)
        self._jerk = JERK_MG * min(share, 1.0)
        self._calm = CALM_MG * min(share, 1.0)
        self.reset()

    def reset(self) -> None:
        """The stream starts afresh."""
        self._last: FloatArray | None = None
        self._shaken_s = -np.inf
        self._taps: list[tuple[float, float]] = []
        self._spoiled = False

    def push(self, t_s: FloatArray, values: FloatArray) -> list[Tapped]:
        """Take raw samples, (n,) and (n, 3) mg. Returns the words that are over."""
        before = values[:1] if self._last is None else self._last
        self._last = values[-1:].copy()
        step = values - np.concatenate((before, values[:-1]))
        size = np.sqrt((step * step).sum(axis=1))
        words: list[Tapped] = []
        if size.max() > self._calm:
            for i in np.flatnonzero(size > self._calm).tolist():
                self._close(float(t_s[i]), words)
                self._shake(float(t_s[i]), bool(size[i] > self._jerk))
        self._close(float(t_s[-1]), words)
        return words

    def _shake(self, t: float, firm: bool) -> None:
        if self._taps and t - self._taps[-1][0] <= OVER_S:
            self._taps[-1] = (self._taps[-1][0], t)
        elif firm and not self._spoiled and self._may_follow(t):
            self._taps.append((t, t))
        elif self._taps:
            self._spoiled = True
        self._shaken_s = t

    def _may_follow(self, t: float) -> bool:
        if not self._taps:
            return t - self._shaken_s > CALM_S
        return APART_S[0] <= t - self._taps[-1][0] <= APART_S[1]

    def _close(self, t: float, words: list[Tapped]) -> None:
        if not self._taps or t - self._taps[-1][0] <= AFTER_S:
            return
        if not self._spoiled and len(self._taps) in (2, 3):
            words.append(Tapped(t_s=self._taps[-1][1], count=len(self._taps)))
        self._taps = []
        self._spoiled = False
