"""Two sensors on one person: the breath from one, the heart from the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from breathsync.samples import (
    Battery,
    Heartbeat,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Sensor

HEART_STREAMS = frozenset({Stream.RR, Stream.HEART_RATE, Stream.ECG})


@runtime_checkable
class Choosy(Protocol):
    """A sensor that can be told what not to send: it spares its battery."""

    def ask_only(self, streams: frozenset[Stream]) -> None:
        """Ask for no other stream. To be called before `connect`."""
        ...


@runtime_checkable
class Somebody(Protocol):
    """A sensor that is a simulated person: hears the guide and answers."""

    def hear(self, outcome: Any, view: Any) -> None:
        """Hear an outcome of the session."""
        ...

    def speak_through(self, put: Callable[[Any], None]) -> None:
        """From now on say words and answers through `put`."""
        ...


class Together:
    """A belt and a heart strap as one sensor.

    The state is that of `breath`: a lost heart is told and nothing else, for it never opens the gate. The heart's
    streams come from `heart` alone. The battery told is the lower one.
    """

    def __init__(self, *, breath: Sensor, heart: Sensor) -> None:
        self._breath = breath
        self._heart = heart
        for sensor, streams in ((breath, frozenset(Stream) - HEART_STREAMS), (heart, HEART_STREAMS)):
            if isinstance(sensor, Choosy):
                sensor.ask_only(streams)
        self._state = SensorState.OFF
        self._batteries: dict[Sensor, int] = {}
        self._events: asyncio.Queue[SensorEvent | Exception | None] = asyncio.Queue()
        self._listeners: list[asyncio.Task[None]] = []

    @property
    def info(self) -> SensorInfo:
        """Both together; serial, model and firmware are the breath sensor's."""
        breath, heart = self._breath.info, self._heart.info
        streams = (
            *(s for s in breath.streams if s not in HEART_STREAMS),
            *(s for s in heart.streams if s in HEART_STREAMS),
        )
        rates_hz = {**heart.rates_hz, **breath.rates_hz}
        return replace(
            breath,
            name=f"{breath.name} and {heart.name}",
            kind=f"{breath.kind}+{heart.kind}",
            streams=streams,
            rates_hz={stream: rates_hz[stream] for stream in streams if stream in rates_hz},
            simulated=breath.simulated or heart.simulated,
        )

    def hear(self, outcome: Any, view: Any) -> None:
        """Pass it on to the person in the breath sensor, where that is a simulated one."""
        if isinstance(self._breath, Somebody):
            self._breath.hear(outcome, view)

    def speak_through(self, put: Callable[[Any], None]) -> None:
        """Let that person answer."""
        if isinstance(self._breath, Somebody):
            self._breath.speak_through(put)

    async def connect(self) -> None:
        """Reach both, one after the other (an adapter makes one link at a time). Raises SensorError of either."""
        try:
            await self._breath.connect()
            await self._heart.connect()
        except BaseException:
            await self.close()
            raise
        self._listeners = [
            asyncio.create_task(self._listen(sensor)) for sensor in (self._breath, self._heart)
        ]

    async def events(self) -> AsyncIterator[SensorEvent]:
        """What both say, in order of arrival."""
        while (event := await self._events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
        self._events.put_nowait(None)

    async def close(self) -> None:
        """Stop both, whatever the other one does."""
        try:
            await self._breath.close()
        finally:
            await self._heart.close()
            for task in self._listeners:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*self._listeners, return_exceptions=True)
            self._events.put_nowait(None)

    async def _listen(self, sensor: Sensor) -> None:
        try:
            async for event in sensor.events():
                told = self._told(sensor, event)
                if told is not None:
                    self._events.put_nowait(told)
        except Exception as error:
            self._events.put_nowait(error)

    def _told(self, sensor: Sensor, event: SensorEvent) -> SensorEvent | None:
        """The event as the pair says it; None for what the other sensor is asked for."""
        match event:
            case Samples():
                wanted = (event.stream in HEART_STREAMS) == (sensor is self._heart)
                return event if wanted else None
            case SensorInfo():
                return self.info
            case Battery():
                self._batteries[sensor] = event.percent
                return replace(event, percent=min(self._batteries.values()))
            case SensorChange() if sensor is self._breath:
                self._state = event.state
                return event
            case SensorChange():
                troubled = event.state in (SensorState.LOST, SensorState.STALE, SensorState.RECONNECTING)
                if not (event.why and troubled):
                    return None
                why = f"{self._heart.info.name}: {event.why}"
                return SensorChange(t_s=event.t_s, state=self._state, why=why)
            case Heartbeat():
                return event if sensor is self._breath else None
