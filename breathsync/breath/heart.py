"""The heart as a second witness: its intervals and its R waves follow a real breath, and do not follow a lean.

With an inhale the heart quickens (respiratory sinus arrhythmia) and the R wave of a chest ECG becomes smaller as
the lung fills (ECG-derived respiration; Moody et al., Computers in Cardiology 12, 1985). Both are taken as
straight lines against the breath's level: the slope learned on the three full breaths of the calibration is what
a full breath must show again. Where the learned slope would show clearly above the scatter and does not, the
heart disagrees. It confirms or casts doubt; it never opens the gate.
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
BEFORE_S = 2.0
LEAST_BEATS = 5
CONFIRMS = 2.0
"""Standard errors from nothing, towards what was learned."""
WOULD_SHOW = 4.0
"""What was learned must be this many standard errors of this breath, or the heart has no say."""
MISSES = 3.0
"""Standard errors from what was learned."""
ODD_BEAT = 0.25
"""A beat this far from the median of its neighbours is an extra one."""
ECG_BAND_HZ = (8.0, 25.0)
REFRACTORY_S = 0.3

Level = Callable[[FloatArray], FloatArray]
"""The breath's level at given moments."""


@dataclass(frozen=True, slots=True)
class Line:
    """A learned line: `slope` a unit of level, `scatter` (standard deviation) around it."""

    slope: float
    scatter: float


class Tally:
    """One kind of measurement a beat: its stamp and value."""

    def __init__(self) -> None:
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
        """The line over several breaths, each about its own mean."""
        sxx = sxy = syy = 0.0
        n = 0
        for start, stop in spans:
            t, y = self.within(start - BEFORE_S, stop)
            if len(t) < LEAST_BEATS:
                continue
            xx, xy, yy = _sums(level(t), y)
            sxx, sxy, syy, n = sxx + xx, sxy + xy, syy + yy, n + len(t) - 1
        self.line = None
        if n >= 2 * LEAST_BEATS and sxx > 0:
            slope = sxy / sxx
            rest = max(syy - slope * sxy, 1e-12)
            self.line = Line(slope, float(np.sqrt(rest / (n - 1))))

    def says(self, start_s: float, known_s: float, level: Level) -> Witness:
        """What these beats say of a breath that began at `start_s`."""
        line = self.line
        if line is None or line.slope >= 0.0:
            return Witness.SILENT
        t, y = self.within(start_s - BEFORE_S, known_s - ARRIVES_S)
        if len(t) < LEAST_BEATS:
            return Witness.SILENT
        xx, xy, _ = _sums(level(t), y)
        if xx <= 0:
            return Witness.SILENT
        error = line.scatter / float(np.sqrt(xx))
        slope = xy / xx
        if slope / error <= -CONFIRMS:
            return Witness.AGREES
        if -line.slope / error >= WOULD_SHOW and (slope - line.slope) / error >= MISSES:
            return Witness.DISAGREES
        return Witness.SILENT


def _sums(x: FloatArray, y: FloatArray) -> tuple[float, float, float]:
    dx, dy = x - x.sum() / len(x), y - y.sum() / len(y)
    return float((dx * dx).sum()), float((dx * dy).sum()), float((dy * dy).sum())


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
        self.intervals = Tally()
        self.waves = Tally()
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
        self.intervals.learn(spans, lambda t: level(t - self._half(t)))
        self.waves.learn(spans, level)

    def forget(self) -> None:
        """A new wearing."""
        self.intervals.line = self.waves.line = None

    def _half(self, t: FloatArray) -> float:
        """Half of an interval: it stands for the middle between its beats."""
        return float(np.median(np.diff(t))) / 2.0 if len(t) > 1 else 0.4

    def says(self, start_s: float, known_s: float, level: Level) -> Witness:
        """What the heart says of a breath that began at `start_s`, known by `known_s`."""
        said = (
            self.intervals.says(start_s, known_s, lambda t: level(t - self._half(t))),
            self.waves.says(start_s, known_s, level),
        )
        if Witness.AGREES in said:
            return Witness.AGREES
        return Witness.DISAGREES if Witness.DISAGREES in said else Witness.SILENT
