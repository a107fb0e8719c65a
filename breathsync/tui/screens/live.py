"""What every screen of a running session has: the title above, the keys below, STOP always."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from breathsync.guide.events import Word
from breathsync.tui import words
from breathsync.tui.messages import Moved, Spoken
from breathsync.tui.picture import Picture
from breathsync.tui.screens.sizes import BREADTHS, HEIGHTS
from breathsync.tui.widgets.lines import KeyBar, Line, TitleBar

WORD_BINDINGS: list[BindingType] = [
    Binding("space,enter", "word('go_on')", "go on", show=False),
    Binding("b", "word('back_off')", "back off", show=False),
    Binding("n", "word('nothing_holds')", "nothing holds", show=False),
    Binding("h", "word('by_hand')", "by hand", show=False),
    Binding("s", "word('smaller_bar')", "smaller bar", show=False),
    Binding("p", "word('pause')", "pause", show=False),
    Binding("up", "move('in')", "breathe in", show=False),
    Binding("down", "move('out')", "breathe out", show=False),
    Binding("left", "move('turn', -1)", "turn left", show=False),
    Binding("right", "move('turn', 1)", "turn right", show=False),
    Binding("comma", "move('lean', -1)", "lean back", show=False),
    Binding("full_stop", "move('lean', 1)", "lean forward", show=False),
]


class LiveScreen(Screen[None]):
    """A screen that shows pictures of a session and passes on the person's words."""

    BINDINGS: ClassVar[list[BindingType]] = WORD_BINDINGS
    HORIZONTAL_BREAKPOINTS = BREADTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    HELP_TEXT: ClassVar[str] = ""

    fill: Callable[[], None] | None = None
    """Called once, when all parts stand and before they are laid out: so the first paint is a whole one."""

    def on_mount(self) -> None:
        """Fill it before anybody sees it."""
        if self.fill:
            self.fill()
            self.fill = None

    def compose(self) -> ComposeResult:
        """Title, the screen's own content, keys."""
        yield TitleBar()
        yield from self.compose_content()
        yield Line(words.BODY_KEYS, id="body-keys")
        yield KeyBar()

    def compose_content(self) -> Iterable[Widget]:
        """What stands between title and keys."""
        return ()

    def show(self, picture: Picture) -> None:
        """Draw this moment. Subclasses add their own parts."""
        self.query_one(TitleBar).show(picture)
        self.query_one("#body-keys").display = picture.by_keys
        guide = picture.view.guide
        offered = guide.offer.words if guide.offer else ()
        self.query_one(KeyBar).allowed = (*offered, *guide.words)

    def action_word(self, word: str) -> None:
        """Say a word to the session."""
        self.app.post_message(Spoken(Word(word)))

    def action_move(self, what: str, way: int = 0) -> None:
        """Move the simulated body."""
        self.app.post_message(Moved(what, way))
