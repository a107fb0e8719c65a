"""What a screen is given to draw: one immutable moment of a session."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breathsync.outcome import View
from breathsync.tui.draw.trace_rows import Frame, Window

TRACE_S = 20.0
ROOM_BELOW = 0.35
"""Below the end of exhale, in quiet breaths: a deep exhale or a small slump stays on the picture."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """A stretch of the trace as it is drawn: zero is the end of exhale."""

    t_s: NDArray[np.float64]
    level: NDArray[np.float64]
    moving: NDArray[np.bool_]


NOTHING = Stretch(t_s=np.zeros(0), level=np.zeros(0), moving=np.zeros(0, dtype=bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The levels a picture of the breath reaches from and to, with the lines on it, in the sensor's unit.

    `quiet` is a usual breath, `enough` to `plenty` the band of a full one; None where not known yet.
    """

    low: float
    high: float
    quiet: float | None = None
    enough: float | None = None
    plenty: float | None = None

    @property
    def lines(self) -> tuple[tuple[str, float], ...]:
        """The named levels that are known."""
        known = (("plenty", self.plenty), ("full", self.enough), ("usual", self.quiet))
        return tuple((name, level) for name, level in known if level is not None)


def scale_of(view: View, widest: float) -> Scale:
    """The scale for this view: fixed by the band or the calibration, so that a shallow breath looks shallow.

    Before there is one, `widest` serves: how far the level has moved of late.
    """
    bar, calibration = view.guide.bar, view.guide.calibration
    if bar:
        return Scale(
            low=-ROOM_BELOW * bar.quiet,
            high=1.15 * bar.plenty,
            quiet=bar.quiet,
            enough=bar.low,
            plenty=bar.plenty,
        )
    if calibration:
        quiet, full = calibration.a_quiet, calibration.a_full
        return Scale(low=-ROOM_BELOW * quiet, high=1.4 * full, quiet=quiet)
    high = 1.25 * widest if widest > 0 else 1.0
    return Scale(low=-0.25 * high, high=high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One moment of a session, for a screen."""

    view: View
    title: str
    scale: Scale
    level: float = 0.0
    """Where the breath stands now, above the end of exhale, in the sensor's unit."""
    window: Window = NOTHING
    marks: tuple[tuple[float, str], ...] = ()
    tries: int = 0
    by_keys: bool = False
    """Whether a simulated body is moved by keys."""

    @property
    def frame(self) -> Frame:
        """The trace of the last seconds."""
        return Frame(
            window=self.window,
            now_s=self.view.t_s,
            seconds=TRACE_S,
            low=self.scale.low,
            high=self.scale.high,
            lines=self.scale.lines,
            marks=self.marks,
        )
