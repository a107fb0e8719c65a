"""The guide: events in, steps, cues and verdicts out. Pure and deterministic; time comes in with the events.

What holds at every moment is here: the way out (G14), the lost signal (G13), the limits (G11, G12). What is asked
at each step of a routine, and what moves on, is in `places/`.
"""

import math

from breathsync.breath.events import (
    BreathEnded,
    BreathReturned,
    Calibrated,
    CalibrationProgress,
    CalibrationRefused,
    Doubt,
    InhaleBegan,
    MotionChanged,
    PeakSeen,
    SignalChanged,
    Tapped,
    TurnSeen,
)
from breathsync.guide.checkin import Screening
from breathsync.guide.events import (
    Answered,
    CueKind,
    EndKind,
    GuideInput,
    GuideOutput,
    GuideView,
    Place,
    Said,
    Tick,
    Word,
)
from breathsync.guide.limits import back_s
from breathsync.guide.places import PLACES, At
from breathsync.guide.places.waiting import remember
from breathsync.guide.routine import Routine
from breathsync.guide.walk import After, Walk
from breathsync.samples import SensorChange, SensorInfo, SensorState
from breathsync.settings import Settings

ALONE_S = 600.0
"""A session nobody answers any more ends by itself after so long; the person has long been told to come back."""

NEEDS_SIGNAL = (Place.FIND_BREATH, Place.WARM_UP, Place.SET_UP, Place.EASE, Place.REST)
UNPAUSED = (Place.CHECK_IN, Place.COME_BACK, Place.CLOSE, Place.LOST, Place.PAUSED)
LEAVING = (Place.COME_BACK, Place.CLOSE, Place.LOST)
QUIET_PLACES = (Place.CHECK_IN, Place.COME_BACK, Place.CLOSE, Place.LOST)
"""Where a lost signal breaks nothing off."""
OFFER_STANDS = (Place.LOST, Place.PAUSED, Place.REST, Place.SETTLE, Place.BREATHE)
"""What was offered at a point holds through a rest and the settling after it."""


