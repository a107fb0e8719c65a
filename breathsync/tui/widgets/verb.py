"""The one big word: what to do now."""

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from breathsync.tui.draw.letters import big


class Verb(Widget):
    """A word as large as its place allows."""

    DEFAULT_CSS = """
    Verb { height: 4; width: 1fr; color: $verb; text-style: bold; }
    """

    word: reactive[str] = reactive("")

    def __init__(self, word: str = "", *, id: str | None = None, centred: bool = False) -> None:
        super().__init__(id=id)
        self.set_reactive(Verb.word, word)
        self._centred = centred

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All it can get."""
        return container.width

    def render_line(self, y: int) -> Strip:
        """One row of the letters."""
        width, height = self.size
        rows = big(self.word, width=width, height=height)
        top = max(0, height - len(rows)) // 2 if len(rows) == 1 else 0
        text = rows[y - top] if 0 <= y - top < len(rows) else ""
        indent = max(0, width - max(map(len, rows))) // 2 if self._centred else 0
        return Strip([Segment(" " * indent + text, self.rich_style)]).adjust_cell_length(
            width, self.rich_style
        )
