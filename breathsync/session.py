"""A live session: the only place that knows sensor, conductor, logbook and faces.

The sensor's events go into the log first and into the conductor second; what the conductor says goes into the
log first and to the faces second. So nothing is announced that is not recorded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from breathsync.guide.events import Answered, Ended, EndKind, Said, Word
from breathsync.outcome import Input, Outcome, View
from breathsync.samples import Heartbeat, Samples, SensorChange, SensorState
from breathsync.sensors.base import Clock, Sensor

if TYPE_CHECKING:
    from breathsync.conductor import Conductor  # it pulls in scipy, which a face need not wait for

HEARTBEAT_S = 0.25
CLOSE_WITHIN_S = 2.0
SILENCE_S = 1.0
"""Samples of a belt over Bluetooth come in bursts with pauses of half a second; only after a second does the
session's own clock speak for them."""


@runtime_checkable
class Face(Protocol):
    """Whoever shows or hears a session: a screen, plain lines, sound, a simulated person, another program."""

    def hear(self, outcome: Outcome, view: View) -> None:
        """Take in one outcome. Must return at once and never raise."""
        ...


@runtime_checkable
class Person(Face, Protocol):
    """A sensor that is also somebody: hears the guide and answers in words, as the real person would by key."""

    def speak_through(self, put: Callable[[Said | Answered], None]) -> None:
        """From now on say words and answers through `put`."""
        ...


class Recorder(Protocol):
    """What the session needs of the logbook."""

    def put(self, item: Input | Outcome) -> None:
        """Record one input or outcome, in order. Never raises for a full disk: it keeps and says so."""
        ...

    def close(self, ended: Ended) -> None:
        """Write what is left and mark how the session ended."""
        ...


class Session:
    """Runs one sensor through one conductor until the guide has ended, the source has, or somebody stops it."""

    def __init__(
        self,
        *,
        sensor: Sensor,
        conductor: "Conductor",
        clock: Clock,
        recorder: Recorder,
        faces: Sequence[Face] = (),
    ) -> None:
        self.sensor = sensor
        self.conductor = conductor
        self.clock = clock
        self.recorder = recorder
        self.faces = list(faces)
        self.on_samples: Callable[[Samples], None] | None = None
        """Sees every block as it comes, for whoever streams them on. Must return at once and never raise."""
        self.closers: list[Callable[[], Awaitable[None]]] = []
        """Called once the log is closed, each for `CLOSE_WITHIN_S` at most: whoever else must say good-bye."""
        self._last_data_s = clock.now_s()
        self._done = asyncio.Event()
        self._waiting: list[Input] = []
        self._busy = False
        if isinstance(sensor, Face):
            self.faces.append(sensor)
        if isinstance(sensor, Person):
            sensor.speak_through(self.put)

    @property
    def view(self) -> View:
        """The session as a face shows it now."""
        return self.conductor.view

    def say(self, word: Word, *, by: str = "key") -> None:
        """The person's word, now."""
        self.put(Said(t_s=self.clock.now_s(), word=word, by=by))

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        """The person's answer to the question on screen."""
        self.put(Answered(t_s=self.clock.now_s(), question=question, value=value, note=note))

    def stop_now(self) -> None:
        """End at once as stopped (Ctrl-C, closed terminal): the first STOP leads out of the twist, the second ends."""
        for _ in range(2):
            if self.conductor.ended is None:
                self.say(Word.STOP)
        self._done.set()

    async def run(self) -> Ended:
        """Run to the end and return how it ended. The stream is stopped and the log closed whatever happens."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat())]
        waits: list[asyncio.Task[Any]] = [*tasks, asyncio.create_task(self._done.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        except asyncio.CancelledError:
            self.stop_now()
            raise
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            await asyncio.shield(self.sensor.close())
            ended = self._ended()
            self.recorder.close(ended)
            for close in self.closers:
                with suppress(Exception):  # the session is saved; nobody else's trouble is its own
                    await asyncio.wait_for(close(), CLOSE_WITHIN_S)
        return ended

    def put(self, item: Input) -> None:
        """Take in one input: record it, conduct it, record what follows, tell the faces.

        A face may put in a word while it hears (a simulated person answers a question): it waits its turn.
        """
        self._waiting.append(item)
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                self._conduct(self._waiting.pop(0))
        finally:
            self._busy = False

    def _conduct(self, item: Input) -> None:
        if isinstance(item, Samples) and item.stream is self.sensor.info.breath_stream:
            self._last_data_s = self.clock.now_s()
        self.recorder.put(item)
        if self.on_samples is not None and isinstance(item, Samples):
            self.on_samples(item)
        for outcome in self.conductor.put(item):
            self.recorder.put(outcome)
            for face in self.faces:
                face.hear(outcome, self.conductor.view)
        if self.conductor.ended:
            self._done.set()

    async def _read(self) -> None:
        async for event in self.sensor.events():
            self.put(event)
            if self.conductor.ended or (isinstance(event, SensorChange) and event.state is SensorState.ENDED):
                break
        self._done.set()

    async def _beat(self) -> None:
        while True:
            await self.clock.sleep_until(self.clock.now_s() + HEARTBEAT_S)
            # On a clock that runs faster than life a busy machine must not look like a silent strap.
            if self.clock.now_s() - self._last_data_s > SILENCE_S * max(1.0, self.clock.speed):
                self.put(Heartbeat(t_s=self.clock.now_s()))

    def _ended(self) -> Ended:
        if self.conductor.ended:
            return self.conductor.ended
        source_over = self.view.sensor.state is SensorState.ENDED
        how = EndKind.SENSOR_ENDED if source_over else EndKind.INTERRUPTED
        return Ended(t_s=self.clock.now_s(), how=how)
