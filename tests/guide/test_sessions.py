"""Whole sessions on pretended events: the order of the places, hands-free, from check-in to close."""

from dataclasses import replace
from itertools import pairwise

import pytest

from breathsync.breath.events import (
    CueInhale,
    LearnFull,
    LearnQuiet,
    Middle,
    MotionChanged,
    SettleIn,
    TurnSeen,
)
from breathsync.guide.events import (
    BeadState,
    ConfirmedBy,
    Cue,
    CueKind,
    EndKind,
    Place,
    PointPassed,
    Question,
    Side,
    Step,
    Tick,
    Verdict,
    Word,
)
from breathsync.guide.guide import Guide
from breathsync.routine_files import load_routine, routine_names
from breathsync.settings import Settings
from tests.guide.pretend import BELT, CHEST, HEART, TURNING, Stage

POINT = [Place.EASE, Place.LENGTHEN, Place.SETTLE, Place.BREATHE]


def test_a_seated_twist_runs_hands_free_from_check_in_to_close(twist):
    stage = Stage(twist).begin().run()
    assert stage.guide.view.ended.how is EndKind.FINISHED
    side = [Place.SET_UP, *POINT * 4, Place.COME_BACK]
    way = [place for place in stage.places if place is not Place.REST]
    start = [Place.CHECK_IN, Place.FIND_BREATH, Place.FIND_FULL, Place.WARM_UP]
    ended = [Place.CLOSE, Place.ENDED]
    assert way == [*start, Place.WARM_UP, *side, *side, *ended]  # the warm-up is gone on with after a rest
    passed = stage.all(PointPassed)
    assert [(p.side, p.point) for p in passed] == [
        (s, p) for s in (Side.RIGHT, Side.LEFT) for p in (1, 2, 3, 4)
    ]
    assert {p.confirmed_by for p in passed} == {ConfirmedBy.BREATH}


def test_each_point_is_passed_right_after_a_verdict_that_opened(twist):
    stage = Stage(twist).begin().run()
    outputs = [o for _, o in stage.said if isinstance(o, Verdict | PointPassed)]
    for before, passed in pairwise(outputs):
        if isinstance(passed, PointPassed):
            assert isinstance(before, Verdict)
            assert before.opened
            assert (before.side, before.point) == (passed.side, passed.point)


@pytest.mark.parametrize("info", [CHEST, BELT, TURNING, HEART], ids=lambda i: i.kind)
@pytest.mark.parametrize("name", routine_names())
def test_every_routine_ends_with_every_sensor(name, info):
    stage = Stage(load_routine(name), info=info, screening=False).begin().run(2400.0)
    assert stage.guide.view.ended.how is EndKind.FINISHED
    measured = [p for p in stage.all(PointPassed) if p.confirmed_by is ConfirmedBy.BREATH]
    assert bool(measured) == (info is not HEART and load_routine(name).sides is not None)


def test_the_view_before_the_first_event_and_its_first_question(short):
    guide = Guide(routine=short, settings=Settings(), info=CHEST)
    assert guide.view.step.place is Place.CHECK_IN
    guide.put(Tick(t_s=0.25))
    assert guide.view.question.question == "now_seat"


def test_the_view_is_built_only_when_something_changed(short):
    stage = Stage(short).begin()
    stage.silent = True
    before = stage.guide.view
    stage.put(Tick(t_s=5.0))
    assert stage.guide.view is before
    stage.run(until=Place.WARM_UP)
    assert stage.guide.view is not before


def test_find_the_breath_orders_what_the_follower_needs(short):
    stage = Stage(short, screening=False).begin().run(until=Place.WARM_UP)
    orders = [type(o) for _, o in stage.said if isinstance(o, LearnQuiet | LearnFull | CueInhale)]
    assert orders == [LearnQuiet, LearnFull, CueInhale, CueInhale, CueInhale]
    cues = [(t, o) for t, o in stage.said if isinstance(o, Cue) and o.kind is CueKind.INHALE and o.phrase]
    asked = [(t, o) for t, o in stage.said if isinstance(o, CueInhale)]
    assert [t for t, _ in cues] == [t for t, _ in asked]
    assert all(b - a > 8.0 for (a, _), (b, _) in pairwise(asked))


def test_breaths_found_are_counted_in_the_view(short):
    stage = Stage(short, screening=False).begin().run(until=Place.FIND_FULL)
    view = stage.guide.view
    assert (view.quiet_counted, view.quiet_needed, view.full_needed) == (6, 6, 3)
    stage.run(until=Place.WARM_UP)
    view = stage.guide.view
    assert (view.full_counted, view.breaths_counted, view.breaths_needed) == (3, 0, 2)
    assert view.bar.low == pytest.approx(12.6)
    assert view.deep_breaths == 3


def test_settle_learns_each_posture_and_the_middle_zeroes_the_turn(twist):
    stage = Stage(twist).begin().run()
    settled = [o.posture.value for _, o in stage.said if isinstance(o, SettleIn)]
    assert settled == ["right"] * 4 + ["left"] * 4
    assert stage.all(Middle)


def test_the_second_side_is_mirrored(twist):
    stage = Stage(twist).begin().run()
    set_ups = [s for s in stage.all(Step) if s.place is Place.SET_UP]
    assert [s.sentence for s in set_ups] == [
        "Cross the right leg over, snugly.",
        "Cross the left leg over, snugly.",
    ]
    elbows = [c.sentence for c in stage.all(Cue) if "elbow" in c.sentence]
    assert elbows[0].startswith("Bring the left elbow to the outside edge of the right knee.")
    assert elbows[1].startswith("Bring the right elbow to the outside edge of the left knee.")


