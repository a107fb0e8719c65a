"""The safety questions and the check-in: asked in order, "now" ends it before anything moves, nothing is guessed."""

import pytest

from breathsync.breath.events import LearnQuiet
from breathsync.guide.checkin import CLEARED, COMFORT, SAFETY, Flag, Screening, is_answer
from breathsync.guide.events import Answered, Cue, Ended, EndKind, Place, Question, Step, Word
from tests.guide.pretend import Stage

NOW = [q for q, flag in SAFETY.items() if flag is Flag.NOW]
FIRST = [q for q, flag in SAFETY.items() if flag is Flag.ASK_FIRST]


def test_the_first_time_safety_then_comfort_then_the_breath(short):
    stage = Stage(short).begin().run(until=Place.FIND_BREATH)
    assert [q.question for q in stage.all(Question)] == [*SAFETY, *COMFORT]
    assert stage.guide.screening.may_begin
    assert any(c.phrase == "safety.what" for c in stage.all(Cue))
    assert any(c.phrase == "safety.stop_at" for c in stage.all(Cue))


@pytest.mark.parametrize("question", NOW)
def test_a_now_flag_ends_it_with_the_advice_before_any_movement(short, question):
    stage = Stage(short)
    stage.answers = {question: True}
    stage.begin().run()
    (ended,) = stage.all(Ended)
    assert ended.how is EndKind.SCREENED_OUT
    assert ended.why == "Please do not start. See a doctor or an emergency service about this now."
    assert {s.place for s in stage.all(Step)} == {Place.CHECK_IN, Place.ENDED}
    assert stage.all(LearnQuiet) == []


@pytest.mark.parametrize("question", FIRST)
def test_the_other_flags_ask_for_a_professionals_word(short, question):
    stage = Stage(short)
    stage.answers = {question: True, CLEARED: False}
    stage.begin().run()
    assert stage.guide.view.ended.how is EndKind.SCREENED_OUT
    assert not stage.guide.screening.may_begin
    stage = Stage(short)
    stage.answers = {question: True, CLEARED: True}
    stage.begin().run(until=Place.FIND_BREATH)
    assert stage.place is Place.FIND_BREATH
    assert stage.guide.screening.may_begin


@pytest.mark.parametrize("value", [None, 5, 0, 1])
def test_a_safety_question_cannot_be_left_out(short, value):
    stage = Stage(short)
    stage.silent = True
    stage.begin()
    stage.put(Answered(t_s=1.0, question="now_seat", value=value))
    assert stage.guide.view.question.question == "now_seat"


def test_an_answer_to_another_question_changes_nothing(short):
    stage = Stage(short)
    stage.silent = True
    stage.begin()
    stage.put(Answered(t_s=1.0, question="pro_heart", value=False))
    assert stage.guide.view.question.question == "now_seat"


def test_comfort_may_be_left_out_but_not_be_eleven():
    assert is_answer("back", None)
    assert is_answer("back", 10)
    assert not is_answer("back", 11)
    assert not is_answer("back", True)
    assert not is_answer("now_leg", 0)


def test_both_can_be_left_out(short):
    stage = Stage(short, screening=False).begin()
    assert stage.places == [Place.FIND_BREATH]
    stage = Stage(short, screening=False, comfort=True).begin()
    assert stage.guide.view.question.question == "back"


def test_the_close_asks_for_each_side_and_waits_for_nobody(short):
    stage = Stage(short, screening=False, comfort=True).begin().run(until=Place.CLOSE)
    assert stage.guide.view.question.question == "close_right"
    stage.silent = True
    stage.run(5.0)
    stage._events.clear()
    stage.run(130.0)
    assert stage.guide.view.ended.how is EndKind.FINISHED


def test_the_close_can_be_skipped(short):
    stage = Stage(short, screening=False, comfort=True).begin().run(until=Place.CLOSE)
    stage.say(Word.GO_ON)
    assert stage.guide.view.ended.how is EndKind.FINISHED


def test_a_screening_says_whether_a_session_may_begin():
    assert not Screening().may_begin
    assert Screening.nothing().may_begin
    asked = {**Screening.nothing().answers, "first_bones": True}
    assert not Screening(answers=asked).may_begin
    assert Screening(answers=asked, cleared=True).may_begin
    assert not Screening(answers={**asked, "now_leg": True}, cleared=True).may_begin
