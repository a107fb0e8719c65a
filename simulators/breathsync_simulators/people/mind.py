"""How a person listens: hears what the guide says, reacts in their own time, errs, answers, speaks."""

from collections.abc import Mapping

import numpy as np

from breathsync.guide.events import (
    Answered,
    Cue,
    CueKind,
    Ended,
    Offer,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Said,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.outcome import Outcome, View
from breathsync_simulators.people.at_gate import AtGate
from breathsync_simulators.people.body import Act, Body
from breathsync_simulators.people.habits import Habits

STILL_PLACES = (Place.FIND_BREATH, Place.FIND_FULL, Place.SETTLE, Place.BREATHE)
"""Where stillness was asked for."""
KEY_AFTER_S = 7.0
"""Waits so long for the guide to go on by itself before pressing a key."""
UNASKED_AFTER_S = 20.0
UNHEARD_S = 5.0
"""Tapped, and nothing happened for so long: says it by key."""
TAPS = {Word.PAUSE: 2, Word.GO_ON: 2, Word.STOP: 3}
NO_WORD_PLACES = (Place.CHECK_IN, Place.COME_BACK, Place.CLOSE, Place.LOST, Place.PAUSED, Place.ENDED)
FULL_PLACES = (Place.FIND_FULL, Place.WARM_UP, Place.BREATHE)

Words = Said | Answered


class Mind:
    """One listener. `hear` takes in, the body's diary acts, `said` gives what was spoken since."""

    def __init__(self, *, body: Body, habits: Habits, rng: np.random.Generator) -> None:
        self._body = body
        self._habits = habits
        self._rng = rng
        self._traits = body.traits.mind
        self._gate = AtGate(body=body, rng=rng)
        self._step: Step | None = None
        self._steps = 0
        self._passed = 0
        self._outbox: list[Words] = []
        self._cued = False
        self._now_and_then(self._traits.pauses_per_hour / 3600, Word.PAUSE)
        self._now_and_then(self._traits.stops_per_hour / 3600, Word.STOP)

    def _now_and_then(self, per_second: float, word: Word) -> None:
        """Say a word at times of one's own."""
        if per_second <= 0:
            return
        rng = np.random.default_rng(self._rng.integers(2**63))

        def now(at_s: float) -> None:
            if self._step and self._step.place not in NO_WORD_PLACES:
                self._tell(at_s, word)
            self._body.at(at_s + float(rng.exponential(1 / per_second)), now)

        self._body.at(float(rng.exponential(1 / per_second)), now)

    def said(self) -> list[Words]:
        """What the person said since the last call, in order."""
        words, self._outbox = self._outbox, []
        return words

    def hear(self, outcome: Outcome, view: View) -> None:
        """Take in one outcome of the session."""
        match outcome:
            case Step():
                self._hear_step(outcome)
            case Cue(kind=CueKind.INHALE):
                self._hear_inhale()
            case Cue(kind=CueKind.COME_BACK):
                self._soon(self._come_back)
            case Verdict(opened=False):
                self._hear_refusal(outcome)
            case PointPassed():
                self._passed += 1
                self._gate.passed()
            case Question():
                self._hear_question(outcome)
            case Offer():
                self._hear_offer(outcome)
            case Ended():
                self._steps += 1
                self._step = None
                self._habits.asked_still = False
                self._soon(self._come_back)
            case _:
                pass

    def _reaction_s(self) -> float:
        return self._traits.reaction_s * float(np.exp(0.3 * self._rng.standard_normal()))

    def _soon(self, act: Act, *, after_s: float = 0.0) -> None:
        """Do this after a reaction time, if the guide is still at the same step by then."""
        asked = self._steps

        def then(at_s: float) -> None:
            if asked == self._steps:
                act(at_s)

        self._body.at(self._body.now_s + self._reaction_s() + after_s, then)

    def _hear_step(self, step: Step) -> None:
        before, self._step = self._step, step
        self._steps += 1
        self._habits.asked_still = step.place in STILL_PLACES
        same = before is not None and (before.place, before.side, before.point) == (
            step.place,
            step.side,
            step.point,
        )
        slow_s = 0.0 if self._rng.random() < self._traits.obeys else float(self._rng.uniform(6, 15))
        acts: dict[Place, Act] = {
            Place.FIND_BREATH: self._sit_up,
            Place.WARM_UP: self._be_still if same else self._fold,
            Place.SET_UP: self._turn_more if same else self._set_up,
            Place.EASE: self._ease,
            Place.LENGTHEN: self._lengthen,
            Place.SETTLE: self._be_still,
            Place.COME_BACK: self._come_back,
            Place.CLOSE: self._come_back,
        }
        if step.place in acts:
            self._soon(acts[step.place], after_s=slow_s)
        if step.place in FULL_PLACES and step.place is not Place.BREATHE:
            self._cued = False
            self._soon(self._breathe_unasked, after_s=slow_s + UNASKED_AFTER_S)
        if step.place is Place.BREATHE:
            self._soon(self._at_gate, after_s=slow_s + float(self._rng.exponential(0.7)))
        if step.place in (Place.EASE, Place.SET_UP) and self._rng.random() < self._traits.presses_key:
            self._soon(self._press_on, after_s=slow_s + KEY_AFTER_S + float(self._rng.exponential(2.0)))
        if step.place in (Place.LOST, Place.PAUSED):
            self._soon(self._press_on, after_s=float(self._rng.uniform(4, 10)))

    def _hear_inhale(self) -> None:
        self._cued = True
        if (
            self._step
            and self._step.place in (Place.FIND_FULL, Place.WARM_UP)
            and not self._body.breathing.waiting
        ):
            self._soon(self._breathe)

    def _hear_refusal(self, verdict: Verdict) -> None:
        self._gate.refused(verdict)
        again_s = self._traits.again_after_s * float(np.exp(0.3 * self._rng.standard_normal()))
        if "G3" in verdict.refused_by:
            again_s += 2.0
        self._soon(self._at_gate, after_s=again_s)

    def _hear_question(self, question: Question) -> None:
        value: bool | int = self._traits.answers.get(
            question.question, False if question.kind is QuestionKind.YES_NO else round(self._traits.ache)
        )

        def answer(at_s: float) -> None:
            self._outbox.append(Answered(t_s=at_s, question=question.question, value=value))

        self._body.at(self._body.now_s + self._reaction_s() + float(self._rng.uniform(0.5, 2.5)), answer)

    def _hear_offer(self, offer: Offer) -> None:
        if self._step and self._step.place in (Place.LOST, Place.PAUSED):
            self._soon(self._press_on, after_s=float(self._rng.uniform(1, 5)))
            return
        able: dict[str, float] = {
            choice: weight
            for choice, weight in self._traits.on_offer.items()
            if choice in ("again", "silent") or Word(choice) in offer.words
        }
        choice = _choose(able, self._rng)
        if choice in ("again", "silent", ""):
            return
        self._soon(lambda at_s: self._say(at_s, Word(choice)), after_s=1.0)

    def _say(self, at_s: float, word: Word) -> None:
        self._outbox.append(Said(t_s=at_s, word=word, by="simulated"))

    def _tell(self, at_s: float, word: Word) -> None:
        """Say it as this person does: by taps on the strap, and where those go unheard by key; or by key."""
        if self._traits.by_tap <= 0 or self._rng.random() >= self._traits.by_tap:
            self._say(at_s, word)
            return
        self._body.tap(at_s, TAPS[word])
        asked = self._steps

        def unheard(later_s: float) -> None:
            if asked == self._steps:
                self._say(later_s, word)

        self._body.at(at_s + UNHEARD_S, unheard)

    def _press_on(self, at_s: float) -> None:
        """Say "go on" where the guide waits for it, and again after a while."""
        step = self._step
        if step is None:
            return
        if step.place is Place.EASE and self._passed >= self._traits.nothing_holds_after:
            self._say(at_s, Word.NOTHING_HOLDS)
            return
        if step.place in (Place.LOST, Place.PAUSED):
            self._tell(at_s, Word.GO_ON)
            self._soon(self._press_on, after_s=8.0)
        else:
            self._say(at_s, Word.GO_ON)

    def _breathe(self, at_s: float) -> None:
        self._body.breathing.wish(self._body.breathing.full(at_s))

    def _breathe_unasked(self, at_s: float) -> None:
        """A full breath where the step asks for some but no cue comes; and the next one later."""
        if self._cued:
            return
        if not self._body.breathing.waiting:
            self._breathe(at_s)
        self._soon(self._breathe_unasked, after_s=float(self._rng.uniform(20, 30)))

    def _at_gate(self, at_s: float) -> None:
        """What this person does at an armed gate; again when nothing came of it for a while."""
        if self._step and self._step.place is Place.BREATHE:
            over_s = self._gate.act(at_s)
            self._soon(self._at_gate, after_s=over_s - at_s + float(self._rng.uniform(8, 16)))

    def _sit_up(self, at_s: float) -> None:
        p = self._body.posture
        p.move(at_s, "sit_up", p.tall, float(self._rng.uniform(0.7, 1.0)), during_s=2.0)
        self._straighten(at_s + 0.2)

    def _straighten(self, at_s: float) -> None:
        p = self._body.posture
        p.move(at_s, "straighten", p.lean, float(self._rng.normal(0, 1.0)), during_s=1.8)
        p.move(at_s, "straighten", p.side, float(self._rng.normal(0, 1.0)), during_s=1.8)

    def _fold(self, at_s: float) -> None:
        """A small fold forward and back up, then tall."""
        p = self._body.posture
        out_s, back_s = float(self._rng.uniform(2, 4)), float(self._rng.uniform(2, 4))
        end_s = p.there_and_back(
            at_s, "fold", p.lean, float(self._rng.uniform(12, 35)), out_s=out_s, back_s=back_s
        )
        self._body.shake(at_s, end_s, 12.0, "fold")
        self._body.at(end_s + 0.3, self._lengthen)

    def _set_up(self, at_s: float) -> None:
        """Cross the legs, elbow to the knee, and round: large movements for eight seconds or so."""
        p, rng = self._body.posture, self._rng
        legs_s = float(rng.uniform(2.5, 5.0))
        p.there_and_back(
            at_s, "cross_legs", p.lean, float(rng.uniform(8, 25)), out_s=legs_s / 2, back_s=legs_s / 2
        )
        p.there_and_back(
            at_s, "cross_legs", p.side, float(rng.uniform(-10, 10)), out_s=legs_s / 2, back_s=legs_s / 2
        )
        self._body.shake(at_s, at_s + legs_s + 3, 35.0, "cross_legs")
        self._body.at(at_s + legs_s + 0.5, self._turn_more)

    def _turn_more(self, at_s: float) -> None:
        """Round to where slight restriction is, with the bend that a twist brings."""
        p, rng, body = self._body.posture, self._rng, self._body.traits.body
        to = self._sign() * body.twist_deg * float(rng.uniform(0.75, 0.95))
        if abs(p.turn.last) >= abs(to) * 0.8 and p.turn.last * to > 0:
            self._lengthen(at_s)
            return
        during_s = float(rng.uniform(2.0, 4.0))
        p.move(at_s, "turn", p.turn, to, during_s=during_s)
        p.move(at_s, "turn", p.side, float(rng.normal(0, 0.5)) * body.twist_lean_deg, during_s=during_s)
        p.move(at_s, "turn", p.lean, float(rng.normal(0.2, 0.5)) * body.twist_lean_deg, during_s=during_s)
        self._body.shake(at_s, at_s + during_s, 18.0, "turn")

    def _ease(self, at_s: float) -> None:
        """A little further round, sinking a little."""
        p, rng, body = self._body.posture, self._rng, self._body.traits.body
        if abs(p.turn.last) < 0.4 * body.twist_deg or p.turn.last * self._sign() < 0:
            self._turn_more(at_s)
            return
        point = self._step.point if self._step else 1
        by = body.ease_deg * 0.75 ** max(point - 1, 0) * float(rng.uniform(0.5, 1.4))
        during_s = float(rng.uniform(1.5, 4.0))
        p.move(at_s, "ease", p.turn, p.turn.last + self._sign() * by, during_s=during_s)
        p.move(at_s, "ease", p.side, p.side.last + float(rng.normal(0, 1.0)), during_s=during_s)
        p.move(at_s, "ease", p.tall, p.tall.at(at_s) * float(rng.uniform(0.3, 0.9)), during_s=during_s)
        self._body.shake(at_s, at_s + during_s, 10.0, "ease")

    def _lengthen(self, at_s: float) -> None:
        """Sit straight up: to a chest sensor this looks like a big breath in."""
        p, rng = self._body.posture, self._rng
        during_s = float(rng.uniform(1.0, 3.0))
        end_s = p.move(at_s, "sit_tall", p.tall, float(rng.uniform(0.9, 1.05)), during_s=during_s)
        p.move(at_s, "sit_tall", p.lean, p.lean.last + float(rng.normal(0, 0.8)), during_s=during_s)
        self._body.at(end_s + 0.5, p.sag)

    def _be_still(self, at_s: float) -> None:
        """Nothing: breathe as usual."""

    def _come_back(self, at_s: float) -> None:
        """To the middle, slowly."""
        p = self._body.posture
        during_s = float(self._rng.uniform(3, 5))
        if abs(p.turn.last) > 1:
            p.move(at_s, "come_back", p.turn, float(self._rng.normal(0, 1.5)), during_s=during_s)
            self._body.shake(at_s, at_s + during_s, 15.0, "come_back")
        self._straighten(at_s + 0.3)

    def _sign(self) -> float:
        """The turn's sign: to the left is positive."""
        return -1.0 if self._step is not None and self._step.side is Side.RIGHT else 1.0


def _choose(weights: Mapping[str, float], rng: np.random.Generator) -> str:
    """One of the keys by weight, or "" where there is none."""
    total = sum(weights.values())
    if total <= 0:
        return ""
    at = float(rng.random()) * total
    for name, weight in weights.items():
        at -= weight
        if at < 0:
            return name
    return list(weights)[-1]
