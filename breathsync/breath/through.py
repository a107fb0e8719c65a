"""Follows the exhale of a motion sensor's breath through what the level does beneath it: when it has come back, and
when its size is known well enough to be said.

On a level that sinks a breath looks back too soon, and on one that rises never. So from its peak on the samples are
asked again and again how large it is and how much of it has come back (`so_far.py`), and it is said once it has come
back and its size does not lie near the bar any more, or as late as G7 allows.
"""

from dataclasses import replace

import numpy as np

from breathsync.breath.body import Body
from breathsync.breath.events import BreathKind, PeakSeen
from breathsync.breath.raw import RawBreath
from breathsync.breath.so_far import SoFar, back_s, so_far
from breathsync.settings import GateSettings

FIRST_FALL_S, LOOK_EVERY_S = 0.6, 0.24
"""A breath is looked at so soon after its peak was said, and again so often."""
DOUBTFUL = 3.0
"""While its size is within so many standard errors of the bar, it is looked at again: what is still to come of the
exhale tells most of what the level does. (Beside truth the errors are half as large again as they say.)"""
SIZE_DOUBT = 0.3
"""It counts as smaller by this share of the error: what may be missing is not known to be there (G2)."""
LEAST_FALLEN = 0.4
"""Of the height seen: no level explains it where less of that was lost. Then the chest stays up."""
SMALL, SMALL_ERRORS = 0.7, 2.0
"""A breath that is surely smaller than this share of the bar is not followed before it looks to be back."""
EARLIER_KEPT = 4


class Through:
    """One breath after the other. `gate`: the settings of G6 and G7."""

    def __init__(self, *, body: Body, gate: GateSettings) -> None:
        self._body = body
        self._gate = gate
        self._earlier: list[RawBreath] = []
        self._onset_s = self._next_look_s = -np.inf
        self._back_s: float | None = None
        self._not_back_s = -np.inf
        self.last_look = False
        """Whether another look would be too late for G7."""

    def peaked(self, seen: PeakSeen, *, noise: float) -> RawBreath:
        """A peak is known: the breath as that tells it, on a level that begins at zero; `noise` of the last one."""
        self._begin(seen.inhale_start_s)
        self._next_look_s = seen.decided_s + FIRST_FALL_S
        gasped = seen.kind is BreathKind.DOUBLE_GASP
        return RawBreath(
            inhale_start_s=seen.inhale_start_s,
            inhale_peak_s=seen.t_s,
            peak_decided_s=seen.decided_s,
            returned_s=None,
            exhale_end_s=None,
            decided_s=seen.decided_s,
            trough=0.0,
            peak=seen.amplitude,
            after=seen.amplitude,
            rises=2 if gasped else 1,
            kind=seen.kind,
            kind_in_one=BreathKind.BREATH if gasped else seen.kind,
            noise=noise,
        )

    def looks_back(self, raw: RawBreath) -> None:
        """To the detector, which knows nothing of the level, the breath is back."""
        if raw.inhale_start_s != self._onset_s:
            self._begin(raw.inhale_start_s)
        if raw.returned_s is not None:
            self._not_back_s = max(self._not_back_s, raw.returned_s)
        self._next_look_s = -np.inf

    def _begin(self, onset_s: float) -> None:
        self._onset_s = onset_s
        self._back_s, self._not_back_s = None, -np.inf

    def look(self, raw: RawBreath, known_s: float, *, bar: float) -> RawBreath | None:
        """The breath if it has come back and its size is no longer in doubt beside the `bar`, else None."""
        if known_s < self._next_look_s:
            return None
        self._next_look_s = known_s + LOOK_EVERY_S
        found = self._so_far(raw, known_s)
        if found is None:
            return None
        if not self._is_back(raw, found):
            if raw.returned_s is None and found.size + SMALL_ERRORS * found.error < SMALL * bar:
                self._next_look_s = np.inf
            self._back_s, self._not_back_s = None, known_s
            return None
        seen = self._back(raw, found)
        next_s = self._next_look_s + 2.0 / self._body.rate_hz
        self.last_look = next_s > self._since_s(found) + self._gate.decide_within_s
        in_doubt = abs(found.size - bar) < DOUBTFUL * found.error
        return None if in_doubt and not self.last_look else seen

    def over(self, ended: RawBreath) -> RawBreath | None:
        """The breath is over; None where it was not seen to come back within the time of G7."""
        found = self._so_far(ended, ended.decided_s)
        if found is None or not self._is_back(ended, found):
            return None
        late_s = ended.decided_s - self._since_s(found)
        return self._back(ended, found) if late_s <= self._gate.decide_within_s else None

    def ended(self, raw: RawBreath) -> None:
        """A whole breath lies behind; the next ones are seen beside it."""
        if not raw.broken:
            self._earlier = [*self._earlier[1 - EARLIER_KEPT :], raw]

    def _is_back(self, raw: RawBreath, found: SoFar) -> bool:
        return found.returned >= self._gate.return_fraction and found.fallen >= LEAST_FALLEN * raw.height

    def _since_s(self, found: SoFar) -> float:
        """When it had come back, as it was first seen to have; not before a look at which it had not."""
        if self._back_s is None:
            self._back_s = max(found.returned_s, self._not_back_s)
        return self._back_s

    def _back(self, raw: RawBreath, found: SoFar) -> RawBreath:
        return replace(
            raw,
            inhale_peak_s=max(found.inhale_peak_s, raw.inhale_start_s),
            returned_s=self._since_s(found),
            after=raw.peak - found.returned * raw.height,
            size=max(found.size - SIZE_DOUBT * found.error, 0.0),
        )

    def _so_far(self, raw: RawBreath, known_s: float) -> SoFar | None:
        body, onset_s = self._body, raw.inhale_start_s
        from_s = onset_s - back_s(body.movement.still_before_s(onset_s, known_s))
        rows = body.plain_rows(from_s + body.input_delay_s, known_s, known_s)
        assert body.axis is not None
        return so_far(
            raw,
            rows[:, 0] - body.input_delay_s,
            body.project(rows[:, 1:4], body.axis),
            earlier=[b for b in self._earlier if b.exhale_end_s is not None and b.exhale_end_s > from_s],
            return_fraction=self._gate.return_fraction,
        )
