"""The verdict at an armed gate, once a breath (G3-G8), and nothing else that opens it (G9)."""

import pytest

from breathsync.breath.events import (
    BreathEnded,
    BreathKind,
    BreathReturned,
    InhaleBegan,
    MotionChanged,
)
from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    Place,
    PointPassed,
    Side,
    Verdict,
    Word,
)
from breathsync.samples import MOVED_MOMENT_S
from tests.guide.pretend import BELT, CHEST, HEART, Stage, a_breath


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


def test_g8_a_breath_that_began_while_a_broken_off_one_was_still_undecided_gets_its_own_verdict(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    broken_off = a_breath(
        start_s, amplitude=3.0, ti_s=0.8, returned_s=None, exhale_end_s=start_s + 1.5, decided_s=start_s + 2.5
    )
    stage.put(InhaleBegan(t_s=start_s + 1.5, decided_s=start_s + 2.5))
    stage.put(BreathEnded(breath=broken_off))
    stage.put(BreathReturned(breath=a_breath(start_s + 1.6)))
    assert [v.opened for v in stage.all(Verdict)] == [False, True]


def test_g7_a_brisk_full_breath_waits_for_its_fourth_second(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    brisk = a_breath(start_s, ti_s=1.8, te_s=3.0, still_before_s=6.0)  # back after 3.6 s
    stage.put(BreathReturned(breath=brisk))
    assert stage.all(Verdict) == []
    stage.run(6.0)
    (verdict,) = stage.all(Verdict)
    assert verdict.opened
    assert verdict.decided_s - start_s == pytest.approx(4.0 + MOVED_MOMENT_S, abs=1e-5)
    assert {c.clause: c.value for c in verdict.clauses}["G7"] == pytest.approx(0.4 + MOVED_MOMENT_S, abs=1e-5)


def test_g6_a_brisk_breath_followed_at_once_by_the_next_is_too_short(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    stage.put(BreathReturned(breath=a_breath(start_s, ti_s=1.8, te_s=3.0)))
    stage.put(InhaleBegan(t_s=start_s + 3.7, decided_s=start_s + 3.8))
    (verdict,) = stage.all(Verdict)
    assert verdict.refused_by == ("G6",)


def test_g3_movement_while_a_breath_waits_lies_inside_it(at_gate):
    stage = at_gate()
    stage.breathing = False
    start_s = stage.now_s + 1.0
    stage.put(BreathReturned(breath=a_breath(start_s, ti_s=1.8, te_s=3.0)))
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


def test_g9_by_hand_said_twice_at_once_passes_one_point(at_gate):
    stage = at_gate()
    for _ in range(5):
        stage.say(Word.BY_HAND)
    assert [p.point for p in stage.all(PointPassed)] == [1]
    assert stage.place is Place.EASE


def test_g9_on_the_way_to_a_point_by_hand_passes_nothing_and_says_what_comes_first(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.SET_UP)
    for _ in range(100):  # a key held down
        if stage.place is not Place.SETTLE:
            stage.say(Word.BY_HAND)
            stage.run(0.25)
    assert stage.all(PointPassed) == []
    assert "Get there first; then breathe, or confirm by hand." in [c.sentence for c in stage.all(Cue)]


@pytest.mark.parametrize("info", [CHEST, BELT, HEART], ids=lambda i: i.kind)
def test_g10_each_point_can_be_passed_by_hand_where_nothing_is_seen(twist, info):
    stage = Stage(twist, screening=False, info=info).begin().run(until=Place.SETTLE)
    stage.breathing = False
    for _ in range(40):  # by hand counts as a deep breath, so a rest may come between (G11)
        if stage.place is Place.SETTLE:
            stage.say(Word.BY_HAND)
        stage.run(4.0)
    by = [p.confirmed_by for p in stage.all(PointPassed) if p.side is Side.RIGHT]
    assert by == [ConfirmedBy.HAND] * 4


def test_g10_no_word_skips_the_set_up(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.SET_UP)
    for word in (Word.BACK_OFF, Word.BY_HAND, Word.SMALLER_BAR):
        stage.say(word)
    assert stage.place is Place.SET_UP
    assert not stage.guide.view.smaller


def test_g9_an_opened_gate_is_not_passed_again_by_hand(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.BREATHE)
    while not stage.all(PointPassed):
        stage.run(0.25)
    stage.say(Word.BY_HAND)
    stage.say(Word.BACK_OFF)
    assert len(stage.all(PointPassed)) == 1
