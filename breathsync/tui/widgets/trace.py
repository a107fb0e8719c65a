"""The breath of the last seconds: braille by numpy, a fixed range, drawn line by line (no styled text)."""

from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from breathsync.tongue import t
from breathsync.tui.draw import braille
from breathsync.tui.draw.trace_rows import Frame, curve_rows, mark_row, row_of, same_picture

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
        self._strips: list[Strip] = []
        self._built_for: tuple[Frame | None, Size] | None = None

    def notify_style_update(self) -> None:
        """Another theme: build the rows anew."""
        super().notify_style_update()
        self._built_for = None

    def show(self, frame: Frame) -> None:
        """Show a frame, unless it looks like the one that stands there."""
        columns = max(1, braille.DOTS_X * self.size.width)
        if self.frame is None or not same_picture(frame, self.frame, columns=columns):
            self.frame = frame

    def _build(self) -> list[Strip]:
        """The rows as strips, whole in width: looking up styles once a frame is most of what drawing can save."""
        size = self.size
        if self._built_for == (self.frame, size):
            return self._strips
        self._built_for = (self.frame, size)
        width, height = size
        if self.frame is None or height < 2:
            self._strips = [Strip.blank(width, self.rich_style)] * height
            return self._strips
        gutter = GUTTER if self._with_gutter and width > 40 else 0
        rows = curve_rows(self.frame, width=width - gutter, height=height - 1)
        margin = [""] * (height - 1)
        for name, level in reversed(self.frame.lines):
            row = row_of(level, self.frame, height=height - 1)
            if row is not None:
                margin[row] = f" ┄ {t(name)}"
        line, marks, quiet = (
            self.get_component_rich_style(f"trace--{kind}") for kind in ("line", "marks", "gutter")
        )
        self._strips = [
            Strip([Segment(text, line), Segment(beside[:gutter].ljust(gutter), quiet)], width)
            for text, beside in zip(rows, margin, strict=True)
        ]
        last = f" {self.frame.seconds:.0f} s"[:gutter].ljust(gutter)
        self._strips.append(
            Strip([Segment(mark_row(self.frame, width=width - gutter), marks), Segment(last, quiet)], width)
        )
        return self._strips

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        strips = self._build()
        return strips[y] if y < len(strips) else Strip.blank(self.size.width, self.rich_style)
