"""Every number of the gate, the calibration and the limits, with its bounds. Written into each log.

A setting is a field of a frozen dataclass, annotated with its `Bound`; a value outside raises SettingsError
that names the field, the value and what is allowed. `settings_file.py` reads a person's TOML over these.
"""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, get_type_hints

from breathsync.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Bound:
    """The lowest and highest value a setting may take, its unit and the clause it serves."""

    low: float
    high: float
    unit: str = ""
    clause: str = ""


def bounds_of(settings: type) -> dict[str, Bound]:
    """The bounds of each setting of a settings class, by field name."""
    hints = get_type_hints(settings, include_extras=True)
    return {
        name: bound
        for name, hint in hints.items()
        for bound in getattr(hint, "__metadata__", ())
        if isinstance(bound, Bound)
    }


class _Bounded:
    """Checks each annotated field against its bound when the settings are made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, bound in bounds_of(type(self)).items():
            value: Any = getattr(self, name)
            if not bound.low <= value <= bound.high:
                raise SettingsError(
                    f"{name} = {value} is outside {bound.low:g}..{bound.high:g} {bound.unit}".rstrip() + "."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSettings(_Bounded):
    """domain.md section 4."""

    quiet_breaths: Annotated[int, Bound(6, 20, "breaths", "G1")] = 6
    quiet_limit_s: Annotated[float, Bound(30, 300, "s", "G1")] = 120.0
    full_breaths: Annotated[int, Bound(3, 6, "breaths", "G1")] = 3
    full_over_quiet: Annotated[float, Bound(1.5, 3, "quiet breaths", "G1")] = 1.5
    spread: Annotated[float, Bound(0.1, 0.5, "of the median", "G1")] = 0.3
    posture_breaths: Annotated[int, Bound(1, 4, "breaths", "G5")] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings(_Bounded):
    """domain.md section 3, G2-G8."""

    gap_s: Annotated[float, Bound(0.1, 0.5, "s", "G2")] = 0.5
    quality: Annotated[float, Bound(0.3, 0.9, "", "G2")] = 0.5
    still_before_s: Annotated[float, Bound(1, 5, "s", "G3")] = 2.0
    tilt_change_deg: Annotated[float, Bound(0.2, 1.0, "deg", "G3")] = 1.0
    level_change_quiet: Annotated[float, Bound(0.1, 0.5, "quiet breaths", "G3")] = 0.5
    low_quiet: Annotated[float, Bound(1.5, 4, "quiet breaths", "G5")] = 2.0
    low_full: Annotated[float, Bound(0.5, 0.9, "of A_full", "G5")] = 0.7
    cap_full: Annotated[float, Bound(0.8, 1.0, "of A_full", "G5")] = 0.9
    plenty_full: Annotated[float, Bound(1.1, 2.0, "of A_full", "G5")] = 1.25
    inhale_s: Annotated[float, Bound(1.0, 4, "s", "G6")] = 1.5
    whole_s: Annotated[float, Bound(3, 10, "s", "G6")] = 4.0
    return_fraction: Annotated[float, Bound(0.7, 0.95, "of the rise", "G6")] = 0.7
    decide_within_s: Annotated[float, Bound(0.1, 1.0, "s", "G7")] = 1.0
    refusals_before_offer: Annotated[int, Bound(1, 5, "refusals", "G10")] = 3
    smaller_bar: Annotated[float, Bound(0.05, 0.15, "of the bar", "G10")] = 0.15
    smallest_quiet: Annotated[float, Bound(1.5, 2.0, "quiet breaths", "G10")] = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings(_Bounded):
    """domain.md section 3, G11-G13. The upper bounds are the contract: no file can lift them."""

    deep_per_minute: Annotated[int, Bound(1, 6, "breaths", "G11")] = 6
    usual_between: Annotated[int, Bound(2, 6, "breaths", "G11")] = 2
    rest_after: Annotated[int, Bound(1, 5, "breaths", "G11")] = 5
    rest_s: Annotated[float, Bound(30, 60, "s", "G11")] = 40.0
    deep_per_session: Annotated[int, Bound(1, 30, "breaths", "G11")] = 30
    point_s: Annotated[float, Bound(20, 90, "s", "G12")] = 90.0
    twist_s: Annotated[float, Bound(40, 240, "s", "G12")] = 240.0
    stale_s: Annotated[float, Bound(0.5, 2.0, "s", "G13")] = 2.0
    lost_to_middle_s: Annotated[float, Bound(5, 20, "s", "G13")] = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachSettings(_Bounded):
    """How the guide speaks."""

    same_sentence_s: Annotated[float, Bound(12, 60, "s")] = 12.0
    turn_gain_deg: Annotated[float, Bound(3, 10, "deg")] = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings that decide anything. The log holds them; replay uses them."""

    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)
    gate: GateSettings = field(default_factory=GateSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    coach: CoachSettings = field(default_factory=CoachSettings)


def as_dict(settings: Settings) -> dict[str, dict[str, float]]:
    """The settings as plain nested numbers, for a log or a file."""
    return {
        group.name: {
            f.name: getattr(getattr(settings, group.name), f.name)
            for f in fields(getattr(settings, group.name))
        }
        for group in fields(settings)
    }
