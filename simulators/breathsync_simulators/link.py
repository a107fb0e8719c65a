"""What a link loses on the way: short gaps without a word, and drops of which the program is told.

Simulated straps leave this to the air they send through; the `sim:` source and campaigns have it from here.
"""

import numpy as np

from breathsync.samples import BREATH_STREAMS, Heartbeat, Samples, SensorChange, SensorEvent, SensorState
from breathsync_simulators.people.person import Person
from breathsync_simulators.people.truth import Trouble

LOST = "The link to the strap was lost."
RECENT_S = 60.0
SILENCE_S = 1.0
"""After so long without a breath sample the clock speaks for them, as it does in a live session."""


class Link:
    """Takes samples away while a gap or a drop lasts. Deterministic for its seed."""

    def __init__(self, *, person: Person, seed: np.random.SeedSequence) -> None:
        drops, gaps = (np.random.default_rng(s) for s in seed.spawn(2))
        wear = person.traits.wear
        self._truth = person.body.truth
        self._drops = _Losses(drops, wear.drops_per_hour, wear.drop_s, "dropped")
        self._gaps = _Losses(gaps, wear.gaps_per_hour, wear.gap_s, "gap")
        self._lost = False
        self._last_s = 0.0

    def carry(self, blocks: list[Samples], t_s: float) -> list[SensorEvent]:
        """What arrives of the blocks that were measured up to `t_s`."""
        for losses in (self._drops, self._gaps):
            self._truth.troubles += losses.plan_to(t_s)
        events: list[SensorEvent] = []
        drop = next((x for x in self._drops.recent if x.start_s <= t_s < x.end_s), None)
        if drop and not self._lost:
            events.append(SensorChange(t_s=drop.start_s, state=SensorState.LOST, why=LOST))
        if self._lost and not drop:
            events.append(SensorChange(t_s=t_s, state=SensorState.STREAMING))
        self._lost = drop is not None
        recent = (*self._drops.recent, *self._gaps.recent)
        for block in blocks:
            if recent:
                keep = np.ones(len(block), dtype=bool)
                for loss in recent:
                    keep &= (block.t_s < loss.start_s) | (block.t_s >= loss.end_s)
                if not keep.any():
                    continue
                if not keep.all():
                    block = Samples(stream=block.stream, t_s=block.t_s[keep], values=block.values[keep])
            if block.stream in BREATH_STREAMS:
                self._last_s = t_s
            events.append(block)
        if t_s - self._last_s > SILENCE_S:
            events.append(Heartbeat(t_s=t_s))
        return events


class _Losses:
    """One kind of loss, drawn a little ahead of time."""

    def __init__(self, rng: np.random.Generator, per_hour: float, length_s: float, kind: str) -> None:
        self._rng, self._per_s, self._length_s, self._kind = rng, per_hour / 3600, length_s, kind
        self.recent: list[Trouble] = []
        """Those that have begun and matter for samples of the last seconds."""
        self._next = self._drawn(0.0)

    def plan_to(self, t_s: float) -> list[Trouble]:
        """The losses that have begun by `t_s` and were not yet told."""
        begun = []
        while self._next and self._next.start_s <= t_s:
            begun.append(self._next)
            self._next = self._drawn(self._next.end_s)
        self.recent = [x for x in (*self.recent, *begun) if x.end_s > t_s - RECENT_S]
        return begun

    def _drawn(self, after_s: float) -> Trouble | None:
        if self._per_s <= 0:
            return None
        start_s = after_s + float(self._rng.exponential(1 / self._per_s))
        lasts_s = self._length_s * float(np.exp(0.4 * self._rng.standard_normal()))
        return Trouble(start_s=start_s, end_s=start_s + lasts_s, kind=self._kind)
