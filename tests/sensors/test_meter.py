"""The meter of `pair` and `check`: sees a breath where there is one, and none where there is none."""

import numpy as np
import pytest

from breathsync.samples import Samples, Stream
from breathsync.sensors.meter import BreathMeter

RATE_HZ = 50.0


def shown(
    kind: Stream, seconds: float = 25.0, *, size: float, noise: float, period_s: float = 5.0
) -> BreathMeter:
    t_s = np.arange(0, seconds, 1 / RATE_HZ)
    rng = np.random.default_rng(4)
    breath = size / 2 * np.sin(2 * np.pi * t_s / period_s)
    if kind is Stream.ACCELERATION:
        tilt = np.array([0.8, 0.0, -0.6])
        values = np.array([0.0, 900.0, 400.0]) + breath[:, None] * tilt + rng.normal(0, noise, (len(t_s), 3))
    else:
        values = (8.0 + breath + rng.normal(0, noise, len(t_s)))[:, None]
    meter = BreathMeter()
    for start in range(0, len(t_s), 9):
        meter.push(Samples(stream=kind, t_s=t_s[start : start + 9], values=values[start : start + 9]))
    return meter


@pytest.mark.parametrize("period_s", [3.0, 5.0, 9.0])
def test_a_quiet_breath_is_seen(period_s: float) -> None:
    assert shown(Stream.ACCELERATION, size=6.0, noise=2.0, period_s=period_s).word == "good"
    assert shown(Stream.FORCE, size=1.5, noise=0.02, period_s=period_s).word == "good"


def test_noise_is_not_seen() -> None:
    assert shown(Stream.ACCELERATION, size=0.0, noise=2.0).word == "not seen"
    assert shown(Stream.FORCE, size=0.0, noise=0.02).word == "not seen"


def test_travel_is_the_breath_s_own() -> None:
    assert shown(Stream.ACCELERATION, size=8.0, noise=0.5).travel == pytest.approx(8.0, rel=0.2)


def test_a_few_seconds_say_nothing() -> None:
    assert shown(Stream.FORCE, 4.0, size=1.5, noise=0.02).word == "wait"


def test_a_few_seconds_show_a_line_already() -> None:
    meter = shown(Stream.FORCE, 4.0, size=1.5, noise=0.02)
    assert meter.travel == pytest.approx(1.5, rel=0.1)
    assert len(meter.line) > 30
    assert shown(Stream.FORCE, 0.5, size=1.5, noise=0.02).travel == 0.0


def test_a_constant_and_holes_do_no_harm() -> None:
    meter = BreathMeter()
    t_s = np.arange(0, 10, 0.1)
    values = np.full((100, 1), 5.0)
    values[::7] = np.nan
    meter.push(Samples(stream=Stream.FORCE, t_s=t_s, values=values))
    meter.push(Samples(stream=Stream.RR, t_s=np.array([1.0]), values=np.array([[900.0]])))
    assert meter.word == "not seen"
    assert 0 <= meter.level <= 1
