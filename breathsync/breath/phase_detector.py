"""A motion sensor's breaths before any calibration: `Phases` told as a detector's events.

What is said of a breath is where it is by all that was seen, not where a wave has its top. Each moment is told once it
is clear by what came after it, 0.4 s later where the rhythm is plain and 2.8 s later at the most; so a peak is said
about 1.5 s after it, the delay of the filters with it.
"""

from bisect import bisect_right
from collections.abc import Callable
from functools import partial

import numpy as np

from breathsync.breath.axis import across_gravity, cross
from breathsync.breath.detector import SILENCE_S
from breathsync.breath.events import BreathKind, InhaleBegan, PeakSeen, Phase
from breathsync.breath.filters import EvenLowPass
from breathsync.breath.phases import INHALE, PAUSE, STEP_S, Phases, Where, breath_level
from breathsync.breath.raw import DetectorEvent, Ended, RawBreath, Returned
from breathsync.samples import FloatArray

CORNER_HZ = 0.8
FROM_S = 7.0
"""Nothing is said before so much was seen."""
POSTURE_S = 20.0
"""Gravity is the median of so much."""
POSTURE_EVERY = 5
KEPT_S = 80.0
"""So much of the level is kept, for a breath's size: the slowest breath takes 30 s."""
SURE, STILL_SURE = 0.2, 0.05
"""An inhale is not said below this certainty, once they are said below this other: single breaths with holes between
would make a wrong rate."""
ONSET_FROM, ONSET_TO = -0.47, -0.055
"""Phases, in cycles since the peak, at which an inhale is said to be under way."""
LEAST_LAG, MOST_LAG = 1, 7
"""Steps that a moment is told after at least, and at most: what came meanwhile tells where the breath was."""
CLEAR = 0.7
"""Between the two it is told as soon as it is this certain."""
RETURNED_AT = 0.33
SOONEST = 0.3
"""No two peaks lie nearer than this share of a breath."""
LEAST_SHARE = 0.2
"""A breath's own rise is not believed under this share of what the last breaths showed: sway took the rest away."""
CUE_LATE_S, ONSET_LATE_S = 0.3, 0.1
"""A mark of a prompted inhale is late by about so much: its end, its start."""
CUE_SPREAD_S = 0.45
_EXHALE = 1.0 - INHALE - PAUSE


