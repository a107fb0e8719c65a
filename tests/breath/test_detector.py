"""The detector on made signals: what it finds, how early, in which order."""

import numpy as np
import pytest
from numpy.typing import NDArray

from breathsync.breath.detector import Detector, DetectorEvent, Ended, Returned
from breathsync.breath.events import BreathKind, InhaleBegan, PeakSeen, Phase
from tests.benchmarks.made_breaths import make_trace

Array = NDArray[np.float64]


def breaths_of(sizes: list[float], whole_s: float, rate_hz: float = 25.0) -> tuple[Array, Array, Array]:
    """One raised cosine a breath: stamps, signal, true peaks."""
    n = int(whole_s * rate_hz)
    shape = (1 - np.cos(2 * np.pi * np.arange(n) / n)) / 2
    x = np.concatenate([size * shape for size in sizes])
    peaks = (np.arange(len(sizes)) + 0.5) * n / rate_hz
    return np.arange(len(x)) / rate_hz, x, peaks


def peaks_of(events: list[DetectorEvent]) -> list[PeakSeen]:
    return [e for e in events if isinstance(e, PeakSeen)]


@pytest.mark.parametrize("per_minute", [2, 4, 6, 12, 20, 30, 40])
@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 125.0, 1000.0])
def test_every_breath_from_2_to_40_a_minute(per_minute: int, rate_hz: float) -> None:
    t_s, x, truth = breaths_of([1.0] * 8, 60 / per_minute, rate_hz)
    peaks = peaks_of(Detector(rate_hz=rate_hz).push(t_s, x))
    found = np.array([p.t_s for p in peaks])
    assert len(found) == len(truth)
    assert np.abs(found - truth).max() < 0.12
    assert [p.amplitude for p in peaks][1:] == pytest.approx([1.0] * 7, abs=0.2)


@pytest.mark.parametrize("per_minute", [2, 4, 6, 10])
def test_a_big_slow_breath_does_not_cost_a_third_of_itself(per_minute: int) -> None:
    t_s, x, truth = breaths_of([1.0] * 6, 60 / per_minute)
    peaks = peaks_of(Detector(rate_hz=25.0).push(t_s, x))
    late = [p.decided_s - peak for p, peak in zip(peaks, truth, strict=True)][1:]
    a_third_s = 60 / per_minute * np.arcsin(np.sqrt(0.3)) / np.pi
    assert max(late) < 0.2 + 0.45 * a_third_s


def test_breaths_that_shorten_from_one_to_the_next_are_known_early() -> None:
    rate_hz, wholes_s = 25.0, [20 * 0.8**i for i in range(8)]
    shapes = [breaths_of([0.85**i], whole_s, rate_hz)[1] for i, whole_s in enumerate(wholes_s)]
    x = np.concatenate(shapes)
    ends = np.cumsum([len(shape) for shape in shapes])
    peaks = peaks_of(Detector(rate_hz=rate_hz).push(np.arange(len(x)) / rate_hz, x))
    assert len(peaks) == len(shapes)
    tops = [(end - len(shape) / 2) / rate_hz for end, shape in zip(ends, shapes, strict=True)]
    late = [(p.decided_s - top) / whole for p, top, whole in zip(peaks, tops, wholes_s, strict=True)]
    assert max(late[2:]) < 0.18


@pytest.mark.parametrize("ratio", [10.0, 0.1])
def test_amplitudes_ten_times_larger_or_smaller_are_followed_within_a_minute(ratio: float) -> None:
    t_s, x, truth = breaths_of([1.0] * 6 + [ratio] * 6 + [1.0] * 6, 4.0)
    rng = np.random.default_rng(4)
    peaks = peaks_of(Detector(rate_hz=25.0).push(t_s, x + rng.normal(0, 0.002, len(x))))
    found = np.array([p.t_s for p in peaks if p.t_s > 1.5])
    missed = [p for p in truth if np.abs(found - p).min() > 0.35]
    assert len(missed) <= 1
    assert len(found) <= len(truth) + 1


def test_events_come_in_order_and_end_exactly_once() -> None:
    t_s, x, _ = breaths_of([1.0, 2.0, 0.5, 3.0, 1.0], 5.0)
    detector = Detector(rate_hz=25.0)
    events = [*detector.push(t_s, x), *detector.finish()]
    kinds = [type(e) for e in events]
    assert kinds == [InhaleBegan, PeakSeen, Returned, Ended] * 5
    decided = [e.decided_s if isinstance(e, InhaleBegan | PeakSeen) else e.breath.decided_s for e in events]
    assert decided == sorted(decided)


