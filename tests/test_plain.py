"""Plain lines: each change once, in words; typed lines come back as words and answers."""

import asyncio
import io
from types import SimpleNamespace
from typing import Any

import pytest

from breathsync.breath.events import Live
from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    GuideView,
    Offer,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.outcome import Outcome, View
from breathsync.plain import TYPED, PlainFace, listen, typed
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.tongue import speak

STEP = Step(t_s=0.0, place=Place.EASE, side=Side.RIGHT, point=1, points=4, sentence="Turn a little.")
CUE = Cue(t_s=0.0, kind=CueKind.INHALE, sentence="Slowly in.")
BACK = Question(t_s=0.0, question="back", kind=QuestionKind.SCALE, text="How is the back?")
SURE = Question(t_s=0.0, question="seat", kind=QuestionKind.YES_NO, text="Numb?")


def _view(question: Question | None = None) -> View:
    return View(
        t_s=65.0,
        guide=GuideView(step=STEP, question=question),
        live=Live(),
        sensor=SensorChange(t_s=0.0, state=SensorState.STREAMING),
        info=SensorInfo(name="belt", kind="fake", streams=(Stream.FORCE,), simulated=True),
    )


def _verdict(*, opened: bool) -> Verdict:
    return Verdict(
        decided_s=1.0,
        inhale_start_s=0.0,
        inhale_peak_s=0.5,
        returned_s=0.9,
        side=Side.RIGHT,
        point=1,
        opened=opened,
        amplitude=1.0,
        amplitude_quiet=1.0,
        clauses=(),
        phrase="",
        sentence="That was a full breath." if opened else "A little fuller.",
    )


def _told(*outcomes: Outcome) -> list[str]:
    lines: list[str] = []
    face = PlainFace(out=lines.append)
    for outcome in outcomes:
        face.hear(outcome, _view())
    return lines


def test_a_line_has_the_time_the_verb_and_where_one_is() -> None:
    assert _told(STEP) == [" 1:05  EASE, right side, point 1 of 4. Turn a little."]


def test_a_cue_that_says_what_the_step_said_is_not_printed_again() -> None:
    same = Cue(t_s=0.0, kind=CueKind.STEP, sentence="Turn a little.")
    assert len(_told(STEP, same)) == 1


def test_a_cue_that_is_asked_anew_is_printed_anew() -> None:
    assert len(_told(CUE, CUE, CUE)) == 3


def test_tones_without_words_are_not_printed() -> None:
    assert _told(Cue(t_s=0.0, kind=CueKind.EXHALE)) == []


def test_the_summary_counts_points_and_reasons() -> None:
    passed = PointPassed(t_s=1.0, side=Side.RIGHT, point=1, confirmed_by=ConfirmedBy.HAND)
    ended = Ended(t_s=2.0, how=EndKind.FINISHED, why="Done.")
    lines = _told(_verdict(opened=False), _verdict(opened=False), _verdict(opened=True), passed, ended)
    text = "\n".join(lines)
    assert "Right side: 1 point passed, 1 of them by hand." in text
    assert "Full breaths at a gate: 1; not yet: 2." in text
    assert "2 × A little fuller." in text
    assert "SIMULATED" in lines[-1]


def test_how_the_sensor_was_reached_is_no_news_but_how_it_is_lost_is() -> None:
    way = [SensorState.SEARCHING, SensorState.CONNECTING, SensorState.STREAMING, SensorState.RECONNECTING]
    lines = _told(*(SensorChange(t_s=0.0, state=state) for state in way))
    assert [line.split("  ")[1] for line in lines] == ["The sensor is streaming.", "Sensor reconnecting."]
    assert _told(SensorChange(t_s=0.0, state=SensorState.SEARCHING, why="Is it wet?"))


def test_what_the_sensor_has_to_say_of_itself_is_passed_on() -> None:
    (line,) = _told(SensorChange(t_s=0.0, state=SensorState.STREAMING, why="Its battery is at 9 %."))
    assert line.endswith("The sensor is streaming. Its battery is at 9 %.")


def test_the_end_is_said_once() -> None:
    done = Step(t_s=1.0, place=Place.ENDED, side=None, point=0, points=0, sentence="Finished.")
    cue = Cue(t_s=1.0, kind=CueKind.STEP, sentence="Finished.")
    lines = _told(done, cue, Ended(t_s=1.0, how=EndKind.FINISHED, why="Finished."))
    assert lines[:2] == [" 1:05  DONE. Finished.", "       Session finished."]


def test_an_offer_says_what_to_type() -> None:
    offer = Offer(t_s=0.0, words=(Word.GO_ON, Word.SMALLER_BAR), sentence="Shall we ask less?")
    assert _told(offer)[0].endswith("You can type: Enter, smaller.")


