"""Trying a strap on the screen: seen, kept under a name, let go however the page is left."""

import asyncio
from typing import Any

import pytest
from breathsync_simulators.straps import polar_h10
from textual.pilot import Pilot
from textual.widgets import Input

from breathsync.errors import SensorError, SensorTrouble, SettingsError
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.sensors.known_straps import KnownStraps
from breathsync.tui import straps
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.house import OwnHouse
from breathsync.tui.screens.home import HomeScreen
from breathsync.tui.screens.pair import PairScreen
from breathsync.tui.screens.try_strap import TryStrapScreen
from breathsync.tui.trial import SEEN, Trial
from tests.sensors.ble.bodies import SineBody, until
from tests.sensors.ble.conftest import OpenAir
from tests.sensors.ble.conftest import open_air as open_air

from . import fakes as F
from . import scenes
from .look import text_of

ASLEEP = SensorError("Polar H10 1234 does not answer.", trouble=SensorTrouble.NOT_FOUND, advice="Wet it.")


async def to_the_trial(pilot: Pilot[Any]) -> None:
    for key in ("p", "enter"):
        await scenes.settled(pilot)
        await pilot.press(key)
    await scenes.settled(pilot)


async def test_a_strap_is_kept_under_a_typed_name_and_starts_the_first_session() -> None:
    async with scenes.home("try-strap", (80, 24)) as (app, pilot):
        shown = text_of(app)
        assert "Breathe: do you see yourself?" in shown
        assert "firmware 3.3.1" in shown
        assert "battery 82 %" in shown
        assert SEEN["good"] in shown
        await pilot.press(*["backspace"] * len("Polar H10 1234"), *"mine", "enter")
        await scenes.settled(pilot)
        assert "Remembered as mine." in text_of(app)
        assert app.house.remembered == [("mine", "3.3.1", False)]
        assert app.house.strap.closed
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert [plan.source for plan in app.house.opened] == ["ble:mine"]
        assert not any(isinstance(screen, PairScreen) for screen in app.screen_stack)


