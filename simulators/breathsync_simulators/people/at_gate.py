"""What people do when the gate is armed: breathe, or something that looks like it."""

import numpy as np

from breathsync.guide.events import Verdict
from breathsync_simulators.people.body import Body
from breathsync_simulators.people.breathing import Wish


class AtGate:
    """Chooses by the weights of `mind.at_gate` and does it; learns a little from refusals."""

    def __init__(self, *, body: Body, rng: np.random.Generator) -> None:
        self._body = body
        self._rng = rng
        names = [name for name, weight in body.traits.mind.at_gate.items() if weight > 0]
        weights = np.array([body.traits.mind.at_gate[name] for name in names])
        self._names = names
        self._share = np.cumsum(weights / weights.sum())
        self.effort = 1.0
        self.pace = 1.0

    def passed(self) -> None:
        """A point is behind: back to one's own way."""
        self.effort = self.pace = 1.0

    def refused(self, verdict: Verdict) -> None:
        """Told what was missing: a little fuller, a little slower."""
        if "G5" in verdict.refused_by:
            self.effort = min(self.effort * 1.12, 1.3)
        if "G6" in verdict.refused_by:
            self.pace = min(self.pace * 1.25, 1.6)

    def act(self, at_s: float) -> float:
        """Do one thing from `at_s` on; when it will be over, more or less."""
        name = self._names[int(np.searchsorted(self._share, self._rng.random()))]
        b, p, rng = self._body.breathing, self._body.posture, self._rng
        out_s, back_s = float(rng.uniform(1.4, 3.8)), float(rng.uniform(1.8, 5.0))
        full = b.full(at_s, effort=self.effort)
        tilt_deg = (
            float(rng.choice([-1, 1])) * float(rng.uniform(0.5, 2.2)) * self._body.traits.body.tilt_deg * 3
        )
        match name:
            case "breathe":
                b.wish(self._paced(full, size=full.size, kind="full"))
            case "half":
                b.wish(self._paced(full, size=full.size * self._body.traits.mind.half_size, kind="half"))
            case "fast":
                inhale_s, exhale_s = float(rng.uniform(0.6, 1.3)), float(rng.uniform(0.7, 1.6))
                size = full.size * float(rng.uniform(1.0, 1.5))
                b.wish(Wish(at_s=at_s, kind="fast", size=size, inhale_s=inhale_s, exhale_s=exhale_s))
            case "gasp":
                b.wish(self._paced(full, size=full.size * float(rng.uniform(0.7, 1.2)), kind="gasp"))
            case "hold":
                b.wish(self._paced(full, size=full.size, kind="hold", top_s=float(rng.uniform(3, 8))))
            case "lean":
                p.there_and_back(
                    at_s, "lean", p.lean, float(rng.uniform(1, 3)) * tilt_deg, out_s=out_s, back_s=back_s
                )
            case "lean_hold":
                b.rest(at_s + 1.0 + out_s + back_s)
                start_s = at_s + float(rng.uniform(0.5, 2.5))
                p.there_and_back(start_s, "lean", p.lean, tilt_deg, out_s=out_s, back_s=back_s)
            case "slump":
                down, up = float(rng.uniform(0.2, 0.9)), float(rng.uniform(0.7, 1.05))
                end_s = p.move(at_s, "slump", p.tall, down, during_s=out_s)
                self._body.at(end_s, lambda t_s: self._sit_up(t_s, up, back_s))
            case "move_strap":
                self._body.hand_on_strap(at_s, tilt_deg, out_s=out_s, back_s=back_s)
            case _:
                pass
        return at_s + out_s + back_s

    def _sit_up(self, at_s: float, to: float, during_s: float) -> None:
        self._body.posture.move(at_s, "sit_up", self._body.posture.tall, to, during_s=during_s)

    def _paced(self, full: Wish, *, size: float, kind: str, top_s: float | None = None) -> Wish:
        return Wish(
            at_s=full.at_s,
            kind=kind,
            size=size,
            inhale_s=full.inhale_s * self.pace,
            exhale_s=full.exhale_s * self.pace,
            top_s=full.top_s if top_s is None else top_s,
            stumble=full.stumble,
        )
