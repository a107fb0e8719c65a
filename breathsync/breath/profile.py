"""The course of one breath, looked at closely: what a single slow breath does not do.

A double gasp dips on its way up. Speech and laughter come out in steps, with small rises in the exhale. A cough
throws the chest down in a fraction of a second. The detector's low-pass smooths much of that away, so this looks
at the samples of the working rate themselves.
"""

from dataclasses import dataclass

import numpy as np

from breathsync.samples import FloatArray

BLOW_S = 0.2
"""A cough's fall is taken over this long."""
DIP = 0.08
"""Of the amplitude, and above the noise: a dip on the way up makes two rises. 19 of 20 full breaths of simulated
people, on a belt, stay below 0.04, 99 of 100 below 0.10."""
BOUNCE = 0.10
"""Likewise for a rise within the exhale."""
BLOW = 0.5
"""A fall of this share of the amplitude within `BLOW_S` is no exhale: 2.5 amplitudes a second, where 99 of 100 full
breaths stay below 2.2."""
NOISE_TIMES = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Sizes in the signal's own unit.

    `dip`: largest fall back on the way up. `bounce`: largest rise on the way down to the lowest point. `blow`: largest
    fall within `BLOW_S` of the exhale.
    """

    dip: float
    bounce: float
    blow: float

    def gasped(self, amplitude: float, noise: float) -> bool:
        """Whether the inhale came in two rises."""
        return self.dip > max(DIP * amplitude, NOISE_TIMES * noise)

    def talked(self, amplitude: float, noise: float) -> bool:
        """Whether the exhale came out in steps."""
        return self.bounce > max(BOUNCE * amplitude, NOISE_TIMES * noise)

    def coughed(self, amplitude: float) -> bool:
        """Whether the exhale was blown out."""
        return self.blow > BLOW * amplitude


def profile(t_s: FloatArray, x: FloatArray, *, peak_s: float) -> Profile | None:
    """The profile of the samples `t_s`, `x` (n,) of one breath from its onset to now; None with too few of them."""
    top = int(np.searchsorted(t_s, peak_s))
    if top < 2 or len(x) - top < 3:
        return None
    # The samples peak a little before or after the smoothed signal did.
    near = slice(max(0, top - 3), top + 4)
    top = near.start + int(np.argmax(x[near]))
    inhale, exhale, out_s = x[: top + 1], x[top:], t_s[top:]
    later = np.interp(out_s + BLOW_S, out_s, exhale)
    # What rises after the lowest point is the next inhale, which a breath's end is known by.
    fall = exhale[: int(np.argmin(exhale)) + 1]
    return Profile(
        dip=float((np.maximum.accumulate(inhale) - inhale).max()),
        bounce=float((fall - np.minimum.accumulate(fall)).max()),
        blow=float((exhale - later).max()),
    )
