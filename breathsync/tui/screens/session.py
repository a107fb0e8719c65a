"""The session: what to do now, the breath column, the points, the last verdict, the trace."""

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from breathsync.guide.events import Place
from breathsync.tongue import t
from breathsync.tui.picture import Picture
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.column import BreathColumn
from breathsync.tui.widgets.lines import Beads, Line, VerdictLine
from breathsync.tui.widgets.trace import BreathTrace
from breathsync.tui.widgets.turn import TurnFigure
from breathsync.tui.widgets.verb import Verb


class SessionScreen(LiveScreen):
    """One verb, one sentence; the rest is quiet."""

    CSS_PATH = "session.tcss"
    HELP_TEXT = (
        "The big word says what to do now. The column fills with your inhale: ┄ usual is a usual breath, the band "
        "from ┄ full to ┄ plenty is a full one. The gate opens only for a full breath, really taken, while you are "
        "still; the line in quotes says why it did not. In the trace ▴ is a breath, ✓ a full breath that counted, "
        "× one that did not, ▒ movement, an empty stretch no signal."
    )

    def compose_content(self) -> Iterable[Widget]:
        """Words left, column right, trace below."""
        with Horizontal(id="main"):
            with Vertical(id="words"):
                yield Verb(id="verb")
                yield Line(id="sentence")
                with Horizontal(id="place"):
                    with Vertical(id="points"):
                        yield Beads(id="beads")
                        yield VerdictLine(id="verdict")
                        yield Line(id="offer")
                        yield Line(id="budget")
                    yield TurnFigure(id="figure")
            yield BreathColumn(id="column")
        yield BreathTrace(id="trace")

    def show(self, picture: Picture) -> None:
        """Draw this moment."""
        super().show(picture)
        guide = picture.view.guide
        rest = f" {guide.rest_left_s:.0f}" if guide.rest_left_s and guide.step.place is Place.REST else ""
        self.query_one(Verb).word = t(guide.step.verb) + rest
        self.query_one("#sentence", Line).say(guide.step.sentence)
        self.query_one(Beads).show(picture)
        self.query_one(VerdictLine).show(guide.verdict)
        self.query_one("#offer", Line).say(guide.offer.sentence if guide.offer else "")
        self.query_one("#budget", Line).say(budget_words(picture))
        self.query_one(TurnFigure).show(picture)
        opened = guide.verdict is not None and guide.verdict.opened and not guide.armed
        self.query_one(BreathColumn).show(picture.level, picture.scale, opened=opened)
        self.query_one(BreathTrace).show(picture.frame)


def budget_words(picture: Picture) -> str:
    """Rest, counted breaths and the budget of deep breaths, as far as they say anything now."""
    guide = picture.view.guide
    parts: list[str] = []
    if guide.rest_left_s:
        parts.append(t("rest {seconds} s", seconds=f"{guide.rest_left_s:.0f}"))
    if guide.breaths_needed:
        parts.append(
            t("breaths {counted} of {needed}", counted=guide.breaths_counted, needed=guide.breaths_needed)
        )
    if guide.deep_limit:
        parts.append(
            t("deep breaths {deep} of at most {limit}", deep=guide.deep_breaths, limit=guide.deep_limit)
        )
    return "   ".join(parts)
