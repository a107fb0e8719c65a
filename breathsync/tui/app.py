"""The screen: places, themes, keys. It owns nothing of detection; it reads views and passes on words."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.screen import Screen
from textual.types import CSSPathType

from breathsync.errors import BreathsyncError
from breathsync.guide.events import Ended, Word
from breathsync.plan import Plan
from breathsync.tongue import speak, t
from breathsync.tui import places, theme
from breathsync.tui.commands import Actions
from breathsync.tui.house import House, Say
from breathsync.tui.messages import Begin, Go, Happened, Keep, Moved, Replied, Spoken
from breathsync.tui.picture import Picture
from breathsync.tui.running import Running, screen_name
from breathsync.tui.screens.help import HelpScreen
from breathsync.tui.screens.home import HomeScreen
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.screens.ready import ReadyScreen
from breathsync.tui.screens.settings import SettingsScreen
from breathsync.tui.screens.summary import SummaryScreen
from breathsync.tui.screens.trouble import TroubleScreen
from breathsync.tui.settle import settle

FRAMES_PER_S = 15
SOON = ("come_back", "find", "help", "lost", "question", "session", "summary")
"""Screens that a key or a lost signal must bring at once: a stylesheet that comes later costs 100 ms."""


class BreathsyncApp(App[Ended | Exception | None]):
    """Home and what lies beyond it; with a `plan`, that session at once and the end after it."""

    TITLE = "breathsync"
    CSS_PATH: ClassVar[CSSPathType | None] = ["app.tcss", *(f"screens/{name}.tcss" for name in SOON)]
    COMMANDS = App.COMMANDS | {Actions}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "STOP", priority=True, show=False),
        Binding("ctrl+c,ctrl+q", "leave", "leave", priority=True, show=False),
        Binding("ctrl+z", "suspend_paused", "suspend", priority=True, show=False),
        Binding("question_mark,f1", "help", "help", show=False),
    ]

    def __init__(self, house: House, *, plan: Plan | None = None) -> None:
        super().__init__()
        self.house = house
        self.running: Running | None = None
        self._plan = plan
        self._shown = ""
        self._stage: Screen[None] | None = None
        self._stages: dict[str, Screen[None]] = {}
        self._session: asyncio.Task[None] | None = None

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for where we are; for a terminal on Linux or macOS, one that knows an ESC sooner."""
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        try:
            quick: type[Driver] = import_module("breathsync.tui.driver").QuickEscape
        except ImportError:  # it leans on Textual's insides; without it ESC is known 75 ms later
            return found
        return quick

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours by purpose, for every theme."""
        return theme.variables_for(self.current_theme)

    def on_mount(self) -> None:
        """Colours, the first screen, the picture's own timer."""
        self.register_theme(theme.DARK)
        self.register_theme(theme.LIGHT)
        places.wear(self, self.house)
        self.set_interval(1 / FRAMES_PER_S, self.frame)
        if self._plan:
            self.begin(self._plan)
        else:
            self.push_screen(HomeScreen(last=self.house.last))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of Textual's own actions, a picture of the screen; ours say the rest, and keep what they change."""
        yield SystemCommand(t("Picture"), t("Keep this screen as an SVG file."), self.deliver_screenshot)

    def action_command_palette(self) -> None:
        """All actions."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=t("Search"), id="--command-palette"))

    def begin(self, plan: Plan) -> None:
        """Start a session from home: first a frame, then the imports and the sensor."""
        if self._session is None:
            speak(plan.language)
            places.go_home(self)
            ready = ReadyScreen()
            self._shown, self._stage = "ready", ready
            self.push_screen(ready)
            self.call_after_refresh(self._start, plan, ready.say)

    def _start(self, plan: Plan, invite: Say) -> None:
        self._session = asyncio.create_task(self._play(plan, invite), name="session")

    async def _play(self, plan: Plan, invite: Say) -> None:
        try:
            await places.let_go(self)
            session = await self.house.open(plan, say=self.notify, invite=invite)
            settle()
            self.running = Running(
                session, routine=plan.routine, notify=lambda: self.post_message(Happened())
            )
            await session.run()
            self.running.story.recall(await asyncio.to_thread(self.house.answers, self.running.id))
            self.draw()
        except BreathsyncError as error:
            self._failed(error)
        except Exception as error:  # a fault of ours: leave the terminal whole, whoever started us reports it
            self.exit(error)
        finally:
            await self.house.close()

    def _failed(self, error: BreathsyncError) -> None:
        if self._plan:
            self.exit(error)
            return
        self._leave_stage()
        self.push_screen(TroubleScreen(error))

    def _leave_stage(self) -> None:
        while self._stage is not None and self._stage in self.screen_stack:
            self.pop_screen()
        for stage in self._stages.values():
            self.uninstall_screen(stage)
            stage.remove()
        self._stages.clear()
        speak(places.language_of(self.house))
        self._stage, self._session, self.running, self._shown = None, None, None, ""

    def frame(self) -> None:
        """Draw at an even pace, unless all there is was drawn just now."""
        if self.running is not None and not self.running.fresh:
            self.draw()

    def on_happened(self) -> None:
        """Something new was said: draw it now."""
        self.draw()

    def draw(self) -> None:
        """Draw the session as it is now, on the screen it belongs to; skip the frame while the terminal lags."""
        if self.running is None or places.terminal_lags(self):
            return
        picture = self.running.picture()
        name = screen_name(picture.view)
        if name != self._shown:
            while self.screen is not self._stage:  # help or the palette: what is said now is more important
                self.pop_screen()
            self._shown, self._stage = name, self._stage_for(name, picture)
            self.switch_screen(self._stage)
        elif self._stage is not None and self._stage.is_mounted:
            self._fill(self._stage, picture)

    def _stage_for(self, name: str, picture: Picture) -> Screen[None]:
        """The screen of this name with the picture on it: made once a session, then kept."""
        stage = self._stages.get(name)
        if stage is not None:
            self._fill(stage, picture)
            return stage
        made = self._stages[name] = places.LIVE[name]()
        made.fill = lambda: self._fill(made, picture)  # as it stands, before it is first laid out
        self.install_screen(made, name)
        return made

    def _fill(self, stage: Screen[None], picture: Picture) -> None:
        with suppress(NoMatches):  # a screen on its way in or out lacks some of its parts
            if isinstance(stage, LiveScreen):
                stage.show(picture)
            elif isinstance(stage, SummaryScreen) and self.running:
                stage.tell(picture, self.running)

    def on_spoken(self, message: Spoken) -> None:
        """Pass on the person's word."""
        if self.running:
            self.running.session.say(message.word, by=message.by)

    def on_replied(self, message: Replied) -> None:
        """Pass on the person's answer."""
        if self.running:
            self.running.story.answered(message.question, message.value)
            self.running.session.answer(message.question, message.value, note=message.note)

    def on_moved(self, message: Moved) -> None:
        """Move the simulated body, where the person is it."""
        if self.running and self.running.body:
            places.move(self.running.body, message.what, message.way)

    def on_begin(self, message: Begin) -> None:
        """Start a session, in the language chosen here."""
        self.begin(replace(message.plan, language=places.language_of(self.house)))

    async def on_go(self, message: Go) -> None:
        """Go to a place."""
        try:
            await places.go(self, self.house, message.place)
        except BreathsyncError as error:
            self.push_screen(TroubleScreen(error))

    def on_keep(self, message: Keep) -> None:
        """Keep the person's choices for this screen."""
        self.house.keep(message.prefs)
        places.wear(self, self.house)
        for page in self.screen_stack:
            if isinstance(page, SettingsScreen):
                page.show()

    async def action_stop(self) -> None:
        """STOP, whatever stands on the screen. Where no session runs, ESC keeps its usual meaning."""
        if self._shown == "ready":
            await self.action_leave_session()
        elif self.running is None or self.running.session.view.guide.ended:
            raise SkipAction
        else:
            self.running.session.say(Word.STOP)

    def action_suspend_paused(self) -> None:
        """Suspend to the shell; the session pauses first, so that it waits for a word when one is back."""
        if self.running and self.running.session.view.guide.ended is None:
            self.running.session.say(Word.PAUSE)
        self.action_suspend_process()

    def action_help(self) -> None:
        """Explain the screen one is on."""
        if not isinstance(self.screen, HelpScreen):
            about = getattr(self.screen, "HELP_TEXT", "")
            self.push_screen(HelpScreen(about=about, in_session=self.running is not None))

    async def action_leave_session(self) -> None:
        """Leave the summary, or the wait for a sensor: back home, or out of the app."""
        if self._plan:
            self.action_leave()
            return
        await self.end_session()
        self._leave_stage()

    def action_leave(self) -> None:
        """Leave the app; a running session is stopped and saved on the way out."""
        self.exit(self.running.session.view.guide.ended if self.running else None)

    async def end_session(self) -> None:
        """Stop a running session and wait until it is saved, and until a strap on trial is closed."""
        if self._session is not None:
            self._session.cancel()
            with suppress(asyncio.CancelledError):
                await self._session
        await places.let_go(self)