class PhaseDetector:
    """Takes stamps (n,) and three columns (n, 3) in mg; gives the events of a `Detector`, and the breath's direction.

    `rate_hz`: of the samples; `delay_s`: the delay that they have already. Nothing needs the future. The cut into
    blocks changes nothing (G16): the filter goes sample by sample, all else goes by a grid of `STEP_S`.
    """

    def __init__(self, *, rate_hz: float, delay_s: float) -> None:
        self._low_pass = EvenLowPass(rate_hz=rate_hz, corner_hz=min(CORNER_HZ, rate_hz / 3), columns=3)
        self._delay_s = delay_s + self._low_pass.delay_s
        self._marks: list[tuple[float, float, float]] = []
        self._start()

    def _start(self) -> None:
        self._low_pass.reset()
        self._phases = Phases()
        self._last: tuple[float, FloatArray] | None = None
        self._began_s = 0.0
        self._grid: list[float] = []
        self._levels: list[FloatArray] = []
        self._base = np.eye(3)
        self._sure = 0.0
        self._onset: float | None = None
        self._peak: PeakSeen | None = None
        self._returned_s: float | None = None
        self._last_peak_s = -np.inf
        self._early: list[Callable[[Phases], None]] = []
        self._told_s: float | None = None
        self._going = False

    # ---- what is known now --------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Live phase."""
        if not self._tells():
            return Phase.UNKNOWN
        at = self._phases.phase % 1.0
        return Phase.OUT if at < _EXHALE else Phase.PAUSE if at < _EXHALE + PAUSE else Phase.IN

    @property
    def level(self) -> float:
        """Live level above the end of exhale, mg."""
        return float(breath_level(np.array(self._phases.phase))) * self._size() if self._tells() else 0.0

    @property
    def noise(self) -> float:
        """Twice the standard error of the breath's size, mg."""
        way = self.direction
        if way is None:
            return float("inf")
        return 2.0 * self._phases.spread_mg((self._base * way[:, None]).sum(axis=0))

    def limit_noise(self, at_most: float) -> None:
        """Movements are clipped step by step here; there is nothing to forget."""

    @property
    def direction(self) -> FloatArray | None:
        """Unit vector (3,) of an inhale in the sensor's frame, as far as it is known."""
        size = self._size()
        return self._base @ self._phases.breath_mg / size if self._tells() and size > 0.0 else None

    @property
    def rest(self) -> FloatArray:
        """Covariance (3, 3) in the sensor's frame of all that moves and is no breath."""
        return np.asarray(self._base @ self._phases.rest @ self._base.T)

    @property
    def rate_hz(self) -> float:
        """How often the person breathes."""
        return self._phases.rate_hz

    # ---- what goes in -------------------------------------------------------------------------------------

    def teach_inhale(self, start_s: float, end_s: float) -> None:
        """A prompted inhale is known to run from `start_s` to `end_s`; it counts once the samples have passed each."""
        self._marks.append((start_s, 1.0 - INHALE, ONSET_LATE_S))
        self._marks.append((end_s, 0.0, CUE_LATE_S))
        self._marks.sort()

    def push(self, t_s: FloatArray, values: FloatArray) -> list[DetectorEvent]:
        """Take samples with growing stamps."""
        events: list[DetectorEvent] = []
        if not len(t_s):
            return events
        if self._last is not None and not 0.0 < t_s[0] - self._last[0] <= SILENCE_S:
            events.extend(self.finish())
            self._start()
        smooth, _ = self._low_pass.push(values)
        if self._last is None:
            self._began_s = float(t_s[0])
        else:
            t_s = np.concatenate(((self._last[0],), t_s))
            smooth = np.concatenate((self._last[1][None, :], smooth))
        grid = np.arange(np.floor(t_s[0] / STEP_S), np.ceil(t_s[-1] / STEP_S) + 1.0) * STEP_S
        for at_s in grid[(grid > t_s[0]) & (grid <= t_s[-1])].tolist():
            j = int(t_s.searchsorted(at_s))
            share = (at_s - t_s[j - 1]) / (t_s[j] - t_s[j - 1])
            level = smooth[j - 1] + share * (smooth[j] - smooth[j - 1])
            self._take(at_s, level, float(t_s[j]), events)
        self._last = (float(t_s[-1]), smooth[-1].copy())
        return events

    def finish(self) -> list[DetectorEvent]:
        """The stream is broken, or something else follows the breath now: the breath under way as it stands."""
        events: list[DetectorEvent] = []
        if self._peak is not None and self._grid:
            events.append(Ended(breath=self._raw(self._grid[-1], None, broken=True)))
        self._onset = self._peak = self._returned_s = None
        return events

    # ---- a step of the grid -------------------------------------------------------------------------------

    def _take(self, at_s: float, level: FloatArray, known_s: float, events: list[DetectorEvent]) -> None:
        k = round(at_s / STEP_S)
        if not self._levels or k % POSTURE_EVERY == 0:
            recent = np.array([*self._levels[-int(POSTURE_S / STEP_S) :], level])
            plane, self._sure = across_gravity(np.median(recent, axis=0))
            self._base = np.column_stack((plane, cross(plane[:, 0], plane[:, 1])))
        if self._levels:
            step = level - self._levels[-1]
            self._do(partial(Phases.take, step_mg=step, base=self._base, sure=self._sure))
        drop = max(0, len(self._grid) - int(KEPT_S / STEP_S))
        self._grid = [*self._grid[drop:], at_s]
        self._levels = [*self._levels[drop:], level]
        if self._phases.ready:
            self._hear_cues(at_s)
            if at_s - self._began_s >= FROM_S:
                if self._told_s is None:
                    self._look_again()
                    self._told_s = at_s
                self._tell(at_s, known_s, events)

    def _do(self, what: Callable[[Phases], None]) -> None:
        what(self._phases)
        if self._told_s is None:
            self._early.append(what)

    def _look_again(self) -> None:
        """What is no breath was a guess at first: all so far once more, with what is known of it by now."""
        self._phases = Phases(like=self._phases)
        for what in self._early:
            what(self._phases)
        self._early = []

    def _hear_cues(self, at_s: float) -> None:
        now_s = at_s - self._delay_s
        while self._marks and self._marks[0][0] <= now_s:
            mark_s, phase, late_s = self._marks.pop(0)
            rate_hz = self._phases.rate_hz
            if now_s - mark_s < 1.0:
                here, spread = phase + (now_s - mark_s + late_s) * rate_hz, CUE_SPREAD_S * rate_hz
                self._do(partial(Phases.cue, phase=here, spread=spread))

    def _tell(self, at_s: float, known_s: float, events: list[DetectorEvent]) -> None:
        """Go on to the last moment that is clear enough by now, step by step."""
        assert self._told_s is not None
        lag = min(round((at_s - self._told_s) / STEP_S), MOST_LAG + 1)
        back = self._phases.looked_back(lag)
        for k in range(lag - 1, LEAST_LAG - 1, -1):
            if k >= len(back) or (back[k].certainty < CLEAR and k < MOST_LAG):
                break
            self._told_s = at_s - k * STEP_S
            self._tell_moment(back[k], self._told_s - self._delay_s, known_s, events)

    def _tell_moment(self, here: Where, now_s: float, known_s: float, events: list[DetectorEvent]) -> None:
        """Onset, peak, return and end, each once its phase is reached."""
        at, rate_hz = here.phase, here.rate_hz
        self._going = here.certainty >= (STILL_SURE if self._going else SURE)
        if self._peak is not None and self._returned_s is None and (at >= RETURNED_AT or at < 0.0):
            self._returned_s = min(now_s, self._peak.t_s + 0.63 * _EXHALE / rate_hz)
            events.append(Returned(breath=self._raw(known_s, None)))
        if self._peak is not None and at < ONSET_TO:
            end_s = min(now_s, self._peak.t_s + _EXHALE / rate_hz)
            events.append(Ended(breath=self._raw(known_s, end_s)))
            self._peak = self._returned_s = None
        if self._onset is None and ONSET_FROM < at < ONSET_TO and self._going:
            began_s = now_s - max(0.0, at + INHALE) / rate_hz
            self._onset = max(began_s, self._last_peak_s)
            events.append(InhaleBegan(t_s=self._onset, decided_s=known_s))
        elif self._onset is not None and at >= 0.0:
            peak_s = now_s - at / rate_hz
            if peak_s > max(self._onset, self._last_peak_s + SOONEST / rate_hz):
                self._say_peak(peak_s, rate_hz, known_s, events)
            self._onset = None

    def _say_peak(self, peak_s: float, rate_hz: float, known_s: float, events: list[DetectorEvent]) -> None:
        assert self._onset is not None
        start_s = min(self._onset, peak_s - 0.5 * INHALE / rate_hz)
        self._last_peak_s = peak_s
        self._peak = PeakSeen(
            t_s=peak_s,
            decided_s=known_s,
            inhale_start_s=start_s,
            amplitude=max(self._level(peak_s) - self._level(start_s), LEAST_SHARE * self._size()),
            kind=BreathKind.BREATH,
        )
        events.append(self._peak)

    def _raw(self, known_s: float, end_s: float | None, *, broken: bool = False) -> RawBreath:
        peak = self._peak
        assert peak is not None
        trough = self._level(peak.inhale_start_s)
        top = trough + peak.amplitude
        went = 1.0 if end_s is not None else 0.7 if self._returned_s is not None else 0.0
        return RawBreath(
            inhale_start_s=peak.inhale_start_s,
            inhale_peak_s=peak.t_s,
            peak_decided_s=peak.decided_s,
            returned_s=self._returned_s,
            exhale_end_s=end_s,
            decided_s=known_s,
            trough=trough,
            peak=top,
            after=top - went * peak.amplitude,
            rises=1,
            kind=peak.kind,
            noise=self.noise,
            broken=broken,
        )

    def _level(self, moment_s: float) -> float:
        """Level along the breath's direction at a moment, zero anywhere; mg."""
        way = self.direction
        if way is None:
            return 0.0
        j = min(max(bisect_right(self._grid, moment_s + self._delay_s), 1), len(self._grid) - 1)
        share = (moment_s + self._delay_s - self._grid[j - 1]) / (self._grid[j] - self._grid[j - 1])
        before, after = self._levels[j - 1], self._levels[j]
        return float(((before + min(max(share, 0.0), 1.0) * (after - before)) * way).sum())

    def _size(self) -> float:
        went = self._phases.breath_mg
        return float(np.sqrt((went * went).sum()))

    def _tells(self) -> bool:
        return self._phases.ready and self._phases.certainty >= SURE