class Guide:
    """Leads one person through one routine.

    `screening`: ask the safety questions; False where they were answered before (`Screening.may_begin`) or are
    answered elsewhere. `comfort`: ask how back, hips and shoulders are, before and after; None does as `screening`
    says. `language`: of all sentences ("en", "de").
    """

    def __init__(
        self,
        *,
        routine: Routine,
        settings: Settings,
        info: SensorInfo,
        screening: bool = True,
        comfort: bool | None = None,
        language: str = "en",
    ) -> None:
        self._walk = Walk(
            routine=routine,
            settings=settings,
            info=info,
            language=language,
            ask_safety=screening,
            ask_comfort=screening if comfort is None else comfort,
        )
        self._at: At | None = None
        self._view: GuideView | None = None

    @property
    def screening(self) -> Screening | None:
        """The answers to the safety questions, once all are given; to be kept for the next session."""
        return self._walk.screening

    @property
    def view(self) -> GuideView:
        """The guide as a face shows it now. Built anew only when something has changed."""
        if self._view is None:
            self._view = self._look()
        return self._view

    def put(self, event: GuideInput) -> list[GuideOutput]:
        """Take in one event; return all that follows, in order. Never raises for an odd event."""
        walk = self._walk
        t_s = time_of(event)
        if walk.ended or not math.isfinite(t_s):
            return []
        walk.now_s = max(walk.now_s, t_s)
        walk.out = []
        if self._at is None:
            self._enter(Place.CHECK_IN)
            self._move_on()
        usual = self._notice(event)
        self._keep_time()
        if walk.wanted is None and walk.ended is None:
            self._react(event, usual=usual)
        self._keep_budget()
        self._move_on()
        if walk.out or not isinstance(event, Tick) or walk.rest_until_s is not None:
            self._view = None
        return walk.out

    def _move_on(self) -> None:
        """Enter the places that are wanted now, until one of them stays."""
        while self._walk.wanted is not None and self._walk.ended is None:
            self._enter(self._walk.wanted)
            self._keep_budget()

    def _enter(self, place: Place) -> None:
        walk = self._walk
        walk.wanted = None
        if walk.lost_since_s is not None and place in NEEDS_SIGNAL and self._at is not None:
            walk.resume = place
            place = Place.LOST
        walk.armed_s = None
        walk.rest_until_s = None
        if place not in OFFER_STANDS:
            walk.offered = None
        self._at = PLACES[place](walk)
        self._at.enter()

    @property
    def _here(self) -> At:
        assert self._at is not None, "a place is entered with the first event"
        return self._at

    # -- what every event may change, wherever the person is

    def _notice(self, event: GuideInput) -> bool:
        """Keep what the event says. True for a breath that counts as a usual one."""
        walk = self._walk
        match event:
            case InhaleBegan():
                walk.inhaling = True
            case BreathReturned() | BreathEnded():
                walk.inhaling = False
                walk.over_s = walk.now_s
                walk.back_s = max(walk.back_s, back_s(event.breath))
                return walk.count(event.breath, over=isinstance(event, BreathEnded))
            case MotionChanged():
                walk.still = event.still
                walk.still_since_s = walk.now_s
            case SignalChanged():
                walk.doubts = event.doubts
                walk.taken_off = walk.taken_off or Doubt.NOT_WORN in event.doubts
                self._notice_signal()
            case SensorChange():
                was_streaming = walk.sensor is SensorState.STREAMING
                walk.sensor = event.state
                self._notice_signal(dropped=was_streaming and event.state is not SensorState.STREAMING)
            case TurnSeen():
                walk.turn_deg = event.turn_deg if math.isfinite(event.turn_deg) else walk.turn_deg
            case CalibrationProgress(stage="quiet"):
                walk.progress |= {"quiet_counted": event.counted, "quiet_needed": event.needed}
            case CalibrationProgress():
                walk.progress |= {"full_counted": event.counted, "full_needed": event.needed}
            case Calibrated():
                if self._here.place is Place.FIND_FULL or walk.calibration is not None:
                    walk.calibration = event.calibration
            case _:
                pass
        return False

    def _notice_signal(self, *, dropped: bool = False) -> None:
        """G13: since when the signal is lost, and since when it is back."""
        walk = self._walk
        off = bool({Doubt.NOT_WORN, Doubt.NO_DATA} & set(walk.doubts))
        if walk.streaming:
            walk.back_since_s = walk.now_s
            walk.has_streamed = True
            if self._here.place in (Place.CHECK_IN, Place.CLOSE):
                walk.lost_since_s = None
        elif walk.lost_since_s is None and walk.has_streamed and (dropped or off):
            walk.lost_since_s = walk.now_s

    def _keep_time(self) -> None:
        """Never a trap (G12): before anything else is looked at. And nobody is left alone for ever."""
        walk, limits = self._walk, self._walk.settings.limits
        if walk.twist_since_s is not None:
            if walk.now_s - walk.twist_since_s >= limits.twist_s:
                walk.end_side("cue.time_twist", cut=True)
            elif walk.here and walk.now_s - walk.point_since_s >= limits.point_s:
                walk.end_side("cue.time_point", cut=True)
        elif self._here.place is not Place.CHECK_IN and walk.now_s - walk.shown.t_s >= ALONE_S:
            walk.end(EndKind.INTERRUPTED, "ended.alone")

    def _keep_budget(self) -> None:
        """Never too much (G11): after the last deep breath has had its verdict."""
        walk = self._walk
        if not walk.budget.spent or walk.ended or self._here.judging or walk.wanted in LEAVING:
            return
        if walk.in_twist:
            walk.leave_twist(After.CLOSE, "cue.full_enough")
        elif self._here.place not in QUIET_PLACES:
            walk.cue(CueKind.REST, "cue.full_enough")
            walk.go(Place.CLOSE)

    # -- reacting

    def _react(self, event: GuideInput, *, usual: bool) -> None:
        walk, here = self._walk, self._here
        match event:
            case SensorChange(state=SensorState.ENDED):
                self._sensor_ended()
            case SensorChange() | SignalChanged():
                if walk.lost_since_s is not None and here.place not in QUIET_PLACES:
                    remember(walk)
                    walk.go(Place.LOST)
            case Said():
                self._said(event.word)
            case Tapped():
                self._tapped(event.count)
            case Answered():
                here.answered(event)
            case Tick():
                here.tick()
            case MotionChanged():
                here.moved(still=event.still)
            case InhaleBegan():
                here.inhale(event.t_s)
            case PeakSeen():
                here.peak(event.inhale_start_s)
            case BreathReturned():
                here.breath(event.breath, over=False, usual=False)
            case BreathEnded():
                here.breath(event.breath, over=True, usual=usual)
            case CalibrationProgress() | CalibrationRefused() | Calibrated():
                here.learned(event)
            case TurnSeen():
                pass

    def _said(self, word: Word) -> None:
        walk, here = self._walk, self._here
        if word is Word.STOP:
            self._stop()
        elif word is Word.PAUSE:
            if here.place not in UNPAUSED:
                remember(walk)
                walk.go(Place.PAUSED)
        else:
            here.said(word)

    def _tapped(self, count: int) -> None:
        """Two firm taps: pause, and again: go on. Three or more: stop."""
        waits = self._here.place in (Place.PAUSED, Place.LOST)
        if count >= 3:
            self._said(Word.STOP)
        elif count == 2:
            self._said(Word.GO_ON if waits else Word.PAUSE)

    def _stop(self) -> None:
        """G14: out of the twist first, then saved as stopped. Said twice, or in the middle: at once."""
        walk = self._walk
        if walk.in_twist:
            walk.leave_twist(After.STOPPED, "cue.stopped")
        elif self._here.place is Place.COME_BACK and walk.after is not After.STOPPED:
            walk.after = After.STOPPED
        else:
            walk.end(EndKind.STOPPED, "ended.stopped")

    def _sensor_ended(self) -> None:
        """A recording is over. No more time comes, so the way out is said in the same breath."""
        walk = self._walk
        if walk.in_twist:
            walk.leave_twist(After.STOPPED, "cue.middle_now")
            self._move_on()
        walk.end(EndKind.SENSOR_ENDED, "ended.sensor")

    # -- looking

    def _words(self) -> tuple[Word, ...]:
        if self._walk.ended:
            return ()
        return (*(self._at.words if self._at else ()), Word.STOP)

    def _look(self) -> GuideView:
        walk = self._walk
        budget = walk.budget
        rest_left_s = None if walk.rest_until_s is None else max(0.0, walk.rest_until_s - walk.now_s)
        return GuideView(
            step=walk.shown,
            beads=walk.beads,
            armed=walk.armed_s is not None,
            bar=walk.bar,
            calibration=walk.calibration,
            verdict=walk.verdict,
            question=walk.question,
            offer=walk.offered,
            deep_breaths=budget.in_session,
            deep_limit=walk.settings.limits.deep_per_session,
            smaller=walk.smaller and walk.here,
            rest_left_s=rest_left_s,
            words=self._words(),
            ended=walk.ended,
            **walk.progress,
        )


def time_of(event: GuideInput) -> float:
    """When an event became known, s."""
    match event:
        case BreathReturned() | BreathEnded():
            return event.breath.decided_s
        case InhaleBegan() | PeakSeen():
            return event.decided_s
        case _:
            return event.t_s
