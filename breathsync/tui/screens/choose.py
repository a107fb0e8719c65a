"""Choose a routine and what to wear."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.plan import Plan
from breathsync.tui.house import Named
from breathsync.tui.messages import Begin
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line

FIRST = Plan(routine="first-time", source="sim:steady")
"""Marked where nothing was taken yet."""


class ChooseScreen(Page):
    """Two lists side by side; Enter starts."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "choose.tcss"]
    HEADING = "Choose"
    KEYS = "↑ ↓ choose   Tab other list   Enter start   ESC back"
    HELP_TEXT = (
        "Left the routine, right the sensor or the simulated person. Enter starts with both marked lines."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "start", "start", priority=True, show=False)]

    def __init__(self, *, routines: Sequence[Named], sources: Sequence[Named], last: Plan | None) -> None:
        super().__init__()
        self._routines, self._sources = routines, sources
        self._last = last or FIRST

    def compose_content(self) -> Iterable[Widget]:
        """The two lists."""
        with Horizontal():
            with Vertical():
                yield Line("Routine", classes="quiet")
                yield OptionList(*_options(self._routines), id="routines")
            with Vertical():
                yield Line("Sensor, or a simulated person", classes="quiet")
                yield OptionList(*_options(self._sources), id="sources")

    def on_mount(self) -> None:
        """What was taken last is marked from the start."""
        for name, wanted, named in (
            ("routines", self._last.routine, self._routines),
            ("sources", self._last.source, self._sources),
        ):
            names = [one.name for one in named]
            self.query_one(f"#{name}", OptionList).highlighted = names.index(wanted) if wanted in names else 0
        self.query_one("#routines").focus()

    def action_start(self) -> None:
        """Start what is marked."""
        routine, source = (
            self.query_one(f"#{name}", OptionList).highlighted for name in ("routines", "sources")
        )
        if routine is not None and source is not None:
            self.app.post_message(
                Begin(Plan(routine=self._routines[routine].name, source=self._sources[source].name))
            )


def _options(named: Sequence[Named]) -> list[Option]:
    return [Option(f"{one.name}\n  {one.about}" if one.about else one.name) for one in named]
