"""The same session as lines of text: one sentence a change, no terminal needed.

stdout carries the session; a line typed on stdin is a word or an answer.
"""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TextIO

from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    Ended,
    EndKind,
    Offer,
    PointPassed,
    Question,
    QuestionKind,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.outcome import Outcome, View
from breathsync.samples import SensorChange, SensorState

TYPED = {
    "": Word.GO_ON,
    "go on": Word.GO_ON,
    "pause": Word.PAUSE,
    "stop": Word.STOP,
    "back": Word.BACK_OFF,
    "smaller": Word.SMALLER_BAR,
    "by hand": Word.BY_HAND,
    "nothing holds": Word.NOTHING_HOLDS,
}
"""What one types for each word."""

HOW = {
    EndKind.FINISHED: "Session finished.",
    EndKind.STOPPED: "Session stopped.",
    EndKind.SCREENED_OUT: "Session not begun: the safety questions advised against it.",
    EndKind.SENSOR_ENDED: "Session over: the sensor or recording ended.",
    EndKind.INTERRUPTED: "Session interrupted.",
}

_TYPED_BY_WORD = {word: typed or "Enter" for typed, word in reversed(TYPED.items())}


class PlainFace:
    """Prints one line for each change. A cue that says what the line before said already is not printed again."""

    def __init__(self, *, out: Callable[[str], None]) -> None:
        self._out = out
        self._last = self._printed = ""
        self._streamed = False
        self._verdicts: list[Verdict] = []
        self._passed: list[PointPassed] = []

    def hear(self, outcome: Outcome, view: View) -> None:
        """Print what changed, if it is something a person wants to know."""
        if isinstance(outcome, Verdict):
            self._verdicts.append(outcome)
        if isinstance(outcome, PointPassed):
            self._passed.append(outcome)
        text = "" if self._is_on_the_way(outcome) else _line(outcome)
        if isinstance(outcome, Ended) and text in self._printed:
            text = ""
        if isinstance(outcome, Cue):
            # A step, a question, a verdict come with a cue that says the same; a cue asked anew is said anew.
            if text in self._last:
                text = ""
            self._last = ""
        elif text:
            self._last = text
        if text:
            minutes, seconds = divmod(int(view.t_s), 60)
            self._printed = text
            self._out(f"{minutes:>2}:{seconds:02d}  {text}")
        if isinstance(outcome, Ended):
            for line in self._summary(outcome):
                self._out(f"       {line}")
            if view.info.simulated:
                self._out("       SIMULATED: nobody breathed here.")

    def _is_on_the_way(self, outcome: Outcome) -> bool:
        """How the sensor was reached is over when the session begins; only what it has to say of it is news."""
        if not isinstance(outcome, SensorChange):
            return False
        self._streamed |= outcome.state is SensorState.STREAMING
        return not (self._streamed or outcome.why)

    def _summary(self, ended: Ended) -> list[str]:
        """What the session came to: points by side, full breaths, refusals with their reasons counted."""
        lines = [HOW[ended.how]]
        for side in Side:
            points = [point for point in self._passed if point.side is side]
            if points:
                by_hand = sum(point.confirmed_by is ConfirmedBy.HAND for point in points)
                passed = f"{len(points)} {'point' if len(points) == 1 else 'points'} passed"
                lines.append(f"{side.capitalize()} side: {passed}, {by_hand} of them by hand.")
        refused = Counter(verdict.sentence for verdict in self._verdicts if not verdict.opened)
        opened = sum(verdict.opened for verdict in self._verdicts)
        if self._verdicts:
            lines.append(f"Full breaths at a gate: {opened}; not yet: {refused.total()}.")
        lines += [f"{count} × {sentence}" for sentence, count in refused.most_common()]
        return lines


def _line(outcome: Outcome) -> str:
    match outcome:
        case Step(side=None) as step:
            return f"{step.verb}. {step.sentence}".strip()
        case Step(point=0) as step:
            return f"{step.verb}, {step.side} side. {step.sentence}".strip()
        case Step() as step:
            return (
                f"{step.verb}, {step.side} side, point {step.point} of {step.points}. {step.sentence}".strip()
            )
        case Verdict(opened=True) as verdict:
            return f"Full breath. {verdict.sentence}".strip()
        case Verdict() as verdict:
            return f"Not yet: {verdict.sentence}"
        case PointPassed(confirmed_by=ConfirmedBy.HAND) as passed:
            return f"Point {passed.point} passed by hand, {passed.side} side."
        case PointPassed() as passed:
            return f"Point {passed.point} passed, {passed.side} side."
        case Question(kind=QuestionKind.YES_NO) as question:
            return f"{question.text} (y or n)"
        case Question() as question:
            return f"{question.text} (0 to 10, Enter to leave out)"
        case Offer() as offer:
            typed = ", ".join(_TYPED_BY_WORD[word] for word in offer.words)
            return f"{offer.sentence} You can type: {typed}."
        case SensorChange(state=SensorState.STREAMING) as change:
            return f"The sensor is streaming. {change.why}".strip()
        case SensorChange() as change:
            return f"Sensor {change.state}. {change.why}".strip()
        case Ended() as ended:
            return ended.why
        case Cue(sentence=sentence):
            return sentence
        case _:
            return ""


class Listening(Protocol):
    """What takes in typed lines: a session here, or one that another process holds."""

    @property
    def view(self) -> View:
        """The session now."""
        ...

    def say(self, word: Word, *, by: str = "key") -> None:
        """The person's word."""
        ...

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        """The person's answer."""
        ...


def typed(session: Listening, line: str) -> str:
    """Take in one typed line; returns a sentence to print when it was not understood."""
    text = " ".join(line.lower().split())
    question = session.view.guide.question
    if question and text not in ("stop", "pause"):
        return _answer(session, question, text)
    if text not in TYPED:
        return f"Not understood: {text!r}. You can type: {', '.join(t or 'Enter' for t in TYPED)}."
    session.say(TYPED[text])
    return ""


def _answer(session: Listening, question: Question, text: str) -> str:
    if question.kind is QuestionKind.YES_NO:
        if text not in ("y", "yes", "n", "no"):
            return "Please type y or n."
        session.answer(question.question, text.startswith("y"))
        return ""
    number, _, note = text.partition(" ")
    if number and not (number.isdigit() and int(number) <= 10):
        return "Please type a number from 0 to 10, or only Enter to leave it out."
    session.answer(question.question, int(number) if number else None, note=note)
    return ""


def listen(session: Listening, *, lines: TextIO) -> None:
    """Take in typed lines until the input ends, beside the running session.

    A daemon thread: a terminal or pipe cannot be polled on every system, and a thread that waits for a line must
    not keep a finished session from ending.
    """
    loop = asyncio.get_running_loop()

    def take(line: str) -> None:
        if complaint := typed(session, line):
            print(complaint, file=sys.stderr)

    def read() -> None:
        # The loop is closed when the session ended while a line was typed: nobody is left to hear it.
        with suppress(RuntimeError):
            for line in lines:
                loop.call_soon_threadsafe(take, line)

    threading.Thread(target=read, daemon=True, name="typed lines").start()
