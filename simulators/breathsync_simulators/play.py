"""One whole session without a clock: a person, a sensor, the product's own conductor; and what was seen of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from breathsync.breath.events import Tapped
from breathsync.conductor import Conductor
from breathsync.guide.events import Cue, CueKind, Ended, Offer, Place, PointPassed, Step, Verdict
from breathsync.guide.routine import Routine
from breathsync.outcome import Input, Outcome
from breathsync.samples import Samples, SensorChange, SensorState
from breathsync.settings import Settings
from breathsync_simulators.link import Link
from breathsync_simulators.people.truth import Truth
from breathsync_simulators.wearers import open_wearer

BLOCK_S = 0.5
LONGEST_S = 3600.0

Seen = Callable[[Input | Outcome], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One session to play."""

    person: str
    sensor: str
    seed: int
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with what held when it was given, as far as the gate must care (zero-tolerance clauses).

    `smaller`: whether the smaller bar held that the person had asked for (G10).
    """

    verdict: Verdict
    place: Place
    armed_s: float
    streaming: bool
    calibrated: bool
    gap_s: float
    smaller: bool
    deep_breaths: int
    deep_limit: int


@dataclass(slots=True, kw_only=True)
class Played:
    """A session that was played, for `score`."""

    task: Task
    truth: Truth
    steps: list[Step] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    armed: list[tuple[float, float]] = field(default_factory=list)
    """(from, to) of each span with an armed gate."""
    passed: list[PointPassed] = field(default_factory=list)
    backs_s: list[float] = field(default_factory=list)
    """When "come back to the middle" was said, as a step or as a cue."""
    gaps: list[tuple[float, float]] = field(default_factory=list)
    taps: list[Tapped] = field(default_factory=list)
    said: list[Cue] = field(default_factory=list)
    offers: int = 0
    ended: Ended | None = None
    lived_s: float = 0.0
    took_s: float = 0.0
    """Seconds of one core."""


def play(task: Task, *, routine: Routine, seen: Seen | None = None) -> Played:
    """Play a session to its end, or for an hour. `seen` gets every input and outcome in order, as a log would."""
    began = time.process_time()
    wearer = open_wearer(task.person, task.sensor, seed=task.seed)
    link = Link(person=wearer.person, seed=wearer.link_seed)
    conductor = Conductor(info=wearer.info, routine=routine, settings=task.settings)
    watch = _Watch(conductor, Played(task=task, truth=wearer.person.body.truth))
    view = conductor.view

    def put(item: Input) -> None:
        nonlocal view
        if seen:
            seen(item)
        if isinstance(item, Samples):
            watch.samples(item)
        for outcome in conductor.put(item):
            if seen:
                seen(outcome)
            if isinstance(outcome, Step | Verdict):
                view = conductor.view
            watch.outcome(outcome)
            wearer.hear(outcome, view)
        watch.armed(conductor.now_s)

    put(SensorChange(t_s=0.0, state=SensorState.STREAMING))
    t_s = 0.0
    while conductor.ended is None and t_s < LONGEST_S:
        t_s += BLOCK_S
        for event in link.carry(wearer.until(t_s), t_s):
            put(event)
        for word in wearer.said():
            put(word)
    watch.armed(np.inf)
    played = watch.played
    played.ended = conductor.ended
    played.lived_s = t_s
    _ = wearer.truth
    played.took_s = time.process_time() - began
    return played


class _Watch:
    """Keeps of a session what `score` needs."""

    def __init__(self, conductor: Conductor, played: Played) -> None:
        self._conductor = conductor
        self.played = played
        self.last_s = 0.0
        self._armed_s: float | None = None
        self._step_s = -np.inf
        self._streaming = True
        self._place = Place.CHECK_IN

    def samples(self, block: Samples) -> None:
        """Note gaps in the breath's own stream."""
        if block.stream is not self._conductor.info.breath_stream:
            return
        limit_s = self.played.task.settings.gate.gap_s
        holes = block.t_s - np.concatenate(((self.last_s,), block.t_s[:-1]))
        if holes.max() > limit_s:
            for k in np.flatnonzero(holes > limit_s):
                self.played.gaps.append((float(block.t_s[k] - holes[k]), float(block.t_s[k])))
        self.last_s = float(block.t_s[-1])

    def outcome(self, outcome: Outcome) -> None:
        """Note what decides."""
        played = self.played
        match outcome:
            case SensorChange():
                self._streaming = outcome.state is SensorState.STREAMING
            case Step():
                played.steps.append(outcome)
                self._step_s = outcome.t_s
                self._place = outcome.place
                if outcome.place is Place.COME_BACK:
                    played.backs_s.append(outcome.t_s)
            case Cue():
                played.said.append(outcome)
                if outcome.kind is CueKind.COME_BACK:
                    played.backs_s.append(outcome.t_s)
            case Offer():
                played.offers += 1
            case Tapped():
                played.taps.append(outcome)
            case PointPassed():
                played.passed.append(outcome)
            case Verdict():
                self._judge(outcome)
            case _:
                pass

    def armed(self, now_s: float) -> None:
        """Open or close the span of an armed gate."""
        armed = np.isfinite(now_s) and self._conductor.guide.view.armed
        if armed and self._armed_s is None:
            # A block is half a second long; the step within it that armed the gate says when.
            self._armed_s = self._step_s if now_s - self._step_s <= BLOCK_S else now_s
        elif not armed and self._armed_s is not None:
            self.played.armed.append((self._armed_s, min(now_s, self._conductor.now_s)))
            self._armed_s = None

    def _judge(self, verdict: Verdict) -> None:
        view = self._conductor.guide.view
        start_s = verdict.inhale_start_s
        holes = [b - a for a, b in self.played.gaps if b > start_s and a < verdict.decided_s]
        self.played.judged.append(
            Judged(
                verdict=verdict,
                place=self._place,
                armed_s=-np.inf if self._armed_s is None else self._armed_s,
                streaming=self._streaming,
                calibrated=self._is_calibrated(verdict),
                gap_s=max(holes, default=0.0),
                smaller=view.smaller,
                deep_breaths=view.deep_breaths,
                deep_limit=view.deep_limit,
            )
        )

    def _is_calibrated(self, verdict: Verdict) -> bool:
        calibration = self._conductor.follower.calibration
        if calibration is None:
            return False
        return verdict.side is None or calibration.axis is None or verdict.side.posture in calibration.scales
