"""The heart as a second witness: its intervals and its R waves follow a real breath, and do not follow a lean.

With an inhale the heart quickens (respiratory sinus arrhythmia) and the R wave of a chest ECG becomes smaller as
the lung fills (ECG-derived respiration; Moody et al., Computers in Cardiology 12, 1985). Both are taken as
straight lines from beat to beat: so much change a change of the breath's level. Changes, because the heart also
wanders slowly by itself, and what wanders hides in levels. The line is learned on the three full breaths of the
calibration; a full breath must show it again. Where it would show clearly and does not, the heart disagrees.
People who lean go on breathing quietly, so a heart that merely follows something agrees with nothing. It confirms
or casts doubt; it never opens the gate.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from breathsync.breath.decimate import Intake
from breathsync.breath.events import Witness
from breathsync.samples import FloatArray, Samples, Stream

ARRIVES_S = 1.5
"""Beats are used this much after they happened: a strap sends them once a second or so (G16)."""
BEFORE_S = 3.0
LEAST_BEATS = 5
LAGS_S = tuple(k / 5 for k in range(10))
"""The heart answers the breath a little later, each person's by another time within these (Angelone and Coulter, J
Appl Physiol 19, 1964: the slower the breath, the more nearly at once); the one that fits best is learned."""
LEAST_CHANGES = 10
SURE = 4.0
"""What was learned must be this many of its own standard errors from nothing, or this heart has no say."""
SWAYS = 0.2
"""The same person's heart answers one breath by so much (a share of it) more or less than another."""
CONFIRMS = 2.0
"""Standard errors from nothing, towards what was learned, and at least half of it."""
MISSES = 2.0
"""Standard errors from what was learned."""
ODD_BEAT = 0.25
"""A beat this far from the median of its neighbours is an extra one."""
ECG_BAND_HZ = (8.0, 25.0)
REFRACTORY_S = 0.3

Level = Callable[[FloatArray], FloatArray]
"""The breath's level at given moments."""


@dataclass(frozen=True, slots=True)
class Line:
    """A learned line: `slope` a unit of level, its standard `error`, `scatter` (standard deviation) of a change around
    it, `lag_s` behind the level."""

    slope: float
    error: float
    scatter: float
    lag_s: float

    def says(self, slope: float, spread: float) -> Witness:
        """What another breath's `slope` says, over changes of level whose squares sum up to `spread`."""
        error = self.scatter / float(np.sqrt(spread))
        if slope / error <= -CONFIRMS and slope <= self.slope / 2.0:
            return Witness.AGREES
        may_differ = float(np.sqrt(error**2 + self.error**2 + (SWAYS * self.slope) ** 2))
        return Witness.DISAGREES if slope - self.slope > MISSES * may_differ else Witness.SILENT


class Tally:
    """One kind of measurement a beat: its stamp and value."""

    def __init__(self, *, lags_s: Sequence[float]) -> None:
        self._lags_s = lags_s
        self._t: list[float] = []
        self._y: list[float] = []
        self.line: Line | None = None

    def add(self, t_s: float, value: float) -> None:
        """A beat's value; beats that come late or twice are left out."""
        if self._t and t_s <= self._t[-1]:
            return
        self._t.append(t_s)
        self._y.append(value)
        if len(self._t) > 2048:
            del self._t[:1024], self._y[:1024]

    def clear(self) -> None:
        """Forget the beats (the clock began anew)."""
        self._t.clear()
        self._y.clear()

    def within(self, start_s: float, stop_s: float) -> tuple[FloatArray, FloatArray]:
        """Beats with start_s <= t <= stop_s, without odd ones."""
        here = slice(bisect_left(self._t, start_s), bisect_right(self._t, stop_s))
        t, y = np.array(self._t[here]), np.array(self._y[here])
        if len(y) == 0:
            return t, y
        usual = np.abs(y - float(np.median(y))) <= ODD_BEAT * abs(float(np.median(y)))
        return t[usual], y[usual]

    def learn(self, spans: Sequence[tuple[float, float]], level: Level) -> None:
        """The line over several breaths, at the lag that leaves the least unexplained."""
        self.line = None
        least = np.inf
        for lag_s in self._lags_s:
            found = [self._changes(start, stop, level, lag_s) for start, stop in spans]
            dx, dy = (np.concatenate([c[k] for c in found]) if found else np.empty(0) for k in (0, 1))
            spread = float((dx * dx).sum())
            if len(dx) < LEAST_CHANGES or spread <= 0.0:
                return
            slope = float((dx * dy).sum()) / spread
            rest = max(float(((dy - slope * dx) ** 2).sum()), 1e-12)
            if rest < least:
                least = rest
                scatter = float(np.sqrt(rest / (len(dx) - 2)))
                self.line = Line(slope, scatter / float(np.sqrt(spread)), scatter, lag_s)

    def says(self, start_s: float, known_s: float, level: Level) -> Witness:
        """What these beats say of a breath that began at `start_s`."""
        line = self.line
        if line is None or line.slope > -SURE * line.error:
            return Witness.SILENT
        dx, dy = self._changes(start_s, known_s - ARRIVES_S, level, line.lag_s)
        spread = float((dx * dx).sum())
        return line.says(float((dx * dy).sum()) / spread, spread) if spread > 0.0 else Witness.SILENT

    def _changes(
        self, start_s: float, stop_s: float, level: Level, lag_s: float
    ) -> tuple[FloatArray, FloatArray]:
        """From beat to beat, from a little before `start_s` to `stop_s`: changes of level and of value; none from too
        few beats."""
        t, y = self.within(start_s - BEFORE_S, stop_s)
        if len(t) < LEAST_BEATS:
            return np.empty(0), np.empty(0)
        return np.diff(level(t - lag_s)), np.diff(y)


