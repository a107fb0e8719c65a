"""From a one-dimensional breath signal to breaths: onset, peak, return and end, as early as each can be known.

The signal is cleaned (what is not a number, stamps that stand still), smoothed by a causal low-pass whose delay
is known, thinned to the working rate, and handed to the model of the breath under way (`model.py`).
"""

from itertools import pairwise
from math import isfinite

import numpy as np

from breathsync.breath.decimate import run_on
from breathsync.breath.events import Phase
from breathsync.breath.filters import EvenLowPass, UnevenLowPass, decimation
from breathsync.breath.model import BreathModel
from breathsync.breath.raw import DetectorEvent, Ended, RawBreath, Returned
from breathsync.samples import FloatArray

__all__ = ["Detector", "DetectorEvent", "Ended", "RawBreath", "Returned"]

CORNER_HZ = 1.25
"""Corner of the low-pass: 40 breaths/min pass, the heart's first harmonics are damped, the delay is 0.17 s."""
MOTION_CORNER_HZ = 0.8
"""For a motion sensor, whose seated breath of 2-10 mg is hardly larger than the heart beat: delay 0.27 s."""
SILENCE_S = 2.0
"""A longer silence breaks off the breath under way. A shorter one is bridged, so that a dropped packet does not
lose a breath; that a breath with a gap over 0.5 s opens no gate (G2) is seen to by its `gap_max_s`."""
_FEW = 40
"""Up to so many samples plain numbers are quicker than arrays."""
CLOCK_BACK_S = 2.0
"""A clock that jumps back by more than this has started afresh; a smaller step back is a sample to leave out."""


class Detector:
    """Follows the breath in one column, up = in.

    `rate_hz`: the even rate of the samples, or None when the stamps are to be taken as they come (a belt over
    Bluetooth); below 50 Hz, where nothing is thinned out, they are taken as they come in any case. `delay_s`:
    the delay that lies in `x` already (an anti-alias filter before); times are corrected for it as for the
    detector's own. `return_fraction`: domain.md G6. `corner_hz`: of the low-pass, with a delay of
    0.217 / corner_hz; MOTION_CORNER_HZ where the wobble is as large as the breath.

    Nothing raises for bad data: non-finite samples are left out, stamps that stand still or step back are left
    out, a silence over 2 s breaks off the breath under way and starts afresh. The cut into blocks changes
    nothing (G16).
    """

    def __init__(
        self,
        *,
        rate_hz: float | None = None,
        delay_s: float = 0.0,
        return_fraction: float = 0.7,
        corner_hz: float = CORNER_HZ,
    ) -> None:
        self._even: EvenLowPass | None = None
        self._uneven: UnevenLowPass | None = None
        if rate_hz is None or decimation(rate_hz) == 1:
            self._uneven = UnevenLowPass(corner_hz=corner_hz)
            own_s = self._uneven.delay_s
        else:
            self._even = EvenLowPass(rate_hz=rate_hz, corner_hz=corner_hz, keep=decimation(rate_hz))
            own_s = self._even.delay_s
        self.delay_s = delay_s + own_s
        """All delay in seconds between a moment and its filtered value: the input's and its own."""
        self.t_s = float("-inf")
        """Stamp of the last sample taken (not corrected)."""
        self._model = BreathModel(delay_s=self.delay_s, return_fraction=return_fraction)

    @property
    def phase(self) -> Phase:
        """Live phase."""
        return self._model.phase

    @property
    def value(self) -> float:
        """The filtered signal now (as it was `delay_s` ago)."""
        return self._model.value

    @property
    def baseline(self) -> float:
        """Level of the last still end of exhale."""
        return self._model.baseline

    @property
    def level(self) -> float:
        """Live level above the baseline, in the signal's unit."""
        return self._model.value - self._model.baseline

    @property
    def noise(self) -> float:
        """Peak-to-peak size of the wobble around the breath, in the signal's unit."""
        return self._model.ripple

    def limit_noise(self, at_most: float) -> None:
        """A movement has passed: what it shook is not the wobble around the breath."""
        self._model.ripple = min(self._model.ripple, at_most)

    @property
    def typical(self) -> float | None:
        """Typical amplitude of the recent breaths (median of five), None before the first."""
        return self._model.typical or None

    def push(self, t_s: FloatArray, x: FloatArray) -> list[DetectorEvent]:
        """Take samples: `t_s` (n,) seconds, `x` (n,) in any unit. Returns what is now known, in order."""
        events: list[DetectorEvent] = []
        if len(t_s) and self._is_plain(t_s, x):
            self._take(t_s, x, events)
            return events
        steps = t_s - np.concatenate(((self.t_s,), t_s[:-1]))
        plain = np.isfinite(x) & (steps > 0) & (steps <= SILENCE_S)
        i = 0
        for j in [*np.flatnonzero(~plain).tolist(), len(t_s)]:
            if i < j:
                self._take(t_s[i:j], x[i:j], events)
                i = j
            while j <= i < len(t_s):
                taken = self._take_one(float(t_s[i]), float(x[i]), events)
                i += 1
                if taken:
                    break
        return events

    def finish(self) -> list[DetectorEvent]:
        """The source has ended: the breath under way, if its peak is known, as it stands."""
        events: list[DetectorEvent] = []
        self._break_off(events)
        return events

    def _is_plain(self, t_s: FloatArray, x: FloatArray) -> bool:
        """Whether the samples follow each other and what was taken before, and all are numbers."""
        if not 0 < t_s[0] - self.t_s <= SILENCE_S:
            return False
        if len(t_s) > _FEW:
            return run_on(t_s, SILENCE_S) and bool(np.isfinite(x).all())
        return all(map(isfinite, x.tolist())) and all(
            0 < b - a <= SILENCE_S for a, b in pairwise(t_s.tolist())
        )

    def _take_one(self, t: float, v: float, events: list[DetectorEvent]) -> bool:
        """Take one sample, or leave it out."""
        step = t - self.t_s
        if not (isfinite(t) and isfinite(v)) or -CLOCK_BACK_S <= step <= 0:
            return False
        if step > SILENCE_S or step < 0:
            self._break_off(events)
        if self._uneven is not None:
            self._model.push([t], self._uneven.push([t], [v]), events)
            self.t_s = t
        else:
            self._take(np.array([t]), np.array([v]), events)
        return True

    def _take(self, t_s: FloatArray, x: FloatArray, events: list[DetectorEvent]) -> None:
        """Take a run of samples that follow each other plainly."""
        if self._uneven is not None:
            stamps = t_s.tolist()
            self._model.push(stamps, self._uneven.push(stamps, x.tolist()), events)
        elif self._even is not None:
            y, kept = self._even.push(x[:, None])
            self._model.push(t_s[kept].tolist(), y[:, 0].tolist(), events)
        self.t_s = float(t_s[-1])

    def _break_off(self, events: list[DetectorEvent]) -> None:
        self._model.break_off(self.t_s, events)
        for low_pass in (self._even, self._uneven):
            if low_pass is not None:
                low_pass.reset()
