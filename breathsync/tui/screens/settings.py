"""Settings of this screen: colours, motion, sound. Targets keep to their bounds and lie in the settings file."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.tui.messages import Keep
from breathsync.tui.prefs import Colours, Prefs, Sound
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line

COLOUR_WORDS = {
    Colours.DARK: "dark",
    Colours.LIGHT: "light",
    Colours.TERMINAL_DARK: "the terminal's own, dark",
    Colours.TERMINAL_LIGHT: "the terminal's own, light",
}
SOUND_WORDS = {Sound.VOICE: "voice and tones", Sound.TONES: "tones only", Sound.SILENT: "silent"}


class SettingsScreen(Page):
    """Each line changes with Enter."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "settings.tcss"]
    HEADING = "Settings"
    KEYS = "↑ ↓ choose   Enter change   ESC back"
    HELP_TEXT = (
        "Enter changes a line, at once. What a full breath must be, rests and limits are numbers with bounds in the "
        "settings file, `breathsync session --settings FILE`; no setting can lift a limit."
    )

    def __init__(self, prefs: Prefs) -> None:
        super().__init__()
        self._prefs = prefs

    def compose_content(self) -> Iterable[Widget]:
        """The lines."""
        yield OptionList(*self._options(), id="lines")
        yield Line(
            "The numbers of the gate stand in the settings file, within their bounds.", classes="quiet"
        )

    def _options(self) -> list[Option]:
        prefs = self._prefs
        return [
            Option(f"Colours   {COLOUR_WORDS[prefs.colours]}", id="colours"),
            Option(f"Sound     {SOUND_WORDS[prefs.sound]}", id="sound"),
            Option(f"Motion    {'calm: only the breath moves' if prefs.calm else 'as it is'}", id="calm"),
        ]

    def on_mount(self) -> None:
        """Keys act on the lines at once."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change a line to its next value."""
        prefs = self._prefs
        values = {"colours": prefs.colours, "sound": prefs.sound, "calm": prefs.calm}
        match event.option.id:
            case "colours":
                values["colours"] = _next(prefs.colours)
            case "sound":
                values["sound"] = _next(prefs.sound)
            case _:
                values["calm"] = not prefs.calm
        self._prefs = Prefs(**values)  # type: ignore[arg-type]
        self.app.post_message(Keep(self._prefs))
        lines = self.query_one(OptionList)
        for option in self._options():
            lines.replace_option_prompt(str(option.id), option.prompt)


def _next(value: StrEnum) -> StrEnum:
    every = list(type(value))
    return every[(every.index(value) + 1) % len(every)]
