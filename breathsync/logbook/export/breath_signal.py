"""The breath as one even signal, to be looked at and counted by others; never what the gate decided on.

A lean of a few degrees is ten times a seated breath, so what a person (or a peak finder) would trip over is taken out:
where the log says that the person moved, the level stands still and is not valid, and goes on from there afterwards.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.events import Calibrated, MotionChanged
from breathsync.logbook.export.even import Even, even, nominal_rate_hz, thinned
from breathsync.logbook.reader import SessionLog
from breathsync.samples import BREATH_STREAMS, FloatArray, Stream

RATE_HZ = 25.0
"""Enough for a breath: it holds nothing above 2 Hz."""

SMOOTH_S = 0.8
"""Width of the Hann window that takes the heartbeat out; it leaves 0.95 of a breath of 3 s."""

BEFORE_S = 0.5
"""A movement is known this much after it began."""

Span = tuple[float, float]
"""Start and length in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BreathSignal:
    """The breath at `k / rate_hz` seconds: `level` (n,) float32 in the stream's unit, up is in.

    `valid` (n,): false where no samples came (`lost`) and where the person moved (`moved`).
    """

    stream: Stream
    rate_hz: float
    level: NDArray[np.float32]
    valid: NDArray[np.bool_]
    lost: list[Span]
    moved: list[Span]


def breath_stream(log: SessionLog) -> Stream | None:
    """The stream that carries the breath, the best first; None where there is none."""
    there = {span.stream for span in log.streams()}
    return next((stream for stream in BREATH_STREAMS if stream in there), None)


def breath_signal(log: SessionLog, *, seconds: float, fine: Even | None = None) -> BreathSignal | None:
    """The breath over `seconds` from zero; None where no stream carries it.

    Of a motion sensor: along the axis that the calibration found (in is up), and from each new axis on, continued
    where the last one left off; without a calibration along the axis of the greatest movement, whose sign is unknown.
    `fine`: the same stream at its own rate, where it is at hand: saves reading it again.
    """
    stream = breath_stream(log)
    if stream is None:
        return None
    rate_hz = min(RATE_HZ, nominal_rate_hz(log, stream))
    if fine is not None and fine.rate_hz % rate_hz == 0:
        found = thinned(fine, rate_hz)
    else:
        found = even(log, stream, rate_hz=rate_hz, seconds=seconds)
    if found.values.shape[1] == 1:
        level = found.values[:, 0].astype(np.float64)
    else:
        axes = [
            (c.t_s, c.calibration.axis) for c in log.records(Calibrated) if c.calibration.axis is not None
        ]
        level = _along(found, axes or [(0.0, _principal(found))])
    moved = _movements(log, seconds)
    valid = found.valid.copy()
    for start_s, length_s in moved:
        _take_out(level, valid, round(start_s * rate_hz), round((start_s + length_s) * rate_hz))
    return BreathSignal(
        stream=stream,
        rate_hz=rate_hz,
        level=_smoothed(level, rate_hz).astype(np.float32),
        valid=valid,
        lost=found.gaps(),
        moved=moved,
    )


def _movements(log: SessionLog, end_s: float) -> list[Span]:
    spans: list[Span] = []
    since_s: float | None = None
    for change in log.records(MotionChanged):
        if not change.still and since_s is None:
            since_s = max(0.0, change.t_s - BEFORE_S)
        elif change.still and since_s is not None:
            spans.append((since_s, max(0.0, change.t_s - since_s)))
            since_s = None
    return spans if since_s is None else [*spans, (since_s, max(0.0, end_s - since_s))]


def _take_out(level: FloatArray, valid: NDArray[np.bool_], start: int, stop: int) -> None:
    """Let the level stand still from `start` to `stop`, and go on from there."""
    start, stop = max(0, start), min(stop, len(level))
    if stop <= start:
        return
    before = float(np.median(level[max(0, start - 5) : start])) if start else 0.0
    after = float(np.median(level[stop : stop + 5])) if stop < len(level) else before
    level[start:stop] = before
    level[stop:] += before - after
    valid[start:stop] = False


def _smoothed(level: FloatArray, rate_hz: float) -> FloatArray:
    window = np.hanning(int(SMOOTH_S * rate_hz) // 2 * 2 + 3)  # odd, so that nothing is shifted
    half = len(window) // 2
    if len(level) <= len(window):
        return level
    smooth: FloatArray = np.convolve(np.pad(level, half, mode="edge"), window / window.sum(), mode="valid")
    return smooth


def _along(found: Even, axes: list[tuple[float, tuple[float, float, float]]]) -> FloatArray:
    level = np.zeros(len(found.valid), dtype=np.float64)
    mean = found.values[found.valid].mean(axis=0, dtype=np.float64) if found.valid.any() else 0.0
    starts = [0, *(min(len(level), max(0, round(t_s * found.rate_hz))) for t_s, _ in axes[1:]), len(level)]
    for (a, b), (_, axis) in zip(pairwise(starts), axes, strict=True):
        if b <= a:
            continue
        here = (found.values[max(0, a - 1) : b] - mean) @ np.array(axis)
        level[a:b] = here[-(b - a) :] + (level[a - 1] - here[0] if a else 0.0)
    return level


def _principal(found: Even) -> tuple[float, float, float]:
    valid = found.values[found.valid].astype(np.float64)
    if len(valid) < 2:
        return (0.0, 0.0, 1.0)
    x, y, z = np.linalg.eigh(np.cov(valid.T))[1][:, -1]
    return (float(x), float(y), float(z))
