"""The summary: what was done, what was refused and why, how it felt, what to do with it. No score."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from breathsync.guide.events import BeadState, EndKind
from breathsync.guide.phrases import PHRASES, phrase
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.messages import Go
from breathsync.tui.picture import Picture
from breathsync.tui.running import Running
from breathsync.tui.screens.sizes import BREADTHS
from breathsync.tui.story import Story
from breathsync.tui.widgets.lines import Beads, Line, TitleBar
from breathsync.tui.widgets.verb import Verb

SHOWN = (BeadState.MEASURED, BeadState.BY_HAND, BeadState.TO_COME)
ENDINGS = {
    EndKind.FINISHED: "Both sides done. Move a little before you get up.",
    EndKind.STOPPED: "Stopped, and saved. That is always right when something does not feel right.",
    EndKind.SCREENED_OUT: "Nothing was started.",
    EndKind.SENSOR_ENDED: "The signal came to its end before the routine did. What there was is saved.",
    EndKind.INTERRUPTED: "The session was interrupted. What there was is saved.",
}
SAID_BY_US = {
    phrase(key, language)
    for key in ("ended.finished", "ended.stopped", "ended.sensor")
    for language in PHRASES
}
"""What the guide says of an ending where `ENDINGS` says the same with more room."""


class SummaryScreen(Screen[None]):
    """Shown when a session has ended."""

    CSS_PATH = "summary.tcss"
    HELP_TEXT = (
        "✓ a point passed by a full breath, ◇ by hand. n keeps a note with the session, r writes a page to look at or "
        "share, e writes tables; both into the folder you are in. Enter or q leaves."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,q", "app.leave_session", "done", show=False),
        Binding("n", "note", "note", show=False),
        Binding("r", "write('report')", "report", show=False),
        Binding("e", "write('export')", "export", show=False),
        Binding("escape", "close_note", "close the note", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = BREADTHS

    def __init__(self) -> None:
        super().__init__()
        self._session_id = ""

    def compose(self) -> ComposeResult:
        """Title, words, keys."""
        yield TitleBar()
        yield Verb(t("DONE"), id="verb")
        with VerticalScroll(id="body"):
            yield from self._lines()
        yield Input(placeholder=t("A note for yourself; Enter keeps it"), id="note")
        yield Line("Enter done   n note   r report   e export", id="keys")

    fill: Callable[[], None] | None = None
    """As `LiveScreen.fill`."""

    def on_mount(self) -> None:
        """The note's line appears when it is asked for; the rest is there before anybody sees it."""
        self.query_one("#note").display = False
        if self.fill:
            self.fill()
            self.fill = None

    def _lines(self) -> Iterable[Widget]:
        yield Line(id="ending")
        yield Beads(id="beads", with_place=False)
        yield Line(legend(), id="legend")
        yield Line(id="breaths")
        yield Line(id="refused")
        yield Line(id="feelings")
        yield Line(words.NOT_MEDICAL, id="not-medical")

    def tell(self, picture: Picture, running: Running) -> None:
        """Tell how it went."""
        self._session_id, story = running.id, running.story
        self.query_one(TitleBar).show(picture)
        ended = picture.view.guide.ended
        how = ended.how if ended else EndKind.INTERRUPTED
        self.query_one(Verb).word = t("DONE" if how is EndKind.FINISHED else "STOPPED")
        why, sides = ended.why if ended else "", bool(picture.view.guide.beads)
        self.query_one("#ending", Line).say(ending_words(how, why, sides=sides))
        self.query_one(Beads).show(picture)
        self.query_one("#legend").display = bool(picture.view.guide.beads)
        self.query_one("#breaths", Line).say(breath_words(story))
        self.query_one("#refused", Line).say(refused_words(story))
        self.query_one("#refused").display = bool(story.refused)
        self.query_one("#feelings", Line).say("\n".join(f"{text}  {value}" for text, value in story.feelings))

    def action_note(self) -> None:
        """Open the line for a note."""
        line = self.query_one("#note", Input)
        line.display = True
        line.focus()

    def action_close_note(self) -> None:
        """Close the line for a note, without keeping it."""
        line = self.query_one("#note", Input)
        line.display = False
        line.clear()
        self.query_one("#body").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the note."""
        if event.value.strip() and self._session_id:
            self.app.post_message(Go(f"note:{self._session_id}:{event.value.strip()}"))
        self.action_close_note()

    def action_write(self, what: str) -> None:
        """Write the report or the export."""
        if self._session_id:
            self.app.post_message(Go(f"{what}:{self._session_id}"))


def legend() -> str:
    """What the shapes of the points mean."""
    known = words.BEAD_WORDS.items()
    return "   ".join(f"{words.BEADS[state]} {t(text)}" for state, text in known if state in SHOWN)


def ending_words(how: EndKind, why: str, *, sides: bool = True) -> str:
    """How it ended, and the guide's reason where there is one. `sides`: whether the routine had any."""
    if how is EndKind.STOPPED and why and why not in SAID_BY_US:
        return f"{why} {t('What there was is saved.')}"
    told = t(
        ENDINGS[how] if sides or how is not EndKind.FINISHED else "Done. Move a little before you get up."
    )
    return told if why in SAID_BY_US else f"{told} {why}".rstrip()


def breath_words(story: Story) -> str:
    """Full breaths, and points passed by hand."""
    full, hand = story.full_breaths, story.by_hand
    breaths = ("No full breath counted", "1 full breath counted", "{full} full breaths counted")[min(full, 2)]
    points = ("", ", 1 point passed by hand", ", {hand} points passed by hand")[min(hand, 2)]
    return f"{t(breaths, full=full)}{t(points, hand=hand)}."


def refused_words(story: Story) -> str:
    """The refused breaths by what was said of them."""
    if not story.refused:
        return ""
    total = sum(count for _, count in story.refused)
    reasons = "\n".join(f"   {count} ×  “{sentence}”" for sentence, count in story.refused)
    return f"{t('Not counted: {total}', total=total)}\n{reasons}"
