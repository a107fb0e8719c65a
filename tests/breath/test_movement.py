"""G3: a lean, sitting up, a cough, a turn is movement, not breath; any mounting sees the same."""

import numpy as np
import pytest

from breathsync.breath.events import (
    Breath,
    BreathEnded,
    BreathKind,
    BreathReturned,
    Calibrated,
    CueInhale,
    Doubt,
    FollowerEvent,
    FollowerOrder,
    LearnFull,
    LearnQuiet,
    MotionChanged,
    Posture,
    SettleIn,
)
from breathsync.breath.follower import Follower
from breathsync.breath.motion import tilt_deg
from breathsync.samples import FloatArray, Stream
from tests.breath.bodies import (
    ONE_BREATH,
    UPRIGHT,
    UPSIDE_DOWN,
    belt,
    chest_acc,
    follow,
    level,
    quiet,
    ramp,
    rotation,
)

RATE_HZ = 50.0
ORDERS = [
    (0.5, LearnQuiet()),
    (36.0, LearnFull()),
    *((t, CueInhale(t_s=t)) for t in (37.0, 47.0, 57.0)),
]
LEARNING: list[ONE_BREATH] = [
    *quiet(1, 34),
    (37.6, 3, 4, 3.2),
    (47.6, 3.2, 4, 3.0),
    (57.5, 3, 4.2, 3.3),
    *quiet(66, 78, seed=3),
]


def calibrated(
    then: list[ONE_BREATH],
    *,
    mounting: FloatArray = UPRIGHT,
    lean: list[tuple[float, float, float]] | None = None,
    roll: list[tuple[float, float, float]] | None = None,
    jolts: list[tuple[float, float, float]] | None = None,
    until_s: float = 105.0,
    stream: Stream = Stream.ACCELERATION,
    pull_n: list[tuple[float, float, float]] | None = None,
) -> tuple[Follower, list[FollowerEvent]]:
    """A wearer calibrated by 65 s who then does `then`; leans and rolls in degrees, jolts as (start, how long, mg)."""
    rate_hz = RATE_HZ if stream is Stream.ACCELERATION else 10.0
    t_s = np.arange(0.0, until_s, 1.0 / rate_hz)
    breath = level(t_s, [*LEARNING, *then])
    if stream is Stream.ACCELERATION:
        values = chest_acc(
            t_s,
            breath,
            mounting=mounting,
            lean_deg=ramp(t_s, lean or []),
            roll_deg=ramp(t_s, roll or []),
        )
        rng = np.random.default_rng(9)
        for start, took, size in jolts or []:
            here = (t_s >= start) & (t_s < start + took)
            values[here] += rng.normal(0.0, size, (int(here.sum()), 3))
    else:
        values = belt(t_s, breath + ramp(t_s, pull_n or []))
    follower, events = follow(t_s, values, stream, rate_hz, orders=ORDERS)
    assert any(isinstance(e, Calibrated) for e in events)
    return follower, events


def returned(events: list[FollowerEvent], from_s: float) -> list[Breath]:
    return [e.breath for e in events if isinstance(e, BreathReturned) and e.breath.inhale_peak_s > from_s]


def is_full_and_clean(breath: Breath) -> bool:
    """What a gate with its usual numbers would pass, as far as the follower says it."""
    held = breath.conditions
    return (
        (breath.amplitude_quiet or 0) >= 2.0
        and not breath.doubts
        and breath.kind in (BreathKind.BREATH, BreathKind.SIGH)
        and held.still_before_s >= 2.0
        and not held.burst
        and (held.tilt_change_deg is None or held.tilt_change_deg <= 1.0)
    )


FULL = [(82.0, 3.2, 4.0, 3.1), *quiet(91, 100, seed=7)]


