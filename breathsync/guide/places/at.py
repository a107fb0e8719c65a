"""What all places have in common."""

from typing import ClassVar

from breathsync.breath.events import Breath, Calibrated, CalibrationProgress, CalibrationRefused
from breathsync.guide.events import Answered, ConfirmedBy, Place, Word
from breathsync.guide.walk import Walk

Learned = CalibrationProgress | CalibrationRefused | Calibrated


class At:
    """Being at one place. Made anew at each entering; what outlasts it is in the walk."""

    place: ClassVar[Place]
    words: tuple[Word, ...] = ()
    """What the person can say here, besides stop."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.since_s = walk.now_s

    @property
    def judging(self) -> bool:
        """Whether a breath waits for its verdict here."""
        return False

    @property
    def for_s(self) -> float:
        """How long the person has been here."""
        return self.walk.now_s - self.since_s

    def enter(self) -> None:
        """Say what is asked."""

    def tick(self) -> None:
        """Time has passed."""

    def moved(self, *, still: bool) -> None:
        """The person began to move, or became still."""

    def inhale(self, t_s: float) -> None:
        """An inhale began."""

    def peak(self, inhale_start_s: float) -> None:
        """The inhale that began at `inhale_start_s` turned into the exhale."""

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """A breath has come back (`over` is False) or has ended; `usual`: it counts as a usual one."""

    def learned(self, event: Learned) -> None:
        """The calibration went on."""

    def answered(self, answer: Answered) -> None:
        """The person answered a question."""

    def said(self, word: Word) -> None:
        """The person said a word that means something here."""


class AtPoint(At):
    """Being at a restriction point: the words that hold there."""

    words: tuple[Word, ...] = (
        Word.GO_ON,
        Word.BACK_OFF,
        Word.SMALLER_BAR,
        Word.BY_HAND,
        Word.NOTHING_HOLDS,
        Word.PAUSE,
    )

    def said(self, word: Word) -> None:
        """By hand, back off, a smaller bar, nothing holds; going on is each place's own.

        By hand says "I breathed here", so each point wants its own: on the way there (a key pressed twice, or held)
        it passes nothing.
        """
        walk = self.walk
        if word not in self.words:
            if word is Word.BY_HAND:
                walk.hint("cue.get_there")
            return
        match word:
            case Word.BY_HAND:
                self.by_hand()
            case Word.BACK_OFF:
                walk.backing_off = True
                walk.refusals = 0
                walk.offered = None
                walk.go(Place.EASE)
            case Word.NOTHING_HOLDS:
                walk.end_side("cue.nothing_holds")
            case Word.SMALLER_BAR:
                self.smaller_bar()
            case Word.GO_ON:
                self.go_on()

    def go_on(self) -> None:
        """The person wants to go on: no word opens the gate (G9)."""
        self.walk.hint("cue.not_by_word")

    def by_hand(self) -> None:
        """G9: confirmed by hand, never measured. A breath nobody measured counts as a deep one (G11)."""
        walk = self.walk
        if walk.budget.wait_s(walk.now_s) > 0:
            walk.hint("budget")
            return
        if not walk.deep_at_point:
            walk.budget.add(peak_s=walk.now_s, end_s=walk.now_s)
            walk.usual_since_deep = 0
        walk.pass_point(ConfirmedBy.HAND)
        self.next_point()

    def smaller_bar(self) -> None:
        """G10: 15 per cent less, once, and only at the person's word."""
        walk = self.walk
        before = walk.bar
        walk.smaller = True
        walk.refusals = 0
        walk.offered = None
        lower = before is not None and walk.bar is not None and walk.bar.low < before.low
        walk.hint("cue.smaller" if lower else "cue.smaller_already")

    def next_point(self) -> None:
        """On to the next restriction point, or out of the twist when they are done or nothing holds."""
        walk = self.walk
        if len(walk.passed[walk.side]) >= walk.points:
            walk.end_side()
        elif walk.small_gains >= 2:
            walk.end_side("cue.nothing_holds")
        else:
            walk.begin_point()
            walk.go(Place.EASE)
