"""The numbers of the gate, each within its bounds, kept in the person's settings file."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.errors import BreathsyncError
from breathsync.settings import Settings
from breathsync.tongue import t
from breathsync.tui.house import House
from breathsync.tui.screens.page import Page
from breathsync.tui.screens.trouble import TroubleScreen
from breathsync.tui.targets import GROUPS, LABELS, Target, targets_of
from breathsync.tui.widgets.lines import Line

LABEL_WIDTH = 46
VALUE_WIDTH = 13
UNITS = ("s", "deg")
"""What stands behind a number; the other units are in the words before it."""


class TargetsScreen(Page):
    """A line a setting; the arrows change it and it is kept at once."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "targets.tcss"]
    HEADING = "What a full breath is, and its limits"
    KEYS = "↑ ↓ choose   ← → change   d default   D all defaults   ESC back"
    HELP_TEXT = (
        "← → change a number and keep it in your settings file; it counts from the next session on. Below stands what "
        "it may be; ▸ marks those that are not the default. d takes a line back to its default, D all of them. "
        "No number can lift a limit or open the gate without a full breath."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "change(-1)", "less", show=False),
        Binding("right", "change(1)", "more", show=False),
        Binding("d", "default", "default", show=False),
        Binding("D", "all_defaults", "all defaults", show=False),
    ]

    def __init__(self, *, house: House, settings: Settings) -> None:
        super().__init__()
        self._house = house
        self._take(settings)

    def _take(self, settings: Settings) -> None:
        self._targets = {target.name: target for target in targets_of(settings)}

    def compose_content(self) -> Iterable[Widget]:
        """The lines under their headings."""
        yield OptionList(*self._options(), id="lines")
        yield Line(id="about", classes="quiet")
        yield Line("Counts from the next session on.", classes="quiet")

    def _options(self) -> Iterable[Option]:
        group = ""
        for target in self._targets.values():
            if target.group != group:
                group = target.group
                yield Option(Content.styled(t(GROUPS[group]), "bold"), disabled=True)
            yield Option(line_of(target), id=target.name)

    def on_mount(self) -> None:
        """Keys act on the lines at once."""
        lines = self.query_one(OptionList)
        lines.focus()
        lines.highlighted = 1

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the marked number may be."""
        target = self._targets.get(str(event.option.id))
        if target is not None:
            self.query_one("#about", Line).say(about_words(target))

    @property
    def _marked(self) -> Target | None:
        option = self.query_one(OptionList).highlighted_option
        return None if option is None else self._targets.get(str(option.id))

    def action_change(self, way: int) -> None:
        """Change the marked number by a step; at its bound it stays."""
        if (target := self._marked) and (value := target.moved(way)) != target.value:
            self._keep(target, value)

    def action_default(self) -> None:
        """Take the marked number back to its default."""
        if (target := self._marked) and target.value != target.default:
            self._keep(target, None)

    def action_all_defaults(self) -> None:
        """Take all numbers back to their defaults."""
        self._change_to(self._house.default_targets)

    def _keep(self, target: Target, value: float | None) -> None:
        self._change_to(lambda: self._house.keep_target(target.group, target.name, value))

    def _change_to(self, keep: Callable[[], Settings]) -> None:
        try:
            self._take(keep())
        except BreathsyncError as error:
            self.app.push_screen(TroubleScreen(error))
            return
        lines = self.query_one(OptionList)
        for name, target in self._targets.items():
            lines.replace_option_prompt(name, line_of(target))


def line_of(target: Target) -> Content:
    """A setting: what it is, its value, and the default where it is another."""
    changed = target.value != target.default
    value = f"{target.value:g} {target.bound.unit if target.bound.unit in UNITS else ''}"
    default = t("default {default}", default=f"{target.default:g}") if changed else ""
    return Content.assemble(
        f"{'▸' if changed else ' '} {t(LABELS[target.name]):<{LABEL_WIDTH}}",
        (f"{value:<{VALUE_WIDTH}}", "bold" if changed else ""),
        default,
    )


def about_words(target: Target) -> str:
    """What a setting may be, its default, and where it stands in the file."""
    bound = target.bound
    may_be = t(
        "{low} to {high} {unit}, default {default}",
        low=f"{bound.low:g}", high=f"{bound.high:g}", unit=t(bound.unit), default=f"{target.default:g}",
    )  # fmt: skip
    clause = f", {bound.clause}" if bound.clause else ""
    return f"{may_be}   ({target.group}.{target.name}{clause})"
