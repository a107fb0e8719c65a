"""Serves sessions to other programs on this machine.

Loopback only, with a token that only its owner can read, and closed to web pages: a browser sends an Origin, and
no origin is allowed. The session never waits for a client.
"""

import asyncio
import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from breathsync.errors import BreathsyncError, UsageError
from breathsync.guide.events import Ended
from breathsync.outcome import Outcome, View
from breathsync.plan import Plan
from breathsync.samples import Samples
from breathsync.service.clients import Client
from breathsync.service.messages import (
    LONGEST_COMMAND,
    ListNames,
    Names,
    Refused,
    SayAnswer,
    SayWord,
    Start,
    Started,
    Subscribe,
    encode,
    event,
    hello,
    live,
    parse_command,
)
from breathsync.session import Session

HOST = "127.0.0.1"
PORT = 8787
LIVE_S = 0.1
HOSTS = ("127.0.0.1", "localhost", "[::1]")

Open = Callable[[Plan], Awaitable[Session]]


def write_token(path: Path) -> str:
    """Make a new token and write it to a file that only its owner can read."""
    token = secrets.token_urlsafe(24)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(token)
    return token


class Service:
    """One session at a time, for any number of clients. `names` says which routines and sources there are."""

    def __init__(self, *, token: str, open_session: Open, names: Callable[[], Names]) -> None:
        self._token = token
        self._open = open_session
        self._names = names
        self._clients: dict[ServerConnection, Client] = {}
        self._session: Session | None = None
        self._routine = ""
        self._tasks: set[asyncio.Task[Ended]] = set()
        self._server: Server | None = None

    async def listen(self, *, port: int = PORT) -> int:
        """Begin to listen; returns the port (that of the system's choice for port 0). Raises OSError if taken."""
        self._server = await serve(
            self._client, HOST, port, origins=[None], process_request=self._admit, max_size=LONGEST_COMMAND
        )
        port_taken: int = next(iter(self._server.sockets)).getsockname()[1]
        return port_taken

    async def close(self) -> None:
        """Save a running session as stopped, say good-bye to every client and stop listening."""
        if self._session is not None:
            self._session.stop_now()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def start(self, plan: Plan) -> "asyncio.Task[Ended]":
        """Begin a session. Raises UsageError while one runs, and whatever keeps the session from starting."""
        if self._session is not None:
            raise UsageError("A session is running.", advice="Send the word stop first.")
        session = await self._open(plan)
        session.faces.append(self)
        session.on_samples = self._show
        self._session, self._routine = session, plan.routine
        for client in self._clients.values():
            client.begin(rates_hz=session.sensor.info.rates_hz)
        self._send_all(self._started(session))
        task = asyncio.create_task(self._run(session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hear(self, outcome: Outcome, view: View) -> None:
        """Queue one outcome for every client (this is a `Face` of the session)."""
        if self._clients:
            self._send_all(event(outcome))

    async def _run(self, session: Session) -> Ended:
        pictures = asyncio.create_task(self._send_live(session))
        try:
            return await session.run()
        finally:
            self._session = None
            pictures.cancel()
            with suppress(asyncio.CancelledError):
                await pictures

    async def _send_live(self, session: Session) -> None:
        while True:
            await asyncio.sleep(LIVE_S)
            watching = [client for client in self._clients.values() if client.live]
            if watching:
                text = live(session.view)
                for client in watching:
                    client.send(text)

    def _show(self, block: Samples) -> None:
        for client in list(self._clients.values()):
            client.show(block)

    def _send_all(self, text: str) -> None:
        for client in list(self._clients.values()):
            client.send(text)

    def _started(self, session: Session) -> str:
        return encode(Started(routine=self._routine, sensor=session.sensor.info))

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        host = request.headers.get("Host", "").rpartition(":")[0]
        offered = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if host not in HOSTS:
            return connection.respond(HTTPStatus.FORBIDDEN, "Only from this machine.\n")
        if hmac.compare_digest(offered.encode(), self._token.encode()):
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "Send the token: Authorization: Bearer ...\n")

    async def _client(self, connection: ServerConnection) -> None:
        client = Client(connection)
        client.send(hello(running=self._session is not None))
        if self._session is not None:
            client.begin(rates_hz=self._session.sensor.info.rates_hz)
            client.send(self._started(self._session))
            client.send(live(self._session.view))
        self._clients[connection] = client
        sender = asyncio.create_task(client.run())
        try:
            async for text in connection:
                if client.too_fast():
                    connection.transport.abort()
                    break
                try:
                    await self._obey(client, text)
                except BreathsyncError as error:
                    client.send(encode(Refused(message=str(error))))
        except ConnectionClosed:
            pass
        finally:
            self._clients.pop(connection, None)
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender

    async def _obey(self, client: Client, text: str | bytes) -> None:
        match parse_command(text):
            case ListNames():
                client.send(encode(self._names()))
            case Subscribe() as wish:
                rates_hz = self._session.sensor.info.rates_hz if self._session else {}
                client.subscribe(wish, rates_hz=rates_hz)
            case Start() as asked:
                await self.start(
                    Plan(
                        routine=asked.routine,
                        source=asked.source,
                        speed=asked.speed,
                        seed=asked.seed,
                        check_in=asked.check_in,
                    )
                )
            case SayWord() as said:
                self._running().say(said.word, by="service")
            case SayAnswer() as answered:
                self._running().answer(answered.question, answered.value, note=answered.note)

    def _running(self) -> Session:
        if self._session is None:
            raise UsageError(
                "No session is running.", advice='Send {"type": "start", "routine": ..., "source": ...}.'
            )
        return self._session
