"""How the trunk is held: lean, side lean, turn and slump as angles over time, with every movement written down."""

import numpy as np

from breathsync_simulators.people.track import Track
from breathsync_simulators.people.truth import TrueMove, Truth
from breathsync_simulators.scenario import Body

STILL_DEG = 0.4
"""A change below this is sway, not a movement."""


class Posture:
    """Angles of the chest in degrees: `lean` forward, `side` to the right, `turn` to the left; `tall` 0..1.

    A movement hurries and overshoots a little as real ones do. `slump_deg` forward is added where not tall.
    """

    def __init__(self, *, traits: Body, rng: np.random.Generator, truth: Truth) -> None:
        self.traits = traits
        self.lean = Track()
        self.side = Track()
        self.turn = Track()
        self.tall = Track(0.3)
        self.wander_lean = Track()
        self.wander_side = Track()
        self._rng, self._wander_rng = rng.spawn(2)
        self._truth = truth

    def plan_to(self, t_s: float) -> None:
        """Let the trunk wander slowly, as no one sits like a stone."""
        while self.wander_lean.end_s < t_s + 1:
            at_s = self.wander_lean.end_s + float(self._wander_rng.uniform(4.0, 12.0))
            for track in (self.wander_lean, self.wander_side):
                track.add(
                    at_s,
                    0.6 * track.last + self.traits.wander_deg * float(self._wander_rng.standard_normal()),
                )

    def move(self, at_s: float, kind: str, track: Track, to: float, *, during_s: float) -> float:
        """Go to a new level from `at_s` on; the time it ends. An overshoot of up to a tenth comes back."""
        rng = self._rng
        level = track.cut(at_s)
        during_s *= float(np.exp(0.2 * rng.standard_normal()))
        beyond = float(rng.uniform(0.0, 0.1)) * (to - level)
        end_s = at_s + during_s
        track.add(at_s + 0.8 * during_s, to + beyond, warp=float(rng.uniform(0.8, 1.2)))
        track.add(end_s + 0.3, to)
        size = abs(to - level) * (self.traits.slump_deg if track is self.tall else 1.0)
        self.note(at_s, end_s + 0.3, kind, size)
        return end_s + 0.3

    def there_and_back(
        self, at_s: float, kind: str, track: Track, by: float, *, out_s: float, back_s: float
    ) -> float:
        """Go by an angle and come back to nearly the same place; the time it ends."""
        rng = self._rng
        level = track.cut(at_s)
        track.add(at_s + out_s, level + by, warp=float(rng.uniform(0.8, 1.1)))
        end_s = at_s + out_s + back_s
        track.add(end_s, level + by * 0.06 * float(rng.standard_normal()), warp=float(rng.uniform(0.7, 1.1)))
        self.note(at_s, end_s, kind, abs(by))
        return end_s

    def sag(self, at_s: float) -> None:
        """From tall, sink slowly: too slow to be a movement."""
        level = self.tall.cut(at_s)
        self.tall.add(at_s + self.traits.slump_back_s, level * float(self._rng.uniform(0.2, 0.7)))

    def note(self, start_s: float, end_s: float, kind: str, size_deg: float) -> None:
        """Write a movement down, if it is one."""
        if size_deg >= STILL_DEG:
            self._truth.moves.append(TrueMove(start_s=start_s, end_s=end_s, kind=kind, size_deg=size_deg))
