"""A session that another process holds, seen through the service: a face here, the gate there."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from breathsync.errors import BreathsyncError, DecodeError, UsageError
from breathsync.guide.events import Ended, Word
from breathsync.outcome import View
from breathsync.samples import FloatArray
from breathsync.service.decode import command, parse_message
from breathsync.service.messages import (
    Command,
    Hello,
    Invitation,
    Live,
    Names,
    Notice,
    Refused,
    SampleBlock,
    SayAnswer,
    SayWord,
    Start,
    Started,
    Subscribe,
    TracePiece,
    WholeView,
)
from breathsync.service.trace_sent import KEPT_S

HOST = "127.0.0.1"
PORT = 8787
FIRST_VIEW_WITHIN_S = 20.0
"""A strap may take its time to be found."""
INVITED_WITHIN_S = 200.0
"""And a person theirs to open the page on the phone."""
LARGEST_MESSAGE = 4_000_000
"""Bytes; the whole trace of two minutes is a twentieth of that."""
ADVICE = "Start it: breathsync serve, or breathsync serve ROUTINE --source SOURCE."


def token_file(folder: Path, *, port: int) -> Path:
    """Where the service at `port` keeps its token: two services must not write over each other's."""
    return folder / ("service-token" if port == PORT else f"service-token-{port}")


class AttachedTrace:
    """The breath's trace as it came in pieces; `window` as `breath.trace.Trace` has it."""

    def __init__(self) -> None:
        self.t_s: FloatArray = np.empty(0)
        self.level: FloatArray = np.empty(0)
        self.moving: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self.phase: NDArray[np.int8] = np.empty(0, dtype=np.int8)

    def take(self, piece: TracePiece) -> None:
        """Add a piece, or begin anew with it."""
        level = np.array([np.nan if value is None else value for value in piece.level], dtype=np.float64)
        new = (np.array(piece.t_s, dtype=np.float64), level, np.array(piece.moving, dtype=np.bool_))
        phase = np.array(piece.phase, dtype=np.int8)
        if not piece.anew:
            old = (self.t_s, self.level, self.moving)
            t_s, level, moving = (np.concatenate(pair) for pair in zip(old, new, strict=True))
            phase = np.concatenate([self.phase, phase])
        else:
            t_s, level, moving = new
        first = int(np.searchsorted(t_s, t_s[-1] - KEPT_S)) if len(t_s) else 0
        self.t_s, self.level = t_s[first:], level[first:]
        self.moving, self.phase = moving[first:], phase[first:]

    def window(self, seconds: float) -> "AttachedTrace":
        """The last `seconds`."""
        part = AttachedTrace()
        first = int(np.searchsorted(self.t_s, self.t_s[-1] - seconds)) if len(self.t_s) else 0
        part.t_s, part.level = self.t_s[first:], self.level[first:]
        part.moving, part.phase = self.moving[first:], self.phase[first:]
        return part


class AttachedSession:
    """What a face needs of a session. Ending this ends nothing but the watching: only the word STOP stops it."""

    def __init__(
        self, connection: ClientConnection, *, say: Callable[[str], None], invite: Callable[[str], None]
    ) -> None:
        self.faces: list[Any] = []
        self.routine = ""
        self.trace = AttachedTrace()
        self.conductor = SimpleNamespace(follower=SimpleNamespace(trace=self.trace))
        """Where a screen finds the trace of a session of its own."""
        self._connection = connection
        self._say = say
        self._invite = invite
        self._view: View | None = None
        self._outgoing: asyncio.Queue[Command] = asyncio.Queue()

    @property
    def view(self) -> View:
        """The session now, as last heard."""
        assert self._view is not None, "attach() waits for the first view"
        return self._view

    def say(self, word: Word, *, by: str = "key") -> None:
        """The person's word."""
        self._outgoing.put_nowait(SayWord(word=word))

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        """The person's answer."""
        self._outgoing.put_nowait(SayAnswer(question=question, value=value, note=note))

    async def run(self) -> Ended:
        """Listen until the session has ended. Raises BreathsyncError when the service goes away before."""
        sending = asyncio.create_task(self._send())
        try:
            while (ended := await self._hear()) is None:
                pass
            return ended
        except ConnectionClosed:
            raise BreathsyncError(
                "The service has gone, and with it the session; what was recorded is kept.",
                advice="See breathsync log list.",
            ) from None
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            await self.close()

    async def begin(self, start: Start | None) -> None:
        """Wait until there is a view; without a running session send `start` first."""
        async with asyncio.timeout(FIRST_VIEW_WITHIN_S) as limit:
            while self._view is None:
                match parse_message(await self._connection.recv()):
                    case Hello(running=False) if start is None:
                        raise UsageError(
                            "No session is running.",
                            advice="Name a --source to begin one, or see breathsync serve.",
                        )
                    case Hello(running=running):
                        await self._connection.send(command(Subscribe(view=True)))
                        if not running and start is not None:
                            await self._connection.send(command(start))
                    case Refused(message=message):
                        raise BreathsyncError(f"The service says: {message}")
                    case Invitation(text=text):
                        self._invite(text)
                        limit.reschedule(asyncio.get_running_loop().time() + INVITED_WITHIN_S)
                    case message:
                        self._take(message)

    async def close(self) -> None:
        """Look away; the session goes on."""
        await self._connection.close()

    async def _hear(self) -> Ended | None:
        message = parse_message(await self._connection.recv())
        self._take(message)
        return message if isinstance(message, Ended) else None

    def _take(self, message: object) -> None:
        match message:
            case WholeView(view=view, trace=piece):
                self._view = view
                self.trace.take(piece)
            case Started(routine=routine):
                self.routine = routine
            case Refused(message=why) | Notice(message=why):
                self._say(why)
            case Hello() | Live() | Names() | SampleBlock() | Invitation():
                pass
            case outcome:
                if self._view is not None:
                    for face in self.faces:
                        face.hear(outcome, self._view)

    async def _send(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._connection.send(command(await self._outgoing.get()))


async def attach(
    *,
    port: int,
    folder: Path,
    start: Start | None = None,
    say: Callable[[str], None],
    invite: Callable[[str], None],
) -> AttachedSession:
    """Attach to the session the service at `port` runs; where none runs, have it begin `start`.

    `folder`: that of the logbook, where the token lies. `say` hears what the service refuses later, `invite` what
    must be seen before a phone can be reached. Raises BreathsyncError that says what to do.
    """
    token = _read(token_file(folder, port=port), port=port)
    try:
        connection = await connect(
            f"ws://{HOST}:{port}",
            additional_headers={"Authorization": f"Bearer {token}"},
            proxy=None,
            compression=None,
            max_size=LARGEST_MESSAGE,
        )
    except InvalidStatus as error:
        raise BreathsyncError(
            f"What listens on port {port} does not let us in (HTTP {error.response.status_code}).",
            advice="Is it another program, or a service of another person?",
        ) from None
    except (OSError, InvalidHandshake):
        raise BreathsyncError(f"No service answers on port {port}.", advice=ADVICE) from None
    session = AttachedSession(connection, say=say, invite=invite)
    try:
        await session.begin(start)
    except (TimeoutError, ConnectionClosed, DecodeError) as error:
        await session.close()
        raise BreathsyncError(
            f"The service did not show its session ({type(error).__name__}).",
            advice="Do service and this program have the same version?",
        ) from None
    except BaseException:
        await session.close()
        raise
    return session


def _read(path: Path, *, port: int) -> str:
    try:
        return path.read_text()
    except OSError:
        raise BreathsyncError(f"No service of yours runs on port {port}.", advice=ADVICE) from None
