"""A quantity of the body over time, as eased ways from level to level; and endless tapes of noise.

Both give the same numbers however the time is cut into pieces.
"""

from bisect import bisect_right

import numpy as np
from scipy import signal

from breathsync.samples import FloatArray


class Track:
    """Eased ways from level to level; constant before the first, between them and after the last.

    A way follows half a cosine of the share of its time to the power of `warp`: below 1 it hurries first and
    lingers later, as a passive exhale does. What lies before a cut keeps its shape.
    """

    def __init__(self, level: float = 0.0) -> None:
        self._start = [-1.0]
        self._ways: list[tuple[float, float, float, float, float]] = [(-1.0, level, 1.0, 0.0, 1.0)]
        """From time, from level, duration, rise, warp."""
        self._done_s = 0.0
        self.end_s = 0.0
        """Where the next way begins."""
        self.last = level
        """The level there."""

    def add(self, t_s: float, level: float, *, warp: float = 1.0) -> None:
        """Go to `level` by `t_s`, beginning where the last way ended or the track was held."""
        t_s = max(t_s, self.end_s + 1e-3)
        self._append(self.end_s, (self.end_s, self.last, t_s - self.end_s, level - self.last, warp))
        self.end_s, self.last, self._done_s = t_s, level, t_s

    def hold(self, t_s: float) -> None:
        """Stay at the last level up to `t_s`, so that the next way begins there."""
        self.end_s = max(self.end_s, t_s)

    def cut(self, t_s: float) -> float:
        """Forget what lies after `t_s`; the level there, where the next way begins."""
        if t_s >= self._done_s:
            self.end_s = t_s
            return self.last
        level = self.at(t_s)
        while len(self._start) > 1 and self._start[-1] >= t_s:
            self._start.pop()
            self._ways.pop()
        self._append(t_s, (t_s, level, 1.0, 0.0, 1.0))
        self.end_s, self.last, self._done_s = t_s, level, t_s
        return level

    def at(self, t_s: float) -> float:
        """The level at one moment."""
        if t_s >= self._done_s:
            return self.last
        return float(self(np.array([t_s]))[0])

    def __call__(self, t_s: FloatArray) -> FloatArray:
        """The levels at rising times `t_s` of shape (n,)."""
        first_s = float(t_s[0])
        if first_s >= self._done_s:
            return np.full(len(t_s), self.last)
        self._forget(first_s)
        way = max(bisect_right(self._start, first_s) - 1, 0)
        end = max(bisect_right(self._start, t_s[-1]), 1)
        if way + 1 == end:
            from_s, level, during_s, rise, warp = self._ways[way]
            if rise == 0.0:
                return np.full(len(t_s), level)
        else:
            k = np.array(self._start[way + 1 : end]).searchsorted(t_s, side="right")
            from_s, level, during_s, rise, warp = np.array(self._ways[way:end]).T[:, k]
        share = np.minimum(np.maximum((t_s - from_s) / during_s, 0.0), 1.0)
        return np.asarray(level + rise * (0.5 - 0.5 * np.cos(np.pi * share**warp)))

    def _append(self, start_s: float, way: tuple[float, float, float, float, float]) -> None:
        self._start.append(start_s)
        self._ways.append(way)

    def _forget(self, before_s: float) -> None:
        """Drop ways that lie more than two minutes back."""
        if len(self._start) > 96 and self._start[48] < before_s - 120:
            del self._start[:48], self._ways[:48]


class Tape:
    """Endless Gaussian noise of `columns` columns, standard deviation 1, low-passed below `corner_hz` if given."""

    BLOCK = 4096

    def __init__(
        self, rng: np.random.Generator, *, columns: int, rate_hz: float = 0.0, corner_hz: float = 0.0
    ) -> None:
        self._rng = rng
        self._columns = columns
        self._sos = None
        self._gain = 1.0
        if corner_hz:
            self._sos = signal.butter(2, corner_hz, fs=rate_hz, output="sos")
            _, response = signal.sosfreqz(self._sos, worN=4096)
            self._gain = 1 / float(np.sqrt(np.mean(np.abs(response) ** 2)))
            self._state = np.zeros((len(self._sos), 2, columns))
        self._block = np.empty((0, columns))
        self._used = 0

    def take(self, n: int) -> FloatArray:
        """The next `n` rows, shape (n, columns)."""
        while self._used + n > len(self._block):
            fresh = self._rng.standard_normal((self.BLOCK, self._columns))
            if self._sos is not None:
                fresh, self._state = signal.sosfilt(self._sos, fresh, axis=0, zi=self._state)
                fresh *= self._gain
            self._block = np.concatenate([self._block[self._used :], fresh])
            self._used = 0
        self._used += n
        return np.asarray(self._block[self._used - n : self._used])
