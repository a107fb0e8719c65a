"""A stream on an even clock, for formats that know no other, with a mark where there was nothing to put there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil

import numpy as np
from numpy.typing import NDArray

from breathsync.logbook.reader import SessionLog
from breathsync.samples import COLUMNS, FloatArray, Samples, Stream

GAP_S = 0.5
"""A longer silence is a gap (G2)."""

_BLOCKS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Even:
    """Samples at `k / rate_hz` seconds from the session's zero.

    `values`: float32 of shape (n, columns), in gaps the last value before. `valid`: bool of shape (n,), false in gaps.
    """

    rate_hz: float
    values: NDArray[np.float32]
    valid: NDArray[np.bool_]

    def stretches(self) -> list[tuple[int, int]]:
        """First and last but one index of each stretch that is not valid."""
        edges = np.flatnonzero(np.diff(self.valid, prepend=True, append=True))
        return [(a, b) for a, b in edges.reshape(-1, 2).tolist()]

    def gaps(self) -> list[tuple[float, float]]:
        """Start and length in seconds of each gap longer than `GAP_S`; what fills up the last second is none."""
        n = len(self.valid)
        found = [(a / self.rate_hz, (b - a) / self.rate_hz, b == n) for a, b in self.stretches()]
        return [(at_s, length_s) for at_s, length_s, last in found if length_s > (1.0 if last else GAP_S)]


def nominal_rate_hz(log: SessionLog, stream: Stream) -> float:
    """The rate of a stream in whole hertz: as the sensor says, else as it came; at least 1."""
    said = log.header.info.rates_hz.get(stream)
    came = next((span.rate_hz for span in log.streams() if span.stream is stream), 0.0)
    return float(max(1, round(said or came)))


def even(
    log: SessionLog,
    stream: Stream,
    *,
    rate_hz: float,
    seconds: float,
    gap_s: float = GAP_S,
    progress: Callable[[float], None] = lambda _: None,
) -> Even:
    """A stream at `rate_hz` over `seconds` from zero.

    Where at least two samples fall on each line of the grid they are averaged (a box as wide as the grid, so that
    nothing faster folds into the breath), else it is drawn straight from sample to sample. Samples without a time,
    or whose clock runs backwards, are left out.
    """
    n = ceil(seconds * rate_hz)
    values = np.zeros((n, len(COLUMNS[stream])), dtype=np.float32)
    valid = np.zeros(n, dtype=np.bool_)
    place = _averaged if nominal_rate_hz(log, stream) >= 2 * rate_hz else _drawn
    before = (np.empty(0), np.empty((0, values.shape[1])))
    for block in _joined(log, stream):
        t_s, kept = _forward(block, after_s=before[0][-1] if len(before[0]) else -np.inf)
        if not len(t_s):
            continue
        t_s, kept = np.concatenate([before[0], t_s]), np.concatenate([before[1], kept])
        place(t_s, kept, rate_hz=rate_hz, gap_s=gap_s, values=values, valid=valid)
        keep_s = t_s[-1] - (1.0 / rate_hz if place is _averaged else 0.0)
        first = min(int(np.searchsorted(t_s, keep_s)), len(t_s) - 1)
        before = t_s[first:], kept[first:]
        progress(float(t_s[-1]))
    return _held(Even(rate_hz=rate_hz, values=values, valid=valid))


def _joined(log: SessionLog, stream: Stream) -> Iterator[Samples]:
    """The stream's blocks, a minute or so at a time: numpy is quick with few long arrays, not with many short ones."""
    blocks = log.blocks(stream)
    while part := list(islice(blocks, _BLOCKS_AT_ONCE)):
        t_s = np.concatenate([block.t_s for block in part])
        yield Samples(stream=stream, t_s=t_s, values=np.concatenate([block.values for block in part]))


def thinned(fine: Even, rate_hz: float) -> Even:
    """An even stream at a whole fraction of its rate, each line the mean of the lines around it."""
    every = int(fine.rate_hz / rate_hz)
    n = ceil(len(fine.valid) / every)
    starts = np.minimum(np.maximum(np.arange(n) * every - every // 2, 0), len(fine.valid) - 1)
    count = np.add.reduceat(fine.valid, starts, dtype=np.int64)
    values = np.empty((n, fine.values.shape[1]), dtype=np.float32)
    for column in range(values.shape[1]):
        total = np.add.reduceat(np.where(fine.valid, fine.values[:, column], np.float32(0)), starts)
        values[:, column] = total / np.maximum(count, 1)
    return _held(Even(rate_hz=rate_hz, values=values, valid=count > 0))


def _held(found: Even) -> Even:
    for start, stop in found.stretches():
        found.values[start:stop] = found.values[start - 1 if start else min(stop, len(found.valid) - 1)]
    return found


def _forward(block: Samples, *, after_s: float) -> tuple[FloatArray, FloatArray]:
    t_s = np.where(np.isfinite(block.t_s), block.t_s, -np.inf)
    reached = np.maximum.accumulate(np.concatenate([[after_s], t_s]))
    keep = (t_s > reached[:-1]) & np.isfinite(block.values).all(axis=1)
    return block.t_s[keep], block.values[keep]


def _drawn(
    t_s: FloatArray,
    kept: FloatArray,
    *,
    rate_hz: float,
    gap_s: float,
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
) -> None:
    lines = np.arange(max(0, ceil(t_s[0] * rate_hz)), min(len(valid), int(t_s[-1] * rate_hz) + 1))
    if not len(lines):
        return
    grid_s = lines / rate_hz
    for column in range(kept.shape[1]):
        values[lines, column] = np.interp(grid_s, t_s, kept[:, column])
    after = (
        np.clip(np.searchsorted(t_s, grid_s), 1, len(t_s) - 1)
        if len(t_s) > 1
        else np.zeros(len(lines), dtype=int)
    )
    valid[lines] = t_s[after] - t_s[after - 1] <= gap_s if len(t_s) > 1 else True


def _averaged(
    t_s: FloatArray,
    kept: FloatArray,
    *,
    rate_hz: float,
    gap_s: float,
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
) -> None:
    lines = np.floor(t_s * rate_hz + 0.5).astype(np.int64)
    inside = (lines >= 0) & (lines < len(valid))
    if not inside.any():
        return
    first = int(lines[inside][0])
    count = np.bincount(lines[inside] - first)
    filled = np.flatnonzero(count)
    for column in range(kept.shape[1]):
        total = np.bincount(lines[inside] - first, weights=kept[inside, column])
        values[first + filled, column] = total[filled] / count[filled]
    valid[first + filled] = True
    steps = np.diff(filled)
    for i in np.flatnonzero(
        (steps > 1) & (steps <= gap_s * rate_hz)
    ).tolist():  # a line or two without is no gap
        a, b = first + int(filled[i]), first + int(filled[i + 1])
        values[a + 1 : b] = values[a]
        valid[a + 1 : b] = True
