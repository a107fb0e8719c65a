"""Waiting for the person's word: the strap was lost (G13), or they asked for a pause."""

from breathsync.guide.events import CueKind, Place, Word
from breathsync.guide.places.at import At
from breathsync.guide.places.leaving import find_again
from breathsync.guide.walk import After, Walk


def remember(walk: Walk) -> None:
    """Where to go on: at the last passed point, eased and settled anew; what was being learned begins again."""
    if walk.shown.place in (Place.LOST, Place.PAUSED):
        return
    match walk.shown.place:
        case Place.FIND_BREATH | Place.FIND_FULL:
            walk.resume = Place.FIND_BREATH
        case Place.WARM_UP | Place.SET_UP:
            walk.resume = walk.shown.place
        case Place.REST:
            walk.resume = Place.EASE if walk.in_twist else walk.after_rest
        case _:
            walk.resume = Place.EASE


class Waiting(At):
    """Nothing goes on by itself."""

    words = (Word.GO_ON,)

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.turned = walk.in_twist

    def said(self, word: Word) -> None:
        """Only the person's word goes on."""
        if word is Word.GO_ON:
            self.go_on()

    def go_on(self) -> None:
        """Where it was broken off."""
        self.walk.offered = None
        self.walk.go(self.walk.resume)


class Paused(Waiting):
    """At the person's word."""

    place = Place.PAUSED

    def enter(self) -> None:
        """The limits of the twist go on counting (G12)."""
        walk = self.walk
        walk.armed_s = None
        walk.step(Place.PAUSED, walk.phrase("step.paused"), turned=self.turned)
        walk.offer("offer.paused", Word.GO_ON, Word.STOP)


class Lost(Waiting):
    """Nothing comes from the strap, or it is not worn."""

    place = Place.LOST

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.told_back = False
        self.lost_since_s = walk.lost_since_s if walk.lost_since_s is not None else walk.now_s

    def enter(self) -> None:
        """Say so at once; the breath under way is thrown away with the armed gate."""
        walk = self.walk
        walk.armed_s = None
        walk.offered = None
        key = "step.lost_off" if walk.taken_off else "step.lost" if self.turned else "step.lost_middle"
        walk.step(Place.LOST, walk.phrase(key), kind=CueKind.LOST, turned=self.turned, key=key)

    def tick(self) -> None:
        """Back? Then ask. In the twist for too long? Then the middle first."""
        walk = self.walk
        if walk.streaming and not self.told_back:
            self.told_back = True
            walk.offer("offer.back_again", Word.GO_ON, Word.STOP)
        if not walk.streaming:
            self.told_back = False
            walk.offered = None
        if self.turned and self.for_s >= walk.settings.limits.lost_to_middle_s:
            walk.leave_twist(After.LOST, "cue.middle_now")

    def go_on(self) -> None:
        """Only when it streams again. After a long gap, or a strap taken off, the breath is found anew."""
        walk = self.walk
        if not walk.streaming:
            walk.hint("no_signal")
            return
        gap_s = walk.back_since_s - self.lost_since_s
        if walk.calibration is not None and (walk.taken_off or gap_s > walk.settings.limits.lost_to_middle_s):
            if self.turned:
                walk.leave_twist(After.FIND_AGAIN)
            else:
                find_again(walk, then=walk.resume)
            return
        walk.lost_since_s = None
        walk.taken_off = False
        super().go_on()
