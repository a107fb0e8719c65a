"""Run something that must be ended properly: a strap left streaming empties its battery."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


def run_until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Run `work`; Ctrl-C, SIGTERM and SIGHUP cancel it and let its `finally` clauses end. Whether one of them came."""
    return asyncio.run(_run(work))


async def _run(work: Coroutine[Any, Any, None]) -> bool:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    came: list[int] = []

    def stop(number: int) -> None:
        came.append(number)
        task.cancel()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop, number)
        except NotImplementedError:  # Windows: asyncio.run itself cancels us at Ctrl-C
            break
    try:
        await task
    except asyncio.CancelledError:
        if not came:
            raise
    return bool(came)
