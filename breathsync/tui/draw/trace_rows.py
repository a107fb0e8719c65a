"""The breath over time as rows of braille, with one row of marks beneath it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from breathsync.tui.draw import braille

GAP_S = 0.5
"""As G2 has it: a longer silence is drawn as nothing, not as a line across it."""

BEYOND = 0.25
"""What leaves the range by less is held at its edge; what leaves it by more (another posture) is left out."""

PEAK, OPENED, REFUSED, MOVED, GONE = "▴", "✓", "×", "▒", " "
BASE = "─"


class Window(Protocol):
    """A stretch of the breath's trace (`breathsync.breath.trace.TraceWindow` is one): arrays of shape (n,)."""

    @property
    def t_s(self) -> NDArray[np.float64]:
        """Times, s."""
        ...

    @property
    def level(self) -> NDArray[np.float64]:
        """Level above the end of exhale, in the sensor's unit."""
        ...

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Whether the person moved."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture of the trace: what is seen, up to when, between which levels.

    `lines`: named levels for the margin. `marks`: (t_s, character) for the row beneath.
    """

    window: Window
    now_s: float
    seconds: float
    low: float
    high: float
    lines: tuple[tuple[str, float], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()


def same_picture(one: Frame, other: Frame, *, columns: int) -> bool:
    """Whether two frames look alike at `columns` columns: same step of the raster, nothing new, same zero."""
    step = one.seconds / columns
    return (
        one.now_s // step == other.now_s // step
        and len(one.window.t_s) > 0
        and len(other.window.t_s) > 0
        and one.window.t_s[-1] == other.window.t_s[-1]
        and one.window.level[-1] == other.window.level[-1]
        and (one.seconds, one.low, one.high, one.lines, one.marks)
        == (other.seconds, other.low, other.high, other.lines, other.marks)
    )


def column_times(frame: Frame, columns: int) -> NDArray[np.float64]:
    """The time of each of `columns` columns. They stand on a fixed raster, so that dots do not dance."""
    step = frame.seconds / columns
    last = np.floor(frame.now_s / step)
    times: NDArray[np.float64] = (last - np.arange(columns - 1, -1, -1)) * step
    return times


def curve_rows(frame: Frame, *, width: int, height: int) -> list[str]:
    """The curve, `height` rows of `width` characters; a gap in the data is a gap in the line."""
    t_s, level = frame.window.t_s, frame.window.level
    keep = np.isfinite(t_s) & np.isfinite(level)
    t_s, level = t_s[keep], level[keep]
    if len(t_s) < 2 or width < 1 or height < 1:
        return [" " * width] * height
    at = column_times(frame, braille.DOTS_X * width)
    y = np.interp(at, t_s, level, left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(t_s, at), 1, len(t_s) - 1)
    y[t_s[after] - t_s[after - 1] > GAP_S] = np.nan
    share = (y - frame.low) / (frame.high - frame.low)
    share[(share < -BEYOND) | (share > 1 + BEYOND)] = np.nan
    return braille.rows(braille.curve(share, width=width, height=height))


def mark_row(frame: Frame, *, width: int) -> str:
    """The row beneath: a line while data came, shaded while the person moved, a mark for each breath."""
    at = column_times(frame, width)
    row = np.full(width, GONE)
    t_s = frame.window.t_s
    if len(t_s):
        step = frame.seconds / width
        cell = np.floor((t_s - at[0]) / step).astype(int)
        inside = (cell >= 0) & (cell < width)
        row[cell[inside]] = BASE
        row[cell[inside & frame.window.moving.astype(bool)]] = MOVED
        for mark_s, character in frame.marks:
            column = int(np.floor((mark_s - at[0]) / step))
            if 0 <= column < width:
                row[column] = character
    return "".join(row)


def row_of(level: float, frame: Frame, *, height: int) -> int | None:
    """The row (0 at the top) in which `level` lies, or None when it is outside."""
    share = (level - frame.low) / (frame.high - frame.low)
    return int(min(height - 1, (1.0 - share) * height)) if 0.0 <= share <= 1.0 else None
