"""A whole session through the screen: real conductor, guide and logbook, the body moved by keys, time by hand."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from breathsync_simulators.you import YourSensor
from textual.pilot import Pilot

from breathsync.conductor import Conductor
from breathsync.guide.events import BeadState, Cue, CueKind, EndKind, Place, Verdict, Word
from breathsync.guide.guide import Guide
from breathsync.logbook.store import open_logbook
from breathsync.plan import Plan
from breathsync.routine_files import load_routine
from breathsync.session import Session
from breathsync.settings import Settings
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.house import OwnHouse
from breathsync.tui.screens.history import HistoryScreen
from breathsync.tui.screens.past import PastScreen
from breathsync.tui.widgets.trace import BreathTrace

from .look import text_of
from .scenes import settled

STEP_S = 0.2
LONGEST_S = 900.0
PLAN = Plan(routine="first-time", source="sim:you", check_in=False)


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.t_s = 0.0
        self.speed = 1.0
        self._moved = asyncio.Event()

    def now_s(self) -> float:
        return self.t_s

    async def sleep_until(self, t_s: float) -> None:
        while self.t_s < t_s - 1e-9:
            await self._moved.wait()
        await asyncio.sleep(0)

    async def advance(self, by_s: float) -> None:
        self.t_s += by_s
        self._moved.set()
        self._moved = asyncio.Event()
        for _ in range(6):
            await asyncio.sleep(0)


class Ears:
    """Counts the tones that ask for an inhale, and keeps the verdicts."""

    def __init__(self) -> None:
        self.inhale_cues = 0
        self.verdicts: list[Verdict] = []

    def hear(self, outcome: Any, view: Any) -> None:
        if isinstance(outcome, Cue) and outcome.kind is CueKind.INHALE:
            self.inhale_cues += 1
        if isinstance(outcome, Verdict):
            self.verdicts.append(outcome)


class TestHouse(OwnHouse):
    """The real house, with a clock moved by hand and no sound."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder=folder)
        self.clock, self.ears = HandClock(), Ears()

    async def open(self, plan: Plan, **say: Any) -> Session:
        routine, settings = load_routine(plan.routine), Settings()
        sensor = YourSensor(clock=self.clock)
        await sensor.connect()
        guide = Guide(routine=routine, settings=settings, info=sensor.info, screening=False, comfort=False)
        recorder = open_logbook().begin(info=sensor.info, routine=routine, settings=settings)
        conductor = Conductor(info=sensor.info, routine=routine, settings=settings, guide=guide)
        return Session(
            sensor=sensor, conductor=conductor, clock=self.clock, recorder=recorder, faces=[self.ears]
        )


async def live(house: TestHouse, seconds: float) -> None:
    for _ in range(round(seconds / STEP_S)):
        await house.clock.advance(STEP_S)


async def full_breath(pilot: Pilot[Any], house: TestHouse) -> None:
    await pilot.press("up")
    await live(house, 3.0)
    await pilot.press("down")
    await live(house, 4.0)


async def lean_there_and_back(pilot: Pilot[Any], house: TestHouse) -> None:
    await pilot.press("full_stop")
    await live(house, 2.0)
    await pilot.press("comma")
    await live(house, 4.0)


@pytest.fixture
def house(tmp_path: Path) -> TestHouse:
    return TestHouse(tmp_path / "config")


async def test_a_whole_session_by_keyboard_alone(house: TestHouse) -> None:
    app = BreathsyncApp(house, plan=PLAN)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.running is not None
        session = app.running.session
        cued, leaned = 0, False
        while session.view.guide.ended is None and house.clock.t_s < LONGEST_S:
            place = session.view.guide.step.place
            if place is Place.FIND_FULL and house.ears.inhale_cues > cued:
                cued = house.ears.inhale_cues
                await full_breath(pilot, house)
            elif place is Place.WARM_UP:
                await live(house, 12.0)
                await full_breath(pilot, house)
            elif place is Place.BREATHE and not leaned:
                leaned = True
                before = [b.state for b in session.view.guide.beads]
                await live(house, 2.0)
                await lean_there_and_back(pilot, house)
                assert [b.state for b in session.view.guide.beads] == before  # G3: a lean opens nothing
            elif place is Place.BREATHE:
                await live(house, 2.4)
                await full_breath(pilot, house)
            else:
                await live(house, 1.0)
        await live(house, 1.0)
        await settled(pilot)
        assert session.view.guide.ended is not None
        assert session.view.guide.ended.how is EndKind.FINISHED
        assert all(bead.state is BeadState.MEASURED for bead in session.view.guide.beads)
        assert sum(verdict.opened for verdict in house.ears.verdicts) == len(session.view.guide.beads)
        await pilot.pause(0.2)
        shown = text_of(app)
        assert "4 full breaths counted." in shown
        assert "SIMULATED" in shown
        drawn = app.running.picture().window
        await pilot.press("enter")
    await app.end_session()

    app = BreathsyncApp(house)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("h")
        await pilot.pause(0.5)
        await settled(pilot)
        assert isinstance(app.screen, HistoryScreen)
        await pilot.press("enter")
        await pilot.pause(0.5)
        await settled(pilot)
        assert isinstance(app.screen, PastScreen)
        shown = text_of(app)
        assert "gate 1 of" in shown
        assert "First time" in shown
        assert "G5" in shown
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.screen.query_one(BreathTrace).frame is not None
        followed = app.screen.query_one(BreathTrace).frame.window  # as it stood on the screen then
        lately = (followed.t_s > drawn.t_s[-1] - 5.0) & (followed.t_s <= drawn.t_s[-1])
        then = np.interp(followed.t_s[lately], drawn.t_s, drawn.level)
        assert lately.sum() > 40
        travel = np.nanmax(followed.level) - np.nanmin(followed.level)
        assert np.abs(followed.level[lately] - then).max() < 0.1 * travel


async def test_stop_in_the_middle_is_saved_as_stopped(house: TestHouse) -> None:
    app = BreathsyncApp(house, plan=PLAN)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await live(house, 12.0)
        await pilot.press("escape")
        await live(house, 1.0)
        await settled(pilot)
        assert "Stopped, and saved" in text_of(app)
    await app.end_session()
    (listed,) = house.sessions()
    assert listed.simulated
    assert listed.ended is not None
    assert listed.ended.how is EndKind.STOPPED


async def test_leaving_in_the_middle_is_saved_as_stopped(house: TestHouse) -> None:
    app = BreathsyncApp(house, plan=PLAN)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await live(house, 12.0)
        await pilot.press("ctrl+c")
    await app.end_session()
    (listed,) = house.sessions()
    assert listed.ended is not None
    assert listed.ended.how is EndKind.STOPPED


async def test_pause_takes_the_screen_and_space_goes_on(house: TestHouse) -> None:
    app = BreathsyncApp(house, plan=PLAN)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.running is not None
        await live(house, 5.0)
        await pilot.press("p")
        await settled(pilot)
        assert app.running.session.view.guide.step.place is Place.PAUSED
        await live(house, 30.0)
        assert app.running.session.view.guide.step.place is Place.PAUSED
        assert Word.GO_ON in app.running.session.view.guide.words
        await pilot.press("space")
        await settled(pilot)
        assert app.running.session.view.guide.step.place is Place.FIND_BREATH
    await app.end_session()


def test_routines_and_sources_have_names(house: TestHouse) -> None:
    assert "seated-twist" in [one.name for one in house.routines()]
    assert all(one.about for one in house.routines())
    assert "sim:steady" in [one.name for one in house.sources()]
