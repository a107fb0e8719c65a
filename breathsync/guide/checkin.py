"""The safety questions before the first session and the short check-in before each (domain.md 6).

The answers stay on the machine: whoever runs the session keeps the `Screening` and gives it back next time.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from breathsync.guide.events import QuestionKind, Side
from breathsync.guide.routine import Routine


class Flag(StrEnum):
    """What a yes means."""

    NOW = "now"
    """Go to a doctor now; the session does not begin."""
    ASK_FIRST = "ask_first"
    """See somebody first; the session begins if that has been done."""


SAFETY: dict[str, Flag] = {
    "now_seat": Flag.NOW,
    "now_leg": Flag.NOW,
    "first_fall": Flag.ASK_FIRST,
    "first_bones": Flag.ASK_FIRST,
    "first_illness": Flag.ASK_FIRST,
    "first_night": Flag.ASK_FIRST,
    "pro_surgery": Flag.ASK_FIRST,
    "pro_body": Flag.ASK_FIRST,
    "pro_heart": Flag.ASK_FIRST,
}
CLEARED = "cleared"
COMFORT = ("back", "hips", "shoulders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The answers to the safety questions, by question; `cleared`: a professional has said it is fine."""

    answers: dict[str, bool] = field(default_factory=dict)
    cleared: bool = False

    @classmethod
    def nothing(cls) -> "Screening":
        """All questions answered with no: for simulated people and tests."""
        return cls(answers=dict.fromkeys(SAFETY, False))

    def flagged(self, flag: Flag) -> tuple[str, ...]:
        """The questions of this flag that were answered with yes."""
        return tuple(q for q, f in SAFETY.items() if f is flag and self.answers.get(q))

    @property
    def complete(self) -> bool:
        """Whether every question has an answer."""
        return all(q in self.answers for q in SAFETY)

    @property
    def may_begin(self) -> bool:
        """Whether a session may begin on these answers."""
        return (
            self.complete
            and not self.flagged(Flag.NOW)
            and (self.cleared or not self.flagged(Flag.ASK_FIRST))
        )


def kind_of(question: str) -> QuestionKind:
    """What sort of answer a question wants."""
    return QuestionKind.YES_NO if question in SAFETY or question == CLEARED else QuestionKind.SCALE


def is_answer(question: str, value: object) -> bool:
    """Whether `value` answers `question`: yes or no where safety is asked, 0..10 or left out elsewhere."""
    if kind_of(question) is QuestionKind.YES_NO:
        return isinstance(value, bool)
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10)


def closing_questions(routine: Routine, sides: tuple[Side, ...]) -> tuple[str, ...]:
    """How each side is now, or the back where no side was turned to."""
    return tuple(f"close_{side}" for side in sides) if routine.sides else ("close_back",)
