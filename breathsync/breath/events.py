"""What the follower says: breaths, movement, the state of the signal, calibration; and what it can be told."""

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """Where in the breath the person is."""

    IN = "in"
    OUT = "out"
    PAUSE = "pause"
    UNKNOWN = "unknown"


class BreathKind(StrEnum):
    """What a rise and fall of the signal was. Only BREATH and SIGH are breaths."""

    BREATH = "breath"
    SIGH = "sigh"
    """At least twice a quiet breath."""
    DOUBLE_GASP = "double_gasp"
    """Two rises without coming back in between."""
    HOLD = "hold"
    """In, then held 3 s or more before going out."""
    TALK = "talk"
    COUGH = "cough"
    MOVEMENT = "movement"
    """A lean, a slump, sitting up, a reach: not breath."""


class Doubt(StrEnum):
    """Why a breath or the signal is not to be trusted."""

    NO_DATA = "no_data"
    GAP = "gap"
    CLOCK = "clock"
    """Time ran backwards, jumped or the rate is not what was said."""
    CLIPPED = "clipped"
    STUCK = "stuck"
    NOT_WORN = "not_worn"
    LOOSE = "loose"
    BELOW_NOISE = "below_noise"
    """The breath cannot be told from the noise: "I cannot see your breath"."""
    MOVEMENT = "movement"
    UNLIKE_OWN = "unlike_own"
    """The shape does not agree with the person's own breaths."""
    HEART_DISAGREES = "heart_disagrees"
    NO_AXIS = "no_axis"
    """A motion sensor that has not yet learned along which axis the breath moves it."""


