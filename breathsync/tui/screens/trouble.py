"""Something did not work: what, and what to try."""

from collections.abc import Iterable
from typing import ClassVar

from textual.types import CSSPathType
from textual.widget import Widget

from breathsync.errors import BreathsyncError
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line


class TroubleScreen(Page):
    """A sentence and an advice, with all the room they need."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "trouble.tcss"]
    HEADING = "That did not work"
    HELP_TEXT = "Nothing was recorded that is lost. ESC goes back, and you can try again."

    def __init__(self, error: BreathsyncError) -> None:
        super().__init__()
        self._error = error

    def compose_content(self) -> Iterable[Widget]:
        """What happened, what to try."""
        yield Line(self._error.message, id="what")
        yield Line(self._error.advice, id="advice")
