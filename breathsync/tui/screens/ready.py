"""Getting ready: the first frame, while filters are loaded and the sensor is reached."""

from collections.abc import Iterable

from textual.containers import Middle, Vertical
from textual.widget import Widget

from breathsync.tongue import t
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.verb import Verb


class ReadyScreen(LiveScreen):
    """Shows at once, before anything slow is imported."""

    CSS_PATH = "lost.tcss"
    HELP_TEXT = "The sensor is being reached. ESC leaves."

    def compose_content(self) -> Iterable[Widget]:
        """Everything in the middle of the screen."""
        with Middle(), Vertical(id="calm"):
            yield Verb(t("READY?"), id="verb", centred=True)
            yield Line("Getting your sensor ready. Sit comfortably.", id="sentence")
            yield Line("", id="sensor")

    def say(self, text: str) -> None:
        """What is being done just now."""
        self.query_one("#sensor", Line).say(text)
