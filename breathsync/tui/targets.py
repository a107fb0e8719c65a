"""The settings of the gate and its limits in words, and the steps by which keys change them."""

import math
from dataclasses import dataclass, fields

from breathsync.settings import Bound, Settings, bounds_of

STEPS = 20
"""About so many key presses from one bound to the other."""

GROUPS = {
    "gate": "A full breath",
    "calibration": "Finding your breath",
    "limits": "Rests and limits",
    "coach": "How it speaks",
}
LABELS = {
    "low_quiet": "at least, in usual breaths",
    "low_full": "at least, of your own full breath",
    "cap_full": "but never more than, of your own full breath",
    "plenty_full": "plenty above, of your own full breath",
    "inhale_s": "the inhale takes at least",
    "whole_s": "in and out together take at least",
    "return_fraction": "the air is out again when back by",
    "still_before_s": "sit still before it for",
    "tilt_change_deg": "leaning allowed meanwhile",
    "level_change_quiet": "slumping allowed meanwhile",
    "refusals_before_offer": "offer a smaller one after",
    "smaller_bar": "a smaller one is smaller by",
    "smallest_quiet": "but never smaller than",
    "decide_within_s": "say yes or no within",
    "gap_s": "longest gap in the signal",
    "quality": "signal at least this good (0 to 1)",
    "quiet_breaths": "usual breaths measured",
    "quiet_limit_s": "give up after",
    "full_breaths": "full breaths measured",
    "full_over_quiet": "a full one is at least",
    "spread": "they may differ by",
    "posture_breaths": "breaths to settle in a posture",
    "deep_per_minute": "deep breaths a minute, at most",
    "usual_between": "usual breaths in between",
    "rest_after": "rest after so many deep breaths",
    "rest_s": "a rest takes",
    "deep_per_session": "deep breaths a session, at most",
    "point_s": "at one point, at most",
    "twist_s": "in the twist, at most",
    "stale_s": "signal counts as lost after",
    "lost_to_middle_s": "lost so long: back to the middle",
    "same_sentence_s": "the same sentence again after",
    "turn_gain_deg": "a turn is worth a word from",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One setting: where it stands (`group`.`name`), what it may be, what it is and what it is by default."""

    group: str
    name: str
    bound: Bound
    value: float
    default: float

    def moved(self, way: int) -> float:
        """The value a step further, on round numbers, within the bounds."""
        step = step_of(self.bound, whole=isinstance(self.default, int))
        count = self.value / step
        near = math.floor(count + 1e-6) if way > 0 else math.ceil(count - 1e-6)
        moved = min(self.bound.high, max(self.bound.low, round((near + way) * step, 6)))
        if min(self.value, moved) < self.default < max(self.value, moved):
            moved = self.default  # never past it
        return int(moved) if isinstance(self.default, int) else float(moved)


def step_of(bound: Bound, *, whole: bool) -> float:
    """A round step (1, 2 or 5 times a power of ten) that crosses the bounds in about `STEPS`."""
    if whole:
        return 1
    size = (bound.high - bound.low) / STEPS
    ten: float = 10.0 ** math.floor(math.log10(size))
    return next(step for step in (5 * ten, 2 * ten, ten) if step <= size * 1.0001)


def targets_of(settings: Settings) -> list[Target]:
    """Every setting, in the order of `GROUPS` and `LABELS`."""
    groups = {group.name: getattr(settings, group.name) for group in fields(settings)}
    found = {
        name: Target(
            group=group,
            name=name,
            bound=bound,
            value=getattr(of, name),
            default=getattr(getattr(Settings(), group), name),
        )
        for group, of in groups.items()
        for name, bound in bounds_of(type(of)).items()
    }
    return [target for group in GROUPS for name in LABELS if (target := found[name]).group == group]
