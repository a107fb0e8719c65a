"""What the tests of the server share: a session that waits to be ended, and a service that runs such."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from breathsync.breath.events import Live
from breathsync.breath.trace import Trace
from breathsync.guide.events import Ended, EndKind, GuideView, Place, Step, Word
from breathsync.outcome import View
from breathsync.samples import Samples, SensorChange, SensorInfo, SensorState, Stream
from breathsync.service.server import Service

TOKEN = "a-token-of-the-test"
BELT = SensorInfo(name="belt", kind="fake", streams=(Stream.FORCE,), rates_hz={Stream.FORCE: 100.0})
VIEW = View(
    t_s=0.0,
    guide=GuideView(step=Step(t_s=0.0, place=Place.EASE, side=None, point=0, points=0, sentence="Ease.")),
    live=Live(),
    sensor=SensorChange(t_s=0.0, state=SensorState.STREAMING),
    info=BELT,
)


class FakeSession:
    """Remembers the words; ends when it is stopped."""

    def __init__(self) -> None:
        self.view = VIEW
        self.sensor = SimpleNamespace(info=BELT)
        self.conductor = SimpleNamespace(follower=SimpleNamespace(trace=Trace()))
        self.faces: list[Any] = []
        self.on_samples: Callable[[Samples], None] | None = None
        self.words: list[tuple[Word, str]] = []
        self.answers: list[tuple[str, object, str]] = []
        self.over = asyncio.Event()
        self.broken: Exception | None = None
        self.clock = SimpleNamespace(now_s=lambda: 1.0)

    def say(self, word: Word, *, by: str) -> None:
        self.words.append((word, by))

    def answer(self, question: str, value: object, *, note: str) -> None:
        self.answers.append((question, value, note))

    def stop_now(self) -> None:
        self.over.set()

    async def run(self) -> Ended:
        await self.over.wait()
        if self.broken is not None:
            raise self.broken
        return Ended(t_s=1.0, how=EndKind.STOPPED)


class Running(SimpleNamespace):
    """A service that listens, with the sessions it opened."""

    service: Service
    sessions: list[FakeSession]
    url: str

    @property
    def session(self) -> FakeSession:
        return self.sessions[-1]
