"""The turn seen from above: shoulders against hips, a tick for each point passed."""

from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from breathsync.guide.events import Bead, BeadState, Side
from breathsync.samples import FloatArray
from breathsync.tongue import t
from breathsync.tui.draw import braille
from breathsync.tui.picture import Picture

SKETCHED_DEG = 12.0
"""How far one point is drawn where no gyroscope tells: a sketch, and the widget says so."""


class TurnFigure(Widget):
    """A drawing of the turn. With a gyroscope in degrees, otherwise one step a point."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"turn--line", "turn--note"}
    DEFAULT_CSS = """
    TurnFigure { width: 26; height: 11; }
    TurnFigure .turn--line { color: $breath; }
    TurnFigure .turn--note { color: $quiet; }
    """

    state: reactive[tuple[float, tuple[float, ...], bool]] = reactive((0.0, (), False))
    """Turn in degrees (right is positive), the passed points' angles, whether the degrees are measured."""

    def show(self, picture: Picture) -> None:
        """Take the turn from a picture."""
        view = picture.view
        side = view.guide.step.side
        sign = {Side.LEFT: -1.0, Side.RIGHT: 1.0, None: 0.0}[side]
        beads = [bead for bead in view.guide.beads if bead.side is side]
        passed = tuple(sign * SKETCHED_DEG * b.point for b in beads if _is_passed(b))
        here = next((b.point for b in beads if b.state is BeadState.HERE), len(passed))
        seen_deg = view.live.turn_deg if view.info.sees_turn else None
        turn = sign * (SKETCHED_DEG * here if seen_deg is None else abs(seen_deg))
        measured = seen_deg is not None
        self.state = (float(round(turn)), () if measured else passed, measured)

    def render_line(self, y: int) -> Strip:
        """One row of the drawing; the last one says what it is."""
        width, height = self.size
        turn, passed, measured = self.state
        if y == height - 1:
            note = t("turned {deg}°", deg=f"{abs(turn):.0f}") if measured else t("a sketch, not measured")
            return Strip([Segment(note.center(width), self.get_component_rich_style("turn--note"))])
        rows = draw_turn(turn, passed, width=width, height=height - 1)
        return Strip([Segment(rows[y], self.get_component_rich_style("turn--line"))])


def _is_passed(bead: Bead) -> bool:
    return bead.state in (BeadState.MEASURED, BeadState.BY_HAND)


def draw_turn(turn_deg: float, passed_deg: tuple[float, ...], *, width: int, height: int) -> list[str]:
    """Rows of braille: hips as a still, broken outline; shoulders and head turned over them; ticks on the rim.

    Seen from above with the hips facing up; a turn to the right is clockwise.
    """
    dots = np.zeros((braille.DOTS_Y * height, braille.DOTS_X * width), dtype=bool)
    centre = np.array([dots.shape[1] / 2 - 0.5, dots.shape[0] * 0.62])
    radius = min(dots.shape[1] * 0.49, dots.shape[0] * 0.6)
    turn = float(np.radians(turn_deg))
    x, y = float(centre[0]), float(centre[1])
    hips = braille.inside_ellipse(dots, x, y, 0.66 * radius, 0.4 * radius)
    hips &= ~braille.inside_ellipse(dots, x, y, 0.66 * radius - 1.2, 0.4 * radius - 1.2)
    hips[:, ::3] = False
    shoulders = braille.inside_ellipse(dots, x, y, 0.86 * radius, 0.17 * radius, tilt_rad=turn)
    dots |= (
        hips & ~braille.inside_ellipse(dots, x, y, 0.9 * radius, 0.24 * radius, tilt_rad=turn)
    ) | shoulders
    dots &= ~braille.inside_ellipse(dots, x, y, 0.3 * radius, 0.3 * radius)
    dots |= braille.inside_ellipse(dots, x, y, 0.2 * radius, 0.2 * radius)
    _spoke(dots, centre, turn, 0.2 * radius, 0.46 * radius)
    for angle in np.radians(np.array([0.0, *passed_deg])):
        _spoke(dots, centre, float(angle), 0.84 * radius, 0.99 * radius)
    return braille.rows(dots)


def _spoke(dots: braille.Dots, centre: FloatArray, angle: float, inner: float, outer: float) -> None:
    """A stroke two dots wide from `inner` to `outer` along `angle` (radians, 0 is ahead)."""
    way = np.array([np.sin(angle), -np.cos(angle)])
    across = np.array([np.cos(angle), np.sin(angle)])
    for beside in (0.0, 1.0):
        start, end = centre + inner * way + beside * across, centre + outer * way + beside * across
        braille.stroke(dots, float(start[0]), float(start[1]), float(end[0]), float(end[1]))