async def test_a_name_left_empty_is_the_straps_own_and_home_offers_it() -> None:
    house = F.FakeHouse(straps=scenes.STRAPS)
    app = BreathsyncApp(house)
    async with app.run_test() as pilot:
        await to_the_trial(pilot)
        await pilot.press(*["backspace"] * len("Polar H10 1234"), "enter")
        await scenes.settled(pilot)
        await pilot.press("down", "enter")
        await scenes.settled(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "Start again: First time with ble:Polar H10 1234" in text_of(app)


async def test_escape_lets_the_strap_go_before_the_list_listens_again() -> None:
    async with scenes.home("try-strap", (80, 24)) as (app, pilot):
        strap = app.house.strap
        strap.slow = True
        await pilot.press("escape")
        await scenes.settled(pilot)
        assert isinstance(app.screen, TryStrapScreen)
        assert "Letting the strap go" in text_of(app)
        assert app.house.listening == 0
        strap.closing.set()
        await scenes.settled(pilot)
        assert strap.closed
        assert isinstance(app.screen, PairScreen)
        assert app.house.listening == 1
        assert app.house.remembered == []


async def test_leaving_the_app_closes_the_strap_first() -> None:
    strap = F.FakeStrap(slow=True)
    app = BreathsyncApp(F.FakeHouse(straps=scenes.STRAPS, strap=strap))
    async with app.run_test() as pilot:
        await to_the_trial(pilot)
        await pilot.press("ctrl+c")
    ending = asyncio.create_task(app.end_session())
    await asyncio.sleep(0)
    assert not ending.done()
    strap.closing.set()
    await ending
    assert strap.closed


async def test_a_session_begun_from_elsewhere_waits_until_the_strap_is_let_go() -> None:
    async with scenes.home("try-strap", (80, 24)) as (app, pilot):
        strap = app.house.strap
        strap.slow = True
        app.begin(F.PLAN)
        await scenes.settled(pilot)
        assert app.house.opened == []
        strap.closing.set()
        await scenes.settled(pilot)
        assert strap.closed
        assert app.house.opened == [F.PLAN]


@pytest.mark.parametrize("when", ["error", "later"])
async def test_a_failure_is_its_sentence_and_advice(when: str) -> None:
    house = F.FakeHouse(straps=scenes.STRAPS, strap=F.FakeStrap(**{when: ASLEEP}))
    app = BreathsyncApp(house)
    async with app.run_test() as pilot:
        await to_the_trial(pilot)
        shown = text_of(app)
        assert ASLEEP.message in shown
        assert ASLEEP.advice in shown
        assert house.strap.closed
        await pilot.press("escape")
        await scenes.settled(pilot)
        assert isinstance(app.screen, PairScreen)


async def test_a_name_that_is_taken_is_said_and_the_strap_stays_on_trial() -> None:
    async with scenes.home("try-strap", (80, 24)) as (app, pilot):
        app.house.name_taken = SettingsError("Another strap is called 'x' already.", advice="Type another.")
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert "Another strap is called 'x' already. Type another." in text_of(app)
        assert not app.house.strap.closed
        app.house.name_taken = None
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert app.house.strap.closed


async def test_a_fault_of_ours_ends_the_app_with_it_and_the_strap_closed() -> None:
    fault = RuntimeError("a fault")
    async with scenes.home("pair", (80, 24)) as (app, pilot):
        app.house.strap.later = fault
        await pilot.press("enter")
        await scenes.settled(pilot)
    assert app.return_value is fault
    assert app.house.strap.closed


async def test_a_heart_rate_strap_says_that_the_gate_stays_shut() -> None:
    info = SensorInfo(name="HR", kind="heart-rate", streams=(Stream.HEART_RATE,))
    trial = Trial()
    trial.take(info)
    assert "the gate stays shut" in trial.seen_words
    assert trial.frame is None


def test_no_breath_is_not_called_one() -> None:
    trial = Trial()
    trial.take(F.H10)
    assert trial.seen_words == SEEN["wait"]
    for event in F.worn(breath_mg=0.0):
        trial.take(event)
    assert trial.seen_words == SEEN["not seen"]
    assert "SIMULATED" in trial.strap_words
    trial.take(SensorChange(t_s=21.0, state=SensorState.LOST, why="The connection was lost."))
    assert "lost" in trial.strap_words
    assert "The connection was lost." in trial.strap_words


@pytest.fixture
def own_config(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("breathsync.sensors.known_straps.config_folder", lambda: tmp_path)


@pytest.mark.usefixtures("own_config")
def test_another_straps_name_is_not_taken_over() -> None:
    mine, other = scenes.STRAPS[2], scenes.STRAPS[1]
    straps.remember(mine, name="mine", info=F.H10, paired=False)
    with pytest.raises(SettingsError, match="mine"):
        straps.remember(other, name="Mine", info=F.H10, paired=False)
    assert straps.name_of(mine) == "mine"
    assert straps.name_of(other) == other.name
    plan = straps.remember(mine, name="chest", info=F.H10, paired=True)
    assert plan.source == "ble:chest"
    assert straps.name_of(mine) == "chest"


@pytest.mark.radio
@pytest.mark.usefixtures("own_config")
async def test_a_simulated_h10_in_the_air_is_tried_kept_and_let_go(open_air: OpenAir, tmp_path) -> None:
    strap = polar_h10.strap(SineBody())
    await open_air(strap)
    app = BreathsyncApp(OwnHouse(folder=tmp_path))
    async with app.run_test() as pilot:
        await pilot.press("p")
        await until(lambda: isinstance(app.screen, PairScreen) and bool(app.screen._found))
        await pilot.press("enter")
        await until(lambda: "firmware 3.3.1" in text_of(app) and "battery 90 %" in text_of(app))
        assert strap.streaming
        await until(lambda: isinstance(app.focused, Input))
        await pilot.press(*["backspace"] * 30, *"chest", "enter")
        await until(lambda: "Remembered as chest." in text_of(app))
        assert not strap.streaming
        assert not strap.is_connected
    await app.end_session()
    [kept] = KnownStraps(folder=tmp_path).all()
    assert (kept.name, kept.firmware, kept.serial) == ("chest", "3.3.1", polar_h10.SERIAL)
