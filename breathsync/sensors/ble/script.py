"""Carries out a profile's steps on a link: read, subscribe, write, ask and wait for the answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from breathsync.errors import SensorError, SensorTrouble
from breathsync.sensors.ble.link import Link
from breathsync.sensors.ble.profiles.base import Ask, Read, Script, Step, Subscribe, Write
from breathsync.sensors.ble.trouble import sensor_error

T = TypeVar("T")

STEP_WITHIN_S = 10.0
"""Bluetooth itself waits 30 s for an answer; a strap that is there answers in a fraction of a second."""


class ScriptRunner:
    """Runs scripts on one link, no longer than it stands. `heard` gets every notification."""

    def __init__(
        self, *, link: Link, gone: asyncio.Event, heard: Callable[[str, bytes], None], strap: str
    ) -> None:
        self._link = link
        self._gone = gone
        self._heard = heard
        self._strap = strap
        self._answer: asyncio.Future[bytes] | None = None

    def answer(self, data: bytes) -> None:
        """An answer has come; the `Ask` that waits takes it, or nobody does."""
        if self._answer and not self._answer.done():
            self._answer.set_result(data)

    async def run(self, script: Script[T]) -> T:
        """Carry out all steps and return what the script does. Raises SensorError of the step that failed."""
        reply: bytes | None = None
        while True:
            try:
                step = script.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = await self._or_gone(self._step(step))

    async def _step(self, step: Step) -> bytes | None:
        try:
            async with asyncio.timeout(STEP_WITHIN_S):
                return await self._do(step)
        except TimeoutError:
            raise self._no_answer() from None  # not even "optional": the link itself is in doubt
        except SensorError:
            if not step.optional or self._gone.is_set():
                raise
        return None

    async def _do(self, step: Step) -> bytes | None:
        match step:
            case Read():
                return await self._link.read(step.characteristic)
            case Subscribe():
                await self._link.subscribe(step.characteristic, self._heard)
            case Write():
                await self._write(step)
            case Ask():
                return await self._ask(step)
        return None

    async def _ask(self, step: Ask) -> bytes:
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(step.within_s):
                await self._write(step)
                return await self._answer
        except TimeoutError:
            raise self._no_answer() from None
        finally:
            self._answer = None

    def _no_answer(self) -> SensorError:
        return sensor_error(SensorTrouble.LOST, strap=self._strap, detail="it did not answer")

    async def _write(self, step: Write | Ask) -> None:
        await self._link.write(step.characteristic, step.data, response=step.response, chunk=step.chunk)

    async def _or_gone(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work`, but no longer than the link stands."""
        doing = asyncio.create_task(work)
        gone = asyncio.create_task(self._gone.wait())
        try:
            await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise sensor_error(SensorTrouble.LOST, strap=self._strap)
        finally:
            for task in (doing, gone):
                task.cancel()
            await asyncio.gather(doing, gone, return_exceptions=True)
