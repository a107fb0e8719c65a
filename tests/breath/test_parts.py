"""The small parts: intake and decimation, axis, drift, quality, trace."""

import numpy as np
import pytest

from breathsync.breath import axis as axes
from breathsync.breath.decimate import Decimator, Intake
from breathsync.breath.detector import Detector, Ended
from breathsync.breath.drift import Steadied
from breathsync.breath.events import Doubt, Phase
from breathsync.breath.quality import CAPS, Template, is_visible, quality, shape
from breathsync.breath.ring import Ring
from breathsync.breath.trace import TRACE_S, Trace
from tests.breath.bodies import chest_acc, level, quiet, rotation


@pytest.mark.parametrize("rate_hz", [52.0, 100.0, 104.0, 200.0, 400.0])
def test_no_aliasing_into_the_breath(rate_hz: float) -> None:
    """A tremor that would fold to half a hertz comes through at a fiftieth or less; half a hertz comes through."""
    decimator = Decimator(rate_hz=rate_hz, columns=1)
    t_s = np.arange(0.0, 60.0, 1 / rate_hz)
    for hz, least, most in ((0.5, 0.98, 1.01), (decimator.rate_hz - 0.5, 0.0, 0.02)):
        decimator.reset()
        x = np.sin(2 * np.pi * hz * t_s)[:, None]
        y = decimator.push(t_s, x).values[200:]
        assert least <= np.abs(y).max() <= most


def test_decimation_delay_is_known() -> None:
    t_s = np.arange(0.0, 30.0, 0.005)
    decimator = Decimator(rate_hz=200.0, columns=1)
    work = decimator.push(t_s, np.sin(2 * np.pi * 0.2 * t_s)[:, None])
    expected = np.sin(2 * np.pi * 0.2 * (work.t_s - decimator.delay_s))
    assert np.abs(work.values[100:, 0] - expected[100:]).max() < 0.005
    assert decimator.rate_hz == 25.0


def test_intake_cuts_at_silences_and_jumps() -> None:
    intake = Intake()
    t_s = np.array([0.0, 0.1, 0.2, 0.2, 0.15, 1.5, 1.6, np.nan, 1.7, -50.0, -49.9])
    values = np.arange(len(t_s), dtype=float)[:, None]
    values[6] = np.inf
    found = intake.push(t_s, values)
    assert [s.t_s.tolist() for s in found] == [[0.0, 0.1, 0.2], [1.5, 1.7], [-50.0, -49.9]]
    assert [s.fresh for s in found] == [True, True, True]
    assert [s.jumped for s in found] == [False, False, True]
    assert found[1].gap_s == pytest.approx(1.3)
    assert intake.dropped == 4


def test_axis_of_inhales_leaves_out_the_one_with_a_lean() -> None:
    ways = [np.array([0.0, 1.0, 9.0]), np.array([1.0, 0.0, 10.0]), np.array([60.0, 0.0, 1.0])]
    found = axes.from_inhales(ways)
    assert found is not None
    assert float(found[2]) > 0.98


def test_axis_needs_inhales_that_agree() -> None:
    assert axes.from_inhales([np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0])]) is None
    assert axes.from_inhales([]) is None
    assert axes.from_inhales([np.zeros(3)]) is None


def test_axis_is_carried_with_gravity() -> None:
    """Leaning back by 30 degrees: the way in stays across gravity, and stays in."""
    before, after = np.radians(20.0), np.radians(50.0)
    gravity = [1000 * np.array([np.cos(a), 0.0, np.sin(a)]) for a in (before, after)]
    inwards = [np.array([-np.sin(a), 0.0, np.cos(a)]) for a in (before, after)]
    assert np.allclose(axes.carried(inwards[0], gravity[0], gravity[1]), inwards[1])
    assert axes.carried(inwards[0], gravity[0], -gravity[0]) is inwards[0]


def test_a_carried_axis_lets_as_much_of_a_breath_through_as_before() -> None:
    """Weights are longer than 1; in another posture a breath along the direction still comes out whole."""
    axis = axes.Axis(np.array([0.6, 0.0, 0.8]), np.array([1.4, 0.7, 0.2]))
    there = axis.carried(np.array([800.0, 0.0, -600.0]), np.array([600.0, 300.0, -740.0]))
    assert float((there.weights * there.direction).sum()) == pytest.approx(1.0)


