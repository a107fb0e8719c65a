"""The recent past seen again: along another axis, by a detector of its own."""

from collections.abc import Callable
from itertools import pairwise

from breathsync.breath import axis as axes
from breathsync.breath.body import Body
from breathsync.breath.calibration import SeenBreath
from breathsync.breath.detector import Detector, Ended, RawBreath, Returned
from breathsync.breath.drift import Steadied
from breathsync.breath.events import Breath, BreathKind, Doubt
from breathsync.breath.quality import is_visible
from breathsync.breath.size import sized
from breathsync.samples import FloatArray

WARM_UP_S = 15.0
"""A detector sees this much before what is asked."""
LEAST_NOISE_MG = 0.8
"""No sensor on a living chest is calmer."""
CLEAN_KINDS = (BreathKind.BREATH, BreathKind.SIGH)


class Hindsight:
    """Looks at what a motion sensor's body has kept, as if another axis had been known all the time.

    `make` gives a fresh detector like the calibrated one; `unit` is the breath's.
    """

    def __init__(self, *, body: Body, make: Callable[[], Detector | Steadied], unit: str) -> None:
        self._body = body
        self._make = make
        self._unit = unit

    def weighted(self, direction: FloatArray, from_s: float, t_s: float) -> axes.Axis:
        """The axis with weights for all that was seen since `from_s` while the person was still."""
        rows = self._body.past(from_s, t_s)
        calm = self._body.movement.calm(rows[:, 0])
        return axes.weighted(direction, rows[:, 4:7], calm, rate_hz=self._body.rate_hz)

    def seen_along(self, axis: axes.Axis, from_s: float, t_s: float) -> list[SeenBreath]:
        """The past again, along another axis."""
        rows = self._body.past(from_s - WARM_UP_S, t_s)
        if not len(rows):
            return []
        found: dict[float, RawBreath] = {}
        detector = self._make()
        stamps, signal = rows[:, 0].copy(), self._body.project(rows[:, 1:4], axis)
        stilled = [t for t in self._body.stilled_s if stamps[0] < t <= stamps[-1]]
        cuts = [int(stamps.searchsorted(t)) for t in stilled]
        for (a, b), jolted in zip(
            pairwise([0, *cuts, len(stamps)]),
            [False, *(t in self._body.jolted_s for t in stilled)],
            strict=True,
        ):
            events = detector.finish() if jolted else []
            if a > 0:
                detector.limit_noise(max(self._body.calm_noise, LEAST_NOISE_MG))
            events.extend(detector.push(stamps[a:b], signal[a:b]))
            for event in events:
                if isinstance(event, Returned | Ended):
                    found[event.breath.inhale_start_s] = event.breath
        moments = stamps - self._body.input_delay_s
        return [self._seen_raw(sized(raw, moments, signal)) for raw in found.values()]

    def _seen_raw(self, raw: RawBreath) -> SeenBreath:
        body = self._body
        clean = (
            raw.kind in CLEAN_KINDS
            and raw.rises == 1
            and not raw.broken
            and is_visible(raw.height, raw.noise, self._unit)
            and not body.movement.moved_within(raw.inhale_start_s, raw.decided_s)
            and not body.rails.stuck.within(raw.inhale_start_s, raw.decided_s)
        )
        return SeenBreath(
            inhale_start_s=raw.inhale_start_s,
            inhale_peak_s=raw.inhale_peak_s,
            decided_s=raw.decided_s,
            amplitude=raw.amplitude,
            noise=raw.noise,
            clean=clean,
            clipped=body.rails.clipped.within(raw.inhale_start_s, raw.decided_s),
        )

    def replayed(
        self, detector: Detector | Steadied, axis: axes.Axis, from_s: float, now_s: float
    ) -> Detector | Steadied:
        """The detector once it has seen the recent past along `axis`, as far as the person was still."""
        from_s = max(from_s, now_s - self._body.movement.still_before_s(now_s, now_s))
        rows = self._body.past(from_s, now_s)
        rows = rows[rows[:, 0] < now_s] if len(rows) else rows
        if len(rows):
            detector.push(rows[:, 0].copy(), self._body.project(rows[:, 1:4], axis))
        return detector


def is_clean(breath: Breath) -> bool:
    """Whether a breath may teach: one plain rise and fall, still, without gap, above the noise. Before the axis is
    learned it may be seen upside down, where the pause after an exhale looks like a hold."""
    bad = set(breath.doubts) - {Doubt.NO_AXIS, Doubt.UNLIKE_OWN, Doubt.HEART_DISAGREES}
    kinds = (*CLEAN_KINDS, BreathKind.HOLD) if Doubt.NO_AXIS in breath.doubts else CLEAN_KINDS
    return breath.kind in kinds and breath.rises == 1 and not bad and not breath.conditions.burst
