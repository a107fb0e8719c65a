"""Pair a strap: a list that sorts itself, the strength as a bar and in words, what each strap can and cannot tell."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import ClassVar

from textual.binding import BindingType
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerCancelled

from breathsync.errors import BreathsyncError
from breathsync.tongue import t
from breathsync.tui.house import House
from breathsync.tui.screens.page import Page
from breathsync.tui.screens.try_strap import TryStrapScreen
from breathsync.tui.straps import Found
from breathsync.tui.widgets.lines import Line

BARS = "▁▂▃▄▅▆▇█"
LOOKING = "Looking for straps. Put yours on: most send only when worn."
NEAR_DBM, FAR_DBM = -50, -95


class PairScreen(Page):
    """Straps near by, the strongest first."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "pair.tcss"]
    HEADING = "Pair a strap"
    KEYS = "↑ ↓ choose   Enter try this one   ESC back"
    HELP_TEXT = (
        "Wear the strap and wet its electrodes: most straps send only when worn. Those that see the breath come first, "
        "the strongest before the others. Enter connects to it: do you see yourself breathe?"
    )
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, *, house: House) -> None:
        super().__init__()
        self._house = house
        self._found: tuple[Found, ...] = ()
        self._listening: Worker[None] | None = None

    def compose_content(self) -> Iterable[Widget]:
        """What is being done, and the list."""
        yield Line(id="doing")
        yield OptionList(id="straps")

    def on_screen_resume(self) -> None:
        """Listen as long as this page is open, and again after a strap was tried."""
        if self._listening is None or self._listening.is_finished:
            self._listening = self.run_worker(self._listen())

    async def _listen(self) -> None:
        self.say(LOOKING)
        try:
            await self._house.look_for_straps(self.show)
        except BreathsyncError as error:
            self.say(str(error))

    def show(self, found: Sequence[Found]) -> None:
        """Show what has been found so far."""
        ordered = tuple(
            sorted(found, key=lambda one: (not one.sees_breath, -(one.rssi_dbm or -200), one.name))
        )
        if ordered == self._found:
            return
        lines = self.query_one(OptionList)
        marked = (
            self._found[lines.highlighted].address if lines.highlighted is not None and self._found else None
        )
        self._found = ordered
        lines.clear_options()
        lines.add_options([Option(strap_words(one)) for one in ordered])
        addresses = [one.address for one in ordered]
        lines.highlighted = addresses.index(marked) if marked in addresses else 0
        lines.focus()

    def say(self, text: str) -> None:
        """Say what is being done, or what is wrong and what to try."""
        self.query_one("#doing", Line).say(text)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Try a strap, once nobody listens any more: the radio is one."""
        if not self.is_current:
            return
        strap = self._found[event.option_index]
        if self._listening is not None:
            self._listening.cancel()
            with suppress(WorkerCancelled):
                await self._listening.wait()
        self.app.push_screen(TryStrapScreen(strap, house=self._house))


def strap_words(one: Found) -> str:
    """A strap in two lines."""
    return f"{strength_words(one.rssi_dbm)}  {one.name}\n          {one.tells}".rstrip()


def strength_words(rssi_dbm: int | None) -> str:
    """The strength as a bar and a word."""
    if rssi_dbm is None:
        return "  unknown"
    share = min(1.0, max(0.0, (rssi_dbm - FAR_DBM) / (NEAR_DBM - FAR_DBM)))
    word = t("near" if share > 0.6 else "there" if share > 0.25 else "far")
    return f"{BARS[round(share * (len(BARS) - 1))]} {word:<7}"
