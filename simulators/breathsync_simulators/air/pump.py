"""Lets straps live: by the wall's clock (times a speed), or as fast as those who listen can follow."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from breathsync_simulators.straps.peripheral import Strap

STEP_S = 0.02
"""How often a strap looks at its sensor. Five frames of an H10 at 200 Hz lie 180 ms apart."""
LOCKSTEP_S = 0.18
BREATHER_S = 0.001
"""In lockstep: the wall's pause in which whoever listens takes in what was sent."""

Sent = Callable[[], Awaitable[None]]


async def by_the_wall(strap: Strap, sent: Sent, *, speed: float = 1.0) -> None:
    """Advance for ever; body time starts at the strap's own `now_s`. `sent` carries what there is to send."""
    zero_s = time.monotonic() - strap.now_s / speed
    while True:
        strap.advance((time.monotonic() - zero_s) * speed)
        await sent()
        await asyncio.sleep(STEP_S)


async def in_lockstep(strap: Strap, sent: Sent) -> None:
    """Advance for ever, each step only when the last one has been sent: no wall, so nothing is ever late."""
    while True:
        strap.advance(strap.now_s + LOCKSTEP_S)
        await sent()
        await asyncio.sleep(BREATHER_S)


class BodyClock:
    """A session's clock that is the body's own time; goes with `in_lockstep`."""

    speed = 1.0

    def __init__(self, strap: Strap) -> None:
        self._strap = strap

    def now_s(self) -> float:
        """The body's seconds."""
        return self._strap.now_s

    async def sleep_until(self, t_s: float) -> None:
        """Return when the body has lived until `t_s`."""
        while self._strap.now_s < t_s:  # noqa: ASYNC110 - the body tells nobody when it has lived on
            await asyncio.sleep(BREATHER_S)
