"""Help on the screen one is on: what it shows and every key."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.widgets.lines import Line


class HelpScreen(ModalScreen[None]):
    """Stands over the screen it explains. In a session ESC stays STOP; any of the other keys closes this."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,q,enter,space,escape", "dismiss", "close", show=False)
    ]

    def __init__(self, *, about: str, in_session: bool) -> None:
        super().__init__()
        self._about, self._in_session = about, in_session

    def compose(self) -> ComposeResult:
        """The text in a box."""
        with VerticalScroll(id="box"):
            yield Line("Help", id="heading")
            yield Line(self._about)
            if self._in_session:
                yield Line("\n".join(self._keys()), id="keys")
            else:
                yield Line(words.HOW_IT_WORKS, id="how")
            yield Line("Space or ? closes this.   ctrl+p all actions   ctrl+c leave", id="close")

    def _keys(self) -> Iterable[str]:
        for word, key, *_ in words.KEYS:
            yield f"{t(key):>6}  {t(words.WHAT_WORDS_DO[word])}"
        yield f"{words.STOP[0]:>6}  {t(words.WHAT_WORDS_DO[words.STOP_WORD])}"
