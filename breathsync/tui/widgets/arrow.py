"""A slow arrow to the middle."""

from textual.content import Content
from textual.reactive import reactive
from textual.visual import VisualType
from textual.widget import Widget

from breathsync.guide.events import Side

STEP_S = 0.5
STEPS = 12


class WayBack(Widget):
    """Dots that fill from the side the person is turned to, towards the middle. Still when motion is not wanted."""

    DEFAULT_CSS = """
    WayBack { height: 1; width: 1fr; color: $breath; text-align: center; }
    """

    state: reactive[tuple[Side | None, int]] = reactive((None, STEPS))

    def show(self, side: Side | None, t_s: float, *, still: bool) -> None:
        """Show the way back from `side` at time `t_s`."""
        self.state = (side, STEPS if still else int(t_s / STEP_S) % (STEPS + 1))

    def render(self) -> VisualType:
        """The arrow and the middle."""
        side, step = self.state
        trail = "· " * (STEPS - step) + "━━" * step
        empty = " " * 2 * STEPS
        if side is Side.RIGHT:
            return Content(f"{empty} ┃ ◀{trail[::-1]}")
        if side is Side.LEFT:
            return Content(f"{trail}▶ ┃ {empty}")
        return Content("┃")
