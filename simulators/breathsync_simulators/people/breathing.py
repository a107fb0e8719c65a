"""The breath of a body: chest wall and belly over time, one breath planned after the other.

Each breath is a few knots on two tracks (chest, belly) in wall units: 1.0 is this body's typical quiet breath,
shared between chest and belly. Spreads and memories are first-order autoregressive and log-normal, as
`breathsync_simulators.scales` finds them in real recordings.
"""

from dataclasses import dataclass

import numpy as np

from breathsync.samples import FloatArray
from breathsync_simulators.people.track import Track
from breathsync_simulators.people.truth import TrueBreath, Truth
from breathsync_simulators.scenario import Traits

WARP_OUT = 0.68
"""A passive exhale hurries first and lingers at its foot."""
DEEP_TO_CHEST = 0.12
"""How much more of a deep breath the chest takes than of a quiet one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A breath the body is going to take next, from `at_s` on, once the present one is out.

    `kind`: full, half, fast, gasp, hold, yawn. `size` in wall units; times in seconds.
    """

    at_s: float
    kind: str
    size: float
    inhale_s: float
    exhale_s: float
    top_s: float = 0.0
    stumble: bool = False


class Breathing:
    """Plans breaths as time goes on and knows the wall's excursion at any time planned so far."""

    def __init__(self, *, traits: Traits, rng: np.random.Generator, truth: Truth) -> None:
        self.traits = traits.breathing
        self.chest = Track()
        self.belly = Track()
        self._full = traits.full
        self._rng = rng
        self._truth = truth
        self._wish: Wish | None = None
        self._next_s = float(rng.uniform(0.2, 2.0))
        self._out_s = 0.0
        self._slow = float(rng.standard_normal())
        self._deep = float(rng.standard_normal())
        self._calm = 1.0
        self._muted_to_s = -1.0
        self._planned: TrueBreath | None = None
        self._top = 0.0
        self.effort = 1.0
        self.haste = 1.0

    def wish(self, wish: Wish) -> None:
        """Take this breath next. A new wish replaces one that is still waiting."""
        self._wish = wish

    @property
    def waiting(self) -> bool:
        """Whether a wished breath has not yet begun."""
        return self._wish is not None

    def full(self, at_s: float, *, effort: float = 1.0) -> Wish:
        """A full breath as this body takes it today, with its own spread."""
        f, rng = self._full, self._rng
        pace = np.exp(f.pace_spread * rng.standard_normal(3))
        return Wish(
            at_s=at_s,
            kind="full",
            size=f.size * effort * float(np.exp(f.spread * rng.standard_normal())),
            inhale_s=f.inhale_s * float(pace[0]),
            exhale_s=f.exhale_s * float(pace[1]),
            top_s=f.top_s * float(pace[2]),
            stumble=bool(rng.random() < f.stumble),
        )

    def rest(self, to_s: float) -> None:
        """Do not breathe in before `to_s` (a held breath at the foot)."""
        self._muted_to_s = max(self._muted_to_s, to_s)

    def plan_to(self, t_s: float) -> None:
        """Plan until the breath in progress reaches beyond `t_s`."""
        while True:
            start_s = max(self._next_s, self._muted_to_s)
            if self._wish and self._wish.at_s < start_s:
                start_s = max(self._out_s, self._wish.at_s)
            if start_s > t_s:
                return
            self._finish()
            self._begin(start_s)

    def settle_truth(self, t_s: float) -> None:
        """Write down the breath in progress if it is over by `t_s`."""
        if self._planned and self._planned.end_s <= t_s:
            self._finish()

    def interrupt(self, t_s: float) -> float:
        """Break off what is going on at `t_s` (a cough, a laugh); the wall's level there."""
        level = self.chest.cut(t_s) + self.belly.cut(t_s)
        breath = self._planned
        if breath and t_s < breath.end_s:
            self._planned = None
            if t_s > breath.peak_s:
                returned = (self._top - level) / breath.excursion
                self._note(breath, end_s=t_s, returned=returned, kind="broken_off")
        self._finish()
        self._out_s = self._next_s = t_s
        return level

    def knots(self, knots: list[tuple[float, float]], *, kind: str) -> None:
        """Follow the given (time, wall level) knots from now on: coughs, laughs, speech. Counts as one breath."""
        start_s, foot = self.chest.end_s, self.chest.last + self.belly.last
        for t_s, level in knots:
            self._to(t_s, level)
        levels = [level for _, level in knots]
        peak = int(np.argmax(levels))
        rise = levels[peak] - foot
        if rise > 0.2:
            self._top = levels[peak]
            back = levels[peak] - min(levels[peak:])
            self._planned = TrueBreath(
                onset_s=start_s,
                peak_s=knots[peak][0],
                end_s=knots[-1][0],
                excursion=rise,
                returned=back / rise,
                rises=2 if peak > 0 else 1,
                kind=kind,
            )
        self._out_s = knots[-1][0]
        self._next_s = self._out_s + 0.2

    def wall(self, t_s: FloatArray) -> FloatArray:
        """The wall's excursion at `t_s`, wall units."""
        return self.chest(t_s) + self.belly(t_s)

    def _begin(self, start_s: float) -> None:
        rng = self._rng
        if self._wish and self._wish.at_s <= start_s:
            wish, self._wish = self._wish, None
            self._take(start_s, wish, cued=wish.kind == "full")
            self._calm = 0.85 if wish.kind in ("full", "fast") else 1.0
            self._next_s += float(rng.uniform(0.2, 1.6))
            return
        b = self.traits
        self._slow = b.rate_memory * self._slow + np.sqrt(1 - b.rate_memory**2) * rng.standard_normal()
        self._deep = b.depth_memory * self._deep + np.sqrt(1 - b.depth_memory**2) * rng.standard_normal()
        size = float(np.exp(b.depth_spread * self._deep)) * self._calm
        self._calm += 0.6 * (1 - self._calm)
        whole_s = 60 / (b.rate_per_min * self.haste) * float(np.exp(b.rate_spread * self._slow))
        pause_s = whole_s * b.pause_share * float(rng.uniform(0.4, 1.6))
        moving_s = max(whole_s - pause_s, 0.8)
        inhale_s = moving_s * float(np.clip(b.inhale_share * np.exp(0.08 * rng.standard_normal()), 0.2, 0.65))
        kind, top_s = "quiet", 0.0
        chance = rng.random() * 3600 / whole_s
        if chance < b.sighs_per_hour:
            kind, size, inhale_s, moving_s = (
                "sigh",
                float(rng.uniform(1.9, 3.0)),
                inhale_s * 1.4,
                moving_s * 1.5,
            )
        elif chance < b.sighs_per_hour + b.gasps_per_hour:
            kind, size = "gasp", float(rng.uniform(1.4, 2.6))
        elif chance < b.sighs_per_hour + b.gasps_per_hour + b.holds_per_hour:
            kind, top_s = "hold", float(rng.uniform(3.0, 9.0))
        wish = Wish(
            at_s=start_s, kind=kind, size=size, inhale_s=inhale_s, exhale_s=moving_s - inhale_s, top_s=top_s
        )
        self._take(start_s, wish, cued=False)
        self._next_s += pause_s

    def _take(self, start_s: float, wish: Wish, *, cued: bool) -> None:
        """Lay one breath on the tracks and keep its truth until it is over."""
        rng = self._rng
        foot = self.chest.last + self.belly.last
        self.chest.hold(start_s)
        self.belly.hold(start_s)
        peak_s = start_s + wish.inhale_s
        top = max(foot, 0.0) * 0.3 + wish.size
        rises = 1
        if wish.kind == "gasp":
            rises = 2
            first_s = start_s + 0.42 * wish.inhale_s
            self._to(first_s, foot + 0.6 * (top - foot))
            self._to(first_s + 0.16 * wish.inhale_s, foot + 0.45 * (top - foot))
        elif wish.stumble:
            self._to(start_s + 0.5 * wish.inhale_s, foot + 0.55 * (top - foot))
        self._to(peak_s, top, warp=float(rng.uniform(0.85, 1.1)))
        out_s = peak_s
        if wish.top_s > 0.05:
            out_s = peak_s + wish.top_s
            self._to(out_s, top * float(rng.uniform(0.97, 1.0)))
        end = 0.05 * float(rng.standard_normal()) - (0.06 if wish.size > 1.8 else 0.0)
        end_s = out_s + wish.exhale_s
        self._to(end_s, end, warp=WARP_OUT * float(rng.uniform(0.92, 1.12)))
        self._top = top
        self._planned = TrueBreath(
            onset_s=start_s,
            peak_s=peak_s,
            end_s=end_s,
            excursion=top - foot,
            returned=(top - end) / (top - foot),
            rises=rises,
            kind=wish.kind,
            cued=cued,
        )
        self._out_s = self._next_s = end_s

    def _to(self, t_s: float, level: float, *, warp: float = 1.0) -> None:
        """The next knot of both tracks; the belly a little ahead, the chest with more of a deep breath."""
        b = self.traits
        share = float(np.clip(b.chest_share + DEEP_TO_CHEST * np.clip((level - 1) / 2, -0.5, 1), 0.02, 0.98))
        self.chest.add(t_s, share * level, warp=warp)
        self.belly.add(t_s - b.belly_lead_s, (1 - share) * level, warp=warp)

    def _finish(self) -> None:
        if self._planned:
            self._truth.breaths.append(self._planned)
            self._planned = None

    def _note(self, breath: TrueBreath, *, end_s: float, returned: float, kind: str) -> None:
        self._truth.breaths.append(
            TrueBreath(
                onset_s=breath.onset_s,
                peak_s=breath.peak_s,
                end_s=end_s,
                excursion=breath.excursion,
                returned=returned,
                rises=breath.rises,
                kind=kind,
                cued=breath.cued,
            )
        )
