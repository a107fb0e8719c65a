"""Serves sessions to other programs on this machine.

Loopback only, with a token that only its owner can read, and closed to web pages: a browser sends an Origin, and
no origin is allowed. The token comes as `Authorization: Bearer TOKEN`, or, for clients that cannot set headers
(JavaScript's own WebSocket), as the offered subprotocol `breathsync.token.TOKEN` beside `breathsync`; the answer names
`breathsync` alone. The session never waits for a client.
"""

import asyncio
import hmac
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from breathsync.errors import BreathsyncError, UnknownNameError, UsageError
from breathsync.guide.events import Ended, EndKind, GuideOutput, Word
from breathsync.guide.phrases import PHRASES
from breathsync.outcome import Outcome, View
from breathsync.plan import Plan
from breathsync.samples import Samples, SensorChange
from breathsync.service.attached import PORT
from breathsync.service.clients import Client
from breathsync.service.messages import (
    LONGEST_COMMAND,
    Invitation,
    ListNames,
    Names,
    Notice,
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
    samples,
)
from breathsync.service.sinks import both
from breathsync.service.thinned import Thinned
from breathsync.service.trace_sent import KEPT_S
from breathsync.session import Session

HOST = "127.0.0.1"
LIVE_S = 0.1
HANDSHAKE_WITHIN_S = 5.0
HOSTS = ("127.0.0.1", "localhost", "[::1]")
SUBPROTOCOL = Subprotocol("breathsync")
TOKEN_PROTOCOL = f"{SUBPROTOCOL}.token."

MOST_CLIENTS = 256
"""Each costs a little of every message; nobody has so many programs that care."""
_quiet = logging.getLogger(f"{__name__}.handshakes")
_quiet.setLevel(logging.CRITICAL + 1)
"""Half a handshake is no news, and its trace in the terminal helps nobody."""


class Open(Protocol):
    """Opens a session (`compose.open_session`)."""

    def __call__(
        self, plan: Plan, /, *, on_trouble: Callable[[str], None], invite: Callable[[str], None]
    ) -> Awaitable[Session]:
        """A session ready to run; what the person must see on the way goes to `invite`, trouble to `on_trouble`."""
        ...


def new_token() -> str:
    """A token nobody can guess."""
    return secrets.token_urlsafe(24)


