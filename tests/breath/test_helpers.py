"""Gyroscope, heart and taps: what they add, and that they stay silent where they do not know."""

import numpy as np
import pytest

from breathsync.breath.events import Middle, Tapped, TurnSeen, Witness
from breathsync.breath.follower import Follower
from breathsync.breath.heart import Heart, RWaves
from breathsync.breath.taps import Taps
from breathsync.samples import FloatArray, Samples, SensorInfo, Stream
from breathsync.settings import Settings
from tests.breath.bodies import chest_acc, level, quiet, ramp, rotation


def turned(mounting: FloatArray, *, bias: float = 0.4, noise: float = 0.1) -> list[TurnSeen]:
    """20 s still, 30 degrees to the left in 3 s, 10 s there, back again."""
    t_s = np.arange(0.0, 60.0, 0.01)
    turn = ramp(t_s, [(22.0, 3.0, 30.0), (40.0, 3.0, -30.0)])
    acc = chest_acc(t_s, level(t_s, quiet(1, 60)), mounting=mounting)
    pitch = np.radians(20.0)
    up = np.array([np.cos(pitch), 0.0, np.sin(pitch)])
    rates = np.gradient(turn, t_s)[:, None] * up
    gyro = (rates + np.random.default_rng(2).normal(bias, noise, rates.shape)) @ mounting.T
    sensor = SensorInfo(
        name="made up",
        kind="test",
        streams=(Stream.ACCELERATION, Stream.GYROSCOPE),
        rates_hz={Stream.ACCELERATION: 100.0, Stream.GYROSCOPE: 100.0},
    )
    follower = Follower(info=sensor, settings=Settings())
    events = []
    for i in range(0, len(t_s), 25):
        if i == 2000:
            follower.order(Middle())
        here = slice(i, i + 25)
        events += follower.push(Samples(stream=Stream.GYROSCOPE, t_s=t_s[here], values=gyro[here]))
        events += follower.push(Samples(stream=Stream.ACCELERATION, t_s=t_s[here], values=acc[here]))
    return [e for e in events if isinstance(e, TurnSeen)]


@pytest.mark.parametrize("mounting", [np.eye(3), rotation(4), np.diag([-1.0, -1.0, 1.0])])
def test_turn_in_degrees_whatever_the_mounting(mounting: FloatArray) -> None:
    seen = turned(mounting)
    there = [e.turn_deg for e in seen if 24 < e.t_s < 40]
    assert there
    assert there[-1] == pytest.approx(30.0, abs=2.0)
    assert seen[-1].turn_deg == pytest.approx(0.0, abs=2.0)


def test_no_turn_is_said_without_one() -> None:
    assert max((abs(e.turn_deg) for e in turned(np.eye(3)) if e.t_s < 22), default=0.0) < 2.0


def beating(
    until_s: float,
    wall: list[tuple[float, float, float, float]],
    *,
    seed: int = 0,
    follows_ms: float = 40.0,
    late_s: float = 0.0,
) -> FloatArray:
    """Beats (n, 2) of stamp and interval in ms: quicker as the wall goes out, with a wander of 12 ms."""
    rng = np.random.default_rng(seed)
    beats, t = [], 0.5
    while t < until_s:
        rr = 900.0 - follows_ms * float(level(np.array([t - late_s]), wall)[0]) + float(rng.normal(0, 12))
        t += rr / 1000
        beats.append((t, rr))
    return np.array(beats)


WALL = [
    *quiet(1, 34),
    (37.0, 3.2, 4.0, 3.2),
    (48.0, 3.2, 4.0, 3.2),
    (59.0, 3.2, 4.0, 3.2),
    (80.0, 3.2, 4.0, 3.2),
]
SPANS = [(37.0, 44.0), (48.0, 55.0), (59.0, 66.0)]


def taught(wall: list[tuple[float, float, float, float]], **heart_of: float) -> Heart:
    heart = Heart(ecg_rate_hz=None)
    beats = beating(110.0, wall, **heart_of)
    heart.hear(Samples(stream=Stream.RR, t_s=beats[:, 0], values=beats[:, 1:]))
    heart.learn(SPANS, lambda t: level(t, WALL))
    return heart


def test_heart_agrees_with_a_breath() -> None:
    assert taught(WALL).says(80.0, 87.0, lambda t: level(t, WALL)) is Witness.AGREES


def test_heart_disagrees_with_a_lean() -> None:
    """The sensor saw a rise and fall like a full breath at 95 s; the chest took none."""
    seen = [*WALL, (95.0, 3.2, 4.0, 3.2)]
    assert taught(WALL).says(95.0, 102.5, lambda t: level(t, seen)) is Witness.DISAGREES


def test_heart_agrees_with_no_lean_over_quiet_breaths() -> None:
    """The heart follows the quiet breaths beneath a lean of four; that confirms nothing."""
    beneath = [*WALL, (95.0, 1.6, 1.0, 1.6), (98.4, 1.6, 1.0, 1.6)]
    seen = [*WALL, (95.0, 3.2, 4.0, 3.2)]
    heart = taught(beneath)
    assert heart.says(80.0, 87.0, lambda t: level(t, WALL)) is Witness.AGREES
    assert heart.says(95.0, 102.5, lambda t: level(t, seen)) is Witness.DISAGREES