class FakeSession:
    """Remembers what was said."""

    def __init__(self, question: Question | None = None) -> None:
        self.view = _view(question)
        self.said: list[Any] = []

    def say(self, word: Word) -> None:
        self.said.append(word)

    def answer(self, question: str, value: object, *, note: str = "") -> None:
        self.said.append((question, value, note))


@pytest.mark.parametrize(("line", "word"), list(TYPED.items()))
def test_every_word_can_be_typed(line: str, word: Word) -> None:
    session = FakeSession()
    assert typed(session, f"  {line.upper()}\n") == ""  # type: ignore[arg-type]
    assert session.said == [word]


@pytest.mark.parametrize(
    ("question", "line", "answer"),
    [
        (SURE, "y", ("seat", True, "")),
        (SURE, "No", ("seat", False, "")),
        (BACK, "7", ("back", 7, "")),
        (BACK, "10 left hip", ("back", 10, "left hip")),
        (BACK, "", ("back", None, "")),
    ],
)
def test_a_question_is_answered(question: Question, line: str, answer: tuple[str, object, str]) -> None:
    session = FakeSession(question)
    assert typed(session, line) == ""  # type: ignore[arg-type]
    assert session.said == [answer]


@pytest.mark.parametrize(
    ("question", "line"), [(SURE, "maybe"), (BACK, "11"), (BACK, "much"), (None, "open")]
)
def test_what_is_not_understood_is_said_and_changes_nothing(question: Question | None, line: str) -> None:
    session = FakeSession(question)
    assert typed(session, line)  # type: ignore[arg-type]
    assert session.said == []


def test_g14_stop_is_understood_at_every_question() -> None:
    session = FakeSession(SURE)
    typed(session, "stop")  # type: ignore[arg-type]
    assert session.said == [Word.STOP]


async def test_typed_lines_reach_the_running_session() -> None:
    session = FakeSession()
    listen(SimpleNamespace(view=session.view, say=session.say), lines=io.StringIO("pause\n\n"))  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        while len(session.said) < 2:
            await asyncio.sleep(0.01)
    assert session.said == [Word.PAUSE, Word.GO_ON]


def test_in_german_all_of_a_line_is_german() -> None:
    speak("de")
    by_hand = PointPassed(t_s=0.0, side=Side.RIGHT, point=1, confirmed_by=ConfirmedBy.HAND)
    refused, opened = _verdict(opened=False), _verdict(opened=True)
    heard, lost = (SensorChange(t_s=0.0, state=state) for state in (SensorState.STREAMING, SensorState.LOST))
    offer = Offer(t_s=0.0, words=(Word.BY_HAND, Word.BACK_OFF, Word.STOP), sentence="Wie du magst.")
    done = Ended(t_s=0.0, how=EndKind.FINISHED, why="Fertig.")
    told = _told(STEP, refused, opened, by_hand, heard, lost, offer, done)
    assert [line.strip().removeprefix("1:05  ") for line in told] == [
        "DREHEN, rechts, Punkt 1 von 4. Turn a little.",
        "Noch nicht: A little fuller.",
        "Voller Atemzug. That was a full breath.",
        "Punkt 1 von Hand, rechts.",
        "Der Sensor sendet.",
        "Sensor: verloren.",
        "Wie du magst. Du kannst tippen: von Hand, zurück, stopp.",
        "Fertig.",
        "Übung fertig.",
        "Rechts: 1 Punkt, davon 1 von Hand.",
        "Volle Atemzüge am Tor: 1; noch nicht: 1.",
        "1 × A little fuller.",
        "SIMULIERT: hier hat niemand geatmet.",
    ]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("von Hand", Word.BY_HAND),
        ("by hand", Word.BY_HAND),
        ("Zurück", Word.BACK_OFF),
        ("stopp", Word.STOP),
        ("", Word.GO_ON),
    ],
)
def test_in_german_words_are_understood_in_both_languages(line: str, word: Word) -> None:
    speak("de")
    session = FakeSession()
    assert typed(session, line) == ""  # type: ignore[arg-type]
    assert session.said == [word]


@pytest.mark.parametrize(
    ("line", "answer"), [("j", True), ("ja", True), ("yes", True), ("nein", False), ("n", False)]
)
def test_in_german_yes_and_no_are_understood_in_both_languages(line: str, answer: bool) -> None:
    speak("de")
    session = FakeSession(SURE)
    assert typed(session, line) == ""  # type: ignore[arg-type]
    assert session.said == [("seat", answer, "")]
