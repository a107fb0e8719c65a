"""What has happened in a session so far, gathered from its outcomes, for the trace's marks and the summary."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from breathsync.breath.events import CalibrationRefused, PeakSeen
from breathsync.guide.events import (
    ConfirmedBy,
    PointPassed,
    Question,
    QuestionKind,
    Verdict,
)
from breathsync.outcome import Outcome
from breathsync.samples import SensorChange, SensorState
from breathsync.tui.draw.trace_rows import OPENED, PEAK, REFUSED

MARKS_KEPT = 64


@dataclass(slots=True)
class Story:
    """Grows with each outcome. Lists are short: at most 30 deep breaths a session (G11)."""

    marks: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=MARKS_KEPT))
    verdicts: list[Verdict] = field(default_factory=list)
    passed: list[PointPassed] = field(default_factory=list)
    refused_calibrations: list[CalibrationRefused] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, bool | int | None] = field(default_factory=dict)
    tries: int = 0

    def take(self, outcome: Outcome) -> None:
        """Take in one outcome."""
        match outcome:
            case PeakSeen():
                self.marks.append((outcome.t_s, PEAK))
            case Verdict():
                self.verdicts.append(outcome)
                self.marks.append((outcome.inhale_peak_s, OPENED if outcome.opened else REFUSED))
            case PointPassed():
                self.passed.append(outcome)
            case CalibrationRefused():
                self.refused_calibrations.append(outcome)
            case Question():
                self.questions[outcome.question] = outcome
            case SensorChange():
                if outcome.state is SensorState.RECONNECTING:
                    self.tries += 1
                elif outcome.state is SensorState.STREAMING:
                    self.tries = 0
            case _:
                pass

    def answered(self, question: str, value: bool | int | None) -> None:
        """Remember an answer given on this screen."""
        self.answers[question] = value

    def recall(self, answers: Mapping[str, int]) -> None:
        """Take in answers as the logbook has them: a simulated person gives them past the screen."""
        self.answers = {**answers, **self.answers}

    @property
    def full_breaths(self) -> int:
        """Breaths that opened the gate."""
        return sum(verdict.opened for verdict in self.verdicts)

    @property
    def by_hand(self) -> int:
        """Points passed by hand."""
        return sum(point.confirmed_by is ConfirmedBy.HAND for point in self.passed)

    @property
    def refused(self) -> list[tuple[str, int]]:
        """The sentences of the refused breaths with how often each was said, most often first."""
        return Counter(v.sentence for v in self.verdicts if not v.opened).most_common()

    @property
    def feelings(self) -> list[tuple[str, int]]:
        """The answers on the 0..10 scale, in the order asked."""
        return [
            (self.questions[name].text, value)
            for name, value in self.answers.items()
            if name in self.questions
            and self.questions[name].kind is QuestionKind.SCALE
            and isinstance(value, int)
        ]
