"""A sensor's clock on the session's axis: bursts do not bend time, drift is followed, nothing runs backwards."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.samples import FloatArray
from breathsync.sensors.clock import COUNTED_WINDOW_S, REJOIN_S, SLEW, CountedClock, DeviceClock, in_order

FRAME_S = 0.18
RATE_HZ = 200.0
Y2019_NS = 599_616_000_000_000_000


def frame(number: int, *, ppm: float = 0.0, start_ns: int = Y2019_NS) -> tuple[np.ndarray, float]:
    """Device stamps of the 36 samples of a frame, and the true time of its last sample."""
    true_s = (np.arange(36) - 35) / RATE_HZ + (number + 1) * FRAME_S
    return start_ns + np.rint(true_s * (1e9 + 1e3 * ppm)).astype(np.int64), float(true_s[-1])


def dates(delays_s: list[float], *, ppm: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Dates given and true times (with the smallest delay) of frames that came with these delays."""
    clock, given_s, true_s = DeviceClock(), [], []
    for number, delay_s in enumerate(delays_s):
        stamps, last_s = frame(number, ppm=ppm)
        given_s.append(clock.date(stamps, arrived_s=last_s + delay_s))
        true_s.append((np.arange(36) - 35) / RATE_HZ + last_s)
    return np.concatenate(given_s), np.concatenate(true_s)


def test_steady_delay_gives_even_times() -> None:
    given_s, true_s = dates([0.03] * 50)
    np.testing.assert_allclose(given_s, true_s + 0.03, atol=1e-6)


def test_bursts_do_not_bend_time() -> None:
    delays_s = [0.03 + 0.5 * (number % 4 != 3) for number in range(3, 200)]
    given_s, true_s = dates(delays_s)
    np.testing.assert_allclose(given_s, true_s + 0.03, atol=1e-3)


@pytest.mark.parametrize("ppm", [-100.0, 100.0])
def test_drift_is_followed_over_an_hour(ppm: float) -> None:
    rng = np.random.default_rng(1)
    delays_s = (0.02 + rng.exponential(0.02, size=20_000)).tolist()
    given_s, true_s = dates(delays_s, ppm=ppm)
    error_s = given_s - true_s
    assert np.all(np.abs(error_s[-2000:] - 0.02) < 0.02)


def test_a_late_first_frame_is_made_up_for_without_a_step() -> None:
    given_s, true_s = dates([0.5] + [0.02] * 400)
    assert np.all(np.diff(given_s) > 0)
    assert np.min(np.diff(given_s)) > (1 - SLEW) / RATE_HZ - 1e-9
    assert given_s[-1] - true_s[-1] == pytest.approx(0.02, abs=1e-3)


def test_a_clock_that_goes_on_over_a_lost_link_joins_exactly() -> None:
    clock = DeviceClock()
    for number in range(20):
        stamps, last_s = frame(number)
        clock.date(stamps, arrived_s=last_s + 0.02)
    clock.rejoin()
    stamps, last_s = frame(60)
    t_s = clock.date(stamps, arrived_s=last_s + 0.3)
    assert t_s[-1] == pytest.approx(last_s + 0.02, abs=5e-3)


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0, -(REJOIN_S + 0.1)])
def test_a_clock_that_began_anew_is_joined_anew(jump_s: float) -> None:
    clock = DeviceClock()
    for number in range(20):
        stamps, last_s = frame(number)
        clock.date(stamps, arrived_s=last_s + 0.02)
    clock.rejoin()
    stamps, last_s = frame(60)
    t_s = clock.date(stamps + int(jump_s * 1e9), arrived_s=last_s + 0.02)
    assert t_s[-1] == pytest.approx(last_s + 0.02)


def test_a_clock_set_in_mid_stream_does_not_send_samples_into_the_future() -> None:
    clock = DeviceClock()
    for number in range(40):
        stamps, last_s = frame(number)
        shifted = stamps + (7 * 86_400_000_000_000 if number >= 20 else 0)
        t_s = clock.date(shifted, arrived_s=last_s + 0.02)
        assert t_s[-1] == pytest.approx(last_s + 0.02, abs=1e-3)


def test_two_streams_of_one_sensor_share_one_curve() -> None:
    clock, acc = DeviceClock(), []
    rng = np.random.default_rng(2)
    for number in range(300):
        stamps, last_s = frame(number)
        if number % 3 == 0:
            clock.date(stamps[:20] + 1_000_000, arrived_s=last_s + rng.uniform(0.01, 0.06))
        acc.append(clock.date(stamps, arrived_s=last_s + rng.uniform(0.01, 0.06)))
    steps = np.diff(np.concatenate(acc))
    assert np.min(steps) > (1 - 2 * SLEW) / RATE_HZ


def counted(arrivals_s: list[float], *, rate_hz: float = 10.0) -> FloatArray:
    clock = CountedClock(rate_hz=rate_hz)
    return np.concatenate([clock.date(1, arrived_s=arrived_s) for arrived_s in arrivals_s])


def test_counted_samples_in_bursts_are_spread_over_the_time_they_were_measured_in() -> None:
    measured_s = np.arange(200) * 0.1
    arrivals_s = np.ceil(measured_s / 0.5 - 1e-9) * 0.5 + 0.03
    given_s = counted(arrivals_s.tolist())
    np.testing.assert_allclose(given_s[20:], measured_s[20:] + 0.03, atol=1e-9)


@pytest.mark.parametrize("off", [-0.01, 0.01])
def test_counted_samples_of_a_belt_that_is_off_its_rate_stay_near_their_arrival(off: float) -> None:
    arrivals_s = np.arange(6000) * 0.1 * (1 + off) + 0.03
    given_s = counted(arrivals_s.tolist())
    assert np.max(np.abs(given_s - arrivals_s)) < COUNTED_WINDOW_S * abs(off) + 0.11
    assert np.all(np.diff(given_s) > 0)


def test_a_lost_counted_sample_leaves_a_gap_and_no_lasting_error() -> None:
    arrivals_s = [0.1 * n for n in range(200) if n not in (50, 51, 52)]
    given_s = counted(arrivals_s)
    np.testing.assert_allclose(given_s[-100:], arrivals_s[-100:], atol=1e-9)
    assert np.max(np.diff(given_s)) == pytest.approx(0.4)


def test_a_long_silence_begins_a_new_count() -> None:
    arrivals_s = [0.1 * n for n in range(50)] + [60 + 0.1 * n for n in range(50)]
    np.testing.assert_allclose(counted(arrivals_s), arrivals_s, atol=1e-9)


@given(
    st.lists(st.floats(0.0, 0.9), min_size=2, max_size=60),
    st.floats(-200, 200),
)
def test_dates_never_run_backwards(delays_s: list[float], ppm: float) -> None:
    given_s, _ = dates(delays_s, ppm=ppm)
    assert np.all(np.diff(given_s) > 0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.floats(-1e3, 1e3))
def test_in_order_is_strictly_ordered_and_leaves_good_times_alone(times: list[float], after_s: float) -> None:
    ordered = in_order(np.array(times), after_s=after_s)
    assert np.all(np.diff(ordered) > 0)
    assert ordered[0] > after_s
    good = after_s + 1.0 + np.arange(len(times), dtype=float)
    np.testing.assert_allclose(in_order(good, after_s=after_s), good, atol=1e-9)