def test_all_sentences_come_in_german_too(short):
    stage = Stage(short, language="de").begin().run()
    sentences = [s.sentence for s in stage.all(Step)] + [q.text for q in stage.all(Question)]
    assert "Schlag das rechte Bein eng über, das Knie zeigt nach vorn." in sentences
    english = Stage(short).begin().run()
    assert not set(sentences) & {s.sentence for s in english.all(Step)}


def test_easing_further_and_being_still_is_the_sign(short):
    stage = Stage(short, screening=False).begin().run(until=Place.EASE)
    stage.moves = False
    stage._still_at_s = None
    stage.put(MotionChanged(t_s=stage.now_s, still=False))
    stage.run(4.0)
    assert stage.place is Place.EASE
    stage.put(MotionChanged(t_s=stage.now_s, still=True))
    stage.run(2.0)
    assert stage.place is Place.LENGTHEN


def test_somebody_who_never_moves_goes_on_after_a_pause_and_by_a_word(short):
    stage = Stage(short, screening=False).begin()
    stage.moves = False
    stage.run(until=Place.EASE)
    stage.run(5.0)
    assert stage.place is Place.EASE
    stage.say(Word.GO_ON)
    assert stage.place is Place.LENGTHEN


def test_degrees_are_said_only_with_a_gyroscope(short):
    for info, known in ((TURNING, True), (CHEST, False)):
        stage = Stage(short, info=info, screening=False).begin()
        for turn_deg in (20.0, 29.0):
            stage.run(until=Place.BREATHE)
            stage.put(TurnSeen(t_s=stage.now_s, turn_deg=turn_deg))
            stage.run(20.0, until=Place.EASE)
        gained = [p.gained_deg for p in stage.all(PointPassed)]
        assert gained == ([20.0, 9.0] if known else [None, None])


def test_clear_when_two_points_running_gained_less_than_three_degrees(twist):
    stage = Stage(twist, info=TURNING, screening=False).begin()
    for turn_deg in (20.0, 22.0, 24.0):
        stage.run(until=Place.BREATHE)
        stage.put(TurnSeen(t_s=stage.now_s, turn_deg=turn_deg))
        stage.run(20.0, until=Place.EASE if turn_deg < 24.0 else Place.COME_BACK)
    assert stage.place is Place.COME_BACK
    assert len(stage.all(PointPassed)) == 3
    stage.run()
    assert sum(p.side is Side.LEFT for p in stage.all(PointPassed)) == 4, "the other side keeps its points"


def test_nothing_holds_ends_the_side(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    stage.say(Word.NOTHING_HOLDS)
    assert stage.place is Place.COME_BACK
    stage.run()
    assert stage.guide.view.ended.how is EndKind.FINISHED
    assert {p.side for p in stage.all(PointPassed)} == {Side.LEFT}


def test_come_back_counts_three_usual_breaths(short):
    stage = Stage(short, screening=False).begin().run(until=Place.COME_BACK)
    began = stage.now_s
    stage.run(until=Place.SET_UP)
    assert 9.0 < stage.now_s - began < 20.0
    assert stage.guide.view.breaths_counted == 3


def test_beads_tell_measured_from_by_hand(short):
    stage = Stage(short, screening=False).begin().run(until=Place.BREATHE)
    assert [b.state for b in stage.guide.view.beads][:2] == [BeadState.HERE, BeadState.TO_COME]
    stage.run(until=Place.EASE).run(until=Place.BREATHE)
    stage.say(Word.BY_HAND)
    states = [(b.side, b.state) for b in stage.guide.view.beads]
    assert states == [
        (Side.RIGHT, BeadState.MEASURED),
        (Side.RIGHT, BeadState.BY_HAND),
        (Side.LEFT, BeadState.TO_COME),
        (Side.LEFT, BeadState.TO_COME),
    ]


def test_the_gate_is_not_armed_in_the_middle_of_a_breath(twist):
    stage = Stage(twist, screening=False).begin().run()
    assert all("G4" not in v.refused_by for v in stage.all(Verdict))


def test_times_that_run_back_are_clamped(short):
    stage = Stage(short).begin()
    stage.run(20.0)
    before = stage.guide.view.step
    assert stage.put(Tick(t_s=3.0)) == []
    assert stage.put(Tick(t_s=float("nan"))) == []
    assert stage.guide.view.step == before


def test_the_same_events_give_the_same_outputs(twist):
    def told():
        stage = Stage(twist).begin().run()
        return [o for _, o in stage.said]

    assert told() == told()


def test_a_heart_alone_paces_and_says_why_nothing_is_measured(short):
    stage = Stage(short, info=HEART, screening=False).begin().run(until=Place.BREATHE)
    view = stage.guide.view
    assert not view.armed
    assert Word.BY_HAND in view.offer.words
    assert any(c.phrase == "cue.not_measured" for c in stage.all(Cue))
    stage.run(20.0)
    assert stage.all(Verdict) == []
    assert stage.all(PointPassed) == []


def test_a_routine_without_sounds_of_the_breath_gives_none(short):
    quiet = replace(short, sounds=replace(short.sounds, follow_breath=False))
    stage = Stage(quiet, screening=False).begin().run()
    assert not [c for c in stage.all(Cue) if c.kind in (CueKind.INHALE, CueKind.EXHALE) and not c.phrase]
