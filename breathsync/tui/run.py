"""Runs the app in a terminal, and sees to it that a session is saved however the app ends."""

import asyncio
import signal
from typing import Any

from breathsync.guide.events import Ended
from breathsync.plan import Plan
from breathsync.tui import places
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.house import House, OwnHouse

SIGNALS = ("SIGINT", "SIGTERM")


def run_session_app(plan: Plan, *, sound: Any = None) -> Ended | None:
    """One session on the screen, then the end. Returns how it ended, None when it was left early.

    Raises the BreathsyncError that kept it from starting, once the terminal is whole again.
    """
    return run_house(OwnHouse(sound=sound), plan=plan)


def run_home() -> Ended | None:
    """The app from its home screen."""
    return run_house(OwnHouse())


def run_house(house: House, *, plan: Plan | None = None) -> Ended | None:
    """The app in front of any house."""
    return asyncio.run(_run(BreathsyncApp(house, plan=plan)))


async def _run(app: BreathsyncApp) -> Ended | None:
    loop = asyncio.get_running_loop()
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            try:
                loop.add_signal_handler(number, app.action_leave)
            except NotImplementedError:  # Windows' loop has no signal handlers
                break
    _when_hung_up(app, loop)
    try:
        result = await app.run_async()
    finally:
        await app.end_session()
    if isinstance(result, Exception):
        raise result
    return result


def _when_hung_up(app: BreathsyncApp, loop: asyncio.AbstractEventLoop) -> None:
    """Leave when the terminal is closed.

    The system then sends SIGCONT as well, on which Textual begins anew on a terminal that is gone and waits for it
    for ever: the strap would stream on. So this comes first and takes SIGCONT away; signals are handled in the order
    of their numbers, 1 before 18, before the loop hears of either.
    """
    if not hasattr(signal, "SIGHUP"):
        return

    def hung_up(*_: object) -> None:
        signal.signal(signal.SIGCONT, lambda *_: None)
        places.expect_no_terminal(app)
        loop.call_soon_threadsafe(app.action_leave)

    signal.signal(signal.SIGHUP, hung_up)


if __name__ == "__main__":
    run_home()
