"""The breath's trace for one client: only what it does not have yet."""

from typing import Protocol

import numpy as np

from breathsync.samples import FloatArray
from breathsync.service.messages import TracePiece

KEPT_S = 120.0


class Window(Protocol):
    """A stretch of a trace (`breath.trace.TraceWindow`)."""

    @property
    def t_s(self) -> FloatArray:
        """Seconds, (n,)."""
        ...

    @property
    def level(self) -> FloatArray:
        """In the sensor's unit, (n,)."""
        ...

    @property
    def moving(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Whether the person moved, (n,)."""
        ...

    @property
    def phase(self) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
        """Codes, (n,)."""
        ...


class TraceSent:
    """Remembers the newest row sent. When the trace's zero has moved since, everything is sent anew."""

    def __init__(self) -> None:
        self._newest: tuple[float, float] | None = None

    def piece(self, window: Window) -> TracePiece:
        """The rows of `window` (at least the last `KEPT_S`) that are new."""
        if not len(window.t_s):
            self._newest = None
            return TracePiece(anew=True)
        start = 0
        if self._newest is not None:
            t_s, level = self._newest
            at = int(np.searchsorted(window.t_s, t_s))
            known = at < len(window.t_s) and window.t_s[at] == t_s
            if known and np.array_equal(window.level[at], level, equal_nan=True):
                start = at + 1
        self._newest = (float(window.t_s[-1]), float(window.level[-1]))
        return TracePiece(
            t_s=np.round(window.t_s[start:], 3).tolist(),
            level=[value if np.isfinite(value) else None for value in window.level[start:].tolist()],
            moving=window.moving[start:].tolist(),
            phase=window.phase[start:].tolist(),
            anew=start == 0,
        )
