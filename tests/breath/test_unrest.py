"""What a hand on the sensor shows, and a chest does not."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from breathsync.breath.unrest import unrest
from breathsync.samples import FloatArray
from tests.breath.bodies import level, quiet

RATE_HZ = 25.0
START_S, END_S = 30.0, 36.0


def moved(
    *, hand: float = 0.0, noise: float = 0.02, from_s: float = START_S, seed: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Quiet breaths of 1 and a movement of 3 in six seconds, with noise; a hand's unevenness below 3 Hz is a share of
    the movement."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(0.0, END_S, 1 / RATE_HZ)
    x = level(t_s, [*quiet(1, START_S - 2), (START_S, 3.0, 3.0, 3.0)])
    uneven = sosfilt(butter(2, 3.0, fs=RATE_HZ, output="sos"), rng.normal(0, 1, len(t_s)))
    x = x + np.where(t_s >= from_s, 3.0 * hand * uneven / np.std(uneven), 0.0)
    return t_s, (x + rng.normal(0, noise, len(t_s)))[:, None]


@pytest.mark.parametrize("seed", range(5))
def test_a_breath_is_as_calm_as_what_was_before_it(seed: int) -> None:
    found = unrest(*moved(seed=seed), start_s=START_S, amplitude=3.0)
    assert found is not None
    assert 0.7 < found < 1.3


def test_a_clean_sensor_is_not_deceived_by_the_bend_of_the_breath() -> None:
    found = unrest(*moved(noise=1e-4), start_s=START_S, amplitude=3.0)
    assert found is not None
    assert found < 1.0


@pytest.mark.parametrize("seed", range(5))
def test_a_hand_is_uneven(seed: int) -> None:
    found = unrest(*moved(hand=0.04, seed=seed), start_s=START_S, amplitude=3.0)
    assert found is not None
    assert found > 2.0


def test_a_hand_that_was_there_before_does_not_pass_for_calm() -> None:
    found = unrest(*moved(hand=0.04, from_s=START_S - 10.0), start_s=START_S, amplitude=3.0)
    assert found is not None
    assert found > 2.0


def test_one_jolt_is_no_hand() -> None:
    t_s, x = moved()
    x[(t_s > 32.0) & (t_s < 32.2)] += 2.0
    found = unrest(t_s, x, start_s=START_S, amplitude=3.0)
    assert found is not None
    assert found < 1.3


@pytest.mark.parametrize("last", [0, 1, 5, 40])
def test_nothing_is_said_of_too_few_samples(last: int) -> None:
    t_s, x = moved()
    assert unrest(t_s[-last - 1 :], x[-last - 1 :], start_s=START_S, amplitude=3.0) is None