@pytest.mark.parametrize("late_s", [0.0, 0.8, 1.4])
def test_heart_may_answer_late(late_s: float) -> None:
    heart = taught(WALL, late_s=late_s)
    assert heart.says(80.0, 87.5, lambda t: level(t, WALL)) is Witness.AGREES


def test_a_heart_that_hardly_follows_has_no_say() -> None:
    seen = [*WALL, (95.0, 3.2, 4.0, 3.2)]
    assert taught(WALL, follows_ms=2.0).says(95.0, 102.5, lambda t: level(t, seen)) is Witness.SILENT


def test_heart_is_silent_without_beats_or_learning() -> None:
    assert Heart(ecg_rate_hz=None).says(80.0, 87.0, lambda t: t) is Witness.SILENT
    heart = taught(WALL)
    heart.forget()
    assert heart.says(80.0, 87.0, lambda t: level(t, WALL)) is Witness.SILENT


def test_heart_uses_no_beat_younger_than_a_second_and_a_half() -> None:
    early, late = taught(WALL), Heart(ecg_rate_hz=None)
    beats = beating(110.0, WALL)
    beats = beats[beats[:, 0] < 85.5]
    late.hear(Samples(stream=Stream.RR, t_s=beats[:, 0], values=beats[:, 1:]))
    late.learn(SPANS, lambda t: level(t, WALL))
    assert early.says(80.0, 87.0, lambda t: level(t, WALL)) is late.says(80.0, 87.0, lambda t: level(t, WALL))


@pytest.mark.parametrize("step", [1, 13, 130])
def test_r_waves_are_found_in_any_packing(step: int) -> None:
    t_s = np.arange(0.0, 20.0, 1 / 130)
    beats = np.arange(0.6, 20.0, 0.85)
    uv = np.zeros(len(t_s))
    for k, beat in enumerate(beats.tolist()):
        uv += (1000 + 100 * (k % 3)) * np.exp(-(((t_s - beat) / 0.012) ** 2))
    waves = RWaves(rate_hz=130.0)
    found = []
    for i in range(0, len(t_s), step):
        found += waves.push(t_s[i : i + step], uv[i : i + step, None])
    assert len(found) == pytest.approx(len(beats), abs=3)
    assert np.allclose(np.diff([t for t, _ in found]), 0.85, atol=0.03)
    sizes = [size for _, size in found]
    assert max(sizes) / min(sizes) == pytest.approx(1.2, rel=0.1)


def tapped(
    times: list[float], *, rate_hz: float = 200.0, shake_mg: float = 0.0, size: float = 900.0
) -> list[Tapped]:
    t_s = np.arange(0.0, 12.0, 1 / rate_hz)
    acc = chest_acc(t_s, level(t_s, quiet(1, 12)))
    rng = np.random.default_rng(1)
    if shake_mg:
        acc += np.convolve(rng.normal(0, shake_mg, len(t_s)), np.ones(5) / 5, "same")[:, None]
    for at in times:
        after = t_s - at
        ring = (after >= 0) & (after < 0.05)
        acc[ring, 2] += size * np.exp(-after[ring] / 0.012) * np.cos(2 * np.pi * 60 * after[ring])
    taps, words = Taps(rate_hz=rate_hz), []
    for i in range(0, len(t_s), 36):
        words += taps.push(t_s[i : i + 36], acc[i : i + 36])
    return words


@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 400.0])
def test_two_and_three_taps_are_words(rate_hz: float) -> None:
    assert [w.count for w in tapped([5.0, 5.3], rate_hz=rate_hz)] == [2]
    assert [w.count for w in tapped([5.0, 5.3, 5.65], rate_hz=rate_hz)] == [3]


@pytest.mark.parametrize("rate_hz", [104.0, 208.0])
def test_a_tap_is_heard_wherever_the_samples_fall_and_however_softly_it_begins(rate_hz: float) -> None:
    """The blow rings at 38 Hz; the sample that its onset falls on may be a soft one."""
    t_s = np.arange(0.0, 60.0, 1 / rate_hz)
    acc = chest_acc(t_s, level(t_s, quiet(5, 60)))
    for k in range(12):
        for at in (2.0 + 4.0 * k + k / 12 / rate_hz, 2.3 + 4.0 * k):
            after = np.clip(t_s - at, 0, None)
            blow = 900.0 * np.exp(-after / 0.014) * np.sin(2 * np.pi * 38 * after + 0.3)
            acc[:, 2] += np.where(t_s >= at, blow, 0.0)
    assert [w.count for w in Taps(rate_hz=rate_hz).push(t_s, acc)] == [2] * 12


def test_one_tap_four_taps_and_far_taps_are_none() -> None:
    assert tapped([5.0]) == []
    assert tapped([5.0, 5.3, 5.6, 5.9]) == []
    assert tapped([5.0, 6.2]) == []


def test_soft_taps_and_shaking_are_none() -> None:
    assert tapped([5.0, 5.3], size=150.0) == []
    assert tapped([], shake_mg=300.0) == []
