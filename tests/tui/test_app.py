"""The app driven by keys alone, with a fake session."""

import subprocess
import sys
from dataclasses import replace

import pytest

from breathsync.breath.events import PeakSeen
from breathsync.errors import SensorError, SensorTrouble
from breathsync.guide.events import (
    ConfirmedBy,
    EndKind,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Side,
    Word,
)
from breathsync.guide.phrases import phrase
from breathsync.samples import SensorChange, SensorState
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.messages import Happened
from breathsync.tui.running import Running
from breathsync.tui.screens.home import HomeScreen
from breathsync.tui.screens.past import PastScreen
from breathsync.tui.screens.summary import ending_words
from breathsync.tui.widgets.lines import KeyBar
from breathsync.tui.widgets.trace import BreathTrace
from breathsync.tui.widgets.verb import Verb

from . import fakes as F
from . import scenes
from .look import text_of

KEYS = {
    "space": Word.GO_ON,
    "enter": Word.GO_ON,
    "b": Word.BACK_OFF,
    "n": Word.NOTHING_HOLDS,
    "h": Word.BY_HAND,
    "s": Word.SMALLER_BAR,
    "p": Word.PAUSE,
    "escape": Word.STOP,
}


async def test_each_key_says_its_word() -> None:
    async with scenes.live("session", (80, 24)) as (_, pilot, session):
        await pilot.press(*KEYS)
        assert session.said == list(KEYS.values())


async def test_g14_escape_is_stop_on_every_screen() -> None:
    async with scenes.live("session", (80, 24)) as (_, pilot, session):
        session.obeys = False
        for name, view in scenes.LIVE.items():
            session.view = view
            await scenes.settled(pilot)
            session.said.clear()
            await pilot.press("escape")
            assert session.said == [Word.STOP], name


@pytest.mark.parametrize("over", ["question_mark", "ctrl+p"])
async def test_g14_escape_is_stop_under_help_and_palette(over: str) -> None:
    async with scenes.live("session", (80, 24)) as (app, pilot, session):
        await pilot.press(over)
        await pilot.pause()
        await pilot.press("escape")
        assert session.said == [Word.STOP]
        await scenes.settled(pilot)
        assert "STOPPED" not in text_of(app)  # the big letters
        assert "Stopped, and saved" in text_of(app)


async def test_a_click_on_stop_stops() -> None:
    async with scenes.live("session", (80, 24)) as (_, pilot, session):
        await pilot.click(KeyBar, offset=(75, 0))
        assert session.said == [Word.STOP]


async def test_a_click_on_a_key_says_its_word() -> None:
    async with scenes.live("session", (80, 24)) as (_, pilot, session):
        await pilot.click(KeyBar, offset=(3, 0))
        assert session.said == [Word.BACK_OFF]


async def test_answers_by_keys_alone() -> None:
    async with scenes.live("question-scale", (80, 24)) as (_, pilot, session):
        await pilot.press("3", "right", "enter")
        await pilot.pause()
        assert session.answers == {"back": 4}
        assert session.said == []
        ask = Question(t_s=1.0, question="leg", kind=QuestionKind.YES_NO, text="Weakness in a leg?")
        session.view = replace(session.view, guide=replace(session.view.guide, question=ask))
        await scenes.settled(pilot)
        await pilot.press("n")
        await pilot.pause()
        assert session.answers["leg"] is False


async def test_ten_by_digits_and_leaving_out() -> None:
    async with scenes.live("question-scale", (80, 24)) as (_, pilot, session):
        await pilot.press("1", "0", "enter")
        await pilot.pause()
        assert session.answers == {"back": 10}
        await pilot.press("x")
        await pilot.pause()
        assert session.answers == {"back": None}


async def test_yes_is_no_answer_to_a_number() -> None:
    async with scenes.live("question-scale", (80, 24)) as (_, pilot, session):
        await pilot.press("y", "n")
        await pilot.pause()
        assert session.answers == {}


async def test_a_lost_signal_takes_the_whole_screen_even_under_help() -> None:
    async with scenes.live("session", (80, 24)) as (app, pilot, session):
        await pilot.press("question_mark")
        await scenes.settled(pilot)
        assert "Help" in text_of(app)
        session.view = scenes.LIVE["lost"]
        session.tell(SensorChange(t_s=1.0, state=SensorState.LOST, why="The strap went silent."))
        session.tell(SensorChange(t_s=2.0, state=SensorState.RECONNECTING))
        await scenes.settled(pilot)
        assert "Help" not in text_of(app)
        assert "I cannot hear the strap" in text_of(app)
        assert "trying again (1)" in text_of(app)


