"""The breath column: it fills with the person's inhale, with a line for the usual breath and a band for the full."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from breathsync.tongue import t
from breathsync.tui.draw.trace_rows import BEYOND
from breathsync.tui.picture import Scale

EIGHTHS = " ▁▂▃▄▅▆▇█"
BAND, TICK = "░", "✓"
LABEL = 8


class BreathColumn(Widget):
    """Shows a level on a `Scale`. `opened` puts a mark into the band: the last breath opened the gate."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "column--wall", "column--fill", "column--band", "column--opened", "column--label",
    }  # fmt: skip
    DEFAULT_CSS = """
    BreathColumn { width: 18; height: 1fr; }
    BreathColumn .column--wall { color: $quiet; }
    BreathColumn .column--fill { color: $breath; }
    BreathColumn .column--band { color: $band; }
    BreathColumn .column--opened { color: $opened; text-style: bold; }
    BreathColumn .column--label { color: $quiet; }
    """

    level: reactive[float] = reactive(0.0, repaint=False)
    scale: reactive[Scale | None] = reactive(None)
    opened: reactive[bool] = reactive(False)
    eighths: reactive[int] = reactive(0)
    """The fill as it is drawn: repaints only when it changes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._kinds: dict[str, Style] = {}

    @property
    def _rows(self) -> int:
        return max(1, self.size.height - 1)

    def show(self, level: float, scale: Scale, *, opened: bool) -> None:
        """Show a level."""
        self.scale, self.opened, self.level = scale, opened, level
        self._fill()

    def on_resize(self) -> None:
        """Another height: as full as before, in other rows."""
        self._fill()

    def _fill(self) -> None:
        """Put the level into eighths of the rows there are now."""
        high = self.scale.high if self.scale else 0.0
        share = self.level / high if high > 0 else 0.0
        if share > 1 + BEYOND:  # another posture, not air
            share = 0.0
        self.eighths = round(min(1.0, max(0.0, share)) * self._rows * 8)

    def _row_of(self, level: float | None) -> int | None:
        """The row from the bottom in which a level lies."""
        if level is None or self.scale is None or self.scale.high <= 0:
            return None
        return min(self._rows - 1, max(0, int(level / self.scale.high * self._rows)))

    def notify_style_update(self) -> None:
        """Another theme: look its colours up again."""
        super().notify_style_update()
        self._kinds = {}

    def _style(self, kind: str) -> Style:
        """A component's style, looked up once: each look costs as much as drawing a row."""
        if kind not in self._kinds:
            self._kinds[kind] = self.get_component_rich_style(f"column--{kind}")
        return self._kinds[kind]

    def render_line(self, y: int) -> Strip:
        """One row of the column."""
        width, height = self.size
        label_width = LABEL if width >= LABEL + 6 else 0
        inner = max(1, width - 2 - label_width)
        wall, quiet = self._style("wall"), self._style("label")
        if y == height - 1:
            bottom = "┗" + "━" * inner + "┛" + " " * label_width
            return Strip([Segment(bottom, wall)], len(bottom))
        row = self._rows - 1 - y
        inside, kind = self._inside(row, inner)
        label = next((f"┄ {t(name)}" for name, level in self._lines if self._row_of(level) == row), "")
        segments = [
            Segment("┃", wall),
            Segment(inside, self._style(kind)),
            Segment("┃", wall),
            Segment(label[:label_width].ljust(label_width), quiet),
        ]
        return Strip(segments, inner + 2 + label_width)

    @property
    def _lines(self) -> tuple[tuple[str, float], ...]:
        return tuple(reversed(self.scale.lines)) if self.scale else ()

    def _inside(self, row: int, inner: int) -> tuple[str, str]:
        """What stands between the walls in a row counted from the bottom, and which component it is."""
        scale = self.scale
        filled = min(8, max(0, self.eighths - 8 * row))
        inside = EIGHTHS[filled] * inner
        low, high = (self._row_of(scale.enough), self._row_of(scale.plenty)) if scale else (None, None)
        if low is None or high is None or not low <= row <= high:
            return inside, "fill"
        if filled == 0:
            inside = BAND * inner
        if not self.opened:
            return inside, "band"
        if row == (low + high + 1) // 2:
            inside = f" {TICK} ".center(inner, inside[0])
        return inside, "opened"
