"""The same session as lines of text: one sentence a change, no terminal needed.

stdout carries the session; a line typed on stdin is a word or an answer, in English or in the language spoken.
"""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
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
from breathsync.tongue import t

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
YES, NO = ("y", "yes"), ("n", "no")

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
                self._out(f"       {t('SIMULATED: nobody breathed here.')}")

    def _is_on_the_way(self, outcome: Outcome) -> bool:
        """How the sensor was reached is over when the session begins; only what it has to say of it is news."""
        if not isinstance(outcome, SensorChange):
            return False
        self._streamed |= outcome.state is SensorState.STREAMING
        return not (self._streamed or outcome.why)

    def _summary(self, ended: Ended) -> list[str]:
        """What the session came to: points by side, full breaths, refusals with their reasons counted."""
        lines = [t(HOW[ended.how])]
        for side in Side:
            points = [point for point in self._passed if point.side is side]
            if points:
                by_hand = sum(point.confirmed_by is ConfirmedBy.HAND for point in points)
                text = "{side} side: {number} points passed, {hand} of them by hand."
                if len(points) == 1:
                    text = "{side} side: {number} point passed, {hand} of them by hand."
                lines.append(t(text, side=t(side).capitalize(), number=len(points), hand=by_hand))
        refused = Counter(verdict.sentence for verdict in self._verdicts if not verdict.opened)
        opened = sum(verdict.opened for verdict in self._verdicts)
        if self._verdicts:
            lines.append(t("Full breaths at a gate: {full}; not yet: {no}.", full=opened, no=refused.total()))
        lines += [f"{count} × {sentence}" for sentence, count in refused.most_common()]
        return lines


def _line(outcome: Outcome) -> str:
    match outcome:
        case Step() as step:
            where = [t(step.verb)]
            if step.side is not None:
                where.append(t("{side} side", side=t(step.side)))
            if step.point:
                where.append(t("point {here} of {all}", here=step.point, all=step.points))
            return f"{', '.join(where)}. {step.sentence}".strip()
        case Verdict(opened=True) as verdict:
            return f"{t('Full breath.')} {verdict.sentence}".strip()
        case Verdict() as verdict:
            return f"{t('Not yet:')} {verdict.sentence}"
        case PointPassed() as passed:
            text = "Point {point} passed, {side} side."
            if passed.confirmed_by is ConfirmedBy.HAND:
                text = "Point {point} passed by hand, {side} side."
            return t(text, point=passed.point, side=t(passed.side))
        case Question(kind=QuestionKind.YES_NO) as question:
            return f"{question.text} {t('(y or n)')}"
        case Question() as question:
            return f"{question.text} {t('(0 to 10, Enter to leave out)')}"
        case Offer() as offer:
            return f"{offer.sentence} {_can_type(_TYPED_BY_WORD[word] for word in offer.words)}"
        case SensorChange(state=SensorState.STREAMING) as change:
            return f"{t('The sensor is streaming.')} {change.why}".strip()
        case SensorChange() as change:
            return f"{t('Sensor {state}.', state=t(change.state))} {change.why}".strip()
        case Ended() as ended:
            return ended.why
        case Cue(sentence=sentence):
            return sentence
        case _:
            return ""


def _can_type(words: Iterable[str]) -> str:
    return t("You can type: {words}.", words=", ".join(t(word) for word in words))


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
    word = TYPED.get(text) or {t(name).lower(): word for name, word in TYPED.items()}.get(text)
    question = session.view.guide.question
    if question and word not in (Word.STOP, Word.PAUSE):
        return _answer(session, question, text)
    if word is None:
        return f"{t('Not understood: {line!r}.', line=text)} {_can_type(name or 'Enter' for name in TYPED)}"
    session.say(word)
    return ""


def _answer(session: Listening, question: Question, text: str) -> str:
    if question.kind is QuestionKind.YES_NO:
        yes = text in (*YES, *map(t, YES))
        if not yes and text not in (*NO, *map(t, NO)):
            return t("Please type y or n.")
        session.answer(question.question, yes)
        return ""
    number, _, note = text.partition(" ")
    if number and not (number.isdigit() and int(number) <= 10):
        return t("Please type a number from 0 to 10, or only Enter to leave it out.")
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
