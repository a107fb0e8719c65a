"""The axis before a calibration: taught by prompted inhales, else the one of `Phases`. Never for the gate.

While a calibration is under way breaths are seen along the way of most movement, or the one that cues have taught.
"""

from dataclasses import dataclass

import numpy as np

from breathsync.breath import axis as axes
from breathsync.breath.body import Body
from breathsync.breath.hindsight import Hindsight
from breathsync.breath.phase_detector import PhaseDetector
from breathsync.samples import FloatArray

PROVISIONAL_EVERY_S = 2
PROVISIONAL_FROM_S = 5.0
PROVISIONAL_PAST_S = 20.0
PAST_TAUGHT_S = 60.0


@dataclass(frozen=True, slots=True)
class _Prompted:
    """An inhale whose start and end are known from outside."""

    start_s: float
    end_s: float


class AxisGuess:
    """Sets the body's wanted axis for as long as no calibration has one."""

    def __init__(self, *, body: Body, hindsight: Hindsight) -> None:
        self._body = body
        self._hindsight = hindsight
        self._taught: list[FloatArray] = []
        self._prompted: list[_Prompted] = []
        self.cued = False
        """Cues of a calibration have taught the axis; it holds for the next one, in the same wearing."""
        self.phases = PhaseDetector(rate_hz=body.rate_hz, delay_s=body.delay_s - body.movement.delay_s)
        """Follows the breath for as long as no calibration does."""

    @property
    def taught(self) -> bool:
        """Whether prompted inhales have taught the axis."""
        return bool(self._taught)

    def teach_inhale(self, start_s: float, end_s: float) -> None:
        """An inhale is known to run from `start_s` to `end_s`: teaches once the stream has passed it."""
        self._prompted.append(_Prompted(start_s, end_s))
        self._prompted.sort(key=lambda p: p.end_s)
        self.phases.teach_inhale(start_s, end_s)

    def by_phases(self, t_s: float) -> bool:
        """No calibration is wanted yet: the way that goes with the breath as it is followed, now and then. True when
        there is a new one."""
        if self._taught or self.cued or int(t_s) % PROVISIONAL_EVERY_S:
            return False
        direction = self.phases.direction
        if direction is None:
            return False
        self._body.wanted_axis = axes.against(direction, self.phases.rest)
        return True

    def provisional(self, t_s: float) -> bool:
        """While a calibration is under way, and nobody has taught the axis: the way of most movement, now and then.
        True when there is a new one."""
        body = self._body
        if self._taught or self.cued or int(t_s) % PROVISIONAL_EVERY_S:
            return False
        rows = body.past(t_s - PROVISIONAL_PAST_S, t_s)
        if not len(rows) or t_s - rows[0, 0] < PROVISIONAL_FROM_S:
            return False
        guess = axes.provisional(rows[:, 4:7], None if body.axis is None else body.axis.direction)
        if guess is None:
            return False
        if body.axis is not None:
            guess = axes.blended(body.axis.direction, guess, weight=0.3)
        body.wanted_axis = axes.plain(guess)
        return True

    def prompted(self, t_s: float) -> bool:
        """Prompted inhales that are over by now: the axis from all of them so far. True when there is a new one."""
        body = self._body
        due = [p for p in self._prompted if 2.0 * p.end_s - p.start_s + body.delay_s + 0.1 <= t_s]
        if not due:
            return False
        self._prompted = [p for p in self._prompted if p not in due]
        for p in due:
            rows = body.smooth_rows(p.start_s, 2.0 * p.end_s - p.start_s, t_s)
            way = axes.way_of_inhale(rows[:, 0], rows[:, 1:], start_s=p.start_s, end_s=p.end_s)
            if way is not None and not body.movement.moved_within(p.start_s - 0.3, t_s):
                self._taught.append(way)
        found = axes.unit(np.array(self._taught).sum(axis=0)) if self._taught else None
        if found is None:
            return False
        body.wanted_axis = self._hindsight.weighted(found, t_s - PAST_TAUGHT_S, t_s)
        return True
