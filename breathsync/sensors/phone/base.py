"""What the phone apps have in common: dates, reconnecting, and words when the app is silent."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import numpy as np

from breathsync.errors import SensorError
from breathsync.samples import (
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Clock
from breathsync.sensors.clock import DeviceClock, in_order
from breathsync.sensors.phone.units import PhoneBlock

BACK_OFF_S = (0.5, 10.0)
SILENT_S = 2.0
"""An app that says nothing for so long is locked, paused or out of reach, whatever its connection says."""

PhoneEvent = PhoneBlock | SensorChange


class PhoneSensor(ABC):
    """A phone behind the `Sensor` protocol. A subclass says how to reach the app and what it sends."""

    wanted = ""
    """What the person has to do before the phone sends anything, in one sentence."""
    silent = "The phone has gone silent: is it locked, or out of the network?"
    """What may be wrong when it sent motion and sends none any more, though the connection stands."""

    def __init__(self, *, info: SensorInfo, clock: Clock) -> None:
        self.info = info
        self._clock = clock
        self._dates = DeviceClock()
        self._newest_s: dict[Stream, float] = {}
        self._open = False

    async def connect(self) -> None:
        """Reach the app and learn what it offers. Raises SensorError with advice."""
        self.info = await self._reach()
        self._open = True

    async def events(self) -> AsyncIterator[SensorEvent]:
        """Samples and changes until `close`; a phone that goes away is looked for again and again.

        The first block after any trouble says that the phone is streaming (again).
        """
        yield SensorChange(t_s=self._clock.now_s(), state=SensorState.SEARCHING, why=self.wanted)
        streaming = False
        while self._open:
            try:
                async with aclosing(self._watched()) as heard:
                    async for event in heard:
                        if event is None:
                            if streaming:
                                streaming = False
                                yield SensorChange(
                                    t_s=self._clock.now_s(), state=SensorState.STALE, why=self.silent
                                )
                            continue
                        if isinstance(event, SensorChange):
                            streaming = False
                            yield event
                            continue
                        if not streaming:
                            streaming = True
                            yield SensorChange(t_s=self._clock.now_s(), state=SensorState.STREAMING)
                        yield self._dated(event)
            except SensorError as error:
                yield SensorChange(t_s=self._clock.now_s(), state=SensorState.LOST, why=str(error))
            streaming = False
            back_off_s = BACK_OFF_S[0]
            while self._open:
                await self._clock.sleep_until(self._clock.now_s() + back_off_s)
                back_off_s = min(2 * back_off_s, BACK_OFF_S[1])
                yield SensorChange(t_s=self._clock.now_s(), state=SensorState.RECONNECTING)
                try:
                    self.info = await self._reach()
                    self._dates.rejoin()
                    break
                except SensorError as error:
                    yield SensorChange(t_s=self._clock.now_s(), state=SensorState.LOST, why=str(error))

    async def close(self) -> None:
        """Let go of the phone."""
        self._open = False
        await self._leave()

    async def _watched(self) -> AsyncGenerator[PhoneEvent | None, None]:
        """What the app sends, and None each time it has been silent for `SILENT_S`."""
        stream = self._stream()
        coming: asyncio.Future[PhoneEvent] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(anext(stream))
                if not (await asyncio.wait({coming}, timeout=SILENT_S))[0]:
                    yield None
                    await asyncio.wait({coming})
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    return
                yield event
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await stream.aclose()

    def _dated(self, block: PhoneBlock) -> Samples:
        t_s = self._dates.date(block.device_time_ns, arrived_s=self._clock.now_s())
        t_s = in_order(t_s, after_s=self._newest_s.get(block.stream, -np.inf))
        self._newest_s[block.stream] = float(t_s[-1])
        return Samples(stream=block.stream, t_s=t_s, values=block.values)

    @abstractmethod
    async def _reach(self) -> SensorInfo:
        """Connect to the app and say what it offers. Raises SensorError."""

    @abstractmethod
    def _stream(self) -> AsyncGenerator[PhoneEvent, None]:
        """What the app sends, until it is gone. Raises SensorError that says why it went."""

    @abstractmethod
    async def _leave(self) -> None:
        """Close whatever `_reach` opened. Safe to call twice."""
