"""What a single slow breath does not do is seen, and a single slow breath is not blamed for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.profile import Profile, profile
from breathsync.samples import FloatArray

RATE_HZ = 25.0
NOISE = 0.02


def _breath(ti_s: float, te_s: float, rate_hz: float = RATE_HZ) -> tuple[FloatArray, FloatArray]:
    t = np.arange(0.0, ti_s + te_s, 1 / rate_hz)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / ti_s, 0, 1))
    fall = np.exp(-np.clip(t - ti_s, 0, None) / (0.3 * te_s))
    return t, np.where(t < ti_s, rise, fall)


def _seen(t: FloatArray, x: FloatArray, peak_s: float) -> Profile:
    found = profile(t, x, peak_s=peak_s)
    assert found is not None
    return found


@given(
    ti_s=st.floats(1.5, 15),
    te_s=st.floats(2.5, 20),
    rate_hz=st.sampled_from([10.0, 25.0, 33.0]),
    seed=st.integers(0, 99),
)
def test_one_slow_breath_is_none_of_these(ti_s: float, te_s: float, rate_hz: float, seed: int) -> None:
    t, x = _breath(ti_s, te_s, rate_hz)
    x = x + np.random.default_rng(seed).uniform(-NOISE / 2, NOISE / 2, len(x))
    found = _seen(t, x, ti_s)
    assert not found.gasped(1.0, NOISE)
    assert not found.talked(1.0, NOISE)
    assert not found.coughed(1.0)


def test_g6_a_double_gasp_has_two_rises() -> None:
    t, x = _breath(3.0, 4.0)
    dipped = x - 0.25 * np.exp(-(((t - 1.8) / 0.2) ** 2))
    assert _seen(t, dipped, 3.0).gasped(1.0, NOISE)


def test_g3_a_cough_in_the_exhale_is_a_blow() -> None:
    t, x = _breath(3.0, 6.0)
    coughed = np.where(t < 4.0, np.where(t < 3.0, x, 1.0), 0.25)
    assert _seen(t, coughed, 3.0).coughed(1.0)


def test_speech_comes_out_in_steps() -> None:
    t, x = _breath(3.0, 6.0)
    spoken = np.where(t < 3.0, x, 1.0 - (t - 3.0) / 6.0 + 0.12 * np.sin(2 * np.pi * 1.2 * (t - 3.0)))
    assert _seen(t, spoken, 3.0).talked(1.0, NOISE)


def test_the_next_inhale_by_which_an_exhale_is_known_to_be_over_is_no_speech() -> None:
    t, x = _breath(2.0, 3.0)
    after = t[-1] + (np.arange(12) + 1) / RATE_HZ
    t, x = np.concatenate([t, after]), np.concatenate([x, x[-1] + np.linspace(0.02, 0.4, 12)])
    assert not _seen(t, x, 2.0).talked(1.0, NOISE)


def test_a_small_ripple_below_the_noise_is_not_blamed() -> None:
    t, x = _breath(3.0, 4.0)
    found = _seen(t, x + 0.06 * np.sin(2 * np.pi * 1.1 * t), 3.0)
    assert not found.gasped(1.0, 0.12)
    assert not found.talked(1.0, 0.12)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_too_few_samples_say_nothing(n: int) -> None:
    assert profile(np.arange(n) / RATE_HZ, np.zeros(n), peak_s=0.5) is None
