"""A live session: the only place that knows sensor, conductor, logbook and faces.

The sensor's events go into the log first and into the conductor second; what the conductor says goes into the
log first and to the faces second. So nothing is announced that is not recorded.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from breathsync.conductor import Conductor, Heartbeat, Input, Outcome, View
from breathsync.guide.events import Answered, Ended, EndKind, Said, Word
from breathsync.samples import Samples, SensorChange, SensorState
from breathsync.sensors.base import Clock, Sensor

HEARTBEAT_S = 0.25
SILENCE_S = 1.0
"""Samples of a belt over Bluetooth come in bursts with pauses of half a second; only after a second does the
session's own clock speak for them."""


class Face(Protocol):
    """Whoever shows or hears a session: a screen, plain lines, sound, a simulated person, another program."""

    def hear(self, outcome: Outcome, view: View) -> None:
        """Take in one outcome. Must return at once and never raise."""
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
        conductor: Conductor,
        clock: Clock,
        recorder: Recorder,
        faces: Sequence[Face] = (),
        seen: Callable[[Samples], None] | None = None,
    ) -> None:
        self.sensor = sensor
        self.conductor = conductor
        self.clock = clock
        self.recorder = recorder
        self.faces = list(faces)
        self._seen = seen
        self._last_data_s = 0.0
        self._done = asyncio.Event()

    @property
    def view(self) -> View:
        """The session as a face shows it now."""
        return self.conductor.view

    def say(self, word: Word, *, by: str = "key") -> None:
        """The person's word, now."""
        self._put(Said(t_s=self.clock.now_s(), word=word, by=by))

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        """The person's answer to the question on screen."""
        self._put(Answered(t_s=self.clock.now_s(), question=question, value=value, note=note))

    async def run(self) -> Ended:
        """Run to the end and return how it ended. The stream is stopped and the log closed whatever happens."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat())]
        done = asyncio.create_task(self._done.wait())
        try:
            await asyncio.wait([*tasks, done], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            return self.conductor.ended or self._stop(EndKind.SENSOR_ENDED)
        except BaseException:
            self._stop(EndKind.STOPPED)
            raise
        finally:
            for task in (*tasks, done):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, done, return_exceptions=True)
            await asyncio.shield(self.sensor.close())
            self.recorder.close(self.conductor.ended or Ended(t_s=self.clock.now_s(), how=EndKind.INTERRUPTED))

    async def _read(self) -> None:
        async for event in self.sensor.events():
            self._put(event)
            if self.conductor.ended:
                break
            if isinstance(event, SensorChange) and event.state is SensorState.ENDED:
                break
        self._done.set()

    async def _beat(self) -> None:
        while True:
            await self.clock.sleep_until(self.clock.now_s() + HEARTBEAT_S)
            if self.clock.now_s() - self._last_data_s > SILENCE_S:
                self._put(Heartbeat(t_s=self.clock.now_s()))

    def _stop(self, how: EndKind) -> Ended:
        if not self.conductor.ended and how is EndKind.STOPPED:
            self.say(Word.STOP)
        return self.conductor.ended or Ended(t_s=self.clock.now_s(), how=how)

    def _put(self, item: Input) -> None:
        self.recorder.put(item)
        if isinstance(item, Samples):
            self._last_data_s = self.clock.now_s()
            if self._seen:
                self._seen(item)
        for outcome in self.conductor.put(item):
            self.recorder.put(outcome)
            for face in self.faces:
                face.hear(outcome, self.conductor.view)
        if self.conductor.ended:
            self._done.set()
