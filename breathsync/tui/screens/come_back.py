"""Come back: the whole screen, a slow arrow to the middle, usual breaths counted."""

from collections.abc import Iterable

from textual.containers import Middle, Vertical
from textual.widget import Widget

from breathsync.tongue import t
from breathsync.tui.picture import Picture
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.arrow import WayBack
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.verb import Verb


class ComeBackScreen(LiveScreen):
    """The way out of the twist."""

    CSS_PATH = "come_back.tcss"
    HELP_TEXT = (
        "Turn back to the middle, slowly. Then a few breaths as usual; they are counted. Nothing to achieve."
    )

    def compose_content(self) -> Iterable[Widget]:
        """Everything in the middle of the screen."""
        with Middle(), Vertical(id="calm"):
            yield Verb(id="verb", centred=True)
            yield WayBack(id="way")
            yield Line(id="sentence")
            yield Line(id="counts")

    def show(self, picture: Picture) -> None:
        """Draw this moment."""
        super().show(picture)
        guide = picture.view.guide
        self.query_one(Verb).word = t(guide.step.verb)
        self.query_one(WayBack).show(
            guide.step.side, picture.view.t_s, still=self.app.animation_level == "none"
        )
        self.query_one("#sentence", Line).say(guide.step.sentence)
        counted = (
            t(
                "usual breaths: {counted} of {needed}",
                counted=guide.breaths_counted,
                needed=guide.breaths_needed,
            )
            if guide.breaths_needed
            else ""
        )
        self.query_one("#counts", Line).say(counted)
