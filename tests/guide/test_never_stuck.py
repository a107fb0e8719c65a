"""Never stuck (G10), never too much (G11), never a trap (G12)."""

from dataclasses import replace
from itertools import pairwise

import pytest

from breathsync.breath.events import (
    BreathEnded,
    BreathReturned,
    CalibrationRefused,
    Refusal,
)
from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    CueKind,
    EndKind,
    Offer,
    Place,
    PointPassed,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.samples import SensorState
from breathsync.settings import LimitSettings, Settings
from tests.guide.pretend import Stage, a_breath

# -- G10


def test_g10_after_three_refusals_it_offers_the_ways_out(at_gate):
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


def test_g10_a_usual_breath_at_the_gate_is_a_refusal_like_any_other(at_gate):
    stage = at_gate()
    for times in (1, 2, 3):
        while len(stage.all(Verdict)) < times:
            stage.run(0.25)
        assert len(stage.all(Offer)) == (times == 3)
    assert not [c for c in stage.all(Cue) if c.kind is CueKind.REFUSED], "and nobody is told off for it"


def test_g10_a_breath_that_began_before_arming_is_a_refusal_too(at_gate):
    stage = at_gate()
    stage.breathing = False
    armed_s = stage.guide.view.step.t_s
    for start_s in (armed_s - 0.05, armed_s + 8.0, armed_s + 16.0):
        assert stage.all(Offer) == []
        stage.put(BreathReturned(breath=a_breath(start_s, ti_s=1.0, te_s=6.0)))
    assert [v.refused_by for v in stage.all(Verdict)] == [("G4", "G6"), ("G6",), ("G6",)]
    assert len(stage.all(Offer)) == 1


def test_g10_the_offer_is_made_once_and_stands_until_it_is_taken(at_gate):
    stage = at_gate()
    while len(stage.all(Verdict)) < 9:
        stage.run(0.25)
    (offer,) = stage.all(Offer)
    assert stage.guide.view.offer == offer
    assert [c.phrase for c in stage.all(Cue) if c.kind is CueKind.ASK] == ["offer.refused"]
    stage.say(Word.SMALLER_BAR)
    assert stage.guide.view.offer is None
    assert stage.guide.view.smaller


def test_g10_a_smaller_bar_refused_three_times_offers_what_is_left(at_gate):
    stage = at_gate()
    stage.say(Word.SMALLER_BAR)
    while len(stage.all(Verdict)) < 2:
        stage.run(0.25)
    assert stage.all(Offer) == []
    while len(stage.all(Verdict)) < 3:
        stage.run(0.25)
    assert [o.words for o in stage.all(Offer)] == [(Word.BY_HAND, Word.BACK_OFF, Word.STOP)]


def test_g10_the_offer_comes_anew_after_backing_off_and_three_refusals_more(at_gate):
    stage = at_gate()
    while not stage.all(Offer):
        stage.run(0.25)
    before = len(stage.all(Verdict))
    stage.say(Word.BACK_OFF)
    assert stage.guide.view.offer is None
    while len(stage.all(Offer)) < 2:
        stage.run(0.25)
    assert len(stage.all(Verdict)) == before + 3


