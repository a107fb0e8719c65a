"""The breath followed by its phase, before any calibration."""

import numpy as np
import pytest

from breathsync.breath.axis import across_gravity
from breathsync.breath.events import InhaleBegan, PeakSeen
from breathsync.breath.phase_detector import MOST_LAG, PhaseDetector
from breathsync.breath.phases import STEP_S, Phases
from breathsync.breath.raw import DetectorEvent, Ended, Returned
from breathsync.samples import FloatArray, Stream
from tests.breath.bodies import UPRIGHT, chest_acc, follow, level, quiet, rotation

RATE_HZ = 25.0


def _sway(t_s: FloatArray, seed: int) -> FloatArray:
    """A slow random walk across the breath, far larger than it: degrees."""
    rng = np.random.default_rng(seed)
    knots = np.arange(0.0, t_s[-1] + 3.0, 2.3)
    return np.interp(t_s, knots, np.cumsum(rng.normal(0.0, 0.35, len(knots))))


def _seated(
    seed: int, *, every_s: float = 4.0, mounting: FloatArray = UPRIGHT
) -> tuple[FloatArray, FloatArray]:
    t_s = np.arange(0.0, 60.0, 1.0 / RATE_HZ)
    breath = level(t_s, quiet(0.5, 62.0, every_s=every_s, seed=seed))
    acc = chest_acc(t_s, breath, roll_deg=_sway(t_s, seed), mounting=mounting, seed=seed)
    return t_s, acc


def _detected(t_s: FloatArray, acc: FloatArray) -> tuple[PhaseDetector, list[DetectorEvent]]:
    detector = PhaseDetector(rate_hz=RATE_HZ, delay_s=0.0)
    return detector, detector.push(t_s, acc)


@pytest.mark.parametrize("every_s", [2.6, 4.0, 6.5])
@pytest.mark.parametrize("seed", [1, 2])
def test_rate_and_direction_under_a_larger_sway_across(every_s: float, seed: int) -> None:
    t_s, acc = _seated(seed, every_s=every_s)
    detector, _ = _detected(t_s, acc)
    inhale = np.array([-np.sin(np.radians(20.0)), 0.0, np.cos(np.radians(20.0))])
    assert detector.direction is not None
    assert detector.rate_hz == pytest.approx(1.0 / every_s, rel=0.2)
    assert float(detector.direction @ inhale) > 0.9


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_breath_is_told_in_order_and_dated_near_its_top(seed: int) -> None:
    t_s, acc = _seated(seed)
    _, events = _detected(t_s, acc)
    told = [type(e) for e in events if not isinstance(e, Returned)]
    assert told[:3] == [InhaleBegan, PeakSeen, Ended]
    peaks = [e for e in events if isinstance(e, PeakSeen)]
    truth = np.array([onset + ti for onset, ti, _, _ in quiet(0.5, 62.0, every_s=4.0, seed=seed)])
    off = [float(np.abs(truth - p.t_s).min()) for p in peaks if p.t_s > 20.0]
    assert 8 <= len(off) <= 11
    assert float(np.median(off)) < 0.5
    for p in peaks:
        assert p.inhale_start_s < p.t_s < p.decided_s
        assert p.amplitude > 0.0


def test_a_cue_turns_the_sign() -> None:
    """Worn the other way round (an inhale tips the face down), the guess is wrong until the inhales are said."""
    t_s, acc = _seated(1)
    acc = acc * np.array([1.0, 1.0, -1.0]) + np.array([0.0, 0.0, 2.0 * float(acc[:, 2].mean())])
    detector = PhaseDetector(rate_hz=RATE_HZ, delay_s=0.0)
    breaths = quiet(0.5, 62.0, every_s=4.0, seed=1)
    for onset, ti, _, _ in breaths[:6]:
        detector.teach_inhale(onset, onset + ti)
    events = detector.push(t_s, acc)
    truth = np.array([onset + ti for onset, ti, _, _ in breaths])
    off = [float(np.abs(truth - e.t_s).min()) for e in events if isinstance(e, PeakSeen) and e.t_s > 20.0]
    assert len(off) >= 8
    assert float(np.median(off)) < 0.6


def test_slow_breaths_are_found_among_quick_unrest() -> None:
    """What wobbles quickly comes back in the next step: taken off, slow breaths are seen."""
    hits = told = wanted = 0
    for seed in range(1, 9):
        t_s = np.arange(0.0, 60.0, 1.0 / RATE_HZ)
        breaths = quiet(0.5, 62.0, every_s=5.0, seed=seed)
        _, events = _detected(t_s, chest_acc(t_s, level(t_s, breaths), noise_mg=10.0, seed=seed))
        truth = np.array([onset + ti for onset, ti, _, _ in breaths])
        found = [e.t_s for e in events if isinstance(e, PeakSeen) and e.t_s > 20.0]
        hits += sum(bool((np.abs(truth - t) < 0.75).any()) for t in found)
        told += len(found)
        wanted += int(((truth > 20.0) & (truth < 57.0)).sum())
    assert hits >= 0.85 * wanted
    assert hits >= 0.9 * told