def test_g7_return_is_decided_within_0_3_s_median_and_1_s_at_most() -> None:
    late = []
    for seed in range(4):
        trace = make_trace("slow", seed)
        detector = Detector(rate_hz=trace.rate_hz)
        for event in detector.push(trace.t_s, trace.x):
            if isinstance(event, Returned) and event.breath.returned_s is not None:
                late.append(event.breath.decided_s - _really_returned_s(trace.t_s, trace.x, event))
    assert len(late) > 100
    assert np.median(late) <= 0.3
    assert np.percentile(late, 99) <= 1.0


def _really_returned_s(t_s: Array, x: Array, event: Returned) -> float:
    breath = event.breath
    level = breath.peak - 0.7 * breath.amplitude
    after = (t_s > breath.inhale_peak_s) & (x <= level)
    return float(t_s[after][0])


@pytest.mark.parametrize("gap_s", [2.1, 5.0, 3600.0])
def test_silence_breaks_off_the_breath_under_way(gap_s: float) -> None:
    t_s, x, _ = breaths_of([1.0] * 6, 4.0)
    cut = int(10.6 * 25)
    detector = Detector(rate_hz=25.0)
    detector.push(t_s[:cut], x[:cut])
    after = detector.push(t_s[cut:] + gap_s, x[cut:])
    assert isinstance(after[0], Ended)
    assert after[0].breath.broken
    assert after[0].breath.exhale_end_s is None


def test_a_few_lost_packets_do_not_lose_a_breath() -> None:
    trace = make_trace("quiet", 6)
    t_s = trace.t_s
    kept = np.ones(len(t_s), dtype=bool)
    for at in np.arange(15.0, t_s[-1], 17.3):
        kept &= (t_s < at) | (t_s > at + 1.2)
    found = np.array([p.t_s for p in peaks_of(Detector().push(t_s[kept], trace.x[kept]))])
    truth = trace.peaks_s[(trace.peaks_s > 10) & (trace.peaks_s < t_s[-1] - 2)]
    missed = [t for t in truth if np.abs(found - t).min() > 0.75]
    assert len(missed) <= 0.02 * len(truth)


@pytest.mark.parametrize(("dip", "rises", "amplitude"), [(0.92, 1, 1.9), (0.75, 2, 1.9), (0.5, 2, 1.4)])
def test_two_rises_without_coming_back_are_a_double_gasp(dip: float, rises: int, amplitude: float) -> None:
    _, x, _ = breaths_of([1.0] * 6, 5.0)
    gasp = np.interp(np.arange(0, 6, 0.04), [0, 1.2, 1.9, 3.0, 5.0, 6.0], [0, 1.0, dip, 1.9, 0.0, 0.0])
    whole = np.concatenate([x, gasp, x])
    events = Detector(rate_hz=25.0).push(np.arange(len(whole)) / 25.0, whole)
    last = [e.breath for e in events if isinstance(e, Ended) and 30 < e.breath.inhale_peak_s < 34.5][-1]
    assert last.rises == rises
    assert (last.kind is BreathKind.DOUBLE_GASP) == (rises > 1)
    assert last.amplitude == pytest.approx(amplitude, abs=0.2)


@pytest.mark.parametrize(("held_s", "kind"), [(0.0, BreathKind.BREATH), (6.0, BreathKind.HOLD)])
def test_g6_a_gasp_that_is_one_to_a_closer_look_is_still_held(held_s: float, kind: BreathKind) -> None:
    _, x, _ = breaths_of([1.0] * 6, 5.0)
    way_s = np.cumsum([0.0, 1.2, 0.7, 1.1, held_s, 2.0, 1.0])
    gasp = np.interp(np.arange(0, way_s[-1], 0.04), way_s, [0, 1.0, 0.75, 1.9, 1.9, 0.0, 0.0])
    whole = np.concatenate([x, gasp, x])
    events = Detector(rate_hz=25.0).push(np.arange(len(whole)) / 25.0, whole)
    breath = next(e.breath for e in events if isinstance(e, Returned) and e.breath.rises > 1)
    assert breath.kind is BreathKind.DOUBLE_GASP
    assert breath.kind_in_one is kind


