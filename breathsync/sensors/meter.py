"""How well a breath is seen, before anything is calibrated: for pairing and for finding the strap's best place.

A picture for a person, never a decision: the gate has its own eyes (`breath/`).
"""

import numpy as np

from breathsync.samples import BREATH_STREAMS, FloatArray, Samples, Stream

BIN_S = 0.1
WINDOW_S = 20.0
SMOOTH_BINS = 5
FIRST_S = 1.0
"""From then on the line is drawn."""
LEAST_S = 6.0
"""Below this nothing can be said of how well a breath is seen: it is not over yet."""
SHORTEST_BREATH_S, LONGEST_BREATH_S = 1.5, 12.0
NOISE_WEIGHT = 6.0
"""Travel counts as breath once it is well above so many times the noise between bins."""
GOOD, FAIR = 0.6, 0.35


class BreathMeter:
    """Takes samples, shows a level 0..1 and `seen` 0..1.

    Acceleration is looked at along the line it moves most along in the last 20 s; which end is "in" is not
    known here. Delay: half a second of smoothing.
    """

    def __init__(self) -> None:
        self._bins: list[FloatArray] = []
        self._bins_s: list[float] = []
        self._bin = -1
        self._sum: FloatArray | None = None
        self._count = 0
        self._axis: FloatArray | None = None
        self.travel = 0.0
        """Peak to peak of the last 20 s, or of what there is, in the stream's unit."""
        self.level = 0.5
        self.seen = 0.0
        self.t_s: FloatArray = np.zeros(0)
        self.line: FloatArray = np.zeros(0)
        """The last 20 s as `level` and `seen` have them, to be drawn: (n,) in the stream's unit, at the times `t_s`."""

    @property
    def word(self) -> str:
        """`seen` in a word; "wait" for the first `LEAST_S`."""
        if self._gathered_s < LEAST_S:
            return "wait"
        return "good" if self.seen >= GOOD else "fair" if self.seen >= FAIR else "not seen"

    def push(self, samples: Samples) -> None:
        """Take in samples; streams other than breath are ignored."""
        if samples.stream not in BREATH_STREAMS:
            return
        for t_s, row in zip(samples.t_s.tolist(), samples.values, strict=True):
            if not (np.isfinite(t_s) and np.all(np.isfinite(row))):
                continue
            number = int(t_s / BIN_S)
            if number != self._bin:
                self._close_bin()
                self._bin = number
            self._sum = row.copy() if self._sum is None else self._sum + row
            self._count += 1
        self._look(samples.stream)

    def _close_bin(self) -> None:
        if self._sum is not None and self._count:
            self._bins.append(self._sum / self._count)
            self._bins_s.append(self._bin * BIN_S)
            for kept in (self._bins, self._bins_s):
                del kept[: -int(WINDOW_S / BIN_S)]
        self._sum, self._count = None, 0

    @property
    def _gathered_s(self) -> float:
        return len(self._bins) * BIN_S

    def _look(self, stream: Stream) -> None:
        if self._gathered_s < FIRST_S:
            return
        rows = np.array(self._bins)
        line = self._along_main_axis(rows) if stream is Stream.ACCELERATION else rows[:, 0]
        smooth = np.convolve(line, np.ones(SMOOTH_BINS) / SMOOTH_BINS, mode="valid")
        half = SMOOTH_BINS // 2
        self.t_s, self.line = np.array(self._bins_s[half : len(self._bins_s) - half]), smooth
        low, high = float(np.min(smooth)), float(np.max(smooth))
        self.travel = high - low
        self.level = (float(smooth[-1]) - low) / self.travel if self.travel else 0.5
        if self._gathered_s < LEAST_S:
            return
        noise = float(np.median(np.abs(np.diff(line)))) / SMOOTH_BINS
        clear = self.travel / (self.travel + NOISE_WEIGHT * noise) if self.travel else 0.0
        self.seen = clear * _repeats(smooth)

    def _along_main_axis(self, rows: FloatArray) -> FloatArray:
        centred = rows - rows.mean(axis=0)
        axis = np.linalg.svd(centred, full_matrices=False)[2][0]
        if self._axis is not None and axis @ self._axis < 0:
            axis = -axis
        self._axis = axis
        along: FloatArray = centred @ axis
        return along


def _repeats(line: FloatArray) -> float:
    """How much the line repeats itself within the length of a breath: its highest autocorrelation there, 0..1."""
    trend = np.polyfit(np.arange(len(line)), line, 1)
    flat = line - np.polyval(trend, np.arange(len(line)))
    power = float(flat @ flat)
    if power <= 0:
        return 0.0
    longest = min(int(LONGEST_BREATH_S / BIN_S), len(flat) * 2 // 3)
    lags = range(int(SHORTEST_BREATH_S / BIN_S), longest)
    best = max(
        float(flat[lag:] @ flat[:-lag]) / (np.linalg.norm(flat[lag:]) * np.linalg.norm(flat[:-lag]) + 1e-12)
        for lag in lags
    )
    return float(np.clip(best, 0.0, 1.0))
