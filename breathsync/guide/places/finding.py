"""Find the breath (domain.md 4): usual breaths first, then full ones on cue. Never a fall-back to defaults."""

import math

from breathsync.breath.events import (
    Breath,
    Calibrated,
    CalibrationRefused,
    CueInhale,
    Doubt,
    LearnFull,
    LearnQuiet,
    Posture,
)
from breathsync.guide.events import CueKind, EndKind, Place, Word
from breathsync.guide.gate import BREATHS
from breathsync.guide.places.at import At, Learned
from breathsync.guide.places.checking import first_after_breath
from breathsync.guide.walk import Walk

QUIET_GRACE_S = 15.0
"""The follower refuses by itself after `quiet_limit_s`; this much later the guide does."""
FIRST_CUE_S = 4.0
BETWEEN_CUES_S = 8.0
"""About two usual breaths; then the next cue comes at the end of an exhale."""
BETWEEN_CUES_UNSEEN_S = 12.0
"""Where no breath is seen yet (a motion sensor learns its axis here), the next cue comes after this long."""
BETWEEN_CUES_SLOW_S = 30.0
"""A person with 3 breaths a minute: do not cut into the exhale for so long."""
CUE_AGAIN_S = 25.0
CUES_AT_MOST = 8
REFUSED_OFFER = 3
REFUSED_END = 6


class Finding(At):
    """Both halves of finding the breath."""

    words = (Word.GO_ON, Word.PAUSE)

    def learned(self, event: Learned) -> None:
        """Counts on, is refused with a reason, or is found."""
        match event:
            case CalibrationRefused():
                self.refused(event.sentence)
            case Calibrated(posture=Posture.UPRIGHT) if self.place is Place.FIND_FULL:
                self.found()
            case _:
                pass

    def found(self) -> None:
        """The breath is found: on, or on with what was broken off."""
        walk = self.walk
        walk.refused_calibrations = 0
        walk.taken_off = False
        walk.cue(CueKind.HINT, "cue.found")
        broken_off, walk.after_found = walk.after_found, None
        walk.go(broken_off or first_after_breath(walk))

    def refused(self, sentence: str) -> None:
        """Say why and try again; after some times offer to go on without measuring, in the end to leave it."""
        walk = self.walk
        walk.refused_calibrations += 1
        walk.calibration = None
        if walk.refused_calibrations >= REFUSED_END:
            walk.end(EndKind.STOPPED, "ended.not_found")
            return
        walk.cue(CueKind.REFUSED, "find.refused", sentence)
        walk.go(Place.FIND_BREATH)

    def said(self, word: Word) -> None:
        """Go on without measuring, where that was offered: the gate stays shut."""
        walk = self.walk
        if word is Word.GO_ON and walk.offered and Word.GO_ON in walk.offered.words:
            walk.unmeasured = True
            walk.calibration = None
            walk.cue(CueKind.HINT, "cue.not_measured")
            self.found()


class FindBreath(Finding):
    """Usual breaths."""

    place = Place.FIND_BREATH

    def enter(self) -> None:
        """A new calibration begins."""
        walk = self.walk
        walk.progress = {"quiet_needed": walk.settings.calibration.quiet_breaths}
        walk.quiet_seen = []
        walk.order(LearnQuiet())
        walk.step(Place.FIND_BREATH, walk.text("find_breath"), turned=False)
        if walk.refused_calibrations >= REFUSED_OFFER:
            walk.offer("offer.calibration", Word.GO_ON, Word.STOP)

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """What is usual for this person tells deep breaths until the calibration does."""
        if over and breath.kind in BREATHS and math.isfinite(breath.amplitude):
            self.walk.quiet_seen.append(breath.amplitude)

    def tick(self) -> None:
        """Not for ever."""
        walk = self.walk
        if self.for_s >= walk.settings.calibration.quiet_limit_s + QUIET_GRACE_S:
            self.refused(walk.phrase("find.too_long"))

    def learned(self, event: Learned) -> None:
        """Enough usual breaths: on to the full ones."""
        super().learned(event)
        progress = self.walk.progress
        if self.walk.wanted is None and progress.get("quiet_counted", 0) >= progress["quiet_needed"]:
            self.walk.go(Place.FIND_FULL)


class FindFull(Finding):
    """Full breaths on cue, each at the end of an exhale, with a few usual ones between."""

    place = Place.FIND_FULL

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.cues = 0
        self.waiting = self.uncounted = False
        self.last_s = walk.now_s
        self.seen = False
        self.counted = 0

    def enter(self) -> None:
        """From now on breaths on cue count as full."""
        walk = self.walk
        walk.progress |= {"full_counted": 0, "full_needed": walk.settings.calibration.full_breaths}
        walk.order(LearnFull())
        walk.step(Place.FIND_FULL, walk.text("find_full"), turned=False)

    def inhale(self, t_s: float) -> None:
        """Breath is seen at all."""
        self.seen = True

    def peak(self, inhale_start_s: float) -> None:
        """Out again, if this is the breath that was asked for."""
        if self.waiting and inhale_start_s >= self.last_s:
            self.walk.follow(CueKind.EXHALE)

    def learned(self, event: Learned) -> None:
        """A full breath was counted: a few usual ones before the next cue."""
        super().learned(event)
        counted = self.walk.progress.get("full_counted", 0)
        if counted > self.counted:
            self.counted = counted
            self.waiting = False
            self.last_s = self.walk.now_s

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """The exhale has come back: the moment for a cue, before the next inhale begins by itself.

        Along an axis that nobody has taught, no size can be told: each cue counts as one deep breath there (G11).
        """
        if self.uncounted and Doubt.NO_AXIS in breath.doubts:
            self.uncounted = False
            self.walk.budget.add(peak_s=self.walk.now_s, end_s=self.walk.now_s)
        if not self.waiting and self.for_last_s >= (BETWEEN_CUES_S if self.cues else FIRST_CUE_S):
            self.cue_breath()

    @property
    def for_last_s(self) -> float:
        """Since the last cue, or the last breath that was counted."""
        return self.walk.now_s - self.last_s

    def tick(self) -> None:
        """Where no breath is seen, or no answer, time cues."""
        unprompted_s = BETWEEN_CUES_SLOW_S if self.seen else BETWEEN_CUES_UNSEEN_S
        if self.for_last_s >= (CUE_AGAIN_S if self.waiting else unprompted_s):
            self.cue_breath()

    def cue_breath(self) -> None:
        """Ask for one full breath, if the budget allows (G11)."""
        walk = self.walk
        if walk.budget.wait_s(walk.now_s) > 0:
            walk.hint("step.rest")
            return
        if self.cues >= CUES_AT_MOST:
            self.refused(walk.phrase("find.too_long"))
            return
        self.cues += 1
        self.waiting = self.uncounted = True
        self.last_s = walk.now_s
        walk.order(CueInhale(t_s=walk.now_s))
        walk.cue(CueKind.INHALE, "cue.full_in")
