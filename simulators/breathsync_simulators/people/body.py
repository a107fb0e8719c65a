"""A body in time: breath, posture, heart, the strap on it, and a diary of what it is going to do."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from breathsync_simulators.people.breathing import Breathing
from breathsync_simulators.people.heart import HeartBeat
from breathsync_simulators.people.posture import Posture
from breathsync_simulators.people.track import Track
from breathsync_simulators.people.truth import Trouble, TrueTaps, Truth
from breathsync_simulators.scenario import Traits

LOOSEST = 0.35
"""Of its rest, the most that slipping takes from a belt."""

Act = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shake:
    """The chest, or the strap alone, shakes between two times: `rms_mg` fast, `rms_deg` and `rms_n` slower.

    The slower part is what a hand cannot help: its movement is made of smaller ones, two or three a second
    (Doeringer and Hogan, J Neurophysiol 80, 1998), and its pull is uneven by a few per cent.
    """

    start_s: float
    end_s: float
    rms_mg: float
    rms_deg: float = 0.0
    rms_n: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A trouble of the sensor on the body: off the body, or a value that stays stuck."""

    start_s: float
    end_s: float
    kind: str
    axis: int = 0


class Body:
    """Everything about one person that a sensor could measure, and its truth.

    Things happen in the order of their time and each has its own source of chance, so the body is the same
    however its time is cut into pieces.
    """

    def __init__(self, *, traits: Traits, seed: np.random.SeedSequence) -> None:
        breath, posture, heart, self.rng = (np.random.default_rng(s) for s in seed.spawn(4))
        self.traits = traits
        self.truth = Truth(full=traits.full.size)
        self.breathing = Breathing(traits=traits, rng=breath, truth=self.truth)
        self.posture = Posture(traits=traits.body, rng=posture, truth=self.truth)
        self.heart = HeartBeat(traits=traits.heart, rng=heart, breathing=self.breathing)
        self.strap_lean = Track()
        self.strap_side = Track()
        self.strap_pull_n = Track()
        self.shakes: list[Shake] = []
        self.faults: list[Fault] = []
        self.taps: list[tuple[float, float]] = []
        """(time, peak in mg) of each tap of a finger on the strap."""
        self.now_s = 0.0
        self._diary: list[tuple[float, int, Act]] = []
        self._count = count()

    def at(self, t_s: float, act: Act) -> None:
        """Do this at `t_s`, or at once if that has passed."""
        heapq.heappush(self._diary, (max(t_s, self.now_s), next(self._count), act))

    def advance(self, t_s: float) -> None:
        """Live on until `t_s`."""
        while self._diary and self._diary[0][0] <= t_s:
            at_s, _, act = heapq.heappop(self._diary)
            self.breathing.plan_to(at_s)
            self.now_s = max(self.now_s, at_s)
            act(at_s)
        self.breathing.plan_to(t_s)
        self.posture.plan_to(t_s)
        self.heart.plan_to(t_s)
        self.now_s = max(self.now_s, t_s)

    def settle_truth(self) -> None:
        """Write down what is over by now."""
        self.breathing.settle_truth(self.now_s)

    def shake(
        self,
        start_s: float,
        end_s: float,
        rms_mg: float,
        kind: str = "",
        *,
        rms_deg: float = 0.0,
        rms_n: float = 0.0,
    ) -> None:
        """Shake; with a `kind` it is written down as a movement."""
        self.shakes = [s for s in self.shakes if s.end_s > start_s - 120]
        self.shakes.append(Shake(start_s=start_s, end_s=end_s, rms_mg=rms_mg, rms_deg=rms_deg, rms_n=rms_n))
        if kind:
            self.posture.note(start_s, end_s, kind, max(rms_mg / 17.5, 0.5))

    def fault(self, start_s: float, end_s: float, kind: str, *, axis: int = 0) -> None:
        """The sensor is of no use between two times."""
        self.faults = [f for f in self.faults if f.end_s > start_s - 120]
        self.faults.append(Fault(start_s=start_s, end_s=end_s, kind=kind, axis=axis))
        self.truth.troubles.append(Trouble(start_s=start_s, end_s=end_s, kind=kind))

    def tap(self, at_s: float, count: int) -> None:
        """Tap on the strap with a finger, `count` times."""
        start_s = at_s
        for _ in range(count):
            self.taps.append((at_s, float(self.rng.uniform(700, 2600))))
            at_s += float(self.rng.uniform(0.18, 0.38))
        self.shake(start_s - 0.5, at_s + 0.4, 10.0, "tap")
        self.truth.taps.append(TrueTaps(start_s=start_s, end_s=self.taps[-1][0], count=count))
        self.taps = [t for t in self.taps if t[0] > at_s - 120]

    def hand_on_strap(self, at_s: float, tilt_deg: float, *, out_s: float, back_s: float) -> float:
        """A hand moves the strap there and back as a breath would, as well as a hand can; the time it ends."""
        side = float(self.rng.uniform(-0.4, 0.4))
        pull_n = self.traits.body.force_n * float(self.rng.uniform(2.0, 4.0))
        tracks = (
            (self.strap_lean, tilt_deg),
            (self.strap_side, side * tilt_deg),
            (self.strap_pull_n, pull_n),
        )
        for track, size in tracks:
            level = track.cut(at_s)
            track.add(at_s + out_s, level + size, warp=float(self.rng.uniform(0.8, 1.2)))
            track.add(
                at_s + out_s + back_s, level + 0.08 * size * float(self.rng.standard_normal()), warp=0.8
            )
        end_s = at_s + out_s + back_s
        uneven = float(self.rng.uniform(0.02, 0.06))
        self.shake(
            at_s - 0.3,
            end_s + 0.2,
            float(self.rng.uniform(1.5, 8.0)),
            rms_deg=uneven * abs(tilt_deg),
            rms_n=uneven * pull_n,
        )
        self.posture.note(at_s, end_s, "hand_on_strap", max(abs(tilt_deg), 0.5))
        return end_s

    def slip(self, at_s: float, tilt_deg: float) -> None:
        """The strap turns on the body and stays so; the belt is looser from now on, but never hangs."""
        belt_n = self.traits.body.belt_n
        looser = self.strap_pull_n.last - 0.1 * belt_n * float(self.rng.uniform(0.2, 1.5))
        self._shift_strap(at_s, tilt_deg, max(looser, -LOOSEST * belt_n), kind="strap_slips")

    def take_off(self, at_s: float, for_s: float) -> None:
        """The strap is taken off and put on again, a little otherwise than before and about as tight as at first."""
        self.fault(at_s, at_s + for_s, "off")
        self.shake(at_s, at_s + for_s, 60.0, "strap_off")
        anew = 0.08 * self.traits.body.belt_n * float(self.rng.standard_normal())
        self._shift_strap(at_s + for_s, float(self.rng.uniform(2.0, 10.0)), anew, kind="strap_on")

    def _shift_strap(self, at_s: float, tilt_deg: float, pull_n: float, *, kind: str) -> None:
        angle = float(self.rng.uniform(0, 2 * np.pi))
        during_s = float(self.rng.uniform(0.2, 2.5))
        self.strap_lean.add(at_s + during_s, self.strap_lean.cut(at_s) + tilt_deg * float(np.cos(angle)))
        self.strap_side.add(at_s + during_s, self.strap_side.cut(at_s) + tilt_deg * float(np.sin(angle)))
        self.strap_pull_n.cut(at_s)
        self.strap_pull_n.add(at_s + during_s, pull_n)
        self.shake(at_s, at_s + during_s, 25.0)
        self.truth.troubles.append(Trouble(start_s=at_s, end_s=at_s + during_s + 2.0, kind="slipped"))
        self.posture.note(at_s, at_s + during_s, kind, tilt_deg)
