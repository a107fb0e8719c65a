"""A page outside a session: a title, its content, its keys. ESC or q goes back."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widget import Widget

from breathsync.tui.screens.sizes import BREADTHS
from breathsync.tui.widgets.lines import Line


class Page(Screen[None]):
    """What pages share."""

    CSS_PATH: ClassVar[CSSPathType | None] = "page.tcss"
    HELP_TEXT = ""
    HEADING: ClassVar[str] = ""
    KEYS: ClassVar[str] = "ESC back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "back", "back", show=False)]
    HORIZONTAL_BREAKPOINTS = BREADTHS

    def compose(self) -> ComposeResult:
        """Heading, content, keys."""
        yield Line(self.HEADING, id="heading")
        yield from self.compose_content()
        yield Line(self.KEYS, id="keys")

    def compose_content(self) -> Iterable[Widget]:
        """What stands between heading and keys."""
        return ()

    def action_back(self) -> None:
        """Leave the page."""
        self.app.pop_screen()
