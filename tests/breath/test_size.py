"""A motion sensor's breath is as large as its form in all samples: no wobble and no sinking chest changes that."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.detector import RawBreath
from breathsync.breath.events import Breath, BreathKind, BreathReturned
from breathsync.breath.size import LEAST, MOST, sized
from breathsync.samples import FloatArray
from tests.breath.test_movement import calibrated

SIZES = [2.6, 3.2, 2.8]
T_S = np.arange(9.0, 17.6, 0.04)


def level(size: float, *, sinks_per_s: float = 0.0, ti_s: float = 3.0, te_s: float = 4.0) -> FloatArray:
    """A breath from 10 s on, in by half a cosine, out quicker at first, on a level that sinks."""
    rise = np.clip((T_S - 10.0) / ti_s, 0.0, 1.0)
    fall = np.clip((T_S - 10.0 - ti_s) / te_s, 0.0, 1.0) ** 0.75
    return 0.5 * size * (np.cos(np.pi * fall) - np.cos(np.pi * rise)) - sinks_per_s * (T_S - 10.0)


def seen(x: FloatArray, *, ti_s: float = 3.0, te_s: float = 4.0) -> RawBreath:
    """The breath in `x` as marks and levels."""
    end_s = 10.0 + ti_s + te_s
    trough, peak, after = (float(v) for v in np.interp((10.0, 10.0 + ti_s, end_s), T_S, x))
    return RawBreath(
        inhale_start_s=10.0,
        inhale_peak_s=10.0 + ti_s,
        peak_decided_s=10.5 + ti_s,
        returned_s=10.0 + ti_s + 0.54 * te_s,
        exhale_end_s=end_s,
        decided_s=10.5 + ti_s + te_s,
        trough=trough,
        peak=peak,
        after=after,
        rises=1,
        kind=BreathKind.BREATH,
        noise=0.5,
    )


@pytest.mark.parametrize("sinks_per_s", [-0.5, 0.0, 0.4, 0.6])
def test_a_level_that_sinks_or_rises_is_no_part_of_it(sinks_per_s: float) -> None:
    x = level(10.0, sinks_per_s=sinks_per_s)
    assert sized(seen(x), T_S, x).amplitude == pytest.approx(10.0, rel=0.01)


def test_nor_is_it_when_the_end_is_not_known_yet() -> None:
    x = level(10.0, sinks_per_s=0.4)
    raw = replace(seen(x), exhale_end_s=None)
    so_far = raw.decided_s - 2.0 >= T_S
    assert sized(raw, T_S[so_far], x[so_far]).amplitude == pytest.approx(10.0, rel=0.02)


@given(phase=st.floats(0.0, 6.3), rate_hz=st.floats(0.9, 1.6))
def test_a_beat_makes_a_small_breath_hardly_larger(phase: float, rate_hz: float) -> None:
    """A beat of 1 mg on a breath of 3: from the lowest to the highest sample that may be 5 mg."""
    x = level(3.0) + np.sin(2 * np.pi * rate_hz * T_S + phase)
    raw = replace(seen(x), trough=-1.0, peak=4.0)
    assert sized(raw, T_S, x).amplitude == pytest.approx(3.0, abs=0.35)


@given(size=st.floats(0.1, 40.0), seed=st.integers(0, 99))
def test_bounded_whatever_the_signal_and_the_share_that_came_back_stays(size: float, seed: int) -> None:
    raw = seen(level(size))
    now = sized(raw, T_S, 20.0 * np.random.default_rng(seed).standard_normal(len(T_S)))
    assert LEAST * raw.amplitude <= now.amplitude + 1e-9
    assert now.amplitude <= MOST * raw.amplitude + 1e-9
    assert now.returned_fraction == pytest.approx(raw.returned_fraction)


def test_a_breath_without_a_whole_form_is_left_as_it_was() -> None:
    x = level(10.0)
    odd = (
        replace(seen(x), returned_s=None, exhale_end_s=None),
        replace(seen(x), broken=True),
        replace(seen(x), rises=2),
    )
    for raw in odd:
        assert sized(raw, T_S, x) is raw
    hole = (T_S < 10.4) | (T_S > 17.0)
    assert sized(seen(x), T_S[hole], x[hole]) == seen(x)


def _sizes(lean: list[tuple[float, float, float]]) -> list[float]:
    breaths = [(84.0 + 9.0 * k, 3.0, 4.0, size) for k, size in enumerate(SIZES)]
    _, events = calibrated(breaths, lean=lean, until_s=116.0)
    found: list[Breath] = [e.breath for e in events if isinstance(e, BreathReturned)]
    near = [min(found, key=lambda b: abs(b.inhale_peak_s - onset - 3.0)) for onset, *_ in breaths]
    return [b.amplitude / 7.0 for b in near]


@pytest.mark.parametrize("lean_deg", [0.0, -1.6, -3.0])
def test_g5_sinking_from_tall_takes_little_of_a_breath(lean_deg: float) -> None:
    """Forward, against the inhale, by up to 2 mg a second."""
    for size, true in zip(_sizes([(82.0, 40.0, lean_deg)]), SIZES, strict=True):
        assert 0.8 * true <= size <= 1.15 * true
