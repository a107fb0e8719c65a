"""Out of the twist: to the middle, slowly, and three usual breaths there."""

from breathsync.breath.events import Breath, Forget
from breathsync.guide.events import CueKind, EndKind, Place, Word
from breathsync.guide.gate import BREATHS as BREATH_KINDS
from breathsync.guide.places.at import At
from breathsync.guide.walk import After, Walk

BREATHS = 3
FLOOR_S = 5.0
CEILING_S = 60.0
"""For a person with 3 breaths a minute; nobody is kept here longer when no breath is seen."""
STOPPING_S = 12.0
BLIND_S = 15.0
"""Without a signal no breaths can be counted."""


class ComeBack(At):
    """Whatever happened: the way out."""

    place = Place.COME_BACK
    words = (Word.GO_ON,)

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.breaths = 0

    def enter(self) -> None:
        """The gate is shut and the limits of the twist no longer count."""
        walk = self.walk
        walk.armed_s = None
        walk.offered = None
        walk.progress |= {"breaths_counted": 0, "breaths_needed": BREATHS}
        stopping = walk.after is After.STOPPED
        key = walk.come_back_phrase or "step.come_back"
        text = walk.phrase(walk.come_back_phrase) if walk.come_back_phrase else walk.text("come_back")
        kind = CueKind.STOPPED if stopping else CueKind.COME_BACK
        walk.step(Place.COME_BACK, text, kind=kind, turned=True, key=key)
        walk.twist_since_s = None
        walk.here = False

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """Three breaths, usual ones if so; what is no breath does not count."""
        if over and breath.kind in BREATH_KINDS and breath.inhale_start_s >= self.since_s:
            self.breaths += 1
            self.walk.progress["breaths_counted"] = min(self.breaths, BREATHS)

    def tick(self) -> None:
        """There?"""
        walk = self.walk
        seen = walk.streaming and not walk.unmeasured
        ceiling_s = STOPPING_S if walk.after is After.STOPPED else CEILING_S if seen else BLIND_S
        if (self.breaths >= BREATHS and self.for_s >= FLOOR_S) or self.for_s >= ceiling_s:
            self.next()

    def said(self, word: Word) -> None:
        """The person is there already."""
        if word is Word.GO_ON and self.for_s >= FLOOR_S:
            self.next()

    def next(self) -> None:
        """In the middle now."""
        walk = self.walk
        walk.in_middle()
        match walk.after:
            case After.STOPPED:
                walk.end(EndKind.STOPPED, "ended.stopped")
            case After.CLOSE:
                walk.go(Place.CLOSE)
            case After.REST:
                walk.go(Place.REST if walk.budget.wait_s(walk.now_s) > 0 else Place.SET_UP)
            case After.LOST:
                walk.resume = Place.SET_UP
                walk.go(Place.LOST)
            case After.FIND_AGAIN:
                find_again(walk, then=Place.SET_UP)
            case After.NEXT_SIDE:
                walk.go(Place.SET_UP if walk.sides_left and not walk.budget.spent else Place.CLOSE)


def find_again(walk: Walk, *, then: Place) -> None:
    """The calibration does not hold any more: forget it, find the breath in the middle, and go on with `then`."""
    walk.calibration = None
    walk.lost_since_s = None
    walk.after_found = then
    walk.order(Forget())
    walk.cue(CueKind.HINT, "cue.find_again")
    walk.go(Place.FIND_BREATH)