def test_g3_a_chest_that_sank_slowly_was_not_moving_before_the_breath() -> None:
    _, events = calibrated(
        [*quiet(80, 84, seed=7), (100.0, 3.2, 4.0, 3.1)], lean=[(84.0, 16.0, -1.5)], until_s=112.0
    )
    (full,) = (b for b in returned(events, 99) if is_full_and_clean(b))
    assert full.inhale_start_s == pytest.approx(100.0, abs=0.5)


@pytest.mark.parametrize("mounting", [UPRIGHT, UPSIDE_DOWN, rotation(1), rotation(2)])
def test_a_full_breath_is_seen_in_any_mounting(mounting: FloatArray) -> None:
    follower, events = calibrated(FULL, mounting=mounting)
    passed = [b for b in returned(events, 79) if is_full_and_clean(b)]
    assert len(passed) == 1
    assert passed[0].inhale_peak_s == pytest.approx(85.2, abs=0.4)
    assert passed[0].amplitude_quiet == pytest.approx(3.1, rel=0.2)
    calibration = follower.calibration
    assert calibration is not None
    assert calibration.axis is not None
    inwards = mounting @ np.array([-np.sin(np.radians(20)), 0.0, np.cos(np.radians(20))])
    assert float(inwards @ np.array(calibration.axis)) > 0.95


def test_g7_decided_within_a_second_of_the_return() -> None:
    for stream in (Stream.ACCELERATION, Stream.FORCE):
        _, events = calibrated(FULL, stream=stream)
        late = [b.decided_s - b.returned_s for b in returned(events, 66) if b.returned_s is not None]
        assert len(late) >= 6
        assert np.median(late) <= 0.3
        assert max(late) <= 1.0


@pytest.mark.parametrize("degrees", [2.0, 4.0, -3.0, 8.0])
def test_g3_lean_does_not_open(degrees: float) -> None:
    """A lean that stays: whatever was seen of it fails a clause, and the breath right after it too."""
    _, events = calibrated([*quiet(80, 100, seed=7)], lean=[(84.0, 2.0, degrees)])
    assert not [b for b in returned(events, 79) if is_full_and_clean(b)]


def test_g3_lean_and_back_across_the_axis_does_not_open() -> None:
    roll = [(84.0, 2.0, 2.5), (87.0, 3.0, -2.5)]
    _, events = calibrated([*quiet(80, 100, seed=7)], roll=roll)
    assert not [b for b in returned(events, 79) if is_full_and_clean(b)]


def test_g3_lean_inside_a_full_breath_is_refused() -> None:
    _, events = calibrated([(80.0, 3.2, 4.0, 3.1), *quiet(92, 100)], roll=[(83.0, 2.0, 2.5)])
    assert not [b for b in returned(events, 79) if is_full_and_clean(b)]


@pytest.mark.parametrize("roll_share", [0.0, 1.0])
@pytest.mark.parametrize("mounting", [UPRIGHT, UPSIDE_DOWN, rotation(4)])
def test_g3_a_lean_goes_another_way_than_the_breath(roll_share: float, mounting: FloatArray) -> None:
    """After quiet breaths in a posture: a full breath, or a slow lean half along it and half across, there and back."""
    t_s = np.arange(0.0, 106.0, 1.0 / RATE_HZ)
    there = [*quiet(66, 96, seed=3), *([] if roll_share else [(98.0, 3.0, 4.0, 3.1)])]
    lean = ramp(t_s, [(98.0, 3.0, 0.9 * roll_share), (101.0, 4.0, -0.9 * roll_share)])
    acc = chest_acc(
        t_s,
        level(t_s, [*(b for b in LEARNING if b[0] < 66), *there]),
        lean_deg=lean,
        roll_deg=lean,
        mounting=mounting,
    )
    orders: list[tuple[float, FollowerOrder]] = [*ORDERS, (70.0, SettleIn(posture=Posture.LEFT))]
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ, orders=orders)
    large = [b for b in returned(events, 97.0) if b.amplitude > 12.0]
    assert len(large) == 1
    off_axis_deg = large[0].conditions.off_axis_deg
    assert off_axis_deg is not None
    assert off_axis_deg > 30.0 if roll_share else off_axis_deg < 15.0


