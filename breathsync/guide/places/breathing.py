"""At the gate, and the rest that comes before it when there were many deep breaths."""

import math
from dataclasses import replace

from breathsync.breath.events import Breath
from breathsync.guide.events import ConfirmedBy, CueKind, Place, Verdict, Word
from breathsync.guide.gate import judge
from breathsync.guide.limits import back_s
from breathsync.guide.places.at import AtPoint
from breathsync.guide.walk import Walk

LINGER_S = 2.5
"""After the gate has opened the exhale may end in peace before the next step."""
EXPLAIN_AFTER_S = 8.0
"""So far into the first rest of a session there is time to say what the breath does."""


class Breathe(AtPoint):
    """The gate is armed: one slow full breath opens it, and nothing else."""

    place = Place.BREATHE

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.whole_s = walk.settings.gate.whole_s + walk.info.moment_s
        self.usual_between = walk.usual_since_deep if walk.budget.in_session else None
        self.pending: Breath | None = None
        self.opened_s: float | None = None

    @property
    def judging(self) -> bool:
        """Whether a brisk breath waits for its fourth second."""
        return self.pending is not None

    def enter(self) -> None:
        """Arm, where anything can be measured; else say so and leave it to the person's hand."""
        walk = self.walk
        walk.verdict = None
        if walk.unmeasured:
            walk.step(Place.BREATHE, walk.phrase("step.breathe_unmeasured"), turned=True)
            walk.offer("offer.unmeasured", Word.BY_HAND, Word.BACK_OFF, Word.NOTHING_HOLDS, Word.STOP)
            return
        walk.armed_s = walk.now_s
        walk.judged_until_s = max(walk.judged_until_s, walk.back_s)
        walk.step(Place.BREATHE, walk.text("breathe"), turned=True)

    def inhale(self, t_s: float) -> None:
        """The next breath begins: a breath that still waits for its verdict has had its length."""
        self.walk.follow(CueKind.INHALE)
        if self.pending:
            self.decide(replace(self.pending, decided_s=max(self.pending.inhale_peak_s, t_s)))

    def peak(self, inhale_start_s: float) -> None:
        """And out."""
        self.walk.follow(CueKind.EXHALE)

    def moved(self, *, still: bool) -> None:
        """Movement while a breath waits for its verdict lies inside the breath (G3)."""
        if self.pending and not still:
            self.pending = replace(self.pending, conditions=replace(self.pending.conditions, burst=True))

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """Decide when the exhale has come back; of a breath that never did, at its end."""
        walk = self.walk
        if self.opened_s is not None:
            if over:
                self.next_point()
            return
        if walk.armed_s is None or breath.inhale_start_s < walk.judged_until_s:
            return
        if self.pending and self.pending.inhale_start_s != breath.inhale_start_s:
            self.decide(self.pending)
            self.breath(breath, over=over, usual=usual)
            return
        if not over and self.is_too_short_yet(breath):
            self.pending = breath
        else:
            self.decide(breath)

    def is_too_short_yet(self, breath: Breath) -> bool:
        """G6 wants 4 s in all; a brisk exhale may be back before. It waits for them, as long as G7 allows."""
        gate = self.walk.settings.gate
        return (
            breath.returned_s is not None
            and breath.so_far_s < self.whole_s
            and breath.inhale_start_s + self.whole_s <= breath.returned_s + gate.decide_within_s
        )

    def tick(self) -> None:
        """A waiting breath becomes long enough; an opened gate is left."""
        walk = self.walk
        if self.opened_s is not None:
            if walk.now_s - self.opened_s >= LINGER_S:
                self.next_point()
        elif self.pending:
            # A microsecond more: no rounding makes of what is decided then something shorter.
            long_enough_s = self.pending.inhale_start_s + self.whole_s + 1e-6
            if walk.now_s >= long_enough_s:
                self.decide(replace(self.pending, decided_s=long_enough_s))

    def decide(self, breath: Breath) -> None:
        """One verdict for one breath (G8)."""
        walk = self.walk
        self.pending = None
        held = walk.armed(breath, armed_s=walk.armed_s or math.inf, usual_between=self.usual_between)
        verdict = judge(breath, held, language=walk.language)
        walk.judged_until_s = max(walk.judged_until_s, back_s(breath))
        walk.verdict = verdict
        walk.out.append(verdict)
        if verdict.opened:
            walk.cue(CueKind.OPENED, verdict.phrase, verdict.sentence)
            walk.pass_point(ConfirmedBy.BREATH)
            self.opened_s = walk.now_s
        else:
            self.refused(verdict)

    def refused(self, verdict: Verdict) -> None:
        """Say what helps; rest where the budget wants it (G11); after three, offer the ways out (G10).

        Every refused verdict at this point counts, a usual breath's too. The offer is said once and then stands.
        """
        walk = self.walk
        walk.refusals += 1
        if "G4" not in verdict.refused_by:
            if any(c.why == "when_ready" for c in verdict.clauses):
                walk.hint("when_ready")
            else:
                walk.cue(CueKind.REFUSED, verdict.phrase, verdict.sentence)
        if walk.budget.wait_s(walk.now_s) > 0:
            walk.rest()
        if walk.wanted is Place.COME_BACK:
            return
        if walk.refusals >= walk.settings.gate.refusals_before_offer and walk.offered is None:
            if walk.smaller:
                walk.offer("offer.refused_small", Word.BY_HAND, Word.BACK_OFF, Word.STOP)
            else:
                walk.offer("offer.refused", Word.SMALLER_BAR, Word.BY_HAND, Word.BACK_OFF, Word.STOP)

    def said(self, word: Word) -> None:
        """The point is behind the person once the gate has opened: no word passes it a second time."""
        if self.opened_s is None or word is Word.NOTHING_HOLDS:
            super().said(word)
        elif word is Word.GO_ON:
            self.next_point()


class Rest(AtPoint):
    """Breathe as usual until a deep breath is allowed again."""

    place = Place.REST
    words: tuple[Word, ...] = (Word.BACK_OFF, Word.SMALLER_BAR, Word.NOTHING_HOLDS, Word.PAUSE)

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.turned = walk.in_twist
        if not self.turned:
            self.words = (Word.PAUSE,)

    def enter(self) -> None:
        """In the twist or in the middle, as it comes."""
        walk = self.walk
        walk.armed_s = None
        walk.rest_until_s = walk.now_s + walk.budget.wait_s(walk.now_s)
        walk.step(Place.REST, walk.phrase("step.rest"), kind=CueKind.REST, turned=self.turned)

    def moved(self, *, still: bool) -> None:
        """Another posture is another scale."""
        if not still:
            self.walk.learned_here = False

    def tick(self) -> None:
        """A deep breath in the rest makes it longer."""
        walk = self.walk
        wait_s = walk.budget.wait_s(walk.now_s)
        walk.rest_until_s = walk.now_s + wait_s
        if not walk.explained and self.for_s >= EXPLAIN_AFTER_S:
            walk.explained = True
            walk.hint("cue.learn")
        if wait_s == 0:
            walk.rest_until_s = None
            walk.go(Place.SETTLE if self.turned else walk.after_rest)

    def said(self, word: Word) -> None:
        """A rest is a rest: no word shortens it."""
        if word in self.words:
            super().said(word)
