"""Whole sessions with a phone that is not there, as fast as the machine can: real sockets, no waiting.

The body's time goes on by a step once everything that was sent before has reached the session, so a slow machine
makes a slow test and no gaps.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from breathsync_simulators.phones.carried import Carried
from breathsync_simulators.wearers import PersonWearing, open_wearer

from breathsync.conductor import Conductor
from breathsync.guide.events import Ended
from breathsync.guide.guide import Guide
from breathsync.outcome import Input, Outcome, View
from breathsync.routine_files import load_routine
from breathsync.samples import Samples, Stream
from breathsync.sensors.base import Clock, Sensor
from breathsync.session import Session
from breathsync.settings import Settings

STEP_S = 0.25
LONGEST_S = 1200.0
TURNS = 200
ROUTINE = "first-time"


class StepClock:
    """A clock that somebody moves on."""

    speed = 1.0

    def __init__(self) -> None:
        self._now_s = 0.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    def now_s(self) -> float:
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self._now_s + seconds)

    async def sleep_until(self, t_s: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((t_s, waiting))
        if t_s <= self._now_s:
            self.move_to(self._now_s)
        await waiting

    def move_to(self, t_s: float) -> None:
        self._now_s = t_s
        due = [one for one in self._sleeping if one[0] <= t_s]
        self._sleeping = [one for one in self._sleeping if one[0] > t_s]
        for _, waiting in due:
            if not waiting.done():
                waiting.set_result(None)


@dataclass
class Counted:
    """A wearer that counts what it gives, and a recorder that counts what arrives."""

    wearer: PersonWearing
    given: int = 0
    arrived: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    off: float = 0.0
    _expected: list[Any] = field(default_factory=list)

    @property
    def info(self) -> Any:
        return self.wearer.info

    def until(self, t_s: float) -> list[Samples]:
        blocks = self.wearer.until(t_s)
        for block in blocks:
            if block.stream is Stream.ACCELERATION:
                self.given += len(block)
                self._expected.append(block.values)
        return blocks

    def put(self, item: Input | Outcome) -> None:
        if isinstance(item, Samples) and item.stream is Stream.ACCELERATION:
            expected = np.concatenate(self._expected)
            self.off = max(self.off, float(np.abs(expected[: len(item)] - item.values).max()))
            self._expected = [expected[len(item) :]]
            self.arrived += len(item)
        elif not isinstance(item, Samples):
            self.outcomes.append(item)  # type: ignore[arg-type]

    def hear(self, outcome: Outcome, view: View) -> None:
        self.wearer.hear(outcome, view)

    def close(self, ended: Ended) -> None: ...


@dataclass(kw_only=True)
class Way:
    """One way from a phone to the session: `push` sends what is new, where the phone does not do so by itself."""

    sensor: Sensor
    push: Callable[[], Awaitable[Any]] | None = None
    faces: tuple[Any, ...] = ()


def session_of(counted: Counted, clock: Clock, way: Way) -> Session:
    """A session of this person by this way."""
    routine, settings = load_routine(ROUTINE), Settings()
    info = way.sensor.info
    guide = Guide(routine=routine, settings=settings, info=info, screening=False, comfort=False)
    conductor = Conductor(info=info, routine=routine, settings=settings, guide=guide)
    return Session(
        sensor=way.sensor,
        conductor=conductor,
        clock=clock,
        recorder=counted,
        faces=[counted, *way.faces],
    )


async def live_through(counted: Counted, clock: StepClock, way: Way) -> Ended:
    """Run a session to its end. Raises AssertionError when a sample that was sent does not arrive."""
    session = session_of(counted, clock, way)
    running = asyncio.create_task(session.run())
    sent_before = 0
    try:
        while not running.done():
            clock.move_to(clock.now_s() + STEP_S)
            assert clock.now_s() < LONGEST_S, "the session does not end"
            if way.push:
                try:
                    await way.push()
                except aiohttp.ClientError:  # the session has just ended and let go of the phone
                    assert session.conductor.ended
            await _arrive(counted, sent_before, clock, running)
            sent_before = counted.given
            for word in counted.wearer.said():
                session.put(word)
            await asyncio.sleep(0)
        return await running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _arrive(counted: Counted, sent: int, clock: StepClock, running: "asyncio.Task[Ended]") -> None:
    """Wait until all that was sent has arrived. A source may hold samples back until later ones come: let them."""
    async with asyncio.timeout(10):
        turns = 0
        while counted.arrived < sent and not running.done():
            await asyncio.sleep(0)
            turns += 1
            if turns % TURNS == 0:
                clock.move_to(clock.now_s() + STEP_S / 5)


def carried(person: str, place: str, *, seed: int) -> tuple[Counted, StepClock, Carried]:
    """A person with a phone at a place of the body."""
    clock = StepClock()
    counted = Counted(open_wearer(person, place, seed=seed))
    return counted, clock, Carried(wearer=counted, now_s=clock.now_s, sleep=clock.sleep)
