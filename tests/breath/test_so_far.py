"""A breath under way on a chest that sinks or rises: its size, and when it has come back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.detector import RawBreath
from breathsync.breath.events import BreathKind
from breathsync.breath.so_far import LOOKS_BACK_S, MOST, SoFar, back_s, so_far
from breathsync.samples import FloatArray

ONSET_S, RATE_HZ = 10.0, 25.0


def level(
    t_s: FloatArray, size: float, *, ti_s: float = 3.5, te_s: float = 4.5, power: float = 1.0
) -> FloatArray:
    """A breath from 10 s on; `power` under 1: an exhale that hurries first."""
    rise = np.clip((t_s - ONSET_S) / ti_s, 0.0, 1.0)
    fall = np.clip((t_s - ONSET_S - ti_s) / te_s, 0.0, 1.0) ** power
    return np.asarray(0.5 * size * (np.cos(np.pi * fall) - np.cos(np.pi * rise)))


def seen(*, ti_s: float = 3.5, height: float = 15.0, early_s: float = 0.0) -> RawBreath:
    """As a detector would mark it that knows nothing of the level: onset late and peak early by `early_s`."""
    return RawBreath(
        inhale_start_s=ONSET_S + 0.4 + early_s,
        inhale_peak_s=ONSET_S + ti_s - early_s,
        peak_decided_s=ONSET_S + ti_s + 0.4,
        returned_s=None,
        exhale_end_s=None,
        decided_s=ONSET_S + ti_s + 0.4,
        trough=0.0,
        peak=height,
        after=height,
        rises=1,
        kind=BreathKind.BREATH,
        noise=1.0,
    )


def found(raw: RawBreath, x: FloatArray, t_s: FloatArray, *, earlier: list[RawBreath] | None = None) -> SoFar:
    so = so_far(raw, t_s, x, earlier=earlier or [], return_fraction=0.7)
    assert so is not None
    return so


def known_until(until_s: float) -> FloatArray:
    return np.arange(ONSET_S - LOOKS_BACK_S, until_s, 1.0 / RATE_HZ)


@pytest.mark.parametrize("power", [0.75, 1.0])
@pytest.mark.parametrize("sinks_per_s", [-1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("mounting_level", [-980.0, 0.0])
def test_g5_what_a_level_does_is_no_part_of_the_size(
    sinks_per_s: float, power: float, mounting_level: float
) -> None:
    t_s = known_until(ONSET_S + 3.5 + 3.5)
    noise = 1.0 * np.random.default_rng(3).standard_normal(len(t_s))
    x = mounting_level + level(t_s, 15.0, power=power) - sinks_per_s * t_s + noise
    raw = seen(height=15.0 - 3.5 * sinks_per_s, early_s=0.2 * max(sinks_per_s, 0.0))
    assert found(raw, x, t_s).size == pytest.approx(15.0, rel=0.15)


def test_g6_a_level_that_sinks_is_no_return() -> None:
    """At 2 mg a second 70 % of what was seen of the rise is lost half-way out; the breath itself is not back."""
    half_out = known_until(ONSET_S + 3.5 + 1.6)
    raw = seen(height=9.0, early_s=0.4)
    sinking = level(half_out, 15.0) - 2.0 * half_out
    assert raw.height - (sinking.max() - sinking[-1]) < 0.3 * raw.height
    assert found(raw, sinking, half_out).returned < 0.7
    over = known_until(ONSET_S + 3.5 + 3.6)
    so = found(raw, level(over, 15.0) - 2.0 * over, over)
    assert so.returned >= 0.7
    assert so.returned_s == pytest.approx(ONSET_S + 3.5 + 0.631 * 4.5, abs=0.6)


def test_g6_a_level_that_rises_hides_no_return() -> None:
    t_s = known_until(ONSET_S + 3.5 + 4.0)
    so = found(seen(height=22.0), level(t_s, 15.0) + 2.0 * t_s, t_s)
    assert so.returned >= 0.7
    assert so.size == pytest.approx(15.0, rel=0.15)


def test_what_is_still_to_come_makes_it_surer() -> None:
    errors = []
    for out_s in (1.5, 2.5, 3.5):
        t_s = known_until(ONSET_S + 3.5 + out_s)
        noise = np.random.default_rng(5).standard_normal(len(t_s))
        errors.append(found(seen(), level(t_s, 15.0) + noise, t_s).error)
    assert errors[0] > errors[1] > errors[2]


def test_a_breath_before_is_not_taken_for_a_level() -> None:
    """A quiet breath ends just before this one begins: with it known the error is smaller, and the size right."""
    t_s = known_until(ONSET_S + 3.5 + 3.5)
    rise = np.clip((t_s - 5.0) / 1.8, 0.0, 1.0)
    fall = np.clip((t_s - 6.8) / 2.6, 0.0, 1.0) ** 0.87
    noise = 0.7 * np.random.default_rng(1).standard_normal(len(t_s))
    x = level(t_s, 15.0) + 3.0 * (np.cos(np.pi * fall) - np.cos(np.pi * rise)) + noise
    before = replace(
        seen(height=6.0), inhale_start_s=5.0, inhale_peak_s=6.8, exhale_end_s=9.4, returned_s=8.2
    )
    known = found(seen(), x, t_s, earlier=[before])
    assert known.size == pytest.approx(15.0, rel=0.1)
    assert known.error < found(seen(), x, t_s).error


@given(scale=st.floats(0.05, 40.0), offset=st.floats(-1000.0, 1000.0), seed=st.integers(0, 50))
def test_it_scales_with_the_signal_and_knows_no_zero(scale: float, offset: float, seed: int) -> None:
    """But for what is usual of a level in mg: that is weak beside six seconds of samples."""
    t_s = known_until(ONSET_S + 3.5 + 3.2)
    x = level(t_s, 15.0) + np.random.default_rng(seed).standard_normal(len(t_s))
    one, other = found(seen(), x, t_s), found(seen(height=15.0 * scale), scale * x + offset, t_s)
    assert other.size == pytest.approx(scale * one.size, rel=0.25)
    assert one.error > 0.0
    assert 0.0 <= one.returned <= 1.0


def test_no_size_is_more_than_the_height_allows() -> None:
    """A level that would hide nearly all of a breath is a movement."""
    t_s = known_until(ONSET_S + 3.5 + 3.5)
    raw = seen(height=3.0, early_s=1.0)
    assert found(raw, level(t_s, 15.0) - 4.0 * t_s, t_s).size <= MOST * raw.height


def test_too_little_to_tell_tells_nothing() -> None:
    few = np.arange(ONSET_S, ONSET_S + 1.0, 1.0 / RATE_HZ)
    assert so_far(seen(), few, level(few, 15.0), earlier=[], return_fraction=0.7) is None
    assert so_far(seen(), few[:1], few[:1], earlier=[], return_fraction=0.7) is None
    t_s = known_until(ONSET_S + 3.5 + 3.5)
    assert so_far(seen(), t_s, -level(t_s, 15.0), earlier=[], return_fraction=0.7) is None


def test_it_looks_back_as_far_as_the_person_was_still() -> None:
    assert back_s(100.0) == LOOKS_BACK_S
    assert back_s(4.0) == pytest.approx(3.7)
    assert back_s(0.0) == 1.5
