"""The questions: safety before the first session, comfort before and after each."""

from breathsync.guide.checkin import (
    CLEARED,
    COMFORT,
    SAFETY,
    Flag,
    Screening,
    closing_questions,
    is_answer,
    kind_of,
)
from breathsync.guide.events import Answered, CueKind, EndKind, Place, Question, Side, Word
from breathsync.guide.places.at import At
from breathsync.guide.walk import Walk

CLOSE_WAIT_S = 120.0
"""Nobody has to answer at the end."""


class Asking(At):
    """Asks one question after the other."""

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.left: list[str] = []

    def ask_next(self) -> None:
        """The next question, or on."""
        walk = self.walk
        walk.question = None
        if not self.left:
            self.done()
            return
        question = self.left[0]
        key = f"ask.{question}"
        walk.question = Question(
            t_s=walk.now_s, question=question, kind=kind_of(question), text=walk.phrase(key)
        )
        walk.out.append(walk.question)
        walk.cue(CueKind.ASK, key)

    def answered(self, answer: Answered) -> None:
        """An answer to another question, or none at all where one is needed, changes nothing."""
        if not self.left or answer.question != self.left[0] or not is_answer(answer.question, answer.value):
            return
        self.left.pop(0)
        self.take(answer)
        if self.walk.ended is None:
            self.ask_next()

    def take(self, answer: Answered) -> None:
        """Keep an answer."""

    def done(self) -> None:
        """All is answered."""


class CheckIn(Asking):
    """Before anything moves."""

    place = Place.CHECK_IN

    def enter(self) -> None:
        """The safety questions the first time, comfort each time, and when to stop."""
        walk = self.walk
        if walk.ask_safety:
            self.left += SAFETY
        if walk.ask_comfort:
            self.left += COMFORT
        if not self.left:
            self.done()
            return
        walk.step(Place.CHECK_IN, walk.phrase("step.check_in"), turned=False)
        if walk.ask_safety:
            walk.cue(CueKind.HINT, "safety.what")
        self.ask_next()

    def take(self, answer: Answered) -> None:
        """A yes to a "now" question ends the session at once; to another one it asks for a professional's word."""
        walk = self.walk
        if answer.question == CLEARED:
            walk.screening = Screening(answers=walk.safety, cleared=bool(answer.value))
            if not answer.value:
                walk.end(EndKind.SCREENED_OUT, "ended.ask_first")
        elif answer.question in SAFETY:
            walk.safety[answer.question] = bool(answer.value)
            if answer.value and SAFETY[answer.question] is Flag.NOW:
                walk.end(EndKind.SCREENED_OUT, "ended.now")
            elif len(walk.safety) == len(SAFETY):
                walk.screening = Screening(answers=walk.safety)
                if not walk.screening.may_begin:
                    self.left.insert(0, CLEARED)

    def done(self) -> None:
        """On to the breath. Without one to be seen, only pacing is left."""
        walk = self.walk
        walk.cue(CueKind.HINT, "safety.stop_at")
        if walk.unmeasured:
            walk.cue(CueKind.HINT, "cue.not_measured")
            walk.go(first_after_breath(walk))
        else:
            walk.go(Place.FIND_BREATH)


def first_after_breath(walk: Walk) -> Place:
    """What comes when the breath is known, or cannot be."""
    if walk.routine.warm_up:
        return Place.WARM_UP
    return Place.SET_UP if walk.sides_left else Place.CLOSE


class Close(Asking):
    """How is each side now."""

    place = Place.CLOSE
    words = (Word.GO_ON,)

    def enter(self) -> None:
        """Ask, and leave it open whether anybody answers."""
        walk = self.walk
        walk.step(Place.CLOSE, walk.text("close"), turned=False)
        turned: tuple[Side, ...] = walk.sides[: max(1, walk.side_index)]
        if walk.ask_comfort:
            self.left += closing_questions(walk.routine, turned)
        self.ask_next()

    def tick(self) -> None:
        """Nobody has to answer."""
        if self.for_s >= CLOSE_WAIT_S:
            self.done()

    def said(self, word: Word) -> None:
        """Leave the questions out."""
        if word is Word.GO_ON:
            self.done()

    def done(self) -> None:
        """The session is over."""
        self.walk.end(EndKind.FINISHED, "ended.finished")
