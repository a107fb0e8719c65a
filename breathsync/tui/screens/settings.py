"""Settings of this screen: colours, motion, sound; and the way to the numbers of the gate."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, ClassVar

import msgspec
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.tongue import t
from breathsync.tui.messages import Go, Keep
from breathsync.tui.prefs import SPEECH, VOLUME, Colours, Prefs, Sound, Tongue
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line

COLOUR_WORDS = {
    Colours.DARK: "dark",
    Colours.LIGHT: "light",
    Colours.TERMINAL_DARK: "the terminal's own, dark",
    Colours.TERMINAL_LIGHT: "the terminal's own, light",
}
SOUND_WORDS = {Sound.VOICE: "voice and tones", Sound.TONES: "tones only", Sound.SILENT: "no sound"}
LANGUAGE_WORDS = {
    Tongue.LAST: "as in the last session / wie in der letzten Übung",
    Tongue.ENGLISH: "English",
    Tongue.GERMAN: "Deutsch",
}


NOTE = "Sound counts from the next session on."
TARGETS = "targets"
NUMBERS = {"volume": VOLUME, "words_per_minute": SPEECH}
"""Lines that hold a number, by the name of the choice."""


class SettingsScreen(Page):
    """Each line changes with Enter, or with the arrows to either side."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "settings.tcss"]
    HEADING = "Settings"
    KEYS = "↑ ↓ choose   ← → or Enter change   ESC back"
    HELP_TEXT = (
        "← → change a line, at once; Enter goes on to its next value, after the last to the first. The last line "
        "leads to what a full breath must be, to rests and limits: numbers with bounds in your settings file. No "
        "setting can lift a limit."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "change(-1)", "less", show=False),
        Binding("right", "change(1)", "more", show=False),
    ]

    def __init__(self, prefs: Prefs) -> None:
        super().__init__()
        self._prefs = prefs

    def compose_content(self) -> Iterable[Widget]:
        """The lines."""
        yield OptionList(*self._options(), id="lines")
        yield Line(NOTE, id="note", classes="quiet")

    def _options(self) -> list[Option]:
        prefs = self._prefs
        return [
            _line("colours", "Colours", t(COLOUR_WORDS[prefs.colours])),
            _line("sound", "Sound", t(SOUND_WORDS[prefs.sound])),
            _line("volume", "Volume", f"{prefs.volume} %"),
            _line("words_per_minute", "Speech", t("{number} words a minute", number=prefs.words_per_minute)),
            _line("calm", "Motion", t("calm: only the breath moves" if prefs.calm else "as it is")),
            _line("language", "Language", LANGUAGE_WORDS[prefs.language]),
            _line(TARGETS, "Targets", t("what a full breath is, rests and limits: Enter")),
        ]

    def on_mount(self) -> None:
        """Keys act on the lines at once."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change a line to its next value; after the last comes the first."""
        if event.option.id == TARGETS:
            self.app.post_message(Go(TARGETS))
            return
        self._change(str(event.option.id), 1, round_again=True)

    def action_change(self, way: int) -> None:
        """Change the marked line by a step; at its end it stays."""
        marked = self.query_one(OptionList).highlighted_option
        if marked is not None and marked.id != TARGETS:
            self._change(str(marked.id), way, round_again=False)

    def _change(self, name: str, way: int, *, round_again: bool) -> None:
        now = getattr(self._prefs, name)
        values = _values(name, now)
        place = (values.index(now) if now in values else _nearest(values, now)) + way
        place = place % len(values) if round_again else min(len(values) - 1, max(0, place))
        self._prefs = msgspec.structs.replace(self._prefs, **{name: values[place]})
        self.app.post_message(Keep(self._prefs))
        self.show()

    def show(self) -> None:
        """Draw the lines: the choice is in force, and may be another language."""
        for line, text in (("heading", self.HEADING), ("keys", self.KEYS), ("note", NOTE)):
            self.query_one(f"#{line}", Line).say(text)
        lines = self.query_one(OptionList)
        for option in self._options():
            lines.replace_option_prompt(str(option.id), option.prompt)


def _line(name: str, label: str, value: str) -> Option:
    return Option(f"{t(label):<10} {value}", id=name)


def _values(name: str, now: Any) -> Sequence[Any]:
    """What a line can say, in order."""
    if name in NUMBERS:
        return NUMBERS[name]
    if isinstance(now, bool):
        return (False, True)
    kind: type[StrEnum] = type(now)
    return tuple(kind)


def _nearest(values: Sequence[int], number: int) -> int:
    """The place of the step next to a number that somebody wrote into the file."""
    return min(range(len(values)), key=lambda place: abs(values[place] - number))