class RWaves:
    """Finds the R waves of one ECG lead (µV) and their size in the band of the QRS."""

    def __init__(self, *, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._sos = butter(2, ECG_BAND_HZ, "bandpass", fs=rate_hz, output="sos") if rate_hz > 60 else None
        self._intake = Intake()
        self._restart()

    def _restart(self) -> None:
        self._zi = None if self._sos is None else np.zeros((len(self._sos), 2))
        self._sizes: list[float] = []
        self._best = (0.0, -np.inf)
        self._warm_s = -np.inf

    def push(self, t_s: FloatArray, values: FloatArray) -> list[tuple[float, float]]:
        """Take samples (n,) and (n, 1); return (stamp, size) of the beats that are over."""
        found: list[tuple[float, float]] = []
        if self._sos is None:
            return found
        for stretch in self._intake.push(t_s, values):
            if stretch.fresh:
                self._restart()
                self._warm_s = float(stretch.t_s[0]) + 1.0
            y, self._zi = sosfilt(self._sos, stretch.values[:, 0], zi=self._zi)
            size = np.abs(y)
            floor = 0.45 * (sorted(self._sizes)[len(self._sizes) // 2] if self._sizes else 50.0)
            for i in np.flatnonzero(size > min(floor, 50.0)).tolist():
                self._look(float(stretch.t_s[i]), float(size[i]), found)
        return found

    def _look(self, t: float, size: float, found: list[tuple[float, float]]) -> None:
        best, best_t = self._best
        if t - best_t > REFRACTORY_S:
            usual = sorted(self._sizes)[len(self._sizes) // 2] if self._sizes else 0.0
            if best > 0.45 * usual and best_t > self._warm_s:
                found.append((best_t, best))
                self._sizes = [*self._sizes[-8:], best]
            self._best = (size, t)
        elif size > best:
            self._best = (size, t)


class Heart:
    """Beats from a strap's RR intervals and, where there is one, its ECG."""

    def __init__(self, *, ecg_rate_hz: float | None) -> None:
        self.intervals = Tally(lags_s=LAGS_S)
        self.waves = Tally(lags_s=(0.0,))
        self._rwaves = RWaves(rate_hz=ecg_rate_hz or 0.0)

    def hear(self, samples: Samples) -> None:
        """Take RR (dated to the middle of the interval) or ECG samples; anything else is left."""
        good = np.isfinite(samples.t_s) & np.isfinite(samples.values[:, 0])
        t_s, values = samples.t_s[good], samples.values[good]
        if samples.stream is Stream.RR:
            for t, rr in zip(t_s.tolist(), values[:, 0].tolist(), strict=True):
                if 300.0 <= rr <= 2000.0:
                    self.intervals.add(t, rr)
        elif samples.stream is Stream.ECG:
            for t, size in self._rwaves.push(t_s, values):
                self.waves.add(t, size)

    def clear(self) -> None:
        """The clock began anew."""
        self.intervals.clear()
        self.waves.clear()

    def learn(self, spans: Sequence[tuple[float, float]], level: Level) -> None:
        """Learn how this person's heart follows the full breaths of the calibration."""
        self.intervals.learn(spans, level)
        self.waves.learn(spans, level)

    def forget(self) -> None:
        """A new wearing."""
        self.intervals.line = self.waves.line = None

    def says(self, start_s: float, known_s: float, level: Level) -> Witness:
        """What the heart says of a breath that began at `start_s`, known by `known_s`; `level` in the unit that it was
        learned in. Two that contradict each other are silent."""
        said = {tally.says(start_s, known_s, level) for tally in (self.intervals, self.waves)}
        said.discard(Witness.SILENT)
        return said.pop() if len(said) == 1 else Witness.SILENT
