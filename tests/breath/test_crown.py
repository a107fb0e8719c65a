"""When was the top: the apex of a breath's crown, and what of it depends on the way it is seen."""

import numpy as np
import pytest

from breathsync.breath.crown import apex, fell_to, rose_to
from breathsync.breath.detector import Detector
from breathsync.breath.events import PeakSeen
from tests.benchmarks.made_breaths import make_trace


def test_apex_of_a_parabola_seen_from_one_side_only() -> None:
    t = [0.0, 0.1, 0.3, 0.35, 0.6, 0.9]
    assert apex(t, [5.0 - 2.0 * (v - 1.25) ** 2 for v in t]) == pytest.approx(1.25)


def test_no_apex_without_a_bend_down() -> None:
    assert apex([0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 1.0, 1.0]) is None
    assert apex([0.0, 1.0, 2.0, 3.0], [9.0, 4.0, 1.0, 0.0]) is None
    assert apex([0.0, 1.0], [0.0, 1.0]) is None


def test_apex_does_not_mind_a_large_level() -> None:
    t = np.linspace(0, 1, 30)
    y = 1e5 + 0.01 * (1 - (t - 0.4) ** 2)
    assert apex(t.tolist(), y.tolist()) == pytest.approx(0.4, abs=1e-3)


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
