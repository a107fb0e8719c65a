"""Takes the slow drift of a posture out of a motion sensor's breath signal before the breath is measured.

From sitting tall one sinks: a seated chest drifts by up to a milligravity a second, and a breath of 10 mg in
four seconds then looks a third smaller, or larger. The drift is the slope through the last ends of exhale, so
it is known before the breath begins and nothing of the breath is taken away with it (a high-pass would).
"""

from itertools import pairwise
from math import floor
from statistics import median

import numpy as np

from breathsync.breath.detector import Detector, DetectorEvent, Ended
from breathsync.breath.events import Phase
from breathsync.samples import FloatArray

BELIEVED = 0.7
"""A drift seen so far need not go on: this share of it is taken out."""
TROUGHS = 6
"""So many ends of exhale, the newest ones, make the slope."""
WITHIN_S = 35.0
"""... none older than this."""
LEAST_S = 6.0
"""Two of them this far apart make a slope."""
STEEPEST = 1.2
"""In the sensor's unit a second; what is steeper is a movement."""


class Steadied:
    """A detector whose input has the drift taken out; the slope changes only at a full second of the stamps."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._slope = 0.0
        self._from_s = 0.0
        self._taken = 0.0
        self._troughs: list[tuple[float, float]] = []
        self._new = False
        self._second = float("-inf")

    @property
    def phase(self) -> Phase:
        """Live phase."""
        return self.detector.phase

    @property
    def level(self) -> float:
        """Live level above the last end of exhale."""
        return self.detector.level

    @property
    def noise(self) -> float:
        """Peak-to-peak size of the wobble around the breath."""
        return self.detector.noise

    def limit_noise(self, at_most: float) -> None:
        """A movement has passed: what it shook is not the wobble around the breath."""
        self.detector.limit_noise(at_most)

    def push(self, t_s: FloatArray, x: FloatArray) -> list[DetectorEvent]:
        """Take samples: stamps (n,), growing, and the breath signal (n,)."""
        events: list[DetectorEvent] = []
        if len(t_s) == 0:
            return events
        turns: list[int] = []
        if floor(t_s[0]) != floor(t_s[-1]):
            seconds = np.floor(t_s)
            turns = (np.flatnonzero(seconds[1:] != seconds[:-1]) + 1).tolist()
        for a, b in pairwise([0, *turns, len(t_s)]):
            second = floor(t_s[a])
            if second != self._second:
                self._second = second
                self._turn(float(t_s[a]))
            steady = x[a:b] - self._taken - self._slope * (t_s[a:b] - self._from_s)
            for event in self.detector.push(t_s[a:b], steady):
                events.append(event)
                if isinstance(event, Ended) and not event.breath.broken:
                    self._low(event)
        return events

    def finish(self) -> list[DetectorEvent]:
        """The stream is broken, or the chest is elsewhere now: what was seen says nothing of the drift to come."""
        self._troughs.clear()
        self._new = self._slope != 0.0
        return self.detector.finish()

    def _drifted(self, t_s: float) -> float:
        return self._taken + self._slope * (t_s - self._from_s)

    def _low(self, event: Ended) -> None:
        """An exhale ended: where, before anything was taken out?"""
        raw = event.breath
        t_s = raw.inhale_start_s
        self._troughs = [*self._troughs[1 - TROUGHS :], (t_s, raw.trough + self._drifted(t_s))]
        if raw.exhale_end_s is not None:
            end_s = raw.exhale_end_s
            self._troughs = [*self._troughs[1 - TROUGHS :], (end_s, raw.after + self._drifted(end_s))]
        self._new = True

    def _turn(self, t_s: float) -> None:
        """At a full second: go on with the newest slope, without a step."""
        if not self._new:
            return
        self._new = False
        self._taken, self._from_s = self._drifted(t_s), t_s
        recent = [p for p in self._troughs if t_s - p[0] < WITHIN_S]
        slopes = [
            (b[1] - a[1]) / (b[0] - a[0])
            for i, a in enumerate(recent)
            for b in recent[i + 1 :]
            if b[0] - a[0] > LEAST_S
        ]
        slope = median(slopes) if len(slopes) >= 3 else 0.0
        self._slope = BELIEVED * slope if abs(slope) <= STEEPEST else 0.0
