"""The gate: nothing but a full breath, really taken, opens it. One function a clause (domain.md 3).

Every function is pure, looks at one breath and at what held while the gate was armed, and returns its number
beside its limit. Unknown is bad: None or NaN where a clause needs a number refuses.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from breathsync.breath.calibration import low_bar
from breathsync.breath.events import Breath, BreathKind, Calibration, Doubt, Posture, Witness
from breathsync.guide.events import Bar, ClauseResult, Side, Verdict
from breathsync.guide.limits import MINUTE_S
from breathsync.guide.phrases import phrase
from breathsync.settings import Settings

BREATHS = (BreathKind.BREATH, BreathKind.SIGH)
SHAKES = {"mg": 1.4}
"""A hand on the sensor, by its unit, in calms (`Conditions.unrest`). An accelerometer always sees the heart beat too,
so its calm varies little: 1.29 at most in 96 breaths of real recordings. A belt sees nearly nothing but breath."""
SHAKES_ELSE = 2.0
OFF_AXIS_DEG = 25.0
"""An inhale whose way lies further off this person's breath is a lean. The way itself is known to 15 degrees or so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """What held around one breath at an armed gate, besides the breath itself.

    `doubts`: the signal's as a whole. `deep_*` count this breath too, if it is deep. `usual_between`: usual
    breaths between the last deep breath and the arming; None where no gate was passed before. `at_point_s`,
    `in_twist_s`: how long the person has been there. `judged_until_s`: breaths that began before had their verdict.
    `moment_s`: how closely a moment of a breath is known, 0.1 s on a belt (`SensorInfo.moment_s`).
    """

    armed_s: float
    settings: Settings
    motion_sensor: bool
    posture: Posture
    calibration: Calibration | None
    streaming: bool
    doubts: tuple[Doubt, ...]
    smaller: bool = False
    usual_between: int | None = None
    deep_in_minute: int = 0
    deep_in_row: int = 0
    deep_in_session: int = 0
    at_point_s: float = 0.0
    in_twist_s: float = 0.0
    judged_until_s: float = -math.inf
    moment_s: float = 0.0
    side: Side | None = None
    point: int = 0

    @property
    def bar(self) -> Bar | None:
        """The band of a full breath here, or None where there is no calibration for it."""
        return bar_for(self.calibration, self.posture, settings=self.settings, smaller=self.smaller)


def known(value: float | None) -> bool:
    """Whether there is a number at all."""
    return value is not None and math.isfinite(value)


def at_least(value: float | None, limit: float | None) -> bool:
    """`value >= limit`, and no when either is unknown."""
    return value is not None and limit is not None and known(value) and known(limit) and value >= limit


def at_most(value: float | None, limit: float | None) -> bool:
    """`value <= limit`, and no when either is unknown."""
    return value is not None and limit is not None and known(value) and known(limit) and value <= limit


def bar_for(
    calibration: Calibration | None, posture: Posture, *, settings: Settings, smaller: bool
) -> Bar | None:
    """G5's band in the sensor's unit, scaled to `posture`; None where anything it needs is unknown.

    A posture without a scale of its own has none, except for a scalar sensor (no axis to be found again).
    """
    if calibration is None:
        return None
    scale = calibration.scales.get(posture, 1.0 if calibration.axis is None else None)
    if scale is None or not all(known(x) and x > 0 for x in (scale, calibration.a_quiet, calibration.a_full)):
        return None
    gate = settings.gate
    quiet, full = calibration.a_quiet * scale, calibration.a_full * scale
    low = low_bar(quiet=quiet, full=full, gate=gate)
    if smaller:
        low = min(low, max(low * (1 - gate.smaller_bar), gate.smallest_quiet * quiet))
    return Bar(quiet=quiet, low=low, plenty=gate.plenty_full * full)


def g1_calibrated(breath: Breath, armed: Armed) -> ClauseResult:
    """Calibrated in this wearing, and for a motion sensor in this posture."""
    calibration = armed.calibration
    limit = armed.settings.calibration.full_over_quiet
    if calibration is None or not at_least(calibration.a_quiet, 0.0) or calibration.a_quiet == 0:
        return ClauseResult(clause="G1", ok=False, limit=limit, why="not_calibrated")
    ratio = calibration.a_full / calibration.a_quiet
    if not at_least(ratio, limit):
        return ClauseResult(clause="G1", ok=False, value=ratio, limit=limit, why="not_calibrated")
    if armed.motion_sensor and (
        calibration.axis is None
        or armed.posture not in calibration.scales
        or not known(breath.amplitude_quiet)
    ):
        return ClauseResult(clause="G1", ok=False, value=ratio, limit=limit, why="no_posture")
    return ClauseResult(clause="G1", ok=True, value=ratio, limit=limit, unit="quiet breaths")


DOUBT_PHRASES = {
    Doubt.NO_DATA: "no_signal",
    Doubt.GAP: "gap",
    Doubt.CLOCK: "gap",
    Doubt.CLIPPED: "clipped",
    Doubt.STUCK: "stuck",
    Doubt.NOT_WORN: "not_worn",
    Doubt.LOOSE: "loose",
    Doubt.BELOW_NOISE: "cannot_see",
    Doubt.MOVEMENT: "moving",
    Doubt.UNLIKE_OWN: "unlike_own",
    Doubt.HEART_DISAGREES: "heart_disagrees",
    Doubt.NO_AXIS: "no_posture",
}


def g2_good_signal(breath: Breath, armed: Armed) -> ClauseResult:
    """Streaming, worn, nothing in doubt, no gap inside the breath, and the breath above the noise."""
    gate, held = armed.settings.gate, breath.conditions
    doubts = (*armed.doubts, *breath.doubts)
    if not armed.streaming:
        return ClauseResult(clause="G2", ok=False, why="no_signal")
    if doubts:
        return ClauseResult(
            clause="G2", ok=False, value=breath.quality, limit=gate.quality, why=DOUBT_PHRASES[doubts[0]]
        )
    if not at_most(held.gap_max_s, gate.gap_s):
        return ClauseResult(
            clause="G2", ok=False, value=held.gap_max_s, limit=gate.gap_s, unit="s", why="gap"
        )
    if not (at_least(held.noise, 0.0) and at_least(breath.amplitude, held.noise)):
        return ClauseResult(
            clause="G2",
            ok=False,
            value=breath.amplitude,
            limit=held.noise,
            unit=breath.unit,
            why="cannot_see",
        )
    if breath.witness is Witness.DISAGREES:
        return ClauseResult(
            clause="G2", ok=False, value=breath.quality, limit=gate.quality, why="heart_disagrees"
        )
    ok = at_least(breath.quality, gate.quality)
    return ClauseResult(
        clause="G2", ok=ok, value=breath.quality, limit=gate.quality, why="" if ok else "cannot_see"
    )


def g3_still(breath: Breath, armed: Armed) -> ClauseResult:
    """Still before, the same tilt (a belt: the same level) after as before, and no movement inside."""
    gate, held = armed.settings.gate, breath.conditions
    if breath.kind is BreathKind.MOVEMENT or held.burst:
        return ClauseResult(clause="G3", ok=False, why="moving")
    if not at_least(held.still_before_s, gate.still_before_s):
        return ClauseResult(
            clause="G3",
            ok=False,
            value=held.still_before_s,
            limit=gate.still_before_s,
            unit="s",
            why="moving_before",
        )
    shakes = SHAKES.get(breath.unit, SHAKES_ELSE)
    if held.unrest is not None and not at_most(held.unrest, shakes):
        return ClauseResult(
            clause="G3", ok=False, value=held.unrest, limit=shakes, unit="times the calm", why="shaking"
        )
    if held.off_axis_deg is not None and not at_most(held.off_axis_deg, OFF_AXIS_DEG):
        return ClauseResult(
            clause="G3", ok=False, value=held.off_axis_deg, limit=OFF_AXIS_DEG, unit="deg", why="leaned"
        )
    if armed.motion_sensor:
        value, limit, unit = held.tilt_change_deg, gate.tilt_change_deg, "deg"
    else:
        bar = armed.bar
        value, unit = held.level_change, breath.unit
        limit = gate.level_change_quiet * bar.quiet if bar else None  # type: ignore[assignment]
    size = abs(value) if value is not None else None
    ok = at_most(size, limit)
    return ClauseResult(clause="G3", ok=ok, value=size, limit=limit, unit=unit, why="" if ok else "leaned")


def g4_inside(breath: Breath, armed: Armed) -> ClauseResult:
    """The whole breath, from the onset of its inhale, lies after the gate was armed."""
    ok = at_least(breath.inhale_start_s, armed.armed_s)
    return ClauseResult(
        clause="G4",
        ok=ok,
        value=breath.inhale_start_s,
        limit=armed.armed_s,
        unit="s",
        why="" if ok else "began_before",
    )


def g5_band(breath: Breath, armed: Armed) -> ClauseResult:
    """Trough to peak at least the bar; more than plenty passes with "less is fine"."""
    bar = armed.bar
    if bar is None:
        return ClauseResult(
            clause="G5", ok=False, value=breath.amplitude, unit=breath.unit, why="not_calibrated"
        )
    if not at_least(breath.amplitude, bar.low):
        why = "fuller" if at_least(breath.amplitude, 1.3 * bar.quiet) else "when_ready"
        return ClauseResult(
            clause="G5", ok=False, value=breath.amplitude, limit=bar.low, unit=breath.unit, why=why
        )
    why = "plenty" if breath.amplitude > bar.plenty else ""
    return ClauseResult(
        clause="G5", ok=True, value=breath.amplitude, limit=bar.low, unit=breath.unit, why=why
    )


def g6_shape(breath: Breath, armed: Armed) -> ClauseResult:
    """In for long enough in one rise, out again, and the whole long enough. Slow is never refused.

    A time has that doubt of a moment by half at either end: so much longer it must be.
    """
    gate = armed.settings.gate
    inhale_s, whole_s = gate.inhale_s + armed.moment_s, gate.whole_s + armed.moment_s
    if breath.kind is BreathKind.HOLD:
        return ClauseResult(clause="G6", ok=False, why="held")
    if breath.kind is BreathKind.DOUBLE_GASP or breath.rises != 1:
        return ClauseResult(clause="G6", ok=False, value=breath.rises, limit=1, unit="rises", why="one_rise")
    if not at_least(breath.ti_s, inhale_s):
        return ClauseResult(
            clause="G6", ok=False, value=breath.ti_s, limit=inhale_s, unit="s", why="slower_in"
        )
    if not at_least(breath.returned_fraction, gate.return_fraction):
        return ClauseResult(
            clause="G6", ok=False, value=breath.returned_fraction, limit=gate.return_fraction, why="all_out"
        )
    ok = at_least(breath.so_far_s, whole_s)
    return ClauseResult(
        clause="G6",
        ok=ok,
        value=breath.so_far_s,
        limit=whole_s,
        unit="s",
        why="" if ok else "slower_out",
    )


def g7_after_the_exhale(breath: Breath, armed: Armed) -> ClauseResult:
    """Decided once the exhale had come back, and soon after; the number is that delay in signal time."""
    limit = armed.settings.gate.decide_within_s
    if breath.returned_s is None:
        return ClauseResult(clause="G7", ok=False, limit=limit, unit="s", why="all_out")
    late_s = breath.decided_s - breath.returned_s
    ok = at_least(late_s, 0.0) and at_most(late_s, limit)
    return ClauseResult(clause="G7", ok=ok, value=late_s, limit=limit, unit="s", why="" if ok else "late")


def g9_only_a_breath(breath: Breath, armed: Armed) -> ClauseResult:
    """It is a breath and nothing like one, and it has not had its verdict before."""
    if breath.kind not in BREATHS:
        why = {BreathKind.TALK: "talk", BreathKind.COUGH: "cough", BreathKind.HOLD: "held"}.get(
            breath.kind, "moving"
        )
        return ClauseResult(
            clause="G9", ok=False, why="one_rise" if breath.kind is BreathKind.DOUBLE_GASP else why
        )
    ok = at_least(breath.inhale_start_s, armed.judged_until_s) or armed.judged_until_s == -math.inf
    return ClauseResult(clause="G9", ok=ok, why="" if ok else "began_before")


def g11_never_too_much(breath: Breath, armed: Armed) -> ClauseResult:
    """The budget of deep breaths in a minute, in a row and in the session; usual breaths between two gates."""
    limits = armed.settings.limits
    if armed.usual_between is not None and armed.usual_between < limits.usual_between:
        return ClauseResult(
            clause="G11",
            ok=False,
            value=armed.usual_between,
            limit=limits.usual_between,
            unit="usual breaths",
            why="budget",
        )
    counts = (
        (armed.deep_in_session, limits.deep_per_session, "a session"),
        (armed.deep_in_row, limits.rest_after, "in a row"),
        (armed.deep_in_minute, limits.deep_per_minute, f"in {MINUTE_S:g} s"),
    )
    count, limit, unit = next((c for c in counts if c[0] > c[1]), counts[-1])
    ok = count <= limit
    return ClauseResult(clause="G11", ok=ok, value=count, limit=limit, unit=unit, why="" if ok else "budget")


def g12_never_a_trap(breath: Breath, armed: Armed) -> ClauseResult:
    """Within the time at a point and the time in a twist."""
    limits = armed.settings.limits
    if not at_most(armed.in_twist_s, limits.twist_s):
        return ClauseResult(
            clause="G12", ok=False, value=armed.in_twist_s, limit=limits.twist_s, unit="s", why="time_up"
        )
    ok = at_most(armed.at_point_s, limits.point_s)
    return ClauseResult(
        clause="G12",
        ok=ok,
        value=armed.at_point_s,
        limit=limits.point_s,
        unit="s",
        why="" if ok else "time_up",
    )


Clause = Callable[[Breath, Armed], ClauseResult]

CLAUSES: tuple[Clause, ...] = (
    g1_calibrated,
    g2_good_signal,
    g3_still,
    g4_inside,
    g5_band,
    g6_shape,
    g7_after_the_exhale,
    g9_only_a_breath,
    g11_never_too_much,
    g12_never_a_trap,
)

MOST_USEFUL_FIRST = ("G4", "G1", "G12", "G2", "G3", "G9", "G11", "G5", "G6", "G7")
"""Of several reasons the person hears one: what they can do something about, in the order it helps."""


def judge(breath: Breath, armed: Armed, *, language: str = "en") -> Verdict:
    """G8: every clause with its number and limit, and one short sentence that helps. Opens if none refuses."""
    results = tuple(clause(breath, armed) for clause in CLAUSES)
    refusing = sorted((c for c in results if not c.ok), key=lambda c: MOST_USEFUL_FIRST.index(c.clause))
    plenty = any(c.why == "plenty" for c in results)
    key = refusing[0].why if refusing else "plenty" if plenty else "opened"
    return Verdict(
        decided_s=breath.decided_s,
        inhale_start_s=breath.inhale_start_s,
        inhale_peak_s=breath.inhale_peak_s,
        returned_s=breath.returned_s,
        side=armed.side,
        point=armed.point,
        opened=not refusing,
        amplitude=breath.amplitude,
        amplitude_quiet=breath.amplitude_quiet,
        clauses=results,
        phrase=key,
        sentence=phrase(key, language),
    )
