"""What the detector says of one breath, in the signal's own unit: peak known, come back, over."""

from dataclasses import dataclass

from breathsync.breath.events import BreathKind, InhaleBegan, PeakSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBreath:
    """One rise and fall of the signal as known at `decided_s`, in the signal's own unit.

    All times are corrected for the filter's delay, except those named `decided`: they are the stamps of the
    samples at which something was known. `trough`: the level at the onset; `peak`: the highest level;
    `after`: the level at `exhale_end_s`, or the latest level while the exhale goes on. `returned_s`: when 70 %
    of the rise had come back (None: not yet, or broken off). `exhale_end_s`: None while the exhale goes on.
    `noise`: peak-to-peak size of the wobble around the breath. `rises`: separate rises within the inhale.
    `kind`: what the shape alone can tell; a lean or the size against a quiet breath is the follower's to say.
    `kind_in_one`: the same apart from how many rises there were, for whoever looks at those more closely.
    `broken`: the breath was cut off by a gap or a jump of the clock. `size`: how large it is by all of its samples,
    where that was measured (`size.py`). When an inhale went on after a dip,
    `inhale_peak_s` is the higher, later top; the PeakSeen stays as it was said.
    """

    inhale_start_s: float
    inhale_peak_s: float
    peak_decided_s: float
    returned_s: float | None
    exhale_end_s: float | None
    decided_s: float
    trough: float
    peak: float
    after: float
    rises: int
    kind: BreathKind
    noise: float
    kind_in_one: BreathKind = BreathKind.BREATH
    broken: bool = False
    size: float | None = None

    @property
    def height(self) -> float:
        """Trough to peak, with the wobble at both."""
        return self.peak - self.trough

    @property
    def amplitude(self) -> float:
        """The size where it was measured, else the height."""
        return self.height if self.size is None else self.size

    @property
    def returned_fraction(self) -> float:
        """How much of the rise had come back at `decided_s` (over 1 when it went below the trough)."""
        return (self.peak - self.after) / self.height if self.height > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The exhale has come back by 70 % of the rise. At most once a breath, always after its PeakSeen."""

    breath: RawBreath


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The exhale is over (or the breath was broken off). Exactly once for each breath whose peak was seen."""

    breath: RawBreath


DetectorEvent = InhaleBegan | PeakSeen | Returned | Ended
"""In this order for each breath. An InhaleBegan may be followed by no peak (a gap, or the rise came to nothing), or by
several: an inhale that went on after its peak seemed past has its higher peak said as well, before it comes back."""


def known_at_s(event: DetectorEvent) -> float:
    """Stamp of the sample at which the event was known."""
    return event.decided_s if isinstance(event, InhaleBegan | PeakSeen) else event.breath.decided_s
