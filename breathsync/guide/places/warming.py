"""The warm-up: the long muscles along the spine, with full breaths in the person's own time."""

from breathsync.breath.events import Breath
from breathsync.guide.events import CueKind, Place, Word
from breathsync.guide.gate import BREATHS, g2_good_signal, g5_band, g6_shape
from breathsync.guide.places.at import At
from breathsync.guide.places.reading import reading_s
from breathsync.guide.walk import Walk

WITHOUT_S = 120.0
"""The warm-up is no gate: so long after its last text it ends, with fewer breaths if so."""
UNMEASURED_BREATH_S = 10.0
ASK_AGAIN_S = 20.0
"""Full breaths come in the person's own time; so long without one, they are asked for again."""
ATTEMPTS_MORE = 2
"""So many deep breaths more than asked for, and the warm-up is over: the session's budget is for the gates (G11)."""


class WarmUp(At):
    """Sit tall, a small fold and back up, some full breaths."""

    place = Place.WARM_UP
    words = (Word.GO_ON, Word.PAUSE)

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self.texts = list(walk.routine.texts_in(walk.language).warm_up)
        if walk.deep_before_warm_up is None:
            walk.deep_before_warm_up = walk.budget.in_session
        self.text_until_s = 0.0
        self.asked_s = walk.now_s
        self.needed = walk.routine.warm_up.breaths if walk.routine.warm_up else 0

    def enter(self) -> None:
        """The first text; after a rest, it goes on from the last one."""
        walk = self.walk
        walk.warm_texts_said = max(0, walk.warm_texts_said - 1)
        self.texts = self.texts[walk.warm_texts_said :]
        walk.progress |= {"breaths_counted": walk.warmed_up, "breaths_needed": self.needed}
        text = self.next_text()
        walk.step(Place.WARM_UP, text, turned=False)

    def next_text(self) -> str:
        """The next text, which gets its time."""
        text = self.texts.pop(0)
        self.walk.warm_texts_said += 1
        self.text_until_s = self.asked_s = self.walk.now_s + reading_s(text)
        return text

    def inhale(self, t_s: float) -> None:
        """The person's own breath leads."""
        self.walk.follow(CueKind.INHALE)

    def peak(self, inhale_start_s: float) -> None:
        """And out."""
        self.walk.follow(CueKind.EXHALE)

    def breath(self, breath: Breath, *, over: bool, usual: bool) -> None:
        """Each full breath counts, once, whether or not it was asked for yet."""
        walk = self.walk
        if not over:
            return
        if breath.kind in BREATHS and not usual:
            held = walk.armed(breath, armed_s=self.since_s, usual_between=None)
            if all(clause(breath, held).ok for clause in (g2_good_signal, g5_band, g6_shape)):
                walk.warmed_up += 1
                walk.progress["breaths_counted"] = walk.warmed_up
                self.asked_s = walk.now_s
        if walk.warmed_up >= self.needed or self.deep >= self.needed + ATTEMPTS_MORE:
            self.done()
        elif walk.budget.wait_s(walk.now_s) > 0:
            walk.go(Place.REST)

    def tick(self) -> None:
        """The next text, or the end."""
        walk = self.walk
        if walk.now_s < self.text_until_s:
            return
        if self.texts:
            walk.show(self.next_text(), f"{walk.routine.name}.warm_up")
            return
        without_s = UNMEASURED_BREATH_S * self.needed if walk.unmeasured else WITHOUT_S
        if walk.now_s - self.text_until_s >= without_s:
            self.done()
        elif walk.now_s - self.asked_s >= ASK_AGAIN_S and walk.hint("cue.full_again"):
            self.asked_s = walk.now_s

    @property
    def deep(self) -> int:
        """Deep breaths in this warm-up, full by the clauses or not."""
        return self.walk.budget.in_session - (self.walk.deep_before_warm_up or 0)

    def said(self, word: Word) -> None:
        """On, without the rest of it."""
        if word is Word.GO_ON:
            self.done()

    def done(self) -> None:
        """On to the sides, where there are any."""
        walk = self.walk
        walk.go(Place.SET_UP if walk.sides_left else Place.CLOSE)
