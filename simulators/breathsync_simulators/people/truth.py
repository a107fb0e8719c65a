"""What really happened, apart from any signal: every breath, every movement, every trouble of the sensor.

A wall unit is this body's own typical quiet breath: the sum of the excursions of chest wall and belly that a
quiet breath has. So `excursion` 1.0 is a quiet breath of this body, whatever a sensor makes of it.
"""

from dataclasses import dataclass, field
from statistics import median

from breathsync.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueBreath:
    """One breath of the body. Times in the body's seconds, `excursion` trough to peak in wall units.

    `returned`: the share of the rise that the exhale gave back. `rises`: separate rises of the inhale.
    `cued`: taken on purpose as a full breath.
    """

    onset_s: float
    peak_s: float
    end_s: float
    excursion: float
    returned: float
    rises: int
    kind: str
    cued: bool = False

    @property
    def ti_s(self) -> float:
        """Inspiration time Ti."""
        return self.peak_s - self.onset_s


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueMove:
    """A movement of the body that is not breath, or of the strap by a hand. `size_deg`: its largest tilt or turn."""

    start_s: float
    end_s: float
    kind: str
    size_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The sensor could not be trusted: lost, off the body, slipped, stuck or clipped."""

    start_s: float
    end_s: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTaps:
    """Taps of a finger on the strap, meant as one word."""

    start_s: float
    end_s: float
    count: int


@dataclass(slots=True)
class Truth:
    """Everything that happened, in order of its end (breaths) or start (moves, troubles, taps)."""

    quiet: float = 1.0
    full: float = 3.0
    breaths: list[TrueBreath] = field(default_factory=list)
    moves: list[TrueMove] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    taps: list[TrueTaps] = field(default_factory=list)

    def calibrate(self, *, quiet: tuple[float, float], full: tuple[float, float], settings: Settings) -> None:
        """Apply section 4 of the definition to the body's own wall: medians over the two spans in seconds.

        A span with too few breaths leaves the body's own typical excursion in place.
        """
        calm = [
            b.excursion for b in self.breaths if quiet[0] <= b.onset_s and b.end_s <= quiet[1] and not b.cued
        ]
        deep = [b.excursion for b in self.breaths if full[0] <= b.onset_s and b.end_s <= full[1] and b.cued]
        if len(calm) >= settings.calibration.quiet_breaths:
            self.quiet = median(calm)
        if len(deep) >= settings.calibration.full_breaths:
            self.full = median(deep[-settings.calibration.full_breaths :])

    def bar(self, settings: Settings, *, smaller: bool = False) -> float:
        """The excursion of a full breath by G5, in wall units; `smaller`: lowered by G10."""
        gate = settings.gate
        low = min(max(gate.low_quiet * self.quiet, gate.low_full * self.full), gate.cap_full * self.full)
        if not smaller:
            return low
        return max(low * (1 - gate.smaller_bar), min(low, gate.smallest_quiet * self.quiet))

    def is_full(self, breath: TrueBreath, settings: Settings, *, smaller: bool = False) -> bool:
        """Whether a breath is full by G5 and G6 on the body's own wall; `smaller`: by the smaller bar of G10."""
        gate = settings.gate
        return (
            breath.excursion >= self.bar(settings, smaller=smaller)
            and breath.ti_s >= gate.inhale_s
            and breath.end_s - breath.onset_s >= gate.whole_s
            and breath.returned >= gate.return_fraction
            and breath.rises == 1
        )

    def still(self, start_s: float, end_s: float) -> bool:
        """Whether no movement touched the span."""
        return not any(m.start_s < end_s and m.end_s > start_s for m in self.moves)

    def sensor_good(self, start_s: float, end_s: float) -> bool:
        """Whether the sensor had no trouble in the span."""
        return not any(x.start_s < end_s and x.end_s > start_s for x in self.troubles)
