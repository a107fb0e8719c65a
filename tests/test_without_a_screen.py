"""A session can be followed with the eyes closed: once by the cues alone, once by the plain lines alone.

The simulated person hears nothing else. What they understand is rebuilt from sentences and tones, as somebody who
knows the language would; where a sentence is missing, they do not move, and the session does not finish.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from breathsync_simulators.wearers import PersonWearing, open_wearer

from breathsync.conductor import Conductor
from breathsync.guide.events import (
    VERBS,
    Answered,
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Said,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.guide.guide import Guide
from breathsync.outcome import Input, Outcome, View
from breathsync.plain import TYPED, PlainFace, typed
from breathsync.routine_files import load_routine
from breathsync.samples import SensorChange, SensorState
from breathsync.settings import Settings

LONGEST_S = 1500
BLOCK_S = 0.5
ROUTINE = "first-time"


@dataclass
class Room:
    """A conductor, a person, and what passes between them."""

    wearer: PersonWearing
    conductor: Conductor
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def view(self) -> View:
        return self.conductor.view

    def say(self, word: Word) -> None:
        self.put(Said(t_s=self.view.t_s, word=word))

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        self.put(Answered(t_s=self.view.t_s, question=question, value=value, note=note))

    tell: Callable[[Outcome], None] = lambda outcome: None
    listen: Callable[[Said | Answered], None] = lambda word: None

    def put(self, item: Input) -> None:
        for outcome in self.conductor.put(item):
            self.outcomes.append(outcome)
            self.tell(outcome)

    def live(self) -> Ended | None:
        self.put(SensorChange(t_s=0.0, state=SensorState.STREAMING))
        for block in range(1, int(LONGEST_S / BLOCK_S)):
            for samples in self.wearer.until(block * BLOCK_S):
                self.put(samples)
            for word in self.wearer.said():
                self.listen(word)
            if self.conductor.ended:
                break
        return self.conductor.ended


def _room(seed: int) -> Room:
    wearer = open_wearer("steady", "belt", seed=seed)
    routine, settings = load_routine(ROUTINE), Settings()
    guide = Guide(routine=routine, settings=settings, info=wearer.info, screening=False, comfort=True)
    return Room(
        wearer=wearer,
        conductor=Conductor(info=wearer.info, routine=routine, settings=settings, guide=guide),
    )


def _passed(outcomes: list[Outcome]) -> dict[Side, int]:
    points = [o for o in outcomes if isinstance(o, PointPassed) and o.confirmed_by is ConfirmedBy.BREATH]
    return {side: sum(point.side is side for point in points) for side in Side}


class Ear:
    """Turns cues back into what they mean, by the sentences of a session heard before."""

    def __init__(self, room: Room, *, known: list[Outcome]) -> None:
        self._room = room
        self._steps: dict[str, Step] = {}
        self._questions: dict[str, Question] = {}
        for outcome in known:
            if isinstance(outcome, Step):
                self._steps.setdefault(outcome.sentence, outcome)
            if isinstance(outcome, Question):
                self._questions.setdefault(outcome.text, outcome)
        self._side: Side | None = None
        self._point = 0

    def hear(self, outcome: Outcome) -> None:
        if isinstance(outcome, Cue):
            for meant in self._meaning(outcome):
                self._room.wearer.hear(meant, self._room.view)

    def _meaning(self, cue: Cue) -> list[Outcome]:
        for side in Side:
            if re.search(rf"\b{side.value}\b", cue.sentence.lower()) and "elbow" not in cue.sentence:
                self._side = side
        meant: list[Outcome] = []
        if cue.kind is CueKind.OPENED and self._side:
            self._point += 1
            passed = PointPassed(
                t_s=cue.t_s, side=self._side, point=self._point, confirmed_by=ConfirmedBy.BREATH
            )
            meant.append(passed)
        elif cue.kind is CueKind.REFUSED:
            meant.append(_refused(cue))
        elif cue.kind in (CueKind.INHALE, CueKind.COME_BACK):
            meant.append(cue)
        if cue.sentence in self._steps:
            step = self._steps[cue.sentence]
            side = self._side if step.side else None
            meant.append(
                Step(
                    t_s=cue.t_s,
                    place=step.place,
                    side=side,
                    point=self._point + 1 if step.point else 0,
                    points=step.points,
                    sentence=cue.sentence,
                )
            )
        if cue.sentence in self._questions:
            meant.append(self._questions[cue.sentence])
        return meant


def _refused(cue: Cue) -> Verdict:
    return Verdict(
        decided_s=cue.t_s,
        inhale_start_s=cue.t_s,
        inhale_peak_s=cue.t_s,
        returned_s=None,
        side=None,
        point=0,
        opened=False,
        amplitude=0.0,
        amplitude_quiet=None,
        clauses=(),
        phrase=cue.phrase,
        sentence=cue.sentence,
    )


def test_who_only_hears_the_cues_gets_through_both_sides() -> None:
    first = _room(seed=3)
    first.tell = lambda outcome: first.wearer.hear(outcome, first.view)
    first.listen = first.put
    first.live()
    room = _room(seed=4)
    ear = Ear(room, known=first.outcomes)
    room.tell = ear.hear
    room.listen = room.put
    ended = room.live()
    assert ended is not None
    assert ended.how is EndKind.FINISHED
    assert all(count >= 1 for count in _passed(room.outcomes).values())


PLACES = {verb: place for place, verb in VERBS.items()}
LINE = re.compile(
    r"^ *\d+:\d\d  (?P<verb>[A-Z ]+?)(?:, (?P<side>left|right) side)?(?:, point (?P<point>\d+) of (?P<points>\d+))?\. "
)


class Reader:
    """Turns plain lines back into what they mean; types the answers."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._asked = 0

    def read(self, line: str) -> None:
        for meant in self._meaning(line):
            self._room.wearer.hear(meant, self._room.view)

    def type(self, said: Said | Answered) -> None:
        if isinstance(said, Said):
            line = next(text for text, word in TYPED.items() if word is said.word)
        else:
            line = {True: "y", False: "n", None: ""}.get(said.value, str(said.value))  # type: ignore[arg-type]
        assert typed(self._room, line) == ""  # type: ignore[arg-type]

    def _meaning(self, line: str) -> list[Outcome]:
        t_s = self._room.view.t_s
        if found := LINE.match(line):
            side = Side(found["side"]) if found["side"] else None
            place = PLACES[found["verb"]]
            point, points = int(found["point"] or 0), int(found["points"] or 0)
            return [Step(t_s=t_s, place=place, side=side, point=point, points=points, sentence=line)]
        if line.endswith(("(y or n)", "Enter to leave out)")):
            self._asked += 1
            kind = QuestionKind.YES_NO if line.endswith("(y or n)") else QuestionKind.SCALE
            return [Question(t_s=t_s, question=str(self._asked), kind=kind, text=line)]
        if found := re.search(r"Point (\d+) passed, (left|right) side", line):
            side = Side(found[2])
            return [PointPassed(t_s=t_s, side=side, point=int(found[1]), confirmed_by=ConfirmedBy.BREATH)]
        if "Not yet:" in line:
            return [_refused(Cue(t_s=t_s, kind=CueKind.REFUSED, sentence=line))]
        if "lowly in" in line:
            return [Cue(t_s=t_s, kind=CueKind.INHALE, sentence=line)]
        return []


def test_who_only_reads_the_plain_lines_gets_through_both_sides() -> None:
    room = _room(seed=3)
    reader = Reader(room)
    face = PlainFace(out=reader.read)
    room.tell = lambda outcome: face.hear(outcome, room.view)
    room.listen = reader.type
    ended = room.live()
    assert ended is not None
    assert ended.how is EndKind.FINISHED
    assert all(count >= 1 for count in _passed(room.outcomes).values())
    assert Place.BREATHE in {step.place for step in room.outcomes if isinstance(step, Step)}
