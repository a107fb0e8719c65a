"""When was the top: the middle of a breath's cap, and what of it depends on the way it is seen."""

import numpy as np
import pytest

from breathsync.breath.crown import fell_to, middle_above, rose_to
from breathsync.breath.detector import Detector
from breathsync.breath.events import PeakSeen
from tests.benchmarks.made_breaths import make_trace


def test_the_middle_of_a_round_top_is_its_turn_whatever_the_level() -> None:
    t = np.linspace(0, 1, 40)
    y = 1e5 + 0.01 * (1 - (t - 0.4) ** 2)
    assert middle_above(t.tolist(), y.tolist(), 39, 1e5 + 0.0099, 0) == pytest.approx(0.4, abs=1e-2)


def test_the_middle_of_a_held_top_minds_no_ripple_on_it() -> None:
    t = np.arange(0, 3.01, 0.1)
    held = np.interp(t, [0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 1.0, 0.0])
    held[12] += 0.01
    assert middle_above(t.tolist(), held.tolist(), 30, 0.9, 0) == pytest.approx(1.5, abs=0.02)


def test_the_middle_is_known_where_nothing_lies_above_the_level() -> None:
    assert middle_above([0.0, 0.1], [1.0, 1.0], 1, 1.0, 0) == 0.1


def test_uneven_stamps_weigh_by_the_time_they_stand_for() -> None:
    t = [0.0, 1.0, 1.5, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 3.0, 4.0]
    y = [1 - abs(v - 2) / 2 for v in t]
    assert middle_above(t, y, len(t) - 1, 0.5, 0) == pytest.approx(2.0, abs=0.05)


def test_crossings_are_between_samples() -> None:
    t, y = [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 4.0, 2.0, 0.0]
    last, left = fell_to(t, y, 4, 3.0, 0)
    assert (last, left) == (2, 2.5)
    assert rose_to(t, y, last, 3.0, 0) == (1, 1.5)


def test_a_long_noisy_top_is_dated_within_a_third_of_a_second_of_its_turn() -> None:
    off = []
    for seed in range(6):
        trace = make_trace("paced", seed)
        found = [
            e.t_s for e in Detector(rate_hz=trace.rate_hz).push(trace.t_s, trace.x) if isinstance(e, PeakSeen)
        ]
        off += [np.abs(trace.peaks_s - t).min() for t in found if t > 10]
    assert len(off) > 150
    assert np.percentile(off, 98) < 0.35


def test_a_shallower_breath_as_long_as_the_others_is_known_as_early() -> None:
    rate_hz, whole_s = 25.0, 10.0
    n = int(whole_s * rate_hz)
    shape = (1 - np.cos(2 * np.pi * np.arange(n) / n)) / 2
    x = np.concatenate([size * shape for size in [1.0] * 5 + [0.6]])
    peaks = [
        e for e in Detector(rate_hz=rate_hz).push(np.arange(len(x)) / rate_hz, x) if isinstance(e, PeakSeen)
    ]
    late = [p.decided_s - (i + 0.5) * whole_s for i, p in enumerate(peaks)]
    assert len(late) == 6
    assert late[-1] < late[-2] + 0.3
