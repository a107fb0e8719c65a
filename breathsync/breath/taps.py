"""Firm taps on the strap, from an accelerometer at 100 Hz or more.

A tap is a jerk of hundreds of mg that is over within a few hundredths of a second, with calm before the first
and after the last. Coughing, talking, reaching and a strap being moved shake longer and softer. Two taps within
0.6 s are a word, three are another (the guide gives them their meaning).
"""

from dataclasses import dataclass

import numpy as np

from breathsync.breath.events import Tapped
from breathsync.samples import FloatArray

SLOWEST_HZ = 95.0
JERK_MG = 350.0
"""Change from sample to sample that only a knock makes (at 200 Hz; a faster sensor sees smaller steps, a slower one
less of the blow)."""
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
        faster = min(200.0 / max(rate_hz, 1.0), 1.0)
        slower = min(rate_hz / 200.0, 1.0)
        self._jerk = JERK_MG * faster * slower
        self._calm = CALM_MG * faster
        self.reset()

    def reset(self) -> None:
        """The stream starts afresh."""
        self._last: FloatArray | None = None
        self._knock: _Knock | None = None
        self._shaken_s = -np.inf
        self._taps: list[_Knock] = []
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
        if self._knock and t - self._knock.start_s <= OVER_S:
            self._knock.end_s = t
            self._knock.firm = self._knock.firm or firm
        else:
            self._judge()
            self._knock = _Knock(start_s=t, end_s=t, firm=firm, calm_s=t - self._shaken_s)
        self._shaken_s = t

    def _judge(self) -> None:
        """The last knock is over: a tap, or something that spoils the word."""
        knock, self._knock = self._knock, None
        if knock is None:
            return
        if knock.firm and not self._spoiled and self._may_follow(knock):
            self._taps.append(knock)
        elif self._taps:
            self._spoiled = True

    def _may_follow(self, knock: "_Knock") -> bool:
        if not self._taps:
            return knock.calm_s > CALM_S
        return APART_S[0] <= knock.start_s - self._taps[-1].start_s <= APART_S[1]

    def _close(self, t: float, words: list[Tapped]) -> None:
        if self._knock and t - self._knock.start_s > OVER_S:
            self._judge()
        if not self._taps or t - self._taps[-1].start_s <= AFTER_S:
            return
        if not self._spoiled and len(self._taps) in (2, 3):
            words.append(Tapped(t_s=self._taps[-1].end_s, count=len(self._taps)))
        self._taps = []
        self._spoiled = False


@dataclass(slots=True, kw_only=True)
class _Knock:
    """Shaking within `OVER_S` of its start: a knock's first sample may be softer than its hardest."""

    start_s: float
    end_s: float
    firm: bool
    calm_s: float
