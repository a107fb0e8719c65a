"""The breath of the last seconds: braille by numpy, a fixed range, drawn line by line (no styled text)."""

from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from breathsync.tui.draw.trace_rows import Frame, curve_rows, mark_row, row_of

GUTTER = 9


class BreathTrace(Widget):
    """Shows a `Frame`. The rows are built once a frame; `render_line` only cuts and colours them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"trace--line", "trace--marks", "trace--gutter"}
    DEFAULT_CSS = """
    BreathTrace { height: 1fr; color: $text; }
    BreathTrace .trace--line { color: $breath; }
    BreathTrace .trace--marks { color: $quiet; }
    BreathTrace .trace--gutter { color: $quiet; }
    """

    frame: reactive[Frame | None] = reactive(None)

    def __init__(self, *, id: str | None = None, gutter: bool = True) -> None:
        super().__init__(id=id)
        self._with_gutter = gutter
        self._rows: list[tuple[str, str]] = []
        self._built_for: tuple[Frame | None, int, int] | None = None

    def _build(self) -> None:
        width, height = self.size
        key = (self.frame, width, height)
        if key == self._built_for:
            return
        self._built_for = key
        gutter = GUTTER if self._with_gutter and width > 40 else 0
        if self.frame is None or height < 2:
            self._rows = [("", "")] * height
            return
        rows = curve_rows(self.frame, width=width - gutter, height=height - 1)
        margin = [""] * (height - 1)
        if gutter:
            for name, level in reversed(self.frame.lines):
                row = row_of(level, self.frame, height=height - 1)
                if row is not None:
                    margin[row] = f"┄ {name}"
        self._rows = list(zip(rows, margin, strict=True))
        last = f"{self.frame.seconds:.0f} s" if gutter else ""
        self._rows.append((mark_row(self.frame, width=width - gutter), last))

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        self._build()
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        text, margin = self._rows[y]
        kind = "trace--marks" if y == len(self._rows) - 1 else "trace--line"
        line = Segment(text, self.get_component_rich_style(kind))
        gutter = Segment(f" {margin}", self.get_component_rich_style("trace--gutter"))
        return Strip([line, gutter]).adjust_cell_length(self.size.width, self.rich_style)