def test_weights_let_the_breath_through_and_turn_from_sway() -> None:
    t_s = np.arange(0.0, 60.0, 0.04)
    breath = level(t_s, quiet(1, 60))
    rng = np.random.default_rng(0)
    sway = np.cumsum(rng.normal(0.0, 0.4, len(t_s)))
    direction = np.array([0.6, 0.0, 0.8])
    smooth = 5.0 * breath[:, None] * direction + sway[:, None] * np.array([0.0, 0.7, 0.7])
    found = axes.weighted(direction, smooth, np.ones(len(t_s), dtype=bool), rate_hz=25.0)
    assert float((found.weights * direction).sum()) == pytest.approx(1.0)
    plain, weighted = smooth @ direction, smooth @ found.weights
    truth = 5.0 * breath
    assert np.std(weighted - truth) < 0.8 * np.std(plain - truth)


def test_likely_sign_on_a_breastbone() -> None:
    """The made-up chest tips its face up with an inhale, and is worn the usual way round."""
    t_s = np.arange(0.0, 40.0, 0.04)
    smooth = chest_acc(t_s, level(t_s, quiet(1, 40)), noise_mg=0.3, heart_mg=0.0)
    guess = axes.provisional(smooth, None)
    assert guess is not None
    assert float(guess[2]) > 0.8
    turned = rotation(8)
    again = axes.provisional(smooth @ turned.T, turned @ guess)
    assert again is not None
    assert np.allclose(again, turned @ guess, atol=0.05)


def test_drift_is_taken_out_of_the_amplitude() -> None:
    """Sinking by 0.8 mg a second: breaths of 10 mg stay 10 mg."""
    t_s = np.arange(0.0, 120.0, 0.04)
    slow = [(1 + 8 * k, 3.2, 4.0, 10.0) for k in range(14)]
    x = level(t_s, slow) - 0.8 * t_s
    sizes = {}
    for name, detector in (("plain", Detector(rate_hz=25.0)), ("steadied", Steadied(Detector(rate_hz=25.0)))):
        ended = [e.breath.amplitude for e in detector.push(t_s, x) if isinstance(e, Ended)]
        sizes[name] = float(np.median(ended[5:]))
    assert sizes["plain"] < 8.5
    assert abs(sizes["steadied"] - 10.0) < 0.5 * abs(sizes["plain"] - 10.0)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_each_doubt_caps_the_quality(doubt: Doubt) -> None:
    assert quality(10.0, 0.5, []) == 1.0
    assert quality(10.0, 0.5, [doubt]) == CAPS[doubt] < 0.5


def test_quality_falls_with_noise() -> None:
    assert quality(10.0, 1.0, []) > quality(10.0, 3.0, []) > quality(10.0, 6.0, [])
    assert not is_visible(1.0, 0.6, "")
    assert not is_visible(0.05, 0.0, "N")
    assert is_visible(5.0, 1.0, "mg")


def test_template_knows_a_jagged_shape() -> None:
    t_s = np.arange(0.0, 8.0, 0.04)
    own = Template()
    for size in (1.0, 1.2, 0.9, 3.0):
        form = shape(t_s, level(t_s, [(0.0, 3.0, 4.0, size)]), start_s=0.0, peak_s=3.0, end_s=5.2)
        assert form is not None
        own.learn(form)
    slow = shape(t_s, level(t_s, [(0.0, 2.0, 5.0, 2.0)]), start_s=0.0, peak_s=2.0, end_s=4.7)
    jagged = shape(t_s, np.sin(2 * np.pi * 1.1 * t_s), start_s=0.0, peak_s=3.0, end_s=5.2)
    assert slow is not None
    assert jagged is not None
    assert own.known
    assert not own.unlike(slow)
    assert own.unlike(jagged)


def test_ring_keeps_what_it_must() -> None:
    ring = Ring(columns=2, capacity=50)
    for k in range(40):
        rows = np.arange(7.0)[:, None] + 7 * k
        ring.append(np.concatenate((rows, rows), axis=1))
        assert len(ring) >= min(50, 7 * (k + 1))
        assert ring.rows[-1, 0] == 7 * k + 6
    part = ring.between(260.0, 265.5)
    assert part[:, 0].tolist() == [260.0, 261.0, 262.0, 263.0, 264.0, 265.0]


def test_trace_window() -> None:
    trace = Trace()
    t_s = np.arange(0.0, 300.0, 0.04)
    for i in range(0, len(t_s), 25):
        here = slice(i, i + 25)
        trace.append(t_s[here], t_s[here] * 2, t_s[here] > 295, Phase.IN)
    window = trace.window(10.0)
    assert window.t_s[0] == pytest.approx(289.96, abs=0.05)
    assert window.moving.any()
    assert not window.moving.all()
    assert len(trace.window(1000.0)) == pytest.approx(TRACE_S * 25, abs=2)
    trace.clear()
    assert len(trace.window(5.0)) == 0
