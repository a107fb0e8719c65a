"""Simple wearers whose every sample is known, a wall clock, and what a strap said, sorted."""

import asyncio
import time
from dataclasses import dataclass, field

import numpy as np

from breathsync.outcome import Outcome, View
from breathsync.samples import (
    Battery,
    FloatArray,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Sensor

RR_MS = 875.0
"""896/1024 s, so that it goes over the air without rounding."""

_WAVES = {
    Stream.ACCELERATION: (200.0, (5.0, 900.0, 400.0)),
    Stream.GYROSCOPE: (52.0, (2.0, 1.0, 0.5)),
    Stream.ECG: (130.0, (500.0,)),
    Stream.FORCE: (10.0, (8.0,)),
}


def wave(stream: Stream, index: FloatArray, rate_hz: float) -> FloatArray:
    """The samples with these numbers of a body: slow sines on every column, whole numbers (force: halves)."""
    sizes = _WAVES[stream][1]
    t_s = index / rate_hz
    columns = [size * (1 + 0.5 * np.sin(2 * np.pi * (0.2 + 0.05 * k) * t_s)) for k, size in enumerate(sizes)]
    grain = 0.5 if stream is Stream.FORCE else 1.0
    values: FloatArray = np.rint(np.stack(columns, axis=1) / grain) * grain
    return values


class SineBody:
    """Breathes sines in the streams it is given, and its heart beats every 875 ms."""

    def __init__(self, *streams: Stream, rates_hz: dict[Stream, float] | None = None) -> None:
        chosen = streams or (Stream.ACCELERATION, Stream.ECG)
        self.rates_hz = {s: (rates_hz or {}).get(s, _WAVES[s][0]) for s in chosen}
        self.info = SensorInfo(
            name="sine", kind="test", streams=(*chosen, Stream.RR, Stream.HEART_RATE), rates_hz=self.rates_hz
        )
        self._given = dict.fromkeys(chosen, 0)
        self._beats = 0

    def until(self, t_s: float) -> list[Samples]:
        """All samples since the last call."""
        blocks = []
        for stream, rate_hz in self.rates_hz.items():
            stop = int(np.floor(t_s * rate_hz + 1e-9)) + 1
            index = np.arange(self._given[stream], stop, dtype=float)
            self._given[stream] = stop
            if len(index):
                values = wave(stream, index, rate_hz)
                blocks.append(Samples(stream=stream, t_s=index / rate_hz, values=values))
        while (self._beats + 1) * RR_MS / 1000 <= t_s:
            self._beats += 1
            beat_s = np.array([self._beats * RR_MS / 1000])
            blocks.append(Samples(stream=Stream.RR, t_s=beat_s, values=np.array([[RR_MS]])))
            bpm = np.array([[round(60000 / RR_MS)]], dtype=float)
            blocks.append(Samples(stream=Stream.HEART_RATE, t_s=beat_s, values=bpm))
        return blocks

    def hear(self, outcome: Outcome, view: View) -> None:
        """A sine hears nothing."""


class WallClock:
    """The session's axis on the wall's clock, at `speed`."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self.speed = speed
        self._zero_s = time.monotonic()

    def now_s(self) -> float:
        return (time.monotonic() - self._zero_s) * self.speed

    async def sleep_until(self, t_s: float) -> None:
        await asyncio.sleep(max(0.0, (t_s - self.now_s()) / self.speed))


@dataclass
class Heard:
    """Everything a sensor said so far."""

    events: list[SensorEvent] = field(default_factory=list)

    def blocks(self, stream: Stream) -> list[Samples]:
        return [e for e in self.events if isinstance(e, Samples) and e.stream is stream]

    def values(self, stream: Stream) -> FloatArray:
        return np.concatenate([b.values for b in self.blocks(stream)])

    def times(self, stream: Stream) -> FloatArray:
        return np.concatenate([b.t_s for b in self.blocks(stream)])

    @property
    def states(self) -> list[SensorState]:
        return [e.state for e in self.events if isinstance(e, SensorChange)]

    @property
    def changes(self) -> list[SensorChange]:
        return [e for e in self.events if isinstance(e, SensorChange)]

    @property
    def batteries(self) -> list[int]:
        return [e.percent for e in self.events if isinstance(e, Battery)]


async def listen(sensor: Sensor, heard: Heard) -> None:
    """Hear a sensor out."""
    async for event in sensor.events():
        heard.events.append(event)


async def until(true: object, *, within_s: float = 10.0) -> None:
    """Wait until `true()` is so; fails the test otherwise."""
    assert callable(true)
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)