def test_g3_sitting_up_is_movement() -> None:
    """12 degrees in 2 s: said as movement, and still again after it."""
    _, events = calibrated([*quiet(80, 100, seed=7)], lean=[(84.0, 2.0, 12.0)])
    moves = [e for e in events if isinstance(e, MotionChanged) and e.t_s > 80]
    assert [m.still for m in moves[:2]] == [False, True]
    assert moves[0].t_s == pytest.approx(84.8, abs=0.5)
    assert 85.5 < moves[1].t_s < 88.0


def test_g3_still_counts_from_the_end_of_a_movement() -> None:
    late = [(86.5, 3.0, 4.0, 3.1), *quiet(95, 100)]
    _, events = calibrated(late, roll=[(84.0, 1.5, 10.0)])
    after = [b for b in returned(events, 88) if (b.amplitude_quiet or 0) > 2]
    assert after
    assert after[0].conditions.still_before_s < 2.0


def test_g3_cough_inside_a_breath_is_a_burst() -> None:
    _, events = calibrated(FULL, jolts=[(84.0, 0.3, 120.0), (84.7, 0.3, 90.0)])
    spoiled = [b for b in returned(events, 80) if b.inhale_start_s < 84.0 < b.decided_s]
    assert all(b.conditions.burst and Doubt.MOVEMENT in b.doubts for b in spoiled)
    assert not [b for b in returned(events, 79) if is_full_and_clean(b)]
    assert any(isinstance(e, MotionChanged) and not e.still and e.sudden and e.t_s > 80 for e in events)


def test_heart_beats_are_not_movement() -> None:
    _, events = calibrated(FULL)
    assert not [e for e in events if isinstance(e, MotionChanged)]


def test_g3_belt_that_stays_tighter_is_refused_by_its_level() -> None:
    """Three quiet breaths in, 0.8 of them stay on the belt: the level where the fall heads is over the limit."""
    pull = [(84.0, 3.0, 0.8)]
    _, events = calibrated([(84.0, 3.0, 4.0, 2.4), *quiet(94, 100)], stream=Stream.FORCE, pull_n=pull)
    big = [b for b in returned(events, 84) if (b.amplitude_quiet or 0) > 2]
    assert big
    for breath in big:
        assert breath.conditions.level_change is not None
        assert abs(breath.conditions.level_change) > 0.5


def test_g7_two_breaths_a_minute_pass_on_a_belt() -> None:
    """An exhale of 16 s has far to go when 70 % is back; that it still falls is enough."""
    slow = [(80.0, 12.0, 16.0, 3.2)]
    _, events = calibrated(slow, stream=Stream.FORCE, until_s=125.0)
    big = [b for b in returned(events, 85) if (b.amplitude_quiet or 0) > 2]
    assert len(big) == 1
    assert big[0].returned_s is not None
    assert big[0].decided_s - big[0].returned_s <= 1.0
    assert big[0].conditions.level_change is not None
    assert abs(big[0].conditions.level_change) <= 0.5
    assert not big[0].doubts


def test_each_breath_ends_once_and_returns_at_most_once() -> None:
    _, events = calibrated(FULL, lean=[(95.0, 1.0, 3.0)])
    ends = [e.breath.inhale_start_s for e in events if isinstance(e, BreathEnded)]
    backs = [e.breath.inhale_start_s for e in events if isinstance(e, BreathReturned)]
    assert len(set(ends)) == len(ends)
    assert len(set(backs)) == len(backs)
    assert set(backs) <= set(ends) | {backs[-1]}


def test_tilt_between_gravity_vectors() -> None:
    up, tipped = np.array([1000.0, 0.0, 0.0]), np.array([1000.0, 17.455, 0.0])
    assert tilt_deg(up, tipped) == pytest.approx(1.0, abs=1e-3)
    assert tilt_deg(up, np.zeros(3)) == 0.0