async def test_from_check_in_to_the_summary() -> None:
    async with scenes.live("question-scale", (80, 24)) as (app, pilot, session):
        session.tell(session.view.guide.question)
        await pilot.press("7", "enter")
        for name in ("find", "session", "come-back"):
            session.view = scenes.LIVE[name]
            await scenes.settled(pilot)
        session.tell(PeakSeen(t_s=30.0, decided_s=30.4, inhale_start_s=28.0, amplitude=14.0))
        session.tell(F.verdict(opened=False, sentence="a little fuller"))
        session.tell(F.verdict(opened=False, sentence="a little fuller"))
        session.tell(F.verdict(opened=True, sentence="that was it"))
        session.tell(PointPassed(t_s=40.0, side=Side.RIGHT, point=1, confirmed_by=ConfirmedBy.HAND))
        session.view = scenes.LIVE["session"]
        session.end(EndKind.FINISHED)
        await scenes.settled(pilot)
        shown = text_of(app)
        assert "1 full breath counted, 1 point passed by hand." in shown
        assert "2 ×  “a little fuller”" in shown
        assert "How is your back just now?  7" in shown
        assert "Not a medical device" in shown
        await pilot.press("enter")
    assert app.return_value is not None
    assert app.return_value.how is EndKind.FINISHED
    assert session.closed


async def test_a_note_report_and_export_from_the_summary() -> None:
    async with scenes.summary((80, 24)) as (app, pilot, _):
        await pilot.press("n", *"less stiff", "enter")
        await pilot.press("e")
        await pilot.pause(0.1)
        assert app.house.notes == [("20261122-073000", "less stiff")]
        assert app.house.exported == ["20261122-073000"]
        await pilot.press("n", "q", "escape")  # a q in a note is a letter
        await pilot.pause()
        assert app.return_value is None
        await pilot.press("e")  # ESC closed the line: letters are keys again
        await pilot.pause(0.1)
        assert app.house.exported == ["20261122-073000"] * 2
        assert len(app.house.notes) == 1


async def test_leaving_stops_the_session_and_lets_go_of_the_house() -> None:
    house = F.FakeHouse(session=F.FakeSession(scenes.LIVE["session"]))
    app = BreathsyncApp(house, plan=F.PLAN)
    async with app.run_test() as pilot:
        await scenes.settled(pilot)
        await pilot.press("ctrl+c")
    await app.end_session()
    assert house.session.closed
    assert house.closed == 1


