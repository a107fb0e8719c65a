"""A double gasp on a motion sensor is told from one rise with a heart beat on it, however long the inhale (G6)."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.rises import two_rises
from breathsync.samples import FloatArray

RATE_HZ = 50.0
AMPLITUDE = 20.0
BEFORE_S = 1.0


def _breath(levels: list[tuple[float, float]], *, ti_s: float) -> tuple[FloatArray, FloatArray]:
    """A breath through (share of the inhale, share of the rise), smooth between them, and out again in 1.5 inhales."""
    t = np.arange(-BEFORE_S, 2.2 * ti_s, 1 / RATE_HZ)
    x = np.zeros(len(t))
    for (a, low), (b, high) in pairwise(levels):
        here = (t >= a * ti_s) & (t < b * ti_s)
        x[here] = low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * (t[here] / ti_s - a) / (b - a)))
    out = t >= ti_s
    x[out] = 0.5 + 0.5 * np.cos(np.pi * np.clip((t[out] / ti_s - 1) / 1.5, 0, 1))
    return t, AMPLITUDE * x


def _found(t: FloatArray, x: FloatArray, *, ti_s: float, ripple: float) -> bool:
    return two_rises(t, x, onset_s=0.0, peak_s=ti_s, amplitude=AMPLITUDE, ripple=ripple)


ONE = [(0.0, 0.0), (1.0, 1.0)]
TWO = [(0.0, 0.0), (0.42, 0.6), (0.58, 0.4), (1.0, 1.0)]


@pytest.mark.parametrize("ti_s", [1.5, 2.0, 3.0, 6.0])
def test_g6_two_rises_are_seen_through_the_heart_beat(ti_s: float) -> None:
    t, x = _breath(TWO, ti_s=ti_s)
    assert _found(t, x + 0.5 * np.sin(2 * np.pi * 1.2 * t), ti_s=ti_s, ripple=1.0)


@given(
    ti_s=st.floats(1.5, 12.0),
    beat_hz=st.floats(0.8, 2.0),
    share=st.floats(0.0, 0.1),
    phase=st.floats(0.0, 6.3),
)
def test_g6_one_rise_with_a_heart_beat_on_it_is_one(
    ti_s: float, beat_hz: float, share: float, phase: float
) -> None:
    t, x = _breath(ONE, ti_s=ti_s)
    size = share * AMPLITUDE
    assert not _found(t, x + size * np.sin(2 * np.pi * beat_hz * t + phase), ti_s=ti_s, ripple=2 * size)


@pytest.mark.parametrize("ti_s", [2.0, 6.0])
def test_slow_is_never_refused_a_halt_on_the_way_in_is_no_second_rise(ti_s: float) -> None:
    t, x = _breath([(0.0, 0.0), (0.45, 0.55), (0.6, 0.55), (1.0, 1.0)], ti_s=ti_s)
    assert not _found(t, x, ti_s=ti_s, ripple=1.0)


def test_a_chest_that_sways_on_the_way_out_too_is_not_blamed() -> None:
    t, x = _breath(TWO, ti_s=4.0)
    sways = x + 0.5 * AMPLITUDE * np.exp(-(((t - 7.0) / 0.6) ** 2))
    assert not _found(t, sways, ti_s=4.0, ripple=1.0)


def test_too_few_samples_tell_nothing() -> None:
    assert not two_rises(np.arange(7.0), np.zeros(7), onset_s=1.0, peak_s=3.0, amplitude=1.0, ripple=0.0)
