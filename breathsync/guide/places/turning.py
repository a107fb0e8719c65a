"""Into the twist and to the next restriction: set up, ease, lengthen, settle.

Hands-free: moving and then being still says "I am there". Where no movement is seen, a pause says it, or the word.
"""

from breathsync.breath.events import Breath, Calibrated, SettleIn
from breathsync.guide.events import CueKind, Place, Word
from breathsync.guide.places.at import AtPoint, Learned
from breathsync.guide.places.reading import reading_s
from breathsync.guide.walk import Walk

STILL_S = 1.5
"""So long without movement means: there."""


BELT_WAITS_S = 30.0
"""A belt needs no axis: with a slow breather its upright scale will do after so long."""


PAUSE_S = 0.75
"""The end of a breath is often known only when the next has begun. After so long without one it is a pause."""


class Moving(AtPoint):
    """A step that is done when the person has moved and is still again."""

    words: tuple[Word, ...] = (
        Word.GO_ON,
        Word.BACK_OFF,
        Word.SMALLER_BAR,
        Word.NOTHING_HOLDS,
        Word.PAUSE,
    )
    floor_s = 3.0
    unmoved_s = 10.0
    """Nobody moved, or nobody can tell: go on after this long."""
    ceiling_s = 25.0
    """Somebody fidgets without end: go on; the gate has its own eye for stillness."""

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.has_moved = walk.still is False

    def moved(self, *, still: bool) -> None:
        """Remember that there was movement."""
        self.has_moved = self.has_moved or not still

    def tick(self) -> None:
        """There yet?"""
        still_s = min(self.walk.still_for_s, self.for_s)
        arrived = self.has_moved and self.for_s >= self.floor_s and still_s >= STILL_S
        if arrived or still_s >= self.unmoved_s or self.for_s >= self.ceiling_s:
            self.next()

    def go_on(self) -> None:
        """The person says so."""
        self.next()

    def next(self) -> None:
        """What comes then."""


class SetUp(Moving):
    """Legs, elbow, breastbone, straighten, head: one text after the other."""

    place = Place.SET_UP
    words = (Word.GO_ON, Word.NOTHING_HOLDS, Word.PAUSE)

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.texts = [walk.filled(text) for text in walk.routine.texts_in(walk.language).set_up]
        self.text_s = 0.0

    def enter(self) -> None:
        """The turn counts from the middle, where the person is now."""
        walk = self.walk
        walk.here = False
        self.share_breaths()
        walk.begin_twist()
        text = self.texts.pop(0)
        walk.step(Place.SET_UP, text, turned=True)
        self.next_text(text)

    def share_breaths(self) -> None:
        """Where the session's deep breaths do not do for all points, every side gets the same fewer ones (G11)."""
        walk = self.walk
        left = walk.settings.limits.deep_per_session - walk.budget.in_session
        sides = len(walk.sides) - walk.side_index
        open_points = walk.points * sides - len(walk.passed[walk.side])
        if not walk.in_twist and left < open_points:
            walk.points = max(1, len(walk.passed[walk.side]) + left // sides)
            walk.cue(CueKind.HINT, "cue.fewer_points")

    def next_text(self, text: str) -> None:
        """Give this text its time."""
        self.since_s = self.walk.now_s
        self.floor_s = self.text_s = reading_s(text)
        self.unmoved_s = self.text_s + (0.0 if self.texts else STILL_S)
        self.has_moved = False

    def next(self) -> None:
        """The next text, or the first point that is not yet passed."""
        walk = self.walk
        if self.texts:
            text = self.texts.pop(0)
            walk.show(text, f"{walk.routine.name}.set_up")
            self.next_text(text)
        else:
            walk.begin_point()
            walk.go(Place.EASE)


class Ease(Moving):
    """A little further, only to slight restriction; or a little back."""

    place = Place.EASE

    def enter(self) -> None:
        """Say which. Where the person comes to then is a new posture."""
        walk = self.walk
        walk.learned_here = False
        name = "back_off" if walk.backing_off else "ease"
        walk.backing_off = False
        walk.step(Place.EASE, walk.text(name), turned=True, key=f"step.{name}")

    def next(self) -> None:
        """Then sit straight up."""
        self.walk.go(Place.LENGTHEN)


class Lengthen(Moving):
    """Sit straight up. After this the posture is a new one: axis and scale are found again."""

    place = Place.LENGTHEN
    unmoved_s = 5.0
    ceiling_s = 15.0

    def enter(self) -> None:
        """Up."""
        self.walk.step(Place.LENGTHEN, self.walk.text("lengthen"), turned=True)

    def next(self) -> None:
        """Then be still."""
        self.walk.go(Place.SETTLE)


class Settle(AtPoint):
    """Be still and breathe as usual, until the breath is known here and the budget allows a deep one."""

    place = Place.SETTLE
    unmeasured_s = 12.0
    hint_after_s = 20.0
    offer_after_s = 40.0
    """So long without being able to go on, and there are ways out (G10)."""

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.quiet = 0
        self.hinted: set[str] = set()
        self.offered = False

    def enter(self) -> None:
        """The follower finds axis and scale again from what comes now, unless it did before a rest here."""
        walk = self.walk
        if not walk.learned_here:
            walk.order(SettleIn(posture=walk.posture))
        walk.progress |= {"breaths_counted": 0, "breaths_needed": walk.settings.calibration.posture_breaths}
        walk.step(Place.SETTLE, walk.text("settle"), turned=True)

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """Usual breaths, one after the other; when one has come back is the moment to ask for a full one."""
        if over and usual:
            self.quiet += 1
            self.walk.progress["breaths_counted"] = self.quiet
        if not over:
            self.ready()

    def learned(self, event: Learned) -> None:
        """This posture is known now."""
        if isinstance(event, Calibrated) and event.posture is self.walk.posture:
            self.walk.learned_here = True

    def tick(self) -> None:
        """Time alone never makes it ready, except where nothing can be measured and nothing opens."""
        walk = self.walk
        if walk.unmeasured:
            if self.for_s >= self.unmeasured_s:
                self.next()
            return
        if not walk.inhaling and walk.now_s - walk.over_s >= PAUSE_S:
            self.ready()
        if walk.wanted is None:
            self.help()

    def help(self) -> None:
        """What stands in the way, each reason once; after a while the ways out."""
        walk = self.walk
        still = walk.still is not False
        key = "cue.settle_still" if not still else "no_posture" if self.quiet else "cannot_see"
        if self.for_s >= self.hint_after_s and key not in self.hinted and walk.hint(key):
            self.hinted.add(key)
        if self.for_s >= self.offer_after_s and not self.offered and walk.offered is None:
            self.offered = True
            walk.offer("offer.unseen", Word.BACK_OFF, Word.BY_HAND, Word.STOP)

    def ready(self) -> None:
        """On when the breath is known here."""
        walk = self.walk
        limits = walk.settings.limits
        slow_belt = not walk.motion_sensor and self.quiet > 0 and self.for_s >= BELT_WAITS_S
        known = walk.learned_here or slow_belt
        rested = walk.usual_since_deep >= limits.usual_between or not walk.budget.in_session
        if walk.unmeasured or not walk.streaming or walk.still is False or not (known and rested):
            return
        if walk.bar is not None:
            if self.offered:
                walk.offered = None
            self.next()

    def next(self) -> None:
        """To the gate, or to a rest first (G11)."""
        walk = self.walk
        if walk.budget.wait_s(walk.now_s) > 0:
            walk.rest()
        else:
            walk.go(Place.BREATHE)
