"""The breath found by its rhythm, before any calibration."""

import numpy as np
import pytest

from breathsync.breath.events import PeakSeen
from breathsync.breath.rhythm import RhythmSeeker, across_gravity, contrast
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


@pytest.mark.parametrize("every_s", [2.6, 4.0, 6.5])
@pytest.mark.parametrize("seed", [1, 2])
def test_rate_and_direction_under_a_larger_sway_across(every_s: float, seed: int) -> None:
    t_s, acc = _seated(seed, every_s=every_s)
    late = t_s > 20.0
    found = RhythmSeeker().look(t_s[late], acc[late], now_s=float(t_s[-1]))
    assert found is not None
    assert found.rate_hz == pytest.approx(1.0 / every_s, rel=0.2)
    inhale = np.array([-np.sin(np.radians(20.0)), 0.0, np.cos(np.radians(20.0))])
    assert float(found.axis.direction @ inhale) > 0.9
    assert float(found.axis.weights @ found.axis.direction) == pytest.approx(1.0)


def test_the_sway_is_weighed_down() -> None:
    t_s, acc = _seated(3)
    late = t_s > 20.0
    found = RhythmSeeker().look(t_s[late], acc[late], now_s=float(t_s[-1]))
    assert found is not None
    assert abs(float(found.axis.weights[1])) < 0.3


def test_nothing_new_is_said_of_what_is_followed_already() -> None:
    t_s, acc = _seated(4)
    seeker = RhythmSeeker()
    assert seeker.look(t_s, acc, now_s=60.0) is not None
    assert seeker.look(t_s, acc, now_s=60.0) is None


def test_too_little_and_nothing_at_all() -> None:
    t_s = np.arange(0.0, 11.0, 1.0 / RATE_HZ)
    assert RhythmSeeker().look(t_s, np.zeros((len(t_s), 3)), now_s=11.0) is None
    assert RhythmSeeker().look(t_s[:0], np.zeros((0, 3)), now_s=11.0) is None
    gain, weights = contrast(np.zeros((100, 2)))
    assert np.isfinite(gain).all()
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("constant", [(0.0, 0.0, 0.0), (0.0, 0.0, 1000.0), (-2000.0, 0.0, 0.0)])
def test_a_stuck_sensor_raises_nothing(constant: tuple[float, float, float]) -> None:
    t_s = np.arange(0.0, 30.0, 1.0 / RATE_HZ)
    found = RhythmSeeker().look(t_s, np.tile(constant, (len(t_s), 1)), now_s=30.0)
    assert found is None or np.isfinite(found.axis.weights).all()


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
