"""A whole short session: a simulated person wears a simulated H10, bleak's BlueZ backend lies in between.

The body lives in lockstep with the product (`air/pump.py`), so six minutes of breathing pass in some ten seconds
and nothing depends on the wall's clock.
"""

import asyncio
from dataclasses import replace

import pytest
from breathsync_simulators.air.pump import BodyClock
from breathsync_simulators.straps.registry import make_strap, sensor_of
from breathsync_simulators.wearers import PersonWearing, open_wearer

from breathsync.conductor import Conductor
from breathsync.guide.events import ConfirmedBy, EndKind, PointPassed, Verdict
from breathsync.guide.guide import Guide
from breathsync.guide.routine import Routine, Side
from breathsync.outcome import Outcome, View
from breathsync.routine_files import load_routine
from breathsync.samples import SensorChange, SensorState, Stream
from breathsync.sensors.ble.strap import StrapSensor
from breathsync.session import Session
from breathsync.settings import Settings
from tests.sensors.ble.conftest import OpenAir

pytestmark = pytest.mark.radio

PATIENCE_S = 900.0
"""Of the body."""


def short_routine() -> Routine:
    """The first-time routine with one restriction point on one side."""
    routine = load_routine("first-time")
    sides, warm_up = (
        replace(routine.sides, order=(Side.RIGHT,), points=1),
        replace(routine.warm_up, breaths=1),
    )
    return replace(routine, sides=sides, warm_up=warm_up)


class Ear:
    """Lets the person hear, and keeps what was said."""

    def __init__(self, wearer: PersonWearing) -> None:
        self.wearer = wearer
        self.outcomes: list[Outcome] = []

    def hear(self, outcome: Outcome, view: View) -> None:
        self.wearer.hear(outcome, view)
        self.outcomes.append(outcome)


class Forgetful:
    """Records nothing."""

    def put(self, item: object) -> None: ...

    def close(self, ended: object) -> None: ...


@pytest.mark.parametrize(
    ("kind", "stream"), [("polar-h10", Stream.ACCELERATION), ("go-direct", Stream.FORCE)]
)
async def test_a_person_goes_through_a_session_over_bluetooth(
    open_air: OpenAir, kind: str, stream: Stream
) -> None:
    wearer = open_wearer("steady", sensor_of(kind), seed=1)
    strap = make_strap(kind, wearer)
    await open_air(strap, lockstep=True)
    clock, ear = BodyClock(strap), Ear(wearer)
    sensor = StrapSensor(name=strap.identity.name, clock=clock)
    await sensor.connect()
    routine, settings = short_routine(), Settings()
    guide = Guide(routine=routine, settings=settings, info=sensor.info, screening=False)
    conductor = Conductor(info=sensor.info, routine=routine, settings=settings, guide=guide)
    session = Session(sensor=sensor, conductor=conductor, clock=clock, recorder=Forgetful(), faces=[ear])

    async def speak() -> None:
        while True:
            await asyncio.sleep(0.005)
            for word in wearer.said():
                session.put(word)
            if clock.now_s() > PATIENCE_S:
                session.stop_now()

    speaking = asyncio.create_task(speak())
    ended = await session.run()
    speaking.cancel()

    assert sensor.info.breath_stream is stream
    assert ended.how is EndKind.FINISHED
    passed = [outcome for outcome in ear.outcomes if isinstance(outcome, PointPassed)]
    assert {point.confirmed_by for point in passed} <= {ConfirmedBy.BREATH}
    assert any(isinstance(outcome, Verdict) for outcome in ear.outcomes)
    if kind == "go-direct":  # an accelerometer may miss a breath; a belt sees this person's
        assert len(passed) == 1
    states = {outcome.state for outcome in ear.outcomes if isinstance(outcome, SensorChange)}
    assert SensorState.LOST not in states
    assert not strap.is_connected