def test_g6_a_deep_inhale_that_halts_on_its_way_is_one_breath_judged_once() -> None:
    _, x, _ = breaths_of([1.0] * 6, 5.0)
    halting = np.interp(np.arange(0, 12, 0.04), [0, 2.0, 2.6, 5.0, 10.0, 12.0], [0, 1.3, 1.15, 3.0, 0.0, 0.0])
    whole = np.concatenate([x, halting, x])
    events = Detector(rate_hz=25.0).push(np.arange(len(whole)) / 25.0, whole)
    here = [
        e
        for e in events
        if not isinstance(e, InhaleBegan)
        and 30 < (e if isinstance(e, PeakSeen) else e.breath).inhale_start_s < 40
    ]
    assert [type(e) for e in here] == [PeakSeen, PeakSeen, Returned, Ended]
    last = here[-1]
    assert isinstance(last, Ended)
    assert last.breath.inhale_peak_s == pytest.approx(35.0, abs=0.15)
    assert last.breath.amplitude == pytest.approx(3.0, abs=0.2)
    assert last.breath.rises == 1
    assert last.breath.kind is BreathKind.SIGH


@pytest.mark.parametrize(
    ("inhale_s", "exhale_s", "kind"),
    [
        (0.7, 4.0, BreathKind.TALK),
        (0.7, 1.2, BreathKind.BREATH),
        (1.6, 6.0, BreathKind.BREATH),
        (4.0, 6.0, BreathKind.BREATH),
    ],
)
def test_quickly_in_and_slowly_out_is_talk_once_it_is_over(
    inhale_s: float, exhale_s: float, kind: BreathKind
) -> None:
    up = np.linspace(0, 1, int(inhale_s * 25), endpoint=False)
    down = np.linspace(1, 0, int(exhale_s * 25), endpoint=False)
    x = np.concatenate([*[np.concatenate([up, down])] * 6, np.zeros(50)])
    x += np.random.default_rng(2).normal(0, 0.003, len(x))
    events = Detector(rate_hz=25.0).push(np.arange(len(x)) / 25.0, x)
    assert {e.breath.kind for e in events if isinstance(e, Ended)} == {kind}
    assert {p.kind for p in peaks_of(events)} == {BreathKind.BREATH}


def test_twice_the_usual_is_a_sigh() -> None:
    t_s, x, _ = breaths_of([1.0] * 7 + [2.6] + [1.0] * 3, 5.0)
    kinds = [p.kind for p in peaks_of(Detector(rate_hz=25.0).push(t_s, x))]
    assert kinds[7] is BreathKind.SIGH
    assert set(kinds[:7]) == {BreathKind.BREATH}


@pytest.mark.parametrize(("hold_s", "held"), [(4.0, True), (8.0, True), (1.0, False)])
def test_held_at_the_top_is_a_hold(hold_s: float, held: bool) -> None:
    _, x, _ = breaths_of([1.0] * 5, 5.0)
    shape = np.interp(np.arange(0, 6 + hold_s, 0.04), [0, 2, 2 + hold_s, 4 + hold_s], [0, 1, 0.99, 0])
    whole = np.concatenate([x, shape, x])
    events = Detector(rate_hz=25.0).push(np.arange(len(whole)) / 25.0, whole)
    breath = next(e.breath for e in events if isinstance(e, Ended) and e.breath.inhale_start_s > 24)
    assert (breath.kind is BreathKind.HOLD) == held


@pytest.mark.parametrize("per_minute", [2, 3, 6])
def test_slow_breathing_is_no_hold(per_minute: int) -> None:
    t_s, x, _ = breaths_of([1.0] * 4, 60 / per_minute)
    ended = [e.breath.kind for e in Detector(rate_hz=25.0).push(t_s, x) if isinstance(e, Ended)]
    assert ended
    assert BreathKind.HOLD not in ended


def test_live_phase_and_level() -> None:
    _t_s, x, truth = breaths_of([1.0] * 4, 6.0)
    x = np.concatenate([x, np.zeros(100)]) + 10.0
    detector = Detector(rate_hz=25.0)
    seen = {}
    for i in range(len(x)):
        detector.push(np.array([i / 25.0]), x[i : i + 1])
        seen[i / 25.0] = (detector.phase, detector.level)
    assert seen[0.0][0] is not Phase.IN
    assert seen[truth[2] - 1.0][0] is Phase.IN
    assert seen[truth[2] + 1.2][0] is Phase.OUT
    assert seen[27.8][0] is Phase.PAUSE
    assert max(level for t, (_, level) in seen.items() if t > 6) == pytest.approx(1.0, abs=0.05)
    assert abs(seen[27.8][1]) < 0.05


def test_noise_without_breath_gives_few_breaths_and_noise_is_known() -> None:
    x = np.random.default_rng(3).normal(0, 1.0, 25 * 120)
    detector = Detector(rate_hz=25.0)
    peaks = [p for p in peaks_of(detector.push(np.arange(len(x)) / 25.0, x)) if p.t_s > 10]
    assert len(peaks) < 60
    assert 0.3 < detector.noise < 3.0
