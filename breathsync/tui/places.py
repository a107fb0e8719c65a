"""Where one can go in the app, and what the app needs to know of its terminal."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual import constants
from textual.app import App
from textual.worker import WorkerCancelled

from breathsync.tongue import speak, t
from breathsync.tui.house import House
from breathsync.tui.running import Body
from breathsync.tui.screens.choose import ChooseScreen
from breathsync.tui.screens.come_back import ComeBackScreen
from breathsync.tui.screens.find import FindScreen
from breathsync.tui.screens.history import HistoryScreen
from breathsync.tui.screens.home import HomeScreen
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.screens.lost import LostScreen
from breathsync.tui.screens.pair import PairScreen
from breathsync.tui.screens.past import PastScreen
from breathsync.tui.screens.question import QuestionScreen
from breathsync.tui.screens.session import SessionScreen
from breathsync.tui.screens.settings import SettingsScreen
from breathsync.tui.screens.summary import SummaryScreen
from breathsync.tui.screens.targets import TargetsScreen

LIVE: dict[str, Callable[[], LiveScreen | SummaryScreen]] = {
    "come_back": ComeBackScreen,
    "find": FindScreen,
    "lost": LostScreen,
    "question": QuestionScreen,
    "session": SessionScreen,
    "summary": SummaryScreen,
}
"""The screens of a running session by the names of `running.screen_name`."""

WRITES_BEHIND = 6
"""Textual's writer holds up to 30 writes and then blocks the loop; well before that, frames are left out."""


async def go(app: App[Any], house: House, place: str) -> None:
    """Go to a place. What must be read first is read in a thread, so that keys still act."""
    name, _, which = place.partition(":")
    match name:
        case "choose":
            routines = await asyncio.to_thread(house.routines)
            sources = await asyncio.to_thread(house.sources)
            app.push_screen(ChooseScreen(routines=routines, sources=sources, last=house.last()))
        case "pair":
            app.push_screen(PairScreen(house=house))
        case "history":
            sessions = await asyncio.to_thread(house.sessions)
            app.push_screen(HistoryScreen(sessions=sessions, now=house.now()))
        case "past":
            app.push_screen(PastScreen(await asyncio.to_thread(house.past, which), house=house))
        case "export":
            app.notify(await asyncio.to_thread(house.export, which))
        case "report":
            app.notify(await asyncio.to_thread(house.report, which))
        case "note":
            session, _, text = which.partition(":")
            await asyncio.to_thread(house.note, session, text)
            app.notify(t("Noted."))
        case "settings":
            app.push_screen(SettingsScreen(house.prefs))
        case "targets":
            app.push_screen(TargetsScreen(house=house, settings=await asyncio.to_thread(house.targets)))
        case "home":
            go_home(app)
        case "help" | "leave":
            await app.run_action(name)
        case _:
            raise ValueError(f"there is no place {place!r}")


def go_home(app: App[Any]) -> None:
    """Close the pages above home."""
    if any(isinstance(screen, HomeScreen) for screen in app.screen_stack):
        while not isinstance(app.screen, HomeScreen):
            app.pop_screen()


async def let_go(app: App[Any]) -> None:
    """Wait until what pages that were left had under way is over: a strap on trial is closed by then."""
    for worker in [worker for worker in app.workers if worker.is_cancelled]:
        with suppress(WorkerCancelled):
            await worker.wait()


def wear(app: App[Any], house: House) -> None:
    """Put the person's choices for the screen in force."""
    app.theme = house.prefs.colours
    app.animation_level = "none" if house.prefs.calm else constants.TEXTUAL_ANIMATIONS
    speak(language_of(house))


def language_of(house: House) -> str:
    """The language of what is started from home, and of the pages around it."""
    last = house.last()
    return house.prefs.language or (last.language if last else "en")


def move(body: Body, what: str, way: int) -> None:
    """Move a simulated body by a key."""
    match what:
        case "in":
            body.breathe_in()
        case "out":
            body.breathe_out()
        case "turn":
            body.turn(way)
        case "lean":
            body.lean(way)


def terminal_lags(app: App[Any]) -> bool:
    """Whether writes to the terminal pile up (a slow line): then frames are skipped, never the session.

    Textual offers no public word for this; where its writer cannot be seen, nothing is skipped.
    """
    queue = _writes(app)
    return queue is not None and bool(queue.qsize() > WRITES_BEHIND)


def expect_no_terminal(app: App[Any]) -> None:
    """The terminal is gone: nobody may be left to empty the queue of writes, so nothing may wait for room in it."""
    queue = _writes(app)
    if queue is not None:
        queue.maxsize = 0


def _writes(app: App[Any]) -> Any:
    writer: Any = getattr(app._driver, "_writer_thread", None)
    return getattr(writer, "_queue", None)