class Witness(StrEnum):
    """What the heart says of a breath. It confirms or casts doubt; it never opens the gate."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    SILENT = "silent"
    """No heart signal, or not enough beats to tell."""


class Posture(StrEnum):
    """The posture that axis and scale are learned for."""

    UPRIGHT = "upright"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What held around one breath, as numbers the gate can judge (domain.md, G2 and G3).

    `still_before_s`: how long the person had been still when the inhale began.
    `tilt_change_deg`: tilt after the exhale minus tilt before the inhale; None without a motion sensor.
    `level_change`: level after the exhale (or where it is plainly heading) minus the level before the inhale,
    in the sensor's unit; None where not known.
    `burst`: movement inside the breath. `gap_max_s`: longest silence inside the breath.
    `noise`: peak-to-peak noise of the breath signal, in the sensor's unit.
    `unrest`: of a breath well above a quiet one, how many times the calm before it the unrest inside it is
    (`breath/unrest.py`). `off_axis_deg`: of such a breath and a motion sensor, how far its inhale's way lies off the
    way this person's breath goes here. None where not looked at.
    """

    still_before_s: float
    tilt_change_deg: float | None
    level_change: float | None
    burst: bool
    gap_max_s: float
    noise: float
    unrest: float | None = None
    off_axis_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """One breath as known at `decided_s`. Times in seconds, corrected for the filter's delay.

    `peak_decided_s`: time of the sample at which the inhale peak was known.
    `returned_s`: when the exhale had come back by 70 % of the rise (settings `gate.return_fraction`), or None.
    `exhale_end_s`: None while the exhale goes on.
    `amplitude`: trough to peak in `unit`; `amplitude_quiet`: the same in this posture's quiet breaths, or None.
    `returned_fraction`: how much of the rise had come back at `decided_s`, 0..1.
    `rises`: separate rises within the inhale (2 = double gasp).
    `quality`: 0..1, with `doubts` saying why when it is low.
    """

    inhale_start_s: float
    inhale_peak_s: float
    peak_decided_s: float
    returned_s: float | None
    exhale_end_s: float | None
    decided_s: float
    amplitude: float
    amplitude_quiet: float | None
    unit: str
    returned_fraction: float
    rises: int
    kind: BreathKind
    quality: float
    doubts: tuple[Doubt, ...]
    conditions: Conditions
    witness: Witness = Witness.SILENT

    @property
    def ti_s(self) -> float:
        """Inspiration time Ti."""
        return self.inhale_peak_s - self.inhale_start_s

    @property
    def te_s(self) -> float | None:
        """Expiration time Te, None while it goes on."""
        return None if self.exhale_end_s is None else self.exhale_end_s - self.inhale_peak_s

    @property
    def so_far_s(self) -> float:
        """From the onset of the inhale to the end of the exhale, or to the moment of decision."""
        return (self.decided_s if self.exhale_end_s is None else self.exhale_end_s) - self.inhale_start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class InhaleBegan:
    """An inhale began at `t_s`, known at `decided_s`."""

    t_s: float
    decided_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakSeen:
    """An inhale peak at `t_s`, known at `decided_s`; the breath is not yet over.

    What is said here stands: `kind` and `quality` (with `doubts`) as far as the inhale alone can tell.
    """

    t_s: float
    decided_s: float
    inhale_start_s: float
    amplitude: float
    kind: BreathKind = BreathKind.BREATH
    quality: float = 1.0
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathReturned:
    """The exhale has come back far enough for the gate to judge. At most once a breath."""

    breath: Breath


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathEnded:
    """The breath is over: exhale end known, or the breath was broken off. Exactly once a breath."""

    breath: Breath


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionChanged:
    """The person became still or began to move at `t_s`. `sudden`: a burst (cough, reach), not a drift."""

    t_s: float
    still: bool
    sudden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalChanged:
    """The signal as a whole became good or bad at `t_s`; no doubts means good."""

    t_s: float
    doubts: tuple[Doubt, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is in doubt."""
        return not self.doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """`count` firm taps on the strap that ended at `t_s`."""

    t_s: float
    count: int


class Refusal(StrEnum):
    """Why a calibration was refused (domain.md 4). Never a fall-back to defaults."""

    TOO_FEW = "too_few"
    FULL_TOO_SMALL = "full_too_small"
    BELOW_NOISE = "below_noise"
    CLIPPED = "clipped"
    SPREAD = "spread"
    NO_SIGNAL = "no_signal"
    NO_AXIS = "no_axis"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationProgress:
    """`counted` of `needed` clean breaths; `stage` is "quiet" or "full"."""

    t_s: float
    stage: str
    counted: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRefused:
    """The calibration cannot be used: the reason and one sentence that helps."""

    t_s: float
    reason: Refusal
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was learned from this person in this wearing (domain.md 4).

    `a_quiet`, `a_full` and `noise` in `unit`, upright. `axis`: unit vector of length 3 along which an inhale
    moves a motion sensor (its sign is "in"), None for a scalar sensor. `scales`: for each posture learned,
    its quiet amplitude divided by the upright one; a posture that is not in it is not calibrated.
    """

    a_quiet: float
    a_full: float
    noise: float
    unit: str
    axis: tuple[float, float, float] | None = None
    scales: dict[Posture, float] = field(default_factory=lambda: {Posture.UPRIGHT: 1.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A calibration is there, or was widened by a posture."""

    t_s: float
    calibration: Calibration
    posture: Posture


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSeen:
    """Degrees turned since the last middle; only with a gyroscope."""

    t_s: float
    turn_deg: float


FollowerEvent = (
    InhaleBegan
    | PeakSeen
    | BreathReturned
    | BreathEnded
    | MotionChanged
    | SignalChanged
    | Tapped
    | CalibrationProgress
    | CalibrationRefused
    | Calibrated
    | TurnSeen
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The breath at this moment, for a picture; never for a decision.

    `level`: above the last still end of exhale, in the sensor's unit; `level_quiet`: in quiet breaths of this
    posture. `tilt_deg`: against the upright of the calibration. `turn_deg`: since the last middle.
    """

    t_s: float = 0.0
    phase: Phase = Phase.UNKNOWN
    level: float = 0.0
    level_quiet: float | None = None
    still_for_s: float = 0.0
    tilt_deg: float | None = None
    turn_deg: float | None = None
    quality: float = 0.0
    doubts: tuple[Doubt, ...] = (Doubt.NO_DATA,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnQuiet:
    """From now on quiet breaths count towards `A_quiet` (a new calibration begins)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnFull:
    """From now on the person takes full breaths on cue; they count towards `A_full`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueInhale:
    """The person was asked to breathe in at `t_s`: teaches a motion sensor which direction is in."""

    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleIn:
    """The person is in `posture` now: find axis and scale again from the quiet breaths taken here."""

    posture: Posture


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """The person is in the middle: the turn counts from zero here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """The calibration no longer holds (strap taken off, worn again)."""


FollowerOrder = LearnQuiet | LearnFull | CueInhale | SettleIn | Middle | Forget
"""What the guide may tell the follower. Orders take effect at the next tick, so that the packing of samples
into blocks changes nothing (G16)."""
