"""What a body does by itself: fidgeting, reaching, coughing, talking, laughing, yawning, leaning, losing its strap."""

import numpy as np

from breathsync_simulators.people.body import Act, Body
from breathsync_simulators.people.breathing import Wish


class Habits:
    """Writes the next time of each habit into the body's diary, again and again."""

    def __init__(self, *, body: Body, rng: np.random.Generator) -> None:
        self._body = body
        self._rng = rng
        self.asked_still = False
        h, w = body.traits.habits, body.traits.wear
        for per_minute, habit in (
            (h.fidget, self.fidget),
            (h.reach, self.reach),
            (h.cough, self.cough),
            (h.talk, self.talk),
            (h.laugh, self.laugh),
            (h.yawn, self.yawn),
            (h.lean, self.lean),
        ):
            self._again(per_minute / 60, habit, held_back=True)
        self._again(w.slips_per_hour / 3600, lambda at_s: body.slip(at_s, w.slip_deg), held_back=False)
        self._again(w.off_per_hour / 3600, lambda at_s: body.take_off(at_s, w.off_s), held_back=False)
        self._again(w.stuck_per_hour / 3600, self.stuck, held_back=False)

    def _again(self, per_second: float, habit: Act, *, held_back: bool) -> None:
        if per_second <= 0:
            return
        rng = np.random.default_rng(self._rng.integers(2**63))

        def now(at_s: float) -> None:
            if not (held_back and self.asked_still and rng.random() < self._body.traits.mind.keeps_still):
                habit(at_s)
            self._body.at(at_s + float(rng.exponential(1 / per_second)), now)

        self._body.at(float(rng.exponential(1 / per_second)), now)

    def fidget(self, at_s: float) -> None:
        """A shift of weight: a few degrees to a new place, with a shake."""
        p, rng = self._body.posture, self._rng
        track = p.lean if rng.random() < 0.5 else p.side
        by = float(rng.normal(0, 2.0))
        during_s = float(rng.uniform(0.5, 2.5))
        p.move(at_s, "fidget", track, track.at(at_s) * 0.7 + by, during_s=during_s)
        self._body.shake(at_s, at_s + during_s, float(rng.uniform(5, 40)), "fidget")

    def reach(self, at_s: float) -> None:
        """Reach for something and come back."""
        p, rng = self._body.posture, self._rng
        out_s, back_s = float(rng.uniform(0.8, 2.0)), float(rng.uniform(0.8, 2.0))
        p.there_and_back(at_s, "reach", p.lean, float(rng.uniform(5, 25)), out_s=out_s, back_s=back_s)
        p.there_and_back(at_s, "reach", p.side, float(rng.uniform(-15, 15)), out_s=out_s, back_s=back_s)
        self._body.shake(at_s, at_s + out_s + back_s, 40.0, "reach")

    def lean(self, at_s: float) -> None:
        """A slow lean there and, soon or late, back: what looks most like a breath."""
        p, rng = self._body.posture, self._rng
        out_s, back_s = float(rng.uniform(1.2, 4.0)), float(rng.uniform(1.5, 5.0))
        track = p.lean if rng.random() < 0.75 else p.side
        by = float(rng.choice([-1, 1]) * rng.uniform(0.6, 6.0))
        p.there_and_back(at_s, "lean", track, by, out_s=out_s, back_s=back_s)

    def cough(self, at_s: float) -> None:
        """One to four coughs: a quick breath in, bursts out, the trunk jerks forward."""
        b, rng = self._body.breathing, self._rng
        level = b.interrupt(at_s)
        t_s = at_s + float(rng.uniform(0.25, 0.5))
        top = max(level, 0) + float(rng.uniform(0.4, 1.2))
        knots = [(t_s, top)]
        for _ in range(int(rng.integers(1, 5))):
            level = top - float(rng.uniform(0.6, 1.4))
            knots.append((t_s + 0.18, level))
            self._body.shake(t_s, t_s + 0.3, float(rng.uniform(40, 160)))
            t_s += float(rng.uniform(0.35, 0.6))
            top = level + float(rng.uniform(0.2, 0.8))
            knots.append((t_s, top))
        knots.append((t_s + float(rng.uniform(0.6, 1.2)), 0.0))
        b.knots(knots, kind="cough")
        p = self._body.posture
        during_s = knots[-1][0] - at_s
        p.there_and_back(
            at_s, "cough", p.lean, float(rng.uniform(1, 6)), out_s=0.4 * during_s, back_s=0.6 * during_s
        )

    def laugh(self, at_s: float) -> None:
        """Quick bursts out at four or five a second, down to a low level, then a deep breath in."""
        b, rng = self._body.breathing, self._rng
        level = b.interrupt(at_s)
        knots, t_s = [(at_s + 0.5, level + 0.8)], at_s + 0.5
        level += 0.8
        for _ in range(int(rng.integers(5, 14))):
            t_s += float(rng.uniform(0.09, 0.13))
            level -= float(rng.uniform(0.1, 0.25))
            knots.append((t_s, level))
            t_s += float(rng.uniform(0.09, 0.13))
            level += float(rng.uniform(0.0, 0.08))
            knots.append((t_s, level))
        knots += [(t_s + 1.0, 1.6), (t_s + 2.6, 0.0)]
        b.knots(knots, kind="laugh")
        self._body.shake(at_s, t_s, float(rng.uniform(20, 60)), "laugh")

    def talk(self, at_s: float) -> None:
        """Speech: quick breaths in, long uneven ways out, a voice in the chest."""
        b, rng = self._body.breathing, self._rng
        end_s = at_s + self._body.traits.habits.talk_s * float(rng.uniform(0.5, 1.6))
        level, t_s = b.interrupt(at_s), at_s
        knots: list[tuple[float, float]] = []
        while t_s < end_s:
            t_s += float(rng.uniform(0.4, 0.8))
            level += float(rng.uniform(0.8, 1.9))
            knots.append((t_s, level))
            for _ in range(int(rng.integers(3, 9))):
                t_s += float(rng.uniform(0.25, 0.6))
                level -= float(rng.uniform(0.05, 0.35))
                knots.append((t_s, level))
        knots.append((t_s + 0.8, 0.0))
        b.knots(knots, kind="talk")
        self._body.shake(at_s, t_s, float(rng.uniform(4, 14)), "talk")

    def yawn(self, at_s: float) -> None:
        """A long deep breath in with the head going back."""
        b, p, rng = self._body.breathing, self._body.posture, self._rng
        inhale_s = float(rng.uniform(2.5, 4.5))
        b.wish(
            Wish(
                at_s=at_s,
                kind="yawn",
                size=float(rng.uniform(2.2, 4.0)),
                inhale_s=inhale_s,
                exhale_s=float(rng.uniform(1.5, 3.0)),
                top_s=float(rng.uniform(0.3, 1.5)),
            )
        )
        p.there_and_back(at_s, "yawn", p.lean, float(rng.uniform(-6, -1)), out_s=inhale_s, back_s=3.0)

    def stuck(self, at_s: float) -> None:
        """One axis of a sensor keeps its value."""
        self._body.fault(
            at_s, at_s + self._body.traits.wear.stuck_s, "stuck", axis=int(self._rng.integers(3))
        )
