"""What goes into the guide besides the breath, and what comes out: steps, cues, verdicts, orders, the end."""

from dataclasses import dataclass
from enum import StrEnum

from breathsync.breath.events import Calibration, FollowerEvent, FollowerOrder, Posture
from breathsync.samples import SensorChange


class Side(StrEnum):
    """The way the chest turns."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def posture(self) -> Posture:
        """The posture the body is in on this side."""
        return Posture(self.value)


class Word(StrEnum):
    """What the person can say at any time, by key, tap or another program."""

    GO_ON = "go_on"
    PAUSE = "pause"
    STOP = "stop"
    BACK_OFF = "back_off"
    SMALLER_BAR = "smaller_bar"
    BY_HAND = "by_hand"
    NOTHING_HOLDS = "nothing_holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The person's word at `t_s`; `by` is "key", "tap", "service" or "simulated"."""

    t_s: float
    word: Word
    by: str = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The person's answer to a question of the check-in: a yes or no, 0..10, or None (left out)."""

    t_s: float
    question: str
    value: bool | int | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Data time has reached `t_s`. The only time the guide knows."""

    t_s: float


GuideInput = FollowerEvent | SensorChange | Said | Answered | Tick


class Place(StrEnum):
    """The steps of a routine (domain.md 2)."""

    CHECK_IN = "check_in"
    FIND_BREATH = "find_breath"
    FIND_FULL = "find_full"
    WARM_UP = "warm_up"
    SET_UP = "set_up"
    EASE = "ease"
    LENGTHEN = "lengthen"
    SETTLE = "settle"
    BREATHE = "breathe"
    """The gate is armed."""
    REST = "rest"
    COME_BACK = "come_back"
    LOST = "lost"
    PAUSED = "paused"
    CLOSE = "close"
    ENDED = "ended"


VERBS = {
    Place.CHECK_IN: "CHECK IN",
    Place.FIND_BREATH: "USUAL",
    Place.FIND_FULL: "FULL",
    Place.WARM_UP: "WARM UP",
    Place.SET_UP: "SET UP",
    Place.EASE: "EASE",
    Place.LENGTHEN: "TALL",
    Place.SETTLE: "STILL",
    Place.BREATHE: "BREATHE",
    Place.REST: "REST",
    Place.COME_BACK: "COME BACK",
    Place.LOST: "LOST",
    Place.PAUSED: "PAUSED",
    Place.CLOSE: "CLOSE",
    Place.ENDED: "DONE",
}
"""The one big word of each step (screens.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The person is asked to do this now. `point` counts from 1; 0 outside of restriction points."""

    t_s: float
    place: Place
    side: Side | None
    point: int
    points: int
    sentence: str

    @property
    def verb(self) -> str:
        """The one big word."""
        return VERBS[self.place]

    @property
    def in_twist(self) -> bool:
        """Whether the person is turned."""
        return self.side is not None and self.place not in (Place.CHECK_IN, Place.CLOSE, Place.ENDED)


class CueKind(StrEnum):
    """What a cue is for; each has a sound of its own."""

    STEP = "step"
    INHALE = "inhale"
    EXHALE = "exhale"
    OPENED = "opened"
    REFUSED = "refused"
    LOST = "lost"
    REST = "rest"
    COME_BACK = "come_back"
    ASK = "ask"
    STOPPED = "stopped"
    DONE = "done"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something to hear: a tone, and where `sentence` is not empty one spoken sentence.

    `phrase` is the sentence's key in `cues/phrases`, stable over languages.
    """

    t_s: float
    kind: CueKind
    phrase: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseResult:
    """One clause of the gate with its number and its limit; None where a number does not apply."""

    clause: str
    ok: bool
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an armed gate decided of one breath (G8): every clause, and one short sentence that helps.

    `decided_s` is the moment in signal time; `returned_s` the moment the exhale had come back 70 %.
    """

    decided_s: float
    inhale_start_s: float
    inhale_peak_s: float
    returned_s: float | None
    side: Side | None
    point: int
    opened: bool
    amplitude: float
    amplitude_quiet: float | None
    clauses: tuple[ClauseResult, ...]
    phrase: str
    sentence: str

    @property
    def refused_by(self) -> tuple[str, ...]:
        """The clauses that said no, in their order."""
        return tuple(c.clause for c in self.clauses if not c.ok)


class ConfirmedBy(StrEnum):
    """How a point was passed. By hand never counts as measured (G9)."""

    BREATH = "breath"
    HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPassed:
    """A restriction point is behind the person."""

    t_s: float
    side: Side
    point: int
    confirmed_by: ConfirmedBy
    gained_deg: float | None = None


class QuestionKind(StrEnum):
    """What sort of answer a question wants."""

    YES_NO = "yes_no"
    SCALE = "scale"
    """0..10, with a note if the person wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the screening or the check-in, waiting for an `Answered` with the same `question` id."""

    t_s: float
    question: str
    kind: QuestionKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """After refusals (G10) or a lost signal (G13): the words that help now."""

    t_s: float
    words: tuple[Word, ...]
    sentence: str


class EndKind(StrEnum):
    """How a session ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    SCREENED_OUT = "screened_out"
    SENSOR_ENDED = "sensor_ended"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The session is over; the person is in the middle or has been told to come back to it."""

    t_s: float
    how: EndKind
    why: str = ""


GuideOutput = Step | Cue | Verdict | PointPassed | Question | Offer | Ended | FollowerOrder


class BeadState(StrEnum):
    """How a restriction point stands; each state has a shape of its own on the screen."""

    TO_COME = "to_come"
    HERE = "here"
    MEASURED = "measured"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bead:
    """One restriction point of one side."""

    side: Side
    point: int
    state: BeadState


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The band of a full breath in this posture, in the sensor's unit, from end of exhale.

    `quiet`: a usual breath; `low`: enough; `plenty`: from here on "less is fine".
    """

    quiet: float
    low: float
    plenty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """The guide at one moment, for a face. Built anew at each change; never edited."""

    step: Step
    beads: tuple[Bead, ...] = ()
    armed: bool = False
    bar: Bar | None = None
    calibration: Calibration | None = None
    verdict: Verdict | None = None
    question: Question | None = None
    offer: Offer | None = None
    quiet_counted: int = 0
    quiet_needed: int = 0
    full_counted: int = 0
    full_needed: int = 0
    breaths_counted: int = 0
    breaths_needed: int = 0
    deep_breaths: int = 0
    deep_limit: int = 0
    smaller: bool = False
    """A smaller bar holds at this point, at the person's word (G10)."""
    rest_left_s: float | None = None
    words: tuple[Word, ...] = ()
    ended: Ended | None = None