def test_g10_the_offer_stands_through_a_rest_and_a_smaller_bar_may_be_asked_for_there(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    stage.changes = {"still_before_s": 0.5}
    stage.full_s = (2.0, 2.5)
    put = stage.put

    def eager(event):
        stage._wants_full = stage._wants_full or stage.place is Place.BREATHE
        return put(event)

    stage.put = eager
    while not (stage.all(Offer) and stage.place is Place.REST):
        stage.run(0.25)
    low = stage.guide.view.bar.low
    assert stage.guide.view.offer
    stage.say(Word.SMALLER_BAR)
    assert stage.place is Place.REST
    assert stage.guide.view.bar.low < low


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


def test_g11_a_breath_said_to_come_back_later_hides_no_deep_one(at_gate):
    stage = at_gate()
    stage.breathing = False
    before, start_s = stage.guide.view.deep_breaths, stage.now_s + 1.0
    odd = a_breath(start_s, amplitude=3.0, decided_s=start_s + 2.0)  # decided before it "had come back"
    stage.put(BreathEnded(breath=odd))
    stage.put(BreathReturned(breath=a_breath(start_s + 2.5)))
    assert stage.guide.view.deep_breaths == before + 1


def test_g11_a_deep_breath_counts_even_where_a_usual_one_was_seen_first(at_gate):
    stage = at_gate()
    stage.breathing = False
    before, start_s = stage.guide.view.deep_breaths, stage.now_s + 1.0
    small = a_breath(start_s, amplitude=3.0)
    stage.put(BreathEnded(breath=replace(small, exhale_end_s=small.decided_s)))
    deep = a_breath(start_s + 0.5)
    for event in (
        BreathReturned(breath=deep),
        BreathEnded(breath=replace(deep, exhale_end_s=deep.decided_s)),
    ):
        stage.put(event)
    assert stage.guide.view.deep_breaths == before + 1, "counted, and once"


def test_g11_by_hand_counts_as_a_deep_breath_nobody_measured(at_gate):
    stage = at_gate()
    before = stage.guide.view.deep_breaths
    stage.say(Word.BY_HAND)
    assert stage.guide.view.deep_breaths == before + 1


# -- G11 and G12 together: a rest for which the twist has no time


@pytest.fixture
def short_of_time(twist) -> Stage:
    """Point 3 of the right side; the third deep breath in a row wants a rest that outlasts the twist."""
    limits = LimitSettings(rest_after=3, rest_s=60.0, twist_s=150.0)
    stage = Stage(twist, screening=False, settings=Settings(limits=limits)).begin()
    stage.run(until=Place.SET_UP)
    while not any(o.place is Place.COME_BACK for o in stage.all(Step)):
        stage.run(0.25)
    return stage


def test_g12_a_rest_that_the_twist_has_no_time_for_is_taken_in_the_middle_and_the_side_goes_on(short_of_time):
    stage = short_of_time
    before = len(stage.all(PointPassed))
    assert 0 < before < 4
    assert stage.guide.view.step.sentence.startswith("Time to rest, in the middle")
    stage.run(until=Place.REST)
    assert stage.guide.view.step.side is None
    assert stage.guide.view.rest_left_s > 0
    assert stage.guide.view.words == (Word.PAUSE, Word.STOP)
    stage.run(until=Place.SET_UP)
    assert stage.guide.view.step.side is Side.RIGHT
    stage.run(until=Place.EASE)
    assert stage.guide.view.step.point == before + 1
    stage.run()
    passed = [p.side for p in stage.all(PointPassed)]
    assert passed == [Side.RIGHT] * 4 + [Side.LEFT] * 4, "and both sides get the same"


def test_g11_the_rest_in_the_middle_lasts_as_long_as_one_in_the_twist(short_of_time):
    stage = short_of_time
    last = stage.all(Verdict)[-1]
    assert last.opened
    stage.run(until=Place.SET_UP)
    assert 60.0 <= stage.now_s - last.decided_s <= 61.0


def test_g12_a_side_on_which_nothing_opens_is_not_begun_again(short_of_time):
    stage = short_of_time
    stage.changes = {"still_before_s": 0.5}
    stage.run()
    again = [c for c in stage.all(Cue) if c.phrase == "cue.rest_in_middle"]
    assert len(again) == 1
    assert stage.guide.view.ended is not None


def test_g13_a_signal_lost_on_the_way_to_the_rest_is_asked_about_before_the_side_goes_on(short_of_time):
    stage = short_of_time
    stage.breathing = False
    stage.sensor(SensorState.LOST)
    stage.run(until=Place.LOST)
    stage.sensor(SensorState.STREAMING)
    stage.breathing = True
    stage.run(5.0)
    assert stage.place is Place.LOST
    stage.say(Word.GO_ON)
    assert stage.place in (Place.REST, Place.FIND_BREATH)
    stage.run(until=Place.SET_UP)
    assert stage.guide.view.step.side is Side.RIGHT


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
