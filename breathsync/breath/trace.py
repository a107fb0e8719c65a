"""The last two minutes of the breath, for a picture; never for a decision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.events import Phase
from breathsync.breath.filters import WORKING_RATE_HZ
from breathsync.breath.ring import Ring
from breathsync.samples import FloatArray

TRACE_S = 120.0
"""How much of the past a trace holds."""

PHASE_CODES = {Phase.UNKNOWN: 0, Phase.IN: 1, Phase.OUT: 2, Phase.PAUSE: 3}
"""How a phase stands in a trace's `phase` column."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TraceWindow:
    """A stretch of the trace, each of shape (n,): `t_s`, `level` in the sensor's unit (up = in, no fixed zero),
    `moving`, and `phase` as in `PHASE_CODES`."""

    t_s: FloatArray
    level: FloatArray
    moving: NDArray[np.bool_]
    phase: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.t_s)


class Trace:
    """The ring behind the picture: at least the last `TRACE_S` seconds at the working rate."""

    def __init__(self) -> None:
        self._ring = Ring(columns=4, capacity=int(2 * TRACE_S * WORKING_RATE_HZ))

    def append(self, t_s: FloatArray, level: FloatArray, moving: NDArray[np.bool_], phase: Phase) -> None:
        """Add samples of shape (n,)."""
        rows = np.empty((len(t_s), 4))
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = t_s, level, moving, PHASE_CODES[phase]
        self._ring.append(rows)

    def shift(self, by: float) -> None:
        """Move all levels, so that the picture stays whole when the zero moves."""
        self._ring.rows[:, 1] += by

    def clear(self) -> None:
        """Forget the past (the clock started anew)."""
        self._ring.clear()

    def window(self, seconds: float) -> TraceWindow:
        """A copy of the last `seconds` (at most `TRACE_S`)."""
        rows = self._ring.rows
        start = float(rows[-1, 0]) - min(seconds, TRACE_S) if len(rows) else 0.0
        part = rows[int(np.searchsorted(rows[:, 0], start)) :]
        return TraceWindow(
            t_s=part[:, 0].copy(),
            level=part[:, 1].copy(),
            moving=part[:, 2] > 0,
            phase=part[:, 3].astype(np.int8),
        )
