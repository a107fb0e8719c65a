import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.filters import EvenLowPass, UnevenLowPass, decimation

SLOW_HZ = 0.1


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 50.0, 125.0, 200.0, 1000.0])
def test_even_low_pass_delays_slow_signals_by_what_it_says(rate_hz: float) -> None:
    low_pass = EvenLowPass(rate_hz=rate_hz, corner_hz=1.5)
    t_s = np.arange(0, 60, 1 / rate_hz)
    y, _ = low_pass.push(np.sin(2 * np.pi * SLOW_HZ * t_s)[:, None])
    expected = np.sin(2 * np.pi * SLOW_HZ * (t_s - low_pass.delay_s))
    settled = t_s > 5
    assert np.abs(y[settled, 0] - expected[settled]).max() < 0.01
    assert low_pass.delay_s == pytest.approx(0.217 / 1.5, abs=0.012)


def test_uneven_low_pass_delays_slow_signals_by_what_it_says() -> None:
    rng = np.random.default_rng(1)
    t_s = np.cumsum(rng.uniform(0.03, 0.17, 600))
    low_pass = UnevenLowPass(corner_hz=1.5)
    y = np.array(low_pass.push(t_s.tolist(), np.sin(2 * np.pi * SLOW_HZ * t_s).tolist()))
    expected = np.sin(2 * np.pi * SLOW_HZ * (t_s - low_pass.delay_s))
    assert np.abs(y - expected)[t_s > 5].max() < 0.01
    assert low_pass.delay_s == pytest.approx(0.217 / 1.5, abs=0.001)


@pytest.mark.parametrize("level", [0.0, -3.5, 1e6])
def test_filters_start_settled_on_the_first_sample(level: float) -> None:
    even, uneven = EvenLowPass(rate_hz=50.0, corner_hz=1.5), UnevenLowPass(corner_hz=1.5)
    y, _ = even.push(np.full((50, 1), level))
    assert np.allclose(y, level, rtol=1e-9)
    assert np.allclose(uneven.push(np.arange(0, 5, 0.1).tolist(), [level] * 50), level, rtol=1e-9)


def test_low_pass_at_minus_3_db_at_its_corner() -> None:
    t_s = np.arange(0, 40, 0.01)
    y, _ = EvenLowPass(rate_hz=100.0, corner_hz=1.5).push(np.sin(2 * np.pi * 1.5 * t_s)[:, None])
    assert np.abs(y[2000:]).max() == pytest.approx(0.707, abs=0.01)


def test_step_does_not_overshoot() -> None:
    x = np.concatenate([np.zeros(10), np.ones(200)])
    y, _ = EvenLowPass(rate_hz=50.0, corner_hz=1.5).push(x[:, None])
    assert y.max() < 1.006


@given(cuts=st.lists(st.integers(0, 400), max_size=12), keep=st.integers(1, 7))
def test_g16_cut_into_blocks_changes_no_bit(cuts: list[int], keep: int) -> None:
    x = np.random.default_rng(2).normal(size=(400, 3))
    whole, _ = EvenLowPass(rate_hz=100.0, corner_hz=2.0, keep=keep, columns=3).push(x)
    low_pass = EvenLowPass(rate_hz=100.0, corner_hz=2.0, keep=keep, columns=3)
    bounds = [0, *sorted(cuts), 400]
    pieces = [low_pass.push(x[a:b])[0] for a, b in itertools.pairwise(bounds)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("rate_hz", "keep"), [(10.0, 1), (25.0, 1), (49.0, 1), (50.0, 2), (125.0, 5), (200.0, 8), (1000.0, 40)]
)
def test_decimation_keeps_25_hz_or_a_little_more(rate_hz: float, keep: int) -> None:
    assert decimation(rate_hz) == keep


def test_corner_above_half_the_rate_is_refused() -> None:
    with pytest.raises(ValueError, match=r"corner_hz = 6 is outside 0\.\.5"):
        EvenLowPass(rate_hz=10.0, corner_hz=6.0)
    with pytest.raises(ValueError, match="must be above 0"):
        UnevenLowPass(corner_hz=0.0)
