"""What a link loses on the way: short gaps without a word, and drops of which the program is told.

Simulated straps leave this to the air they send through; the `sim:` source and campaigns have it from here.
"""

import numpy as np

from breathsync.samples import BREATH_STREAMS, Heartbeat, Samples, SensorChange, SensorEvent, SensorState
from breathsync_simulators.people.person import Person
from breathsync_simulators.people.truth import Trouble

LOST = "The link to the strap was lost."
SILENCE_S = 1.0
"""After so long without a breath sample the clock speaks for them, as it does in a live session."""


class Link:
    """Takes samples away while a gap or a drop lasts. Deterministic for its seed."""

    def __init__(self, *, person: Person, seed: np.random.SeedSequence) -> None:
        drops, gaps = (np.random.default_rng(s) for s in seed.spawn(2))
        wear = person.traits.wear
        self._truth = person.body.truth
        self._drops = _Spans(drops, wear.drops_per_hour, wear.drop_s, "dropped")
        self._gaps = _Spans(gaps, wear.gaps_per_hour, wear.gap_s, "gap")
        self._lost = False
        self._last_s = 0.0

    def carry(self, blocks: list[Samples], t_s: float) -> list[SensorEvent]:
        """What arrives of the blocks that were measured up to `t_s`."""
        for loss in (self._drops, self._gaps):
            self._truth.troubles += loss.plan_to(t_s)
        events: list[SensorEvent] = []
        dropped = self._drops.holds(t_s)
        if dropped and not self._lost:
            events.append(SensorChange(t_s=self._drops.start_s, state=SensorState.LOST, why=LOST))
        if self._lost and not dropped:
            events.append(SensorChange(t_s=t_s, state=SensorState.STREAMING))
        self._lost = dropped
        spans = [s for s in (self._drops, self._gaps) if s.end_s > t_s - 5]
        for block in blocks:
            keep = np.ones(len(block), dtype=bool)
            for span in spans:
                keep &= (block.t_s < span.start_s) | (block.t_s >= span.end_s)
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


class _Spans:
    """One kind of loss: the present or the next span of it."""

    def __init__(self, rng: np.random.Generator, per_hour: float, length_s: float, kind: str) -> None:
        self._rng, self._per_s, self._length_s, self._kind = rng, per_hour / 3600, length_s, kind
        self._told = True
        self.start_s = self.end_s = -1.0
        self._draw(0.0)

    def plan_to(self, t_s: float) -> list[Trouble]:
        """Move on to the next span when the present one is over; the troubles that began."""
        troubles = []
        while self.start_s <= t_s:
            if not self._told:
                troubles.append(Trouble(start_s=self.start_s, end_s=self.end_s, kind=self._kind))
                self._told = True
            if self.end_s > t_s - 1:
                break
            self._draw(self.end_s)
        return troubles

    def holds(self, t_s: float) -> bool:
        """Whether the loss lasts at `t_s`."""
        return self.start_s <= t_s < self.end_s

    def _draw(self, after_s: float) -> None:
        if self._per_s <= 0:
            self.start_s = self.end_s = np.inf
            return
        self.start_s = after_s + float(self._rng.exponential(1 / self._per_s))
        self.end_s = self.start_s + self._length_s * float(np.exp(0.4 * self._rng.standard_normal()))
        self._told = False
