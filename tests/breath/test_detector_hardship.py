"""The detector on bad input, and cut into blocks in any way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from breathsync.breath.detector import Detector, DetectorEvent
from breathsync.breath.events import PeakSeen
from tests.benchmarks.made_breaths import make_trace

SLOW = make_trace("mixed", 1, minutes=0.7)
UNEVEN = make_trace("quiet", 1, minutes=0.7)
RATES = [None, 10.0, 25.0, 125.0]


def in_blocks(detector: Detector, t_s: np.ndarray, x: np.ndarray, cuts: list[int]) -> list[DetectorEvent]:
    bounds = [0, *sorted(cuts), len(t_s)]
    return [e for a, b in itertools.pairwise(bounds) for e in detector.push(t_s[a:b], x[a:b])]


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 420), max_size=30), rate=st.sampled_from(RATES), holes=st.booleans())
def test_g16_cut_into_blocks_changes_no_bit(cuts: list[int], rate: float | None, holes: bool) -> None:
    trace = UNEVEN if rate is None else SLOW
    t_s, x = trace.t_s[:420].copy(), trace.x[:420].copy()
    if holes:
        x[50:53] = np.nan
        t_s[200:] += 3.0
        t_s[300:305] = t_s[299]
        t_s[350] -= 1.0
    assert in_blocks(Detector(rate_hz=rate), t_s, x, cuts) == Detector(rate_hz=rate).push(t_s, x)


def test_g16_one_sample_at_a_time_over_longer_than_it_remembers() -> None:
    trace = make_trace("quiet", 2, minutes=12.0)
    assert len(trace.t_s) > 6000
    single = in_blocks(Detector(), trace.t_s, trace.x, list(range(len(trace.t_s))))
    assert single == Detector().push(trace.t_s, trace.x)


def test_g16_holds_for_a_breath_longer_than_it_remembers() -> None:
    t_s = np.arange(0, 900, 0.04)
    x = np.interp(t_s % 450, [0, 200, 210, 215, 400, 450], [0, 3, 2.4, 2.5, 0, 0])
    cuts = list(range(0, len(t_s), 7))
    assert in_blocks(Detector(), t_s, x, cuts) == Detector().push(t_s, x)


@settings(max_examples=25, deadline=None)
@given(at=st.integers(100, 1500), seed=st.integers(0, 5))
def test_nothing_decided_before_a_cut_depends_on_what_comes_after(at: int, seed: int) -> None:
    trace = make_trace("mixed", seed, minutes=1.2)
    at = min(at, len(trace.t_s) - 1)
    whole = Detector(rate_hz=trace.rate_hz).push(trace.t_s, trace.x)
    part = Detector(rate_hz=trace.rate_hz).push(trace.t_s[:at], trace.x[:at])
    assert whole[: len(part)] == part


stamps = st.floats(-1e4, 1e4) | st.sampled_from([float("nan"), float("inf"), float("-inf")])
values = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rate=st.sampled_from(RATES))
def test_nothing_raises_whatever_comes(data: st.DataObject, rate: float | None) -> None:
    n = data.draw(st.integers(0, 60))
    t_s = data.draw(hnp.arrays(np.float64, n, elements=stamps))
    x = data.draw(hnp.arrays(np.float64, n, elements=values))
    with np.errstate(all="ignore"):
        detector = Detector(rate_hz=rate)
        detector.push(t_s, x)
        detector.finish()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("level", [0.0, -2000.0, 1e9])
def test_constant_signal_is_no_breath(rate: float | None, level: float) -> None:
    t_s = np.arange(0, 60, 1 / (rate or 10.0))
    events = Detector(rate_hz=rate).push(t_s, np.full(len(t_s), level))
    assert not [e for e in events if isinstance(e, PeakSeen)]


def test_clock_that_starts_afresh_is_followed() -> None:
    t_s, x = SLOW.t_s, SLOW.x
    detector = Detector(rate_hz=SLOW.rate_hz)
    detector.push(t_s + 1000.0, x)
    again = [e for e in detector.push(t_s, x) if isinstance(e, PeakSeen)]
    assert len(again) >= 3
    assert all(0 <= e.t_s <= t_s[-1] for e in again)


def test_duplicated_samples_change_nothing() -> None:
    t_s, x = UNEVEN.t_s, UNEVEN.x
    assert Detector().push(np.repeat(t_s, 2), np.repeat(x, 2)) == Detector().push(t_s, x)


def test_memory_stays_flat() -> None:
    detector = Detector(rate_hz=25.0)
    t_s = np.arange(0, 1800, 0.04)
    x = np.sin(2 * np.pi * 0.2 * t_s)
    for a in range(0, len(t_s), 25):
        detector.push(t_s[a : a + 25], x[a : a + 25])
    held = sum(len(v) for v in vars(detector._model).values() if isinstance(v, list))
    assert held < 5000