async def test_escape_while_the_sensor_is_reached_goes_back_home() -> None:
    async with scenes.home("ready", (80, 24)) as (app, pilot):
        await pilot.press("escape")
        await scenes.settled(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert app.house.closed == 1


async def test_an_error_from_the_command_line_ends_the_app_with_it() -> None:
    error = SensorError("No strap.", trouble=SensorTrouble.NOT_FOUND)
    app = BreathsyncApp(F.FakeHouse(error=error), plan=F.PLAN)
    async with app.run_test() as pilot:
        await scenes.settled(pilot)
    assert app.return_value is error


async def test_after_a_session_home_offers_the_next() -> None:
    house = F.FakeHouse(session=F.FakeSession(scenes.LIVE["session"]), last_plan=F.PLAN)
    app = BreathsyncApp(house)
    async with app.run_test() as pilot:
        await scenes.settled(pilot)
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert house.opened == [F.PLAN]
        await pilot.press("escape")
        await scenes.settled(pilot)
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert app.running is None


async def test_choose_starts_both_marked_lines() -> None:
    async with scenes.home("choose", (80, 24)) as (app, pilot):
        await pilot.press("down", "tab", "up", "enter")  # from what was taken last
        await scenes.settled(pilot)
        assert [(p.routine, p.source) for p in app.house.opened] == [("chair-twist", "ble:Polar H10 1234")]


async def test_past_goes_from_gate_to_gate_scrolls_and_zooms() -> None:
    async with scenes.home("past", (80, 24)) as (app, pilot):
        assert isinstance(app.screen, PastScreen)
        await pilot.press("n", "n", "n")
        await scenes.settled(pilot)
        assert "gate 3 of 3" in text_of(app)
        assert "less is fine" in text_of(app)
        trace = app.screen.query_one(BreathTrace)
        assert trace.frame is not None
        await pilot.press("plus", "plus")
        assert trace.frame.seconds == 15.0
        end = trace.frame.now_s
        await pilot.press("left")
        assert trace.frame.now_s == end - 5.0
        await pilot.press(*["minus"] * 9, *["right"] * 9)
        assert trace.frame.now_s == 120.0
        await pilot.press("e")
        await pilot.pause(0.05)
        assert app.house.exported == ["c3"]


async def test_the_palette_says_words() -> None:
    async with scenes.live("session", (80, 24)) as (_, pilot, session):
        await pilot.press("ctrl+p")
        await pilot.press(*"by hand")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert session.said == [Word.BY_HAND]


async def test_calm_holds_the_arrow_still() -> None:
    async with scenes.live("come-back", (80, 24)) as (app, pilot, session):
        app.animation_level = "none"
        await scenes.settled(pilot)
        before = text_of(app)
        session.view = replace(session.view, t_s=session.view.t_s + 2.0)
        await scenes.settled(pilot)
        assert text_of(app).splitlines()[8:] == before.splitlines()[8:]


async def test_resizing_keeps_what_matters() -> None:
    async with scenes.live("session", (120, 40)) as (app, pilot, _):
        for size in ((60, 20), (200, 60), (30, 10), (80, 24)):
            await pilot.resize_terminal(*size)
            await scenes.settled(pilot)
            assert "ESC STOP" in text_of(app)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_end_is_told_once_and_its_reason_where_there_is_one(language: str) -> None:
    done = ending_words(EndKind.FINISHED, phrase("ended.finished", language))
    assert done == "Both sides done. Move a little before you get up."
    assert ending_words(EndKind.STOPPED, phrase("ended.stopped", language)).startswith("Stopped, and saved.")
    not_found = phrase("ended.not_found", language)
    assert ending_words(EndKind.STOPPED, not_found) == f"{not_found} What there was is saved."
    assert phrase("ended.ask_first", language) in ending_words(
        EndKind.SCREENED_OUT, phrase("ended.ask_first", language)
    )


def test_a_session_of_another_process_has_its_own_title() -> None:
    session = F.FakeSession(scenes.LIVE["session"])
    running = Running(session, routine="seated-twist", notify=lambda: None)
    assert running.picture().title == "Seated twist"
    session.routine = "breath-only"
    assert running.picture().title == "Breath only"


def test_notices_pile_up_as_one() -> None:
    assert Happened().can_replace(Happened())


async def test_a_sessions_screens_are_made_once_and_let_go_after_it() -> None:
    house = F.FakeHouse(session=F.FakeSession(scenes.LIVE["session"]), last_plan=F.PLAN)
    app = BreathsyncApp(house)
    async with app.run_test() as pilot:
        await scenes.settled(pilot)
        await pilot.press("enter")
        await scenes.settled(pilot)
        first = app.screen
        for name in ("lost", "session"):
            house.session.view = scenes.LIVE[name]
            await scenes.settled(pilot)
        assert app.screen is first
        await pilot.press("escape")
        await scenes.settled(pilot)
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert not first.is_running


async def test_a_screen_is_whole_before_it_is_seen() -> None:
    async with scenes.live("session", (80, 24)) as (app, pilot, session):
        session.view = scenes.LIVE["lost"]
        app.draw()
        while not app.screen.is_mounted:
            await pilot.pause()
        assert app.screen.query_one(Verb).word == "LOST"


async def test_new_samples_are_drawn_at_once_and_others_still_see_them() -> None:
    session, seen, notices = F.FakeSession(scenes.LIVE["session"]), [], []
    session.on_samples = seen.append
    running = Running(session, routine="", notify=lambda: notices.append(1))
    session.on_samples("a block")
    assert not running.fresh
    running.picture()
    assert running.fresh
    session.on_samples("the next, too soon for another picture")
    assert not running.fresh
    assert len(notices) == 1
    assert len(seen) == 2


def test_a_lone_escape_is_told_apart_soon() -> None:
    code = "import breathsync.tui.run, textual.constants as c; print(c.ESCAPE_DELAY)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert float(done.stdout) <= 0.03


def test_first_frame_needs_no_scipy() -> None:
    code = "import sys, breathsync.tui.run as r; print(sorted({'scipy', 'bleak', 'miniaudio'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_places_have_screens() -> None:
    from breathsync.tui.places import LIVE
    from breathsync.tui.running import screen_name

    for place in Place:
        assert screen_name(F.view(F.guide(place, ""))) in LIVE
