"""Lost (G13), stop (G14), words by taps, and a session left alone."""

import pytest

from breathsync.breath.events import (
    Doubt,
    Forget,
    SettleIn,
    SignalChanged,
    Tapped,
)
from breathsync.guide.events import (
    Cue,
    CueKind,
    Ended,
    EndKind,
    Place,
    PointPassed,
    Side,
    Tick,
    Word,
)
from breathsync.samples import SensorState
from tests.guide.pretend import BELT, CHEST, HEART, Stage

# -- G13


@pytest.mark.parametrize("state", [SensorState.STALE, SensorState.LOST, SensorState.RECONNECTING])
def test_g13_a_drop_pauses_at_once_says_so_and_throws_the_breath_away(twist, state):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    stage.run(3.0)  # in the middle of the full breath
    stage.sensor(state)
    assert stage.place is Place.LOST
    assert not stage.guide.view.armed
    assert any(c.kind is CueKind.LOST and c.sentence for c in stage.all(Cue))
    stage.run(8.0)
    assert stage.all(PointPassed) == []


@pytest.mark.parametrize("doubt", [Doubt.NOT_WORN, Doubt.NO_DATA])
def test_g13_a_strap_taken_off_pauses_at_once(at_gate, doubt):
    stage = at_gate()
    stage.put(SignalChanged(t_s=stage.now_s, doubts=(doubt,)))
    assert stage.place is Place.LOST


def test_g13_it_goes_on_only_at_the_persons_word_and_only_when_it_streams(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.LOST)
    stage.say(Word.GO_ON)
    assert stage.place is Place.LOST
    stage.run(4.0)
    stage.sensor(SensorState.STREAMING)
    stage.run(6.0)
    assert stage.place is Place.LOST
    assert stage.guide.view.offer.words == (Word.GO_ON, Word.STOP)
    settled = len(stage.all(SettleIn))
    stage.say(Word.GO_ON)
    assert stage.place is Place.EASE
    assert stage.guide.view.step.point == 1
    stage.run(until=Place.BREATHE)
    assert len(stage.all(SettleIn)) == settled + 1, "eased and settled anew"


def test_g13_by_hand_does_not_pass_a_point_while_lost(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.LOST)
    for word in (Word.BY_HAND, Word.NOTHING_HOLDS, Word.BACK_OFF, Word.SMALLER_BAR):
        stage.say(word)
    assert stage.place is Place.LOST
    assert stage.all(PointPassed) == []


def test_g13_after_20_s_of_silence_the_middle(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.LOST)
    stage.breathing = False
    lost_s = stage.now_s
    stage.run(until=Place.COME_BACK)
    assert stage.now_s - lost_s == pytest.approx(20.0, abs=0.25)
    stage.run(60.0)
    assert stage.place is Place.LOST
    assert not stage.guide.view.step.in_twist


def test_g13_a_short_gap_keeps_the_calibration(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.STALE)
    stage.run(5.0)
    stage.sensor(SensorState.STREAMING)
    stage.say(Word.GO_ON)
    stage.run(until=Place.BREATHE)
    assert stage.all(Forget) == []


def test_g13_after_a_long_gap_the_breath_is_found_again_and_the_same_point_follows(twist):
    stage = Stage(twist, screening=False).begin()
    stage.run(until=Place.EASE).run(until=Place.BREATHE).run(until=Place.EASE).run(until=Place.BREATHE)
    assert len(stage.all(PointPassed)) == 1
    stage.sensor(SensorState.LOST)
    stage.run(60.0)
    stage.sensor(SensorState.STREAMING)
    stage.run(1.0)
    stage.say(Word.GO_ON)
    assert stage.place is Place.FIND_BREATH
    assert stage.all(Forget)
    assert stage.guide.view.calibration is None
    stage.run(until=Place.SET_UP)
    stage.run(until=Place.EASE)
    assert (stage.guide.view.step.side, stage.guide.view.step.point) == (Side.RIGHT, 2)


def test_g13_a_strap_taken_off_in_the_twist_means_the_middle_and_a_new_calibration(at_gate):
    stage = at_gate()
    stage.put(SignalChanged(t_s=stage.now_s, doubts=(Doubt.NOT_WORN,)))
    stage.run(3.0)
    stage.put(SignalChanged(t_s=stage.now_s, doubts=()))
    stage.say(Word.GO_ON)
    assert stage.place is Place.COME_BACK
    stage.run(until=Place.FIND_BREATH)
    assert stage.all(Forget)


def test_g13_lost_while_the_breath_is_found_begins_it_anew(short):
    stage = Stage(short, screening=False).begin().run(until=Place.FIND_FULL)
    stage.sensor(SensorState.LOST)
    stage.run(2.0)
    stage.sensor(SensorState.STREAMING)
    stage.say(Word.GO_ON)
    assert stage.place is Place.FIND_BREATH


