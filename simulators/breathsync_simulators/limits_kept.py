"""What must never happen in a session, checked from outside: openings that the clauses forbid, and times over G12."""

from collections import Counter
from itertools import pairwise

from breathsync.guide.events import ConfirmedBy, Place
from breathsync_simulators.play import Played

SLACK_S = 1.0
"""Limits of time are kept to the grid of the guide's ticks and the second it takes to say so."""


def broken_limits(played: Played) -> Counter[str]:
    """Everything that must never happen, counted (G1, G2, G4, G9, G11, G12)."""
    broken: Counter[str] = Counter()
    gate, limits = played.task.settings.gate, played.task.settings.limits
    opened = [j for j in played.judged if j.verdict.opened]
    for judged in opened:
        v = judged.verdict
        broken["uncalibrated"] += not judged.calibrated
        broken["lost"] += not judged.streaming or any(
            x.kind == "dropped" and x.start_s + limits.stale_s < v.decided_s < x.end_s
            for x in played.truth.troubles
        )
        broken["gap"] += judged.gap_s > gate.gap_s
        broken["not_armed"] += v.inhale_start_s < judged.armed_s
        broken["budget"] += judged.deep_breaths > judged.deep_limit
    for before, after in pairwise(opened):
        broken["twice"] += after.verdict.inhale_start_s < before.verdict.inhale_peak_s
    verdicts = [j.verdict for j in opened]
    times = [v.decided_s for v in verdicts]
    for k, at_s in enumerate(times):
        broken["budget"] += sum(1 for t in times[: k + 1] if t > at_s - 60) > limits.deep_per_minute
    for passed in played.passed:
        if passed.confirmed_by is ConfirmedBy.BREATH:
            there = [v for v in verdicts if (v.side, v.point) == (passed.side, passed.point)]
            broken["by_time"] += not any(abs(v.decided_s - passed.t_s) < SLACK_S for v in there)
    broken.update(_too_long(played))
    return +broken


def _too_long(played: Played) -> Counter[str]:
    """Points and twists that lasted beyond G12 without "come back to the middle"."""
    broken: Counter[str] = Counter()
    limits = played.task.settings.limits
    twist_s: float | None = None
    point_s = 0.0
    point: tuple[object, int] | None = None
    for step in played.steps:
        out = not step.in_twist or step.place is Place.COME_BACK
        here = None if out or step.point == 0 else (step.side, step.point)
        if point is not None and here != point:
            broken["point_limit"] += _left(point_s, step.t_s, played) > limits.point_s + SLACK_S
        if here != point:
            point, point_s = here, step.t_s
        if out and twist_s is not None:
            broken["twist_limit"] += _left(twist_s, step.t_s, played) > limits.twist_s + SLACK_S
            twist_s = None
        elif not out and twist_s is None:
            twist_s = step.t_s
    end_s = played.lived_s
    if point is not None:
        broken["point_limit"] += _left(point_s, end_s, played) > limits.point_s + SLACK_S
    if twist_s is not None:
        broken["twist_limit"] += _left(twist_s, end_s, played) > limits.twist_s + SLACK_S
    return broken


def _left(from_s: float, to_s: float, played: Played) -> float:
    """How long it took until the person left or was told to come back."""
    return min([to_s, *(b for b in played.backs_s if b >= from_s)]) - from_s
