"""The clients of the service: each with a queue of its own, so that a slow one is dropped and never waited for."""

import asyncio
from contextlib import suppress
from time import monotonic

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from breathsync.samples import Samples, Stream
from breathsync.service.messages import Subscribe, samples
from breathsync.service.thinned import Thinned

LONGEST_QUEUE = 512
"""About 20 s of a session with samples; a client that is further behind is not reading."""
COMMANDS_A_SECOND = 20


class Client:
    """One connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._queue: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)
        self._began_s = monotonic()
        self._commands = 0
        self.live = False
        self._samples_hz = 0.0
        self._thinned: Thinned | None = None

    def send(self, text: str) -> None:
        """Queue a message; a client that does not read is cut off at once."""
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self._connection.transport.abort()

    def subscribe(self, wish: Subscribe, *, rates_hz: dict[Stream, float]) -> None:
        """Remember what this client wants beside outcomes."""
        self.live, self._samples_hz = wish.live, wish.samples_hz
        self.begin(rates_hz=rates_hz)

    def begin(self, *, rates_hz: dict[Stream, float]) -> None:
        """A session with these rates runs now."""
        self._thinned = (
            Thinned(at_most_hz=self._samples_hz, rates_hz=rates_hz) if self._samples_hz > 0 else None
        )

    def show(self, block: Samples) -> None:
        """Send what the client wants of a block of samples."""
        if self._thinned is not None:
            left = self._thinned.take(block)
            if len(left):
                self.send(samples(left))

    def too_fast(self) -> bool:
        """Count a command; whether there were more than `COMMANDS_A_SECOND` of them."""
        self._commands += 1
        return self._commands > COMMANDS_A_SECOND * (1 + monotonic() - self._began_s)

    async def run(self) -> None:
        """Send what is queued until the connection is gone."""
        with suppress(ConnectionClosed):
            while True:
                await self._connection.send(await self._queue.get())
