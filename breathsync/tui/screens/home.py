"""Home: one line to start the last thing again; on the first start two doors."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.plan import Plan
from breathsync.tongue import spoken, t
from breathsync.tui import words
from breathsync.tui.messages import Begin, Go
from breathsync.tui.screens.sizes import BREADTHS
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.verb import Verb

LINES = {
    "about": "Turn a little. Sit tall. One full breath. It opens only for a breath really taken.",
    "not-medical": words.NOT_MEDICAL,
    "keys": "↑ ↓ and Enter   ? help   ctrl+p all actions   q leave",
}
"""The lines around the doors, by their ids."""
TRY = Plan(routine="first-time", source="sim:steady")
BE_THE_BODY = Plan(routine="first-time", source="sim:you", check_in=False)


class HomeScreen(Screen[None]):
    """Where one starts."""

    CSS_PATH = "home.tcss"
    HELP_TEXT = (
        "Arrow keys and Enter, or the letter in front. Try it now runs a simulated person: nothing needs to be worn. "
        "During a session ESC is always STOP."
    )
    HORIZONTAL_BREAKPOINTS = BREADTHS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "choose('try')", "try it now", show=False),
        Binding("c", "choose('choose')", "choose", show=False),
        Binding("y", "choose('you')", "be the body", show=False),
        Binding("p", "choose('pair')", "pair a strap", show=False),
        Binding("h", "choose('history')", "history", show=False),
        Binding("s", "choose('settings')", "settings", show=False),
        Binding("q", "app.leave", "leave", show=False),
    ]

    def __init__(self, *, last: Callable[[], Plan | None]) -> None:
        super().__init__()
        self._ask_last = last
        self._last = last()
        self._language = spoken()

    def compose(self) -> ComposeResult:
        """The name, what one can do, what this is not."""
        yield Verb("BREATHSYNC", id="verb")
        yield Line(LINES["about"], id="about")
        yield OptionList(*self._options(), id="doors")
        yield Line(LINES["not-medical"], id="not-medical")
        yield Line(LINES["keys"], id="keys")

    def _options(self) -> list[Option]:
        if self._last is None:
            return [
                Option(t("t  Try it now, no strap"), id="try"),
                Option(t("p  I have a strap"), id="pair"),
            ]
        routine = words.routine_words(self._last.routine)
        again = t("{routine} with {source}", routine=routine, source=self._last.source)
        return [
            Option(t("▸  Start again: {what}", what=again), id="again"),
            Option(t("c  Choose a routine and a sensor"), id="choose"),
            Option(t("t  Try the simulator"), id="try"),
            Option(t("y  Be the body yourself, with the arrow keys"), id="you"),
            Option(t("p  Pair a strap"), id="pair"),
            Option(t("h  History"), id="history"),
            Option(t("s  Settings"), id="settings"),
        ]

    def on_mount(self) -> None:
        """Enter works at once."""
        self.query_one(OptionList).focus()

    def on_screen_resume(self) -> None:
        """After a session, or with a new strap, there is something to start again."""
        last = self._ask_last()
        if last != self._last or spoken() != self._language:
            self._last, self._language = last, spoken()
            doors = self.query_one(OptionList)
            doors.clear_options()
            doors.add_options(self._options())
            doors.highlighted = 0
            for line, text in LINES.items():
                self.query_one(f"#{line}", Line).say(text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A line was chosen."""
        self.action_choose(str(event.option.id))

    def action_choose(self, door: str) -> None:
        """Go through a door."""
        if door == "again" and self._last:
            self.app.post_message(Begin(self._last))
        elif door == "try":
            self.app.post_message(Begin(TRY))
        elif door == "you":
            self.app.post_message(Begin(BE_THE_BODY))
        else:
            self.app.post_message(Go(door))
