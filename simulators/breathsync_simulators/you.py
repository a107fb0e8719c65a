"""Be the body yourself: a body that breathes as usual until keys take over, with a belt on it.

It shows in a minute, without hardware, what opens the gate and what does not: a full breath does, a small one does
not, and a lean looks like a breath to a sensor but not to the gate.
"""

from collections.abc import AsyncIterator
from enum import Enum, auto

import numpy as np

from breathsync.samples import Battery, Samples, SensorChange, SensorEvent, SensorInfo, SensorState, Stream
from breathsync.sensors.base import Clock

RATE_HZ = 10.0
BLOCK_S = 0.2

USUAL_S = 4.5
USUAL_IN, USUAL_OUT = 0.4, 0.45
"""Shares of a usual breath: in, then out, then a pause."""
IN_PER_S, OUT_PER_S = 1.3, 1.2
"""By key, in usual breaths a second: a full breath of four takes three seconds."""
FULLEST = 5.5
PAUSE_S = 0.8
SMOOTH_S = 0.2
"""Chests have mass: no corner in the curve is sharper than this."""
MOVE_DEG_PER_S = 12.0
LEAN_DEG, TURN_DEG = 5.0, 15.0
"""What one key press does."""
FARTHEST_DEG = 60.0

REST_N, USUAL_N = 12.0, 0.9
LEAN_N_PER_DEG, TURN_N_PER_DEG = 0.25, 0.01
"""A lean of five degrees moves a belt as much as a breath and a half."""
NOISE_N = 0.006

INFO = SensorInfo(
    name="your own simulated belt",
    kind="belt",
    streams=(Stream.FORCE,),
    rates_hz={Stream.FORCE: RATE_HZ},
    model="simulated force belt",
    simulated=True,
)


class _Way(Enum):
    USUAL = auto()
    IN = auto()
    OUT = auto()


class YourBody:
    """Breathes as usual by itself; `breathe_in` and `breathe_out` take over until the lungs are empty again."""

    def __init__(self, *, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._way = _Way.USUAL
        self._phase = 0.0
        self._wanted = 0.0
        self._volume = 0.0
        self._pause_s = 0.0
        self._lean_deg = self._turn_deg = 0.0
        self._lean_to_deg = self._turn_to_deg = 0.0

    @property
    def volume(self) -> float:
        """Air in the chest, in usual breaths."""
        return self._volume

    def breathe_in(self) -> None:
        """Breathe in from here on."""
        self._way, self._wanted = _Way.IN, self._volume

    def breathe_out(self) -> None:
        """Breathe out from here on; then as usual again."""
        self._way, self._wanted, self._pause_s = _Way.OUT, self._volume, PAUSE_S

    def lean(self, way: int) -> None:
        """Lean forward (1) or back (-1) by one step, and stay there."""
        self._lean_to_deg = float(np.clip(self._lean_to_deg + way * LEAN_DEG, -FARTHEST_DEG, FARTHEST_DEG))

    def turn(self, way: int) -> None:
        """Turn right (1) or left (-1) by one step, and stay there."""
        self._turn_to_deg = float(np.clip(self._turn_to_deg + way * TURN_DEG, -FARTHEST_DEG, FARTHEST_DEG))

    def advance(self, by_s: float) -> float:
        """Live for `by_s`; returns the force on the belt, N."""
        match self._way:
            case _Way.USUAL:
                self._phase = (self._phase + by_s / USUAL_S) % 1.0
                self._wanted = _usual(self._phase)
            case _Way.IN:
                self._wanted = min(FULLEST, self._wanted + IN_PER_S * by_s)
            case _Way.OUT:
                self._wanted = max(0.0, self._wanted - OUT_PER_S * by_s)
                if self._wanted == 0.0:
                    self._pause_s -= by_s
                if self._pause_s <= 0.0:
                    self._way, self._phase = _Way.USUAL, 0.0
        self._volume += (self._wanted - self._volume) * min(1.0, by_s / SMOOTH_S)
        self._lean_deg = _towards(self._lean_deg, self._lean_to_deg, MOVE_DEG_PER_S * by_s)
        self._turn_deg = _towards(self._turn_deg, self._turn_to_deg, MOVE_DEG_PER_S * by_s)
        moved = LEAN_N_PER_DEG * self._lean_deg + TURN_N_PER_DEG * abs(self._turn_deg)
        return REST_N + USUAL_N * self._volume + moved + float(self._random.normal(0.0, NOISE_N))


class YourSensor:
    """A `Sensor`: the belt on `body`, at the speed of life."""

    def __init__(self, *, clock: Clock, seed: int = 0) -> None:
        self.body = YourBody(seed=seed)
        self._clock = clock
        self._open = False

    @property
    def info(self) -> SensorInfo:
        """Who the sensor is."""
        return INFO

    async def connect(self) -> None:
        """Put the belt on: always works."""
        self._open = True

    async def events(self) -> AsyncIterator[SensorEvent]:
        """Blocks of force from the clock's present on, until `close`."""
        t_s = self._clock.now_s()
        yield SensorChange(t_s=t_s, state=SensorState.STREAMING)
        yield Battery(t_s=t_s, percent=100)
        per_block = round(BLOCK_S * RATE_HZ)
        while self._open:
            await self._clock.sleep_until(t_s + BLOCK_S)
            times = t_s + (1 + np.arange(per_block)) / RATE_HZ
            force_n = np.array([self.body.advance(1 / RATE_HZ) for _ in times])
            t_s += BLOCK_S
            yield Samples(stream=Stream.FORCE, t_s=times, values=force_n[:, None])

    async def close(self) -> None:
        """Take the belt off."""
        self._open = False


def _usual(phase: float) -> float:
    """A usual breath, 0..1, at `phase` 0..1 of it."""
    if phase < USUAL_IN:
        return 0.5 * (1 - float(np.cos(np.pi * phase / USUAL_IN)))
    if phase < USUAL_IN + USUAL_OUT:
        return 0.5 * (1 + float(np.cos(np.pi * (phase - USUAL_IN) / USUAL_OUT)))
    return 0.0


def _towards(value: float, goal: float, step: float) -> float:
    return value + float(np.clip(goal - value, -step, step))
