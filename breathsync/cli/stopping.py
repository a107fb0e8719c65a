"""Run something that must be ended properly: a strap left streaming empties its battery."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import typer


def on_signals(act: Callable[[], object]) -> list[int]:
    """Call `act` at Ctrl-C, SIGTERM and a closed terminal. Returns the list to which the signals that came are added.

    To be called in a running loop. Windows' loops have no signal handlers: there Ctrl-C cancels the main task.
    """
    came: list[int] = []
    loop = asyncio.get_running_loop()

    def hear(number: int) -> None:
        came.append(number)
        act()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, hear, number)
        except NotImplementedError:
            break
    return came


def run_until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Run `work`; Ctrl-C, SIGTERM and SIGHUP cancel it and let its `finally` clauses end. Whether one of them came."""
    return asyncio.run(_run(work))


def run_or_exit(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; a signal ends it with the strap stopped, and the command with 130."""
    if run_until_stopped(work):
        raise typer.Exit(130)


async def _run(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(work)
    came = on_signals(task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not came:
            raise
    return bool(came)