@pytest.mark.parametrize("began_s", [1.0, 12.0])
def test_a_movement_does_not_blind_for_long(began_s: float) -> None:
    """The size of what is no breath is found again soon, in the first seconds and later."""
    hits = 0
    for seed in range(1, 5):
        t_s, acc = _seated(seed)
        moving = (t_s >= began_s) & (t_s < began_s + 2.5)
        acc[moving] += np.random.default_rng(seed).normal(0.0, 400.0, (np.count_nonzero(moving), 3))
        _, events = _detected(t_s, acc)
        truth = np.array([onset + ti for onset, ti, _, _ in quiet(0.5, 62.0, every_s=4.0, seed=seed)])
        found = [e.t_s for e in events if isinstance(e, PeakSeen) and e.t_s > 25.0]
        hits += sum(bool((np.abs(truth - t) < 0.75).any()) for t in found)
    assert hits >= 24


def test_a_breath_is_told_within_a_few_seconds() -> None:
    """Never later than the longest look back, and the filters' delay."""
    t_s, acc = _seated(2)
    _, events = _detected(t_s, acc)
    late = [e.decided_s - e.t_s for e in events if isinstance(e, PeakSeen) and e.t_s > 10.0]
    assert max(late) < (MOST_LAG + 2) * STEP_S + 0.5
    assert float(np.median(late)) < 2.0


def test_looking_back_ends_with_now() -> None:
    """The last step has nothing after it: there looking back says what the filter says."""
    phases, rng = Phases(), np.random.default_rng(1)
    for k in range(60):
        phases.take(np.array((2.0 * np.sin(k * 0.6), 0.0, 0.0)) + rng.normal(0.0, 0.5, 3), np.eye(3), 0.0)
    back = phases.looked_back(3)
    assert len(back) == 4
    assert back[0].phase == pytest.approx(phases.phase)
    assert back[0].certainty == pytest.approx(phases.certainty)


def test_the_echo_of_nothing_is_finite() -> None:
    """A dead stream: nothing divides by nothing, and no rhythm is made up."""
    phases = Phases()
    for _ in range(3_000):
        phases.take(np.zeros(3), np.eye(3), 0.0)
    assert np.isfinite(phases.rate_hz)
    assert np.isfinite(phases.breath_mg).all()
    assert phases.certainty < 0.1


@pytest.mark.parametrize("constant", [(0.0, 0.0, 0.0), (0.0, 0.0, 1000.0), (-2000.0, 0.0, 0.0)])
def test_a_stuck_sensor_breathes_not(constant: tuple[float, float, float]) -> None:
    t_s = np.arange(0.0, 60.0, 1.0 / RATE_HZ)
    detector, events = _detected(t_s, np.tile(constant, (len(t_s), 1)))
    assert events == []
    assert detector.direction is None
    assert detector.level == 0.0


def test_a_clock_that_jumps_starts_afresh() -> None:
    t_s, acc = _seated(4)
    detector, _ = _detected(t_s, acc)
    before = len(detector.push(t_s + 100.0, acc))
    assert before > 8
    assert detector.push(t_s[:0], acc[:0]) == []
    again = detector.push(t_s, acc)
    assert all(e.t_s < 61.0 for e in again if isinstance(e, PeakSeen))


@pytest.mark.parametrize("gravity", [(880.0, 10.0, 480.0), (-700.0, 700.0, 0.0), (0.0, 0.0, 1000.0)])
def test_across_gravity_is_across(gravity: tuple[float, float, float]) -> None:
    base, sure = across_gravity(np.array(gravity))
    assert np.allclose(base.T @ base, np.eye(2))
    assert np.allclose(np.array(gravity) @ base, 0.0, atol=1e-6)
    assert 0.0 <= sure <= 1.0
    assert (sure == 0.0) == (gravity == (0.0, 0.0, 1000.0))


@pytest.mark.parametrize("seed", [5, 6])
def test_breaths_are_counted_under_sway_however_the_blocks_are_cut(seed: int) -> None:
    t_s, acc = _seated(seed, mounting=rotation(seed))
    _, whole = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ)
    cuts = np.sort(np.random.default_rng(seed).integers(1, len(t_s), 40)).tolist()
    _, cut = follow(t_s, acc, Stream.ACCELERATION, RATE_HZ, cuts=cuts)
    assert whole == cut
    peaks = [e.t_s for e in whole if isinstance(e, PeakSeen) and e.t_s > 20.0]
    assert 8 <= len(peaks) <= 12
