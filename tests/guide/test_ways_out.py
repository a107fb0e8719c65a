"""Never by anything else (G9), never stuck (G10), never too much (G11), never a trap (G12), lost (G13), stop (G14)."""

from itertools import pairwise

import pytest

from breathsync.breath.events import (
    BreathEnded,
    BreathKind,
    BreathReturned,
    CalibrationRefused,
    Doubt,
    Forget,
    InhaleBegan,
    MotionChanged,
    Refusal,
    SettleIn,
    SignalChanged,
    Tapped,
)
from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    Offer,
    Place,
    PointPassed,
    Side,
    Step,
    Tick,
    Verdict,
    Word,
)
from breathsync.samples import SensorState
from breathsync.settings import LimitSettings, Settings
from tests.guide.pretend import BELT, CHEST, HEART, Stage, a_breath


@pytest.fixture
def at_gate(twist):
    """A person at an armed gate who does not take the full breath."""

    def to_gate(routine=twist, **options) -> Stage:
        stage = Stage(routine, screening=False, **options).begin().run(until=Place.BREATHE)
        stage.full_on_cue = False
        return stage

    return to_gate


# -- the verdict at the gate, once a breath


def test_g8_every_breath_at_an_armed_gate_gets_one_verdict(at_gate):
    stage = at_gate()
    began, breaths = stage.now_s, []
    put = stage.put

    def watched(event):
        if isinstance(event, BreathEnded) and event.breath.inhale_start_s >= began and stage.guide.view.armed:
            breaths.append(event.breath.inhale_start_s)
        return put(event)

    stage.put = watched
    stage.run(30.0)
    judged = [v.inhale_start_s for v in stage.all(Verdict)]
    assert len(breaths) >= 5
    assert judged[: len(breaths)] == breaths


