"""Lets straps live in real time: advances them by the wall clock (times a speed) and tells the carrier."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from breathsync_simulators.straps.peripheral import Strap

STEP_S = 0.02
"""How often a strap looks at its sensor. Five frames of an H10 at 200 Hz lie 180 ms apart."""


class Pump:
    """Advances one strap until it is cancelled; `sent` runs after each step to carry what there is to send.

    Body time starts at the strap's own `now_s` and runs at `speed` times the wall.
    """

    def __init__(self, *, strap: Strap, sent: Callable[[], Awaitable[None]], speed: float = 1.0) -> None:
        self.strap = strap
        self.speed = speed
        self._sent = sent

    async def run(self) -> None:
        """Run for ever."""
        zero_s = time.monotonic() - self.strap.now_s / self.speed
        while True:
            self.strap.advance((time.monotonic() - zero_s) * self.speed)
            await self._sent()
            await asyncio.sleep(STEP_S)
