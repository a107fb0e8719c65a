"""Serves a running session to other programs on this machine.

Loopback only, with a token that only the owner of the session can read, and closed to web pages: a browser
sends an Origin, and no origin is allowed. A client that reads too slowly is dropped; the session never waits.
"""

import asyncio
import hmac
import json
import os
import secrets
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from breathsync.errors import UsageError
from breathsync.outcome import Outcome, View
from breathsync.service.messages import LONGEST_COMMAND, event, hello, live, parse_command
from breathsync.session import Session

HOST = "127.0.0.1"
PORT = 8787
LIVE_S = 0.1
LONGEST_QUEUE = 256
"""About 20 s of a session; a client that is further behind is not reading."""


def write_token(path: Path) -> str:
    """Make a new token and write it to a file that only its owner can read."""
    token = secrets.token_urlsafe(24)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(token)
    return token


class Service:
    """A `Face` that sends what it hears to every client, and passes their words to the session."""

    def __init__(self, *, token: str) -> None:
        self._token = token
        self._queues: dict[ServerConnection, asyncio.Queue[str]] = {}
        self._session: Session | None = None
        self._server: Server | None = None

    async def start(self, session: Session, *, port: int = PORT) -> int:
        """Begin to listen; returns the port (that of the system's choice for port 0). Raises OSError if taken."""
        self._session = session
        self._server = await serve(
            self._client, HOST, port, origins=[None], process_request=self._admit, max_size=LONGEST_COMMAND
        )
        port_taken: int = next(iter(self._server.sockets)).getsockname()[1]
        return port_taken

    async def close(self) -> None:
        """Send what waits, say good-bye to every client and stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def hear(self, outcome: Outcome, view: View) -> None:
        """Queue one outcome for every client."""
        if self._queues:
            self._send_all(event(outcome))

    async def stream_live(self) -> None:
        """Send the breath at this moment ten times a second, until cancelled."""
        while True:
            await asyncio.sleep(LIVE_S)
            if self._session is not None and self._queues:
                self._send_all(live(self._session.view))

    def _send_all(self, message: dict[str, Any]) -> None:
        text = json.dumps(message)
        for connection, queue in list(self._queues.items()):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:
                del self._queues[connection]
                connection.transport.abort()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        offered = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(offered.encode(), self._token.encode()):
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "Send the token: Authorization: Bearer ...\n")

    async def _client(self, connection: ServerConnection) -> None:
        assert self._session is not None
        queue: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)
        queue.put_nowait(json.dumps(hello(self._session.view)))
        self._queues[connection] = queue
        sender = asyncio.create_task(self._send(connection, queue))
        try:
            async for text in connection:
                try:
                    self._session.say(parse_command(text), by="service")
                except UsageError as error:
                    queue.put_nowait(json.dumps({"type": "error", "message": str(error)}))
        except (ConnectionClosed, asyncio.QueueFull):
            pass
        finally:
            self._queues.pop(connection, None)
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender

    async def _send(self, connection: ServerConnection, queue: asyncio.Queue[str]) -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.send(await queue.get())
