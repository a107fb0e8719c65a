"""The axis before a calibration: taught by prompted inhales, else found by the breath's rhythm. Never for the gate.

The rhythm also says how far the signal may be smoothed. While a calibration is under way every breath is seen at its
full size, along the way of most movement or the one that prompts have taught.
"""

from dataclasses import dataclass

import numpy as np

from breathsync.breath import axis as axes
from breathsync.breath.body import Body
from breathsync.breath.detector import MOTION_CORNER_HZ
from breathsync.breath.hindsight import Hindsight
from breathsync.breath.rhythm import PAST_S, RhythmSeeker
from breathsync.samples import FloatArray

PROVISIONAL_EVERY_S = 2
PROVISIONAL_FROM_S = 5.0
PROVISIONAL_PAST_S = 20.0
PAST_TAUGHT_S = 60.0
OVER_RATE = 1.5
"""The detector's corner over the breath's own rate: what is faster is heart beat and sway. It makes a breath's
amplitude about 15 % smaller; times are corrected for its delay."""
SLOWEST_CORNER_HZ = 0.1
AGAIN_BREATHS = 4.0
"""So many breaths are seen again along a new axis: enough to know their size, too few to hold on to a movement."""
LOST_BREATHS = 3.0
"""Without a peak for this long, by the rate of the rhythm, the detector holds on to something that is no breath."""


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
        self._rhythm = RhythmSeeker()
        self.corner_hz = MOTION_CORNER_HZ
        """Of the detector's low-pass along this axis."""
        self._every_s = 0.0
        self._again_s = -np.inf

    @property
    def taught(self) -> bool:
        """Whether prompted inhales have taught the axis."""
        return bool(self._taught)

    @property
    def knows_rhythm(self) -> bool:
        """Whether a rhythm was found already."""
        return self._every_s > 0.0

    def teach_inhale(self, start_s: float, end_s: float) -> None:
        """An inhale is known to run from `start_s` to `end_s`: teaches once the stream has passed it."""
        self._prompted.append(_Prompted(start_s, end_s))
        self._prompted.sort(key=lambda p: p.end_s)

    def by_rhythm(self, t_s: float, *, peaked_s: float) -> float | None:
        """No calibration is wanted yet: look for the breath's rhythm; the last peak was at `peaked_s`.

        Where there is a new one, or no breath was seen for long: since when the past is to be seen again.
        """
        body = self._body
        if int(t_s) % PROVISIONAL_EVERY_S:
            return None
        since_s = max([t_s - PAST_S, *(s for s in body.shifted_s[-1:] if s <= t_s)])
        rows = body.smooth_rows(since_s, t_s, t_s)
        found = self._rhythm.look(rows[:, 0], rows[:, 1:], now_s=t_s)
        if found is not None:
            if not (self._taught or self.cued):
                body.wanted_axis = found.axis
            self.corner_hz = min(max(OVER_RATE * found.rate_hz, SLOWEST_CORNER_HZ), MOTION_CORNER_HZ)
            self._every_s = 1.0 / found.rate_hz
        elif not t_s - max(peaked_s, self._again_s) > LOST_BREATHS * self._every_s > 0.0:
            return None
        self._again_s = t_s
        return t_s - AGAIN_BREATHS * self._every_s

    def hold(self) -> None:
        """A calibration begins: every breath is seen at its full size from now on."""
        self.corner_hz = MOTION_CORNER_HZ

    def provisional(self, t_s: float) -> bool:
        """Before there is a rhythm, or while a calibration is under way, and nobody has taught the axis: the way of
        most movement, now and then. True when there is a new one."""
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
