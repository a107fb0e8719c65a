"""The signal as a whole: stuck, clipped, off the body, broken, too small to see; and what must not be called so."""

import numpy as np
import pytest

from breathsync.breath.events import BreathEnded, Doubt, FollowerEvent, SignalChanged
from breathsync.breath.follower import Follower
from breathsync.breath.wear import Rails
from breathsync.samples import FloatArray, Samples, Stream
from breathsync.settings import Settings
from tests.breath.bodies import belt, chest_acc, follow, info, level, quiet
from tests.breath.test_movement import calibrated

RATE_HZ = 50.0


def worn(until_s: float) -> tuple[FloatArray, FloatArray]:
    t_s = np.arange(0.0, until_s, 1.0 / RATE_HZ)
    return t_s, chest_acc(t_s, level(t_s, quiet(1, until_s)))


def doubts(events: list[FollowerEvent], from_s: float = 0.0) -> set[Doubt]:
    return {d for e in events if isinstance(e, SignalChanged) and e.t_s >= from_s for d in e.doubts}


def test_a_worn_sensor_is_good() -> None:
    t_s, acc = worn(60.0)
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    assert [e.doubts for e in events if isinstance(e, SignalChanged)] == [()]


def test_g2_stuck_axis() -> None:
    """One axis at -2000 for good, the others going on: a flat line that was once believed."""
    t_s, acc = worn(60.0)
    acc[t_s > 30, 1] = -2000.0
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    assert Doubt.STUCK in doubts(events, 31)
    late = [e.breath for e in events if isinstance(e, BreathEnded) and e.breath.inhale_start_s > 33]
    assert all(b.quality == 0.0 for b in late)


def test_g2_stuck_at_a_plain_value() -> None:
    t_s, acc = worn(60.0)
    acc[t_s > 30, 2] = acc[t_s > 30, 2][0]
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    assert Doubt.STUCK in doubts(events, 31)


def test_stuck_goes_away() -> None:
    t_s, acc = worn(60.0)
    acc[(t_s > 20) & (t_s < 30), 2] = 342.0
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    changes = [e for e in events if isinstance(e, SignalChanged)]
    assert changes[-1].doubts == ()
    assert changes[-1].t_s < 38


def test_g2_clipped_belt() -> None:
    t_s = np.arange(0.0, 60.0, 0.1)
    force = belt(t_s, level(t_s, quiet(1, 60)))
    force = np.where(t_s[:, None] > 20, np.minimum(force, 8.6), force)
    force[t_s <= 20] -= 1.0
    _, events = follow(t_s, force, Stream.FORCE, 10.0)
    assert Doubt.CLIPPED in doubts(events, 20)


def test_a_slow_smooth_peak_is_not_clipped() -> None:
    """Rounded to 0.01 N, with no noise at all, a slow breath stands still at its top: that is no rail."""
    t_s = np.arange(0.0, 120.0, 0.1)
    slow = [(1 + 15 * k, 6.0, 8.0, 2.5) for k in range(8)]
    force = np.round(belt(t_s, level(t_s, slow), noise_n=0.0), 2)
    _, events = follow(t_s, force, Stream.FORCE, 10.0)
    assert Doubt.CLIPPED not in doubts(events)


def test_g2_strap_on_the_table() -> None:
    """Plausible values go on after the strap came off: gravity elsewhere, and no heart beat in it."""
    _, events = calibrated(quiet(80, 100, seed=3))
    assert Doubt.NOT_WORN not in doubts(events)
    t_s = np.arange(0.0, 125.0, 1.0 / RATE_HZ)
    from tests.breath.test_movement import LEARNING, ORDERS

    acc = chest_acc(t_s, level(t_s, LEARNING))
    off = t_s > 90
    noise = np.random.default_rng(5).normal(0.0, 1.0, (int(off.sum()), 3))
    acc[off] = np.round(np.array([30.0, -20.0, -1000.0]) + noise)
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ, orders=ORDERS)
    off_at = [e.t_s for e in events if isinstance(e, SignalChanged) and Doubt.NOT_WORN in e.doubts]
    assert off_at
    assert off_at[0] < 102