def test_g7_a_brisk_full_breath_waits_for_its_fourth_second(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    brisk = a_breath(start_s, ti_s=1.6, te_s=3.0, still_before_s=6.0)  # back after 3.4 s
    stage.put(BreathReturned(breath=brisk))
    assert stage.all(Verdict) == []
    stage.run(6.0)
    (verdict,) = stage.all(Verdict)
    assert verdict.opened
    assert verdict.decided_s - start_s == pytest.approx(4.0)
    assert {c.clause: c.value for c in verdict.clauses}["G7"] == pytest.approx(0.6)


def test_g6_a_brisk_breath_followed_at_once_by_the_next_is_too_short(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    stage.put(BreathReturned(breath=a_breath(start_s, ti_s=1.6, te_s=3.0)))
    stage.put(InhaleBegan(t_s=start_s + 3.7, decided_s=start_s + 3.8))
    (verdict,) = stage.all(Verdict)
    assert verdict.refused_by == ("G6",)


def test_g3_movement_while_a_breath_waits_lies_inside_it(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    stage.put(BreathReturned(breath=a_breath(start_s, ti_s=1.6, te_s=3.0)))
    stage.put(MotionChanged(t_s=start_s + 3.7, still=False))
    stage.run(6.0)
    (verdict,) = stage.all(Verdict)
    assert verdict.refused_by == ("G3",)


def test_g6_a_breath_that_never_came_back_is_refused_at_its_end(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    broken_off = a_breath(start_s, returned_s=None, returned_fraction=0.3, decided_s=start_s + 9.0)
    stage.put(BreathEnded(breath=broken_off))
    (verdict,) = stage.all(Verdict)
    assert set(verdict.refused_by) == {"G6", "G7"}
    assert verdict.sentence == "Let the breath all the way out."


@pytest.mark.parametrize("kind", [BreathKind.MOVEMENT, BreathKind.TALK, BreathKind.COUGH, BreathKind.HOLD])
def test_g9_what_is_not_a_breath_gets_a_verdict_and_opens_nothing(at_gate, kind):
    stage = at_gate()
    stage.breathing = False
    stage.put(BreathReturned(breath=a_breath(stage.now_s + 1.0, kind=kind)))
    (verdict,) = stage.all(Verdict)
    assert not verdict.opened
    assert stage.all(PointPassed) == []


# -- G9


def test_g9_no_time_and_no_word_opens_it(at_gate):
    stage = at_gate()
    stage.breathing = False
    for word in (Word.GO_ON, Word.SMALLER_BAR, Word.GO_ON):
        stage.say(word)
    stage.run(85.0)
    assert stage.all(PointPassed) == []
    assert not [v for v in stage.all(Verdict) if v.opened]


def test_g9_by_hand_is_never_measured(at_gate):
    stage = at_gate()
    stage.say(Word.BY_HAND)
    (passed,) = stage.all(PointPassed)
    assert passed.confirmed_by is ConfirmedBy.HAND
    assert [v for v in stage.all(Verdict) if v.opened] == []


def test_g9_an_opened_gate_is_not_passed_again_by_hand(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    while not stage.all(PointPassed):
        stage.run(0.25)
    stage.say(Word.BY_HAND)
    stage.say(Word.BACK_OFF)
    assert len(stage.all(PointPassed)) == 1


# -- G10


def test_g10_after_three_refused_attempts_it_offers_the_ways_out(at_gate):
    stage = at_gate()
    stage.full_on_cue, stage.full_mg = True, 11.0
    for times in (1, 2, 3):
        stage._wants_full = True
        while len(stage.all(Verdict)) < times:
            stage.run(0.25)
        assert bool(stage.all(Offer)) == (times == 3)
    offer = stage.all(Offer)[0]
    assert offer.words == (Word.SMALLER_BAR, Word.BY_HAND, Word.BACK_OFF, Word.STOP)
    assert stage.guide.view.offer == offer


def test_g10_usual_breaths_at_the_gate_are_no_attempts_but_six_of_them_make_the_offer_too(at_gate):
    stage = at_gate()
    stage.run(12.0)
    assert len(stage.all(Verdict)) >= 2
    assert stage.all(Offer) == []
    assert not [c for c in stage.all(Cue) if c.kind is CueKind.REFUSED]
    while len(stage.all(Verdict)) < 6:
        stage.run(0.25)
    assert len(stage.all(Offer)) == 1


def test_g10_a_smaller_bar_only_at_the_persons_word_and_only_at_this_point(at_gate):
    stage = at_gate()
    low = stage.guide.view.bar.low
    stage.run(30.0)
    assert stage.guide.view.bar.low == low
    stage.say(Word.SMALLER_BAR)
    assert stage.guide.view.bar.low == pytest.approx(0.85 * low)
    stage.say(Word.SMALLER_BAR)
    assert stage.guide.view.bar.low == pytest.approx(0.85 * low), "once"
    stage.say(Word.BY_HAND)
    stage.run(until=Place.BREATHE)
    assert stage.guide.view.bar.low == pytest.approx(low)


def test_g10_back_off_eases_back_and_keeps_the_time_at_the_point(at_gate):
    stage = at_gate()
    began = next(t for t, o in stage.said if isinstance(o, Step) and o.place is Place.EASE)
    stage.say(Word.BACK_OFF)
    assert stage.place is Place.EASE
    assert stage.guide.view.step.sentence == "Ease back a little, to where it is comfortable."
    stage.run(until=Place.COME_BACK)
    assert stage.now_s - began <= 90.25


def test_g10_a_calibration_that_is_refused_again_and_again_is_left_in_the_end(short):
    stage = Stage(short, screening=False).begin()
    stage.run(until=Place.FIND_FULL)
    for times in range(1, 7):
        refused = CalibrationRefused(t_s=stage.now_s, reason=Refusal.SPREAD, sentence="Too uneven.")
        stage.put(refused)
        offered = stage.guide.view.offer
        assert (offered is not None) == (3 <= times < 6)
    assert stage.guide.view.ended.how is EndKind.STOPPED
    assert stage.all(PointPassed) == []


def test_g10_going_on_without_a_calibration_leaves_the_gate_shut(short):
    stage = Stage(short, screening=False).begin()
    stage.run(until=Place.FIND_FULL)
    for _ in range(3):
        stage.put(CalibrationRefused(t_s=stage.now_s, reason=Refusal.SPREAD, sentence="Too uneven."))
    stage.say(Word.GO_ON)
    stage.full_on_cue = False
    assert stage.place is Place.WARM_UP
    stage.run(until=Place.BREATHE)
    stage.run(40.0)
    assert not stage.guide.view.armed
    assert stage.all(Verdict) == []
    stage.say(Word.BY_HAND)
    assert [p.confirmed_by for p in stage.all(PointPassed)] == [ConfirmedBy.HAND]


# -- G11


def test_g11_two_usual_breaths_between_gates(twist):
    stage = Stage(twist, screening=False).begin().run()
    marks = []
    put_between = [o for _, o in stage.said if isinstance(o, Verdict)]
    for before, after in pairwise(put_between):
        if before.opened and after.opened:
            marks.append(after.inhale_start_s - before.decided_s)
    assert min(marks) > 2 * 4.0


def test_g11_at_most_six_deep_breaths_in_any_60_s_even_for_an_eager_person(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    stage.changes = {"still_before_s": 0.5}  # every full breath is refused, and counts
    stage.full_s = (2.0, 2.5)
    breaths = []
    put = stage.put

    def watched(event):
        if isinstance(event, BreathReturned) and event.breath.amplitude > 10 and stage.guide.view.armed:
            breaths.append(event.breath.inhale_peak_s)
        if stage.place is Place.BREATHE:
            stage._wants_full = True
        return put(event)

    stage.put = watched
    stage.run(400.0)
    assert len(breaths) > 6
    assert all(b - a >= 60.0 for a, b in zip(breaths, breaths[6:], strict=False))
    assert Place.REST in stage.places


def test_g11_a_rest_of_30_to_60_s_after_five_in_a_row(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.REST)
    view = stage.guide.view
    assert view.deep_breaths == 5
    assert 30.0 <= view.rest_left_s <= 60.0
    began = stage.now_s
    stage.run(until=Place.WARM_UP)
    assert 30.0 <= stage.now_s - began <= 60.25
    assert stage.guide.view.rest_left_s is None


def test_g11_no_word_shortens_a_rest(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.REST)
    for word in (Word.GO_ON, Word.BY_HAND, Word.SMALLER_BAR, Word.BACK_OFF):
        stage.say(word)
    assert stage.place is Place.REST


def test_g11_thirty_a_session_then_close(twist):
    settings = Settings(limits=LimitSettings(deep_per_session=6))
    stage = Stage(twist, screening=False, settings=settings).begin().run()
    assert stage.guide.view.deep_breaths == 6
    assert stage.guide.view.ended.how is EndKind.FINISHED
    assert stage.places[-2:] == [Place.CLOSE, Place.ENDED]


def test_g11_in_the_twist_thirty_means_the_middle_first(twist):
    settings = Settings(limits=LimitSettings(deep_per_session=9))
    stage = Stage(twist, screening=False, settings=settings).begin().run()
    assert stage.places[-3:] == [Place.COME_BACK, Place.CLOSE, Place.ENDED]
    assert [p.side for p in stage.all(PointPassed)] == [Side.RIGHT, Side.LEFT], "shared between the sides"
    assert any(c.phrase == "cue.fewer_points" for c in stage.all(Cue))
    assert stage.guide.view.deep_breaths == 9


def test_g11_by_hand_counts_as_a_deep_breath_nobody_measured(at_gate):
    stage = at_gate()
    before = stage.guide.view.deep_breaths
    stage.say(Word.BY_HAND)
    assert stage.guide.view.deep_breaths == before + 1


# -- G12


def test_g12_90_s_at_a_point_then_the_middle_whatever_the_breath_did(at_gate):
    stage = at_gate()
    began = next(t for t, o in stage.said if isinstance(o, Step) and o.place is Place.EASE)
    stage.run(until=Place.COME_BACK)
    assert stage.now_s - began == pytest.approx(90.0, abs=0.25)
    assert stage.guide.view.step.sentence == "Long enough here. Come back to the middle, slowly."
    assert not stage.guide.view.armed


@pytest.mark.parametrize("word", [Word.PAUSE, Word.BACK_OFF])
def test_g12_neither_a_pause_nor_backing_off_stops_the_time(at_gate, word):
    stage = at_gate()
    began = next(t for t, o in stage.said if isinstance(o, Step) and o.place is Place.EASE)
    stage.say(word)
    stage.run(until=Place.COME_BACK)
    assert stage.now_s - began <= 90.25


def test_g12_four_minutes_in_a_twist(twist):
    stage = Stage(twist, screening=False).begin()
    stage.full_s, stage.quiet_s = (6.0, 9.0), (5.0, 7.0)
    stage.run(until=Place.SET_UP)
    began = stage.now_s
    stage.run(until=Place.COME_BACK)
    assert stage.now_s - began <= 240.25
    right = sum(p.side is Side.RIGHT for p in stage.all(PointPassed))
    assert 1 <= right < 4
    stage.run()
    assert sum(p.side is Side.LEFT for p in stage.all(PointPassed)) <= right, "both sides get the same"


def test_g12_holds_without_any_data(at_gate):
    stage = at_gate()
    stage.breathing = False
    stage.run(until=Place.COME_BACK)
    stage.run()
    assert stage.guide.view.ended is not None


def test_g12_a_breath_that_comes_back_after_the_time_opens_nothing(at_gate):
    stage = at_gate()
    stage.breathing = False
    late = stage.now_s + 95.0
    stage.put(BreathReturned(breath=a_breath(late - 6.0)))
    assert stage.all(PointPassed) == []
    assert stage.place is Place.COME_BACK


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
