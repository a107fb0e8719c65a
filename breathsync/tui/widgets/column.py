"""The breath column: it fills with the person's inhale, with a line for the usual breath and a band for the full."""

from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

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

    @property
    def _rows(self) -> int:
        return max(1, self.size.height - 1)

    def show(self, level: float, scale: Scale, *, opened: bool) -> None:
        """Show a level."""
        self.scale, self.opened, self.level = scale, opened, level
        top = scale.high
        self.eighths = round(min(1.0, max(0.0, level / top if top > 0 else 0.0)) * self._rows * 8)

    def _row_of(self, level: float | None) -> int | None:
        """The row from the bottom in which a level lies."""
        if level is None or self.scale is None or self.scale.high <= 0:
            return None
        return min(self._rows - 1, max(0, int(level / self.scale.high * self._rows)))

    def render_line(self, y: int) -> Strip:
        """One row of the column."""
        width, height = self.size
        label_width = LABEL if width >= LABEL + 6 else 0
        inner = max(1, width - 2 - label_width)
        wall = self.get_component_rich_style("column--wall")
        if y == height - 1:
            return Strip([Segment("┗" + "━" * inner + "┛", wall)]).adjust_cell_length(width, self.rich_style)
        row = self._rows - 1 - y
        scale = self.scale
        enough, plenty = (self._row_of(scale.enough), self._row_of(scale.plenty)) if scale else (None, None)
        in_band = enough is not None and plenty is not None and enough <= row <= plenty
        filled = min(8, max(0, self.eighths - 8 * row))
        kind, inside = "column--fill", EIGHTHS[filled] * inner
        if in_band:
            kind = "column--opened" if self.opened else "column--band"
            if filled == 0:
                inside = BAND * inner
            if (
                self.opened
                and enough is not None
                and plenty is not None
                and row == (enough + plenty + 1) // 2
            ):
                inside = f" {TICK} ".center(inner, inside[0])
        label = ""
        if label_width and scale:
            for name, level in scale.lines:
                if self._row_of(level) == row:
                    label = f"┄ {name}"
        return Strip(
            [
                Segment("┃", wall),
                Segment(inside, self.get_component_rich_style(kind)),
                Segment("┃", wall),
                Segment(label, self.get_component_rich_style("column--label")),
            ]
        ).adjust_cell_length(width, self.rich_style)