def test_g2_belt_slack() -> None:
    t_s = np.arange(0.0, 60.0, 0.1)
    force = belt(t_s, level(t_s, quiet(1, 60)))
    force[t_s > 30] = np.random.default_rng(0).normal(0.05, 0.02, (int((t_s > 30).sum()), 1))
    _, events = follow(t_s, force, Stream.FORCE, 10.0)
    assert Doubt.NOT_WORN in doubts(events, 30)


def test_g2_gap_inside_a_breath() -> None:
    t_s, acc = worn(60.0)
    hole = (t_s > 30.4) & (t_s < 31.2)
    _, events = follow(t_s[~hole], acc[~hole], Stream.ACCELERATION, RATE_HZ)
    assert Doubt.GAP in doubts(events, 30)
    inside = [
        e.breath
        for e in events
        if isinstance(e, BreathEnded) and e.breath.inhale_start_s < 30.4 and e.breath.decided_s > 31.2
    ]
    assert all(Doubt.GAP in b.doubts and b.quality <= 0.1 for b in inside)


def test_cannot_see_a_breath() -> None:
    t_s = np.arange(0.0, 90.0, 1.0 / RATE_HZ)
    acc = chest_acc(t_s, np.zeros(len(t_s)), noise_mg=1.0, heart_mg=6.0)
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    good = [e.breath for e in events if isinstance(e, BreathEnded) and e.breath.quality >= 0.5]
    assert not good


def test_clock_that_starts_anew_is_said() -> None:
    t_s, acc = worn(60.0)
    t_s = np.where(t_s > 40, t_s - 30, t_s)
    _, events = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    assert Doubt.CLOCK in doubts(events)


def test_rate_that_is_not_what_was_said() -> None:
    """Said 200 Hz, came with 50: the times of the breaths are right all the same after a few seconds."""
    t_s, acc = worn(80.0)
    follower = Follower(info=info(Stream.ACCELERATION, 200.0), settings=Settings())
    events = follower.push(Samples(stream=Stream.ACCELERATION, t_s=t_s, values=acc))
    assert Doubt.CLOCK in doubts(events)
    peaks = [
        e.breath.inhale_peak_s for e in events if isinstance(e, BreathEnded) and e.breath.inhale_peak_s > 30
    ]
    true = [o + ti for o, ti, _, _ in quiet(1, 80) if o > 30]
    near = [min(abs(p - q) for q in true) for p in peaks]
    assert len(peaks) >= len(true) - 3
    assert np.median(near) < 0.4


def test_prompted_inhales_still_teach_when_the_rate_was_not_what_was_said() -> None:
    """Neither the form of the breath nor the way it tips the chest says which way is in: only the prompts do."""
    t_s = np.arange(0.0, 80.0, 1.0 / RATE_HZ)
    acc = chest_acc(t_s, -0.5 * (1.0 - np.cos(2 * np.pi * t_s / 4.0)))
    follower = Follower(info=info(Stream.ACCELERATION, 200.0), settings=Settings())
    for onset_s in np.arange(8.0, 40.0, 4.0):
        follower.teach_inhale(start_s=onset_s, end_s=onset_s + 2.0)
    events = follower.push(Samples(stream=Stream.ACCELERATION, t_s=t_s, values=acc))
    peaks = [e.breath.inhale_peak_s for e in events if isinstance(e, BreathEnded)]
    late_s = [abs(p % 4.0 - 2.0) for p in peaks if p > 45]
    assert np.median(late_s) < 0.5


@pytest.mark.parametrize("columns", [1, 3])
def test_rails_whatever_the_packing(columns: int) -> None:
    t_s = np.arange(0.0, 20.0, 0.04)
    raw = np.random.default_rng(1).normal(0.0, 1.0, (len(t_s), columns))
    raw[100:400] = raw[100]
    found = []
    for step in (1, 7, 500):
        rails = Rails(rate_hz=25.0, columns=columns)
        for i in range(0, len(t_s), step):
            rails.push(t_s[i : i + step], raw[i : i + step])
        found.append([rails.stuck.within(t, t + 0.04) for t in t_s.tolist()])
    assert found[0] == found[1] == found[2]
    assert any(found[0])
