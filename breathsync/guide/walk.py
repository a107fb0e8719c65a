"""Where the person is on the way through a routine, and everything the places need to know of it."""

import math
from enum import StrEnum
from statistics import median

from breathsync.breath.events import (
    Breath,
    BreathKind,
    Calibration,
    Doubt,
    FollowerOrder,
    Middle,
    Posture,
)
from breathsync.guide import phrases
from breathsync.guide.checkin import Screening
from breathsync.guide.coach import Coach
from breathsync.guide.events import (
    Bar,
    Bead,
    BeadState,
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    GuideOutput,
    Offer,
    Place,
    PointPassed,
    Question,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.guide.gate import Armed, at_least, bar_for
from breathsync.guide.limits import DeepBudget, back_s, settings_for
from breathsync.guide.routine import Routine
from breathsync.samples import SensorInfo, SensorState, Stream
from breathsync.settings import Settings

NOT_BREATH = (BreathKind.MOVEMENT, BreathKind.TALK, BreathKind.COUGH)


AFTER_REST_S = 30.0
"""What a rest in the twist is good for: after it a usual breath, and a slow full one."""


class After(StrEnum):
    """What follows when the person is back in the middle."""

    NEXT_SIDE = "next_side"
    REST = "rest"
    CLOSE = "close"
    STOPPED = "stopped"
    FIND_AGAIN = "find_again"
    LOST = "lost"


class Walk:
    """The state all places share. Places change it through the methods here; the guide reads the rest."""

    def __init__(
        self,
        *,
        routine: Routine,
        settings: Settings,
        info: SensorInfo,
        language: str,
        ask_safety: bool,
        ask_comfort: bool,
    ) -> None:
        self.routine = routine
        self.settings = settings_for(routine, settings)
        self.info = info
        self.language = language
        self.now_s = 0.0
        self.out: list[GuideOutput] = []
        self.wanted: Place | None = None
        self.coach = Coach(same_sentence_s=settings.coach.same_sentence_s)
        self.budget = DeepBudget(self.settings.limits)
        self.ask_safety = ask_safety
        self.screening: Screening | None = None
        self.safety: dict[str, bool] = {}
        self.ask_comfort = ask_comfort
        # what the sensor and the follower say
        self.sensor = SensorState.OFF
        self.doubts: tuple[Doubt, ...] = (Doubt.NO_DATA,)
        self.has_streamed = False
        self.taken_off = False
        self.still: bool | None = None
        self.still_since_s = 0.0
        self.calibration: Calibration | None = None
        self.unmeasured = info.breath_stream is None
        self.learned_here = False
        self.turn_deg: float | None = None
        self.inhaling = False
        """A breath is under way and has not come back: the gate is not armed in its middle."""
        self.over_s = 0.0
        """When a breath was last known to be over."""
        self.back_s = -math.inf
        """When the last breath had come back."""
        self.deep_until_s = self.counted_until_s = -math.inf
        """Breaths that began before had been counted: as deep, or as any. A deep one counts over a usual one."""
        self.usual_since_deep = 0
        self.quiet_seen: list[float] = []
        """Amplitudes of breaths while the usual ones are learned."""
        # the way
        self.side_index = 0
        self.passed: dict[Side, list[ConfirmedBy]] = {side: [] for side in self.sides}
        self.points = routine.sides.points if routine.sides else 0
        self.here = False
        self.point_since_s = 0.0
        self.twist_since_s: float | None = None
        self.passed_before = 0
        """Points of this side that were passed before this twist."""
        self.smaller = False
        self.refusals = 0
        self.deep_at_point = False
        self.turn_at_last_deg = 0.0
        self.small_gains = 0
        self.backing_off = False
        self.explained = False
        self.warmed_up = 0
        self.warm_texts_said = 0
        self.deep_before_warm_up: int | None = None
        self.refused_calibrations = 0
        self.lost_since_s: float | None = None
        self.back_since_s = 0.0
        self.resume = Place.FIND_BREATH
        self.after_found: Place | None = None
        self.after = After.NEXT_SIDE
        self.come_back_phrase = ""
        # what the faces see
        self.shown = Step(t_s=0.0, place=Place.CHECK_IN, side=None, point=0, points=0, sentence="")
        self.armed_s: float | None = None
        self.verdict: Verdict | None = None
        self.judged_until_s = -math.inf
        self.question: Question | None = None
        self.offered: Offer | None = None
        self.ended: Ended | None = None
        self.progress: dict[str, int] = {}
        self.rest_until_s: float | None = None

    # -- where the person is

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides of this routine in their order."""
        return self.routine.sides.order if self.routine.sides else ()

    @property
    def side(self) -> Side:
        """The side that is being turned to, or comes next."""
        return self.sides[min(self.side_index, len(self.sides) - 1)]

    @property
    def sides_left(self) -> bool:
        """Whether a side is still to come, or under way."""
        return self.side_index < len(self.sides)

    @property
    def point(self) -> int:
        """The restriction point that is being worked at, from 1."""
        return len(self.passed[self.side]) + 1

    @property
    def in_twist(self) -> bool:
        """Whether the person is turned, or turning."""
        return self.twist_since_s is not None

    @property
    def posture(self) -> Posture:
        """The posture breaths are measured in now."""
        return self.side.posture if self.in_twist else Posture.UPRIGHT

    @property
    def motion_sensor(self) -> bool:
        """Whether breath is seen by movement, along an axis that changes with the posture."""
        return self.info.breath_stream is Stream.ACCELERATION

    @property
    def streaming(self) -> bool:
        """Whether the sensor streams and is worn."""
        return self.sensor is SensorState.STREAMING and not {Doubt.NOT_WORN, Doubt.NO_DATA} & set(self.doubts)

    @property
    def still_for_s(self) -> float:
        """How long nothing has moved; where no movement was ever told, since the step began."""
        return 0.0 if self.still is False else self.now_s - self.still_since_s

    @property
    def bar(self) -> Bar | None:
        """The band of a full breath in this posture."""
        return bar_for(self.calibration, self.posture, settings=self.settings, smaller=self.smaller)

    @property
    def beads(self) -> tuple[Bead, ...]:
        """The restriction points of both sides."""
        beads = []
        for side in self.sides:
            states = [
                BeadState.MEASURED if by is ConfirmedBy.BREATH else BeadState.BY_HAND
                for by in self.passed[side]
            ]
            if self.in_twist and side is self.side and len(states) < self.points:
                states.append(BeadState.HERE)
            states += [BeadState.TO_COME] * (self.points - len(states))
            beads += [Bead(side=side, point=i, state=state) for i, state in enumerate(states, 1)]
        return tuple(beads)

    # -- saying

    def phrase(self, key: str) -> str:
        """A sentence of the program's own."""
        side = phrases.SIDES.get(self.language, phrases.SIDES["en"])[self.side] if self.sides else ""
        return phrases.phrase(key, self.language, side=side)

    def text(self, name: str) -> str:
        """The routine's sentence for a step, or the program's own where it has none."""
        own = getattr(self.routine.texts_in(self.language), name)
        return self.filled(own) if own else self.phrase(f"step.{name}")

    def filled(self, text: str) -> str:
        """A routine's text with the side filled in."""
        language = self.language if self.language in self.routine.texts else "en"
        return phrases.mirrored(text, self.side, language) if self.sides else text

    def step(
        self, place: Place, sentence: str, *, kind: CueKind = CueKind.STEP, turned: bool, key: str = ""
    ) -> None:
        """Begin a step: said once, shown until the next."""
        at_point = turned and self.here and place is not Place.COME_BACK
        self.shown = Step(
            t_s=self.now_s,
            place=place,
            side=self.side if turned else None,
            point=self.point if at_point else 0,
            points=self.points if turned else 0,
            sentence=sentence,
        )
        self.out.append(self.shown)
        self.cue(kind, key or f"step.{place}", sentence)

    def show(self, sentence: str, key: str) -> None:
        """Another sentence of the same step."""
        shown = self.shown
        self.shown = Step(
            t_s=shown.t_s,
            place=shown.place,
            side=shown.side,
            point=shown.point,
            points=shown.points,
            sentence=sentence,
        )
        self.cue(CueKind.HINT, key, sentence)

    def cue(self, kind: CueKind, key: str = "", sentence: str | None = None) -> None:
        """Something to hear."""
        said = self.phrase(key) if sentence is None and key else sentence or ""
        self.out.append(self.coach.cue(self.now_s, kind, key, said))

    def follow(self, kind: CueKind) -> None:
        """A soft tone with the person's own breath, where the routine wants one."""
        if self.routine.sounds.follow_breath:
            self.out.append(Cue(t_s=self.now_s, kind=kind))

    def hint(self, key: str) -> bool:
        """Something helpful, unless silence is better; whether it was said."""
        cue = self.coach.hint(self.now_s, key, self.phrase(key))
        if cue:
            self.out.append(cue)
        return cue is not None

    def offer(self, key: str, *words: Word) -> None:
        """The words that help now."""
        self.offered = Offer(t_s=self.now_s, words=words, sentence=self.phrase(key))
        self.out.append(self.offered)
        self.cue(CueKind.ASK, key)

    def order(self, order: FollowerOrder) -> None:
        """Tell the follower."""
        self.out.append(order)

    # -- moving on

    def go(self, place: Place) -> None:
        """The place to be in next; entered once this event has been dealt with."""
        self.wanted = place

    def begin_twist(self) -> None:
        """The person turns from now on: G12 counts, and goes on counting until they are told to come back."""
        if self.twist_since_s is not None:
            return
        self.order(Middle())
        self.twist_since_s = self.now_s
        self.passed_before = len(self.passed[self.side])
        self.turn_at_last_deg = 0.0
        self.small_gains = 0

    def begin_point(self) -> None:
        """A new restriction point: its time and its refusals begin; a smaller bar was for the last one."""
        self.smaller = False
        self.here = True
        self.point_since_s = self.now_s
        self.refusals = 0
        self.deep_at_point = False
        self.backing_off = False

    def rest(self) -> None:
        """A rest (G11): here; or in the middle, where over it the time in the twist would run out (G12).

        The side goes on after it; but only where this twist has passed a point, so that none is begun without end.
        """
        limits = self.settings.limits
        if self.twist_since_s is not None and not self.budget.spent:
            until_s = self.now_s + self.budget.wait_s(self.now_s) + AFTER_REST_S
            runs_out_s = min(self.twist_since_s + limits.twist_s, self.point_since_s + limits.point_s)
            if until_s > runs_out_s and len(self.passed[self.side]) > self.passed_before:
                self.leave_twist(After.REST, "cue.rest_in_middle")
                return
        self.go(Place.REST)

    @property
    def after_rest(self) -> Place:
        """Where a rest in the middle leads."""
        return Place.SET_UP if self.after is After.REST else Place.WARM_UP

    def leave_twist(self, after: After, phrase: str = "") -> None:
        """Out of the twist, whatever comes then."""
        self.after = after
        self.come_back_phrase = phrase
        self.go(Place.COME_BACK)

    def end_side(self, phrase: str = "", *, cut: bool = False) -> None:
        """This side is done. Cut short by a limit, the other side gets no more points than this one had."""
        if cut:
            self.points = max(1, len(self.passed[self.side]))
        self.leave_twist(After.NEXT_SIDE, phrase)

    def in_middle(self) -> None:
        """The person is back in the middle: the turn counts from zero."""
        self.order(Middle())
        self.turn_deg = None
        if self.after is After.NEXT_SIDE:
            self.side_index += 1

    def end(self, how: EndKind, key: str) -> None:
        """The session is over."""
        self.armed_s = None
        self.question = self.offered = None
        why = self.phrase(key)
        self.shown = Step(t_s=self.now_s, place=Place.ENDED, side=None, point=0, points=0, sentence=why)
        self.ended = Ended(t_s=self.now_s, how=how, why=why)
        self.out += [self.shown, self.coach.cue(self.now_s, CueKind.DONE, key, why), self.ended]

    def pass_point(self, by: ConfirmedBy) -> None:
        """The restriction point is behind the person."""
        gained = None
        if self.turn_deg is not None and self.info.sees_turn:
            turned = abs(self.turn_deg)
            gained, self.turn_at_last_deg = turned - self.turn_at_last_deg, turned
            self.small_gains = self.small_gains + 1 if gained < self.settings.coach.turn_gain_deg else 0
        passed = PointPassed(
            t_s=self.now_s, side=self.side, point=self.point, confirmed_by=by, gained_deg=gained
        )
        self.armed_s = None
        self.offered = None
        self.passed[self.side].append(by)
        self.out.append(passed)

    # -- counting

    def is_deep(self, breath: Breath) -> bool:
        """Whether a breath counts as deep (G11): at the gate's bar, or twice a usual breath (a sigh).

        A posture not learned yet is taken as upright; while the breath is being found, the usual ones so far tell.
        Along an axis that nobody has taught, no size can be told: there each cue counts instead (`FindFull`).
        """
        if breath.kind in NOT_BREATH or (self.calibration is None and Doubt.NO_AXIS in breath.doubts):
            return False
        if breath.kind is BreathKind.SIGH or at_least(breath.amplitude_quiet, 2.0):
            return True
        learned = self.calibration
        if learned is not None and at_least(learned.a_quiet, 0.0) and learned.a_quiet > 0:
            quiet = learned.a_quiet * learned.scales.get(self.posture, 1.0)
            return at_least(breath.amplitude, min(self.bar.low if self.bar else math.inf, 2.0 * quiet))
        if not self.quiet_seen:
            return self.shown.place is Place.FIND_FULL
        usual = median(self.quiet_seen)
        return at_least(breath.amplitude, self.settings.calibration.full_over_quiet * usual)

    def count(self, breath: Breath, *, over: bool) -> bool:
        """Count a breath as deep or, once it is over, as usual. Each breath counts once; True for a usual one."""
        if breath.inhale_start_s < self.deep_until_s:
            return False
        if self.is_deep(breath):
            self.deep_until_s = back_s(breath)
            peak_s = breath.inhale_peak_s
            self.budget.add(
                peak_s=min(peak_s, self.now_s) if math.isfinite(peak_s) else self.now_s, end_s=self.now_s
            )
            self.deep_at_point = True
            self.usual_since_deep = 0
        elif not over or breath.kind is not BreathKind.BREATH or breath.inhale_start_s < self.counted_until_s:
            return False
        else:
            self.usual_since_deep += 1
        self.counted_until_s = max(self.counted_until_s, back_s(breath))
        return self.usual_since_deep > 0

    def armed(self, breath: Breath, *, armed_s: float, usual_between: int | None) -> Armed:
        """What held around this breath, for the clauses."""
        peak_s = breath.inhale_peak_s
        return Armed(
            armed_s=armed_s,
            settings=self.settings,
            motion_sensor=self.motion_sensor,
            posture=self.posture,
            calibration=self.calibration,
            streaming=self.sensor is SensorState.STREAMING,
            doubts=self.doubts,
            smaller=self.smaller,
            usual_between=usual_between,
            deep_in_minute=self.budget.in_minute(peak_s),
            deep_in_row=self.budget.in_row(peak_s),
            deep_in_session=self.budget.in_session,
            at_point_s=self.now_s - self.point_since_s if self.in_twist else 0.0,
            in_twist_s=self.now_s - self.twist_since_s if self.twist_since_s is not None else 0.0,
            judged_until_s=self.judged_until_s,
            moment_s=self.info.moment_s,
            side=self.side if self.in_twist else None,
            point=self.point if self.in_twist else 0,
        )
