"""Dots to braille characters, one numpy pass a picture.

A character holds two dots across and four down. The blank pattern U+2800 becomes a plain space: fewer bytes,
and nothing is copied or read out that is not there. Bit weights: Unicode 15, chapter 21.1, "Braille Patterns".
"""

import numpy as np
from numpy.typing import NDArray

DOTS_X = 2
DOTS_Y = 4

_WEIGHTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_CHARACTERS = np.array([" ", *(chr(0x2800 + code) for code in range(1, 256))])

Dots = NDArray[np.bool_]


def rows(dots: Dots) -> list[str]:
    """Rows of braille for `dots` of shape (4 * height, 2 * width)."""
    height, width = dots.shape[0] // DOTS_Y, dots.shape[1] // DOTS_X
    cells = dots.reshape(height, DOTS_Y, width, DOTS_X).transpose(0, 2, 1, 3)
    codes = (cells * _WEIGHTS).sum(axis=(2, 3), dtype=np.uint8)
    return ["".join(row) for row in _CHARACTERS[codes]]


def curve(y: NDArray[np.float64], *, width: int, height: int) -> Dots:
    """Dots of a line through `y`, of shape (2 * width,), 0 at the bottom and 1 at the top; NaN leaves a gap.

    Each column is joined to the one before it, so that a steep rise stays one line. Values outside are
    held at the edge.
    """
    tall = DOTS_Y * height
    seen = np.isfinite(y)
    here = np.clip(np.round((1.0 - np.where(seen, y, 0.0)) * (tall - 1)), 0, tall - 1).astype(int)
    before = np.where(np.concatenate([[False], seen[:-1]]), np.concatenate([here[:1], here[:-1]]), here)
    # the joint belongs to this column, but not the dot of the column before it
    low = np.where(before < here, before + 1, here)
    high = np.where(before > here, before - 1, here)
    index = np.arange(tall)[:, None]
    return np.asarray((index >= low) & (index <= high) & seen, dtype=bool)


def stroke(dots: Dots, x0: float, y0: float, x1: float, y1: float) -> None:
    """Draw a straight line between two points (in dots, y down) into `dots`."""
    steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    x = np.round(np.linspace(x0, x1, steps + 1)).astype(int)
    y = np.round(np.linspace(y0, y1, steps + 1)).astype(int)
    inside = (x >= 0) & (x < dots.shape[1]) & (y >= 0) & (y < dots.shape[0])
    dots[y[inside], x[inside]] = True


def inside_ellipse(dots: Dots, x: float, y: float, rx: float, ry: float, *, tilt_rad: float = 0.0) -> Dots:
    """Which dots lie inside an ellipse round (x, y) with half axes `rx`, `ry`, turned clockwise by `tilt_rad`."""
    row, column = np.indices(dots.shape)
    dx, dy = column - x, row - y
    along = dx * np.cos(tilt_rad) + dy * np.sin(tilt_rad)
    across = dy * np.cos(tilt_rad) - dx * np.sin(tilt_rad)
    return np.asarray((along / rx) ** 2 + (across / ry) ** 2 <= 1.0, dtype=bool)