def test_g13_lost_on_the_way_to_the_middle_is_asked_about_there(short):
    stage = Stage(short, screening=False).begin().run(until=Place.COME_BACK)
    stage.sensor(SensorState.LOST)
    stage.run(5.0)
    stage.sensor(SensorState.STREAMING)
    stage.run(until=Place.LOST)
    stage.say(Word.GO_ON)
    assert stage.place is Place.SET_UP
    assert stage.guide.view.step.side is Side.LEFT


def test_g13_pause_and_lost_go_on_at_the_same_place(at_gate):
    stage = at_gate()
    stage.say(Word.PAUSE)
    stage.sensor(SensorState.LOST)
    assert stage.place is Place.LOST
    stage.sensor(SensorState.STREAMING)
    stage.say(Word.GO_ON)
    assert stage.place is Place.EASE


def test_g13_the_end_of_a_recording_says_the_way_out(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.ENDED)
    assert stage.guide.view.ended.how is EndKind.SENSOR_ENDED
    assert stage.places[-2:] == [Place.COME_BACK, Place.ENDED]


# -- G14


def test_g14_stop_leads_out_of_the_twist_first(at_gate):
    stage = at_gate()
    stage.say(Word.STOP)
    assert stage.place is Place.COME_BACK
    assert not stage.guide.view.armed
    assert any(c.kind is CueKind.STOPPED and c.sentence for c in stage.all(Cue))
    began = stage.now_s
    stage.run()
    assert stage.guide.view.ended.how is EndKind.STOPPED
    assert stage.now_s - began <= 13.0


def test_g14_stop_twice_ends_at_once(at_gate):
    stage = at_gate()
    stage.say(Word.STOP)
    stage.say(Word.STOP)
    assert stage.guide.view.ended.how is EndKind.STOPPED


@pytest.mark.parametrize("place", [Place.FIND_BREATH, Place.FIND_FULL, Place.WARM_UP, Place.CLOSE])
def test_g14_stop_in_the_middle_ends_at_once(short, place):
    stage = Stage(short).begin()
    stage.answers = {"close_right": 3}
    stage.run(until=place)
    stage.say(Word.STOP)
    assert stage.guide.view.ended.how is EndKind.STOPPED


@pytest.mark.parametrize("place", [Place.SET_UP, Place.EASE, Place.LENGTHEN, Place.SETTLE, Place.BREATHE])
def test_g14_stop_at_every_place_of_the_twist(short, place):
    stage = Stage(short, screening=False).begin().run(until=place)
    stage.say(Word.STOP)
    assert stage.place is Place.COME_BACK


@pytest.mark.parametrize("first", [Word.PAUSE, None])
def test_g14_stop_while_paused_or_lost(at_gate, first):
    stage = at_gate()
    stage.say(first) if first else stage.sensor(SensorState.LOST)
    stage.breathing = False
    stage.say(Word.STOP)
    assert stage.place is Place.COME_BACK
    stage.run(13.0)
    assert stage.guide.view.ended.how is EndKind.STOPPED


def test_g14_after_the_end_nothing_follows(at_gate):
    stage = at_gate()
    stage.say(Word.STOP)
    stage.say(Word.STOP)
    assert stage.put(Tick(t_s=stage.now_s + 5.0)) == []
    assert stage.say(Word.GO_ON) == []
    assert stage.guide.view.words == ()
    assert len(stage.all(Ended)) == 1


@pytest.mark.parametrize("info", [CHEST, BELT, HEART], ids=lambda i: i.kind)
def test_g14_the_word_stop_is_always_there(short, info):
    stage = Stage(short, info=info).begin()
    while stage.guide.view.ended is None and stage.now_s < 2000:
        assert Word.STOP in stage.guide.view.words
        stage.run(2.0)


# -- words by taps, and a session left alone


def test_two_taps_pause_and_two_go_on_and_three_stop(at_gate):
    stage = at_gate()
    stage.put(Tapped(t_s=stage.now_s, count=2))
    assert stage.place is Place.PAUSED
    stage.put(Tapped(t_s=stage.now_s, count=2))
    assert stage.place is Place.EASE
    stage.put(Tapped(t_s=stage.now_s, count=1))
    assert stage.place is Place.EASE
    stage.put(Tapped(t_s=stage.now_s, count=3))
    assert stage.place is Place.COME_BACK


def test_a_session_nobody_answers_ends_by_itself_in_the_middle(at_gate):
    stage = at_gate()
    stage.sensor(SensorState.LOST)
    stage.breathing = False
    stage.run(800.0)
    assert stage.guide.view.ended.how is EndKind.INTERRUPTED
    assert Place.COME_BACK in stage.places


def test_a_sleeper_comes_through_without_a_gate_opening(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.WARM_UP)
    stage.full_on_cue = stage.moves = False
    stage.run(2000.0)
    assert stage.guide.view.ended.how is EndKind.FINISHED
    assert stage.all(PointPassed) == []
    assert stage.places.count(Place.COME_BACK) == 2