def write_token(path: Path, token: str) -> None:
    """Write the token to a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(token)


class Service:
    """One session at a time. `names` says which routines and sources there are.

    `say` is told what a person beside the service should see: a phone's code, what cannot be recorded.
    """

    def __init__(
        self,
        *,
        token: str,
        open_session: Open,
        names: Callable[[], Names],
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._token = token
        self._open = open_session
        self._names = names
        self._say = say
        self._invitation = ""
        self._starting: asyncio.Task[object] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._clients: dict[ServerConnection, Client] = {}
        self._session: Session | None = None
        self._routine = ""
        self._thinned: dict[float, Thinned] = {}
        self._tasks: set[asyncio.Task[Ended]] = set()
        self._server: Server | None = None

    async def listen(self, *, port: int = PORT) -> int:
        """Begin to listen; returns the port (that of the system's choice for port 0). Raises OSError if taken."""
        self._server = await serve(
            self._client,
            HOST,
            port,
            origins=[None],
            process_request=self._admit,
            select_subprotocol=_subprotocol,
            max_size=LONGEST_COMMAND,
            max_queue=4,
            open_timeout=HANDSHAKE_WITHIN_S,
            logger=_quiet,
            compression=None,  # it costs more than loopback's bytes
        )
        port_taken: int = next(iter(self._server.sockets)).getsockname()[1]
        return port_taken

    async def close(self) -> None:
        """Save a running session as stopped, say good-bye to every client and stop listening."""
        self._take_back()
        await asyncio.gather(*self._errands, return_exceptions=True)
        if self._session is not None:
            self._session.stop_now()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def start(self, plan: Plan) -> "asyncio.Task[Ended]":
        """Begin a session. Raises UsageError while one runs, and whatever keeps the session from starting."""
        if self._session is not None or self._starting is not None:
            raise UsageError("A session is running.", advice="Send the word stop first.")
        if plan.language not in PHRASES:
            raise UnknownNameError("language", plan.language, PHRASES)
        self._starting = asyncio.current_task()
        try:
            session = await self._open(plan, on_trouble=self._trouble, invite=self._invite)
        finally:
            self._starting, self._invitation = None, ""
        session.faces.append(self)
        session.on_samples = both(session.on_samples, self._show)
        self._session, self._routine = session, plan.routine
        self._thinned.clear()
        for client in self._clients.values():
            client.begin()
        self._send_all(self._started(session))
        task = asyncio.create_task(self._run(session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hear(self, outcome: Outcome, view: View) -> None:
        """Queue one outcome for every client (this is a `Face` of the session)."""
        if not self._clients:
            return
        if isinstance(outcome, GuideOutput | SensorChange):
            self._picture(view)
        self._send_all(event(outcome))

    async def _run(self, session: Session) -> Ended:
        pictures = asyncio.create_task(self._send_live(session))
        try:
            ended = await session.run()
            if session.view.guide.ended is None:  # the guide did not end it, so nobody has been told
                self._send_all(event(ended))
            return ended
        except Exception as error:
            why = f"A fault inside the program ({type(error).__name__}: {error})."
            self._send_all(event(Ended(t_s=session.clock.now_s(), how=EndKind.INTERRUPTED, why=why)))
            raise
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
            self._picture(session.view)

    def _picture(self, view: View) -> None:
        """Send the whole view to whoever wants it."""
        wanting = [client for client in self._clients.values() if client.view]
        if wanting and self._session is not None:
            window = self._session.conductor.follower.trace.window(KEPT_S)
            for client in wanting:
                client.picture(view, window)

    def _show(self, block: Samples) -> None:
        """Send samples to whoever wants them, thinned and written down once for all who want as many."""
        texts: dict[float, str] = {}
        for client in list(self._clients.values()):
            if client.samples_hz <= 0:
                continue
            if client.samples_hz not in texts:
                left = self._thin(client.samples_hz).take(block)
                texts[client.samples_hz] = samples(left) if len(left) else ""
            if text := texts[client.samples_hz]:
                client.send(text)

    def _thin(self, at_most_hz: float) -> Thinned:
        if at_most_hz not in self._thinned:
            rates_hz = self._session.sensor.info.rates_hz if self._session else {}
            self._thinned[at_most_hz] = Thinned(at_most_hz=at_most_hz, rates_hz=rates_hz)
        return self._thinned[at_most_hz]

    def _invite(self, text: str) -> None:
        self._invitation = text
        self._say(text)
        self._send_all(encode(Invitation(text=text)))

    def _trouble(self, sentence: str) -> None:
        self._say(sentence)
        self._send_all(encode(Notice(message=sentence)))

    def _send_all(self, text: str) -> None:
        for client in list(self._clients.values()):
            client.send(text)

    def _started(self, session: Session) -> str:
        return encode(Started(routine=self._routine, sensor=session.sensor.info))

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        host = _one(request, "Host").rpartition(":")[0]
        offered = _offered_token(request)
        if host not in HOSTS:
            return connection.respond(HTTPStatus.FORBIDDEN, "Only from this machine.\n")
        if not hmac.compare_digest(offered.encode(errors="replace"), self._token.encode()):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "Send the token: Authorization: Bearer ...\n")
        if len(self._clients) >= MOST_CLIENTS:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many clients.\n")
        return None

    async def _client(self, connection: ServerConnection) -> None:
        client = Client(connection)
        client.send(hello(running=self._session is not None))
        if self._session is not None:
            client.send(self._started(self._session))
            client.send(live(self._session.view))
        elif self._invitation:
            client.send(encode(Invitation(text=self._invitation)))
        self._clients[connection] = client
        try:
            async for text in connection:
                if client.too_fast():
                    connection.transport.abort()
                    break
                try:
                    self._obey(client, text)
                except BreathsyncError as error:
                    client.send(encode(Refused(message=str(error))))
        except ConnectionClosed:
            pass
        finally:
            self._clients.pop(connection, None)

    def _obey(self, client: Client, text: str | bytes) -> None:
        match parse_command(text):
            case ListNames():
                client.send(encode(self._names()))
            case Subscribe() as wish:
                client.subscribe(wish)
                if self._session is not None:
                    self._picture(self._session.view)
            case Start() as asked:
                errand = asyncio.create_task(self._start_for(client, Plan(**msgspec.structs.asdict(asked))))
                self._errands.add(errand)
                errand.add_done_callback(self._errands.discard)
            case SayWord(word=Word.STOP) if self._starting is not None:
                self._take_back()
            case SayWord() as said:
                self._running().say(said.word, by="service")
            case SayAnswer() as answered:
                self._running().answer(answered.question, answered.value, note=answered.note)

    async def _start_for(self, client: Client, plan: Plan) -> None:
        """Begin what a client asked for, while it and all others go on talking."""
        try:
            (await self.start(plan)).add_done_callback(_broken)
        except BreathsyncError as error:
            client.send(encode(Refused(message=str(error))))
        except asyncio.CancelledError:
            client.send(encode(Refused(message="Taken back before it began.")))
        except Exception as error:  # whatever it is: said, and the service goes on
            client.send(encode(Refused(message=f"It cannot be begun ({type(error).__name__}: {error}).")))

    def _take_back(self) -> None:
        if self._starting is not None:
            self._starting.cancel()

    def _running(self) -> Session:
        if self._session is None:
            raise UsageError(
                "No session is running.", advice='Send {"type": "start", "routine": ..., "source": ...}.'
            )
        return self._session


def _broken(task: "asyncio.Task[Ended]") -> None:
    """Nobody awaits a client's session: clients have heard how it ended, the terminal hears it here."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logging.getLogger(__name__).error("The session broke (%s: %s).", type(error).__name__, error)


def _offered_token(request: Request) -> str:
    """The token as a header or as a subprotocol; empty where there is none."""
    if "Authorization" in request.headers:
        return _one(request, "Authorization").removeprefix("Bearer ")
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    tokens = [name.strip().removeprefix(TOKEN_PROTOCOL) for name in offered if TOKEN_PROTOCOL in name]
    return tokens[0] if len(tokens) == 1 else ""


def _one(request: Request, name: str) -> str:
    """A header's value; empty where it is missing or said more than once."""
    values = request.headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def _subprotocol(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Never name the one with the token: an answer may end up in a log."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None
