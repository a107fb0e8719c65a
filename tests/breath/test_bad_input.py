"""Nothing raises out of the follower, whatever comes; memory stays flat."""

import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathsync.breath.events import (
    BreathEnded,
    CueInhale,
    Forget,
    LearnFull,
    LearnQuiet,
    Middle,
    Posture,
    SettleIn,
)
from breathsync.breath.follower import Follower
from breathsync.samples import COLUMNS, Samples, SensorInfo, Stream
from breathsync.settings import Settings
from tests.breath.bodies import belt, chest_acc, info, level, quiet

ORDERS = (
    LearnQuiet(),
    LearnFull(),
    CueInhale(t_s=3.0),
    SettleIn(posture=Posture.LEFT),
    SettleIn(posture=Posture.UPRIGHT),
    Middle(),
    Forget(),
)
ODD = st.sampled_from(
    [0.0, 1.0, -2000.0, 1e300, -1e300, 1e-300, float("nan"), float("inf"), float("-inf"), 973.0]
)
EVERYTHING = SensorInfo(
    name="made up",
    kind="test",
    streams=tuple(Stream),
    rates_hz={Stream.FORCE: 10.0, Stream.ACCELERATION: 50.0, Stream.GYROSCOPE: 50.0, Stream.ECG: 130.0},
)
MOTION = SensorInfo(
    name="made up",
    kind="test",
    streams=tuple(s for s in Stream if s not in (Stream.FORCE, Stream.IMPEDANCE)),
    rates_hz={Stream.ACCELERATION: 50.0, Stream.GYROSCOPE: 50.0, Stream.ECG: 130.0},
)


@st.composite
def blocks(draw: st.DrawFn) -> Samples:
    stream = draw(st.sampled_from(list(Stream)))
    n = draw(st.integers(0, 40))
    start = draw(st.sampled_from([0.0, 5.0, 5.1, 60.0, -100.0, 1e9, float("nan")]))
    with np.errstate(invalid="ignore"):
        t_s = start + np.arange(n) * draw(st.sampled_from([0.02, 0.1, 0.0, -0.1, 3.0, float("inf")]))
    columns = len(COLUMNS[stream])
    rows = draw(st.lists(st.tuples(*[ODD] * columns), min_size=n, max_size=n))
    return Samples(stream=stream, t_s=t_s, values=np.array(rows, dtype=float).reshape(n, columns))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    sensor=st.sampled_from(
        [EVERYTHING, MOTION, info(Stream.FORCE, float("nan")), info(Stream.IMPEDANCE, 125.0)]
    ),
    items=st.lists(st.one_of(blocks(), st.sampled_from(ORDERS)), max_size=25),
)
def test_nothing_raises(sensor: SensorInfo, items: list[Samples]) -> None:
    follower = Follower(info=sensor, settings=Settings())
    for item in items:
        if isinstance(item, Samples):
            follower.push(item)
        else:
            follower.order(item)
        assert follower.live.quality >= 0.0
        follower.trace.window(10.0)
    follower.finish()


@pytest.mark.parametrize("value", [0.0, 1000.0, np.nan, np.inf])
def test_constant_signal_has_no_breath(value: float) -> None:
    t_s = np.arange(0.0, 60.0, 0.02)
    follower = Follower(info=info(Stream.ACCELERATION, 50.0), settings=Settings())
    events = follower.push(Samples(stream=Stream.ACCELERATION, t_s=t_s, values=np.full((len(t_s), 3), value)))
    assert not [e for e in events if isinstance(e, BreathEnded) and e.breath.quality >= 0.5]


def test_heart_only_sees_no_breath() -> None:
    sensor = SensorInfo(name="heart", kind="test", streams=(Stream.RR,))
    follower = Follower(info=sensor, settings=Settings())
    beats = np.arange(0.0, 60.0, 0.9)
    samples = Samples(stream=Stream.RR, t_s=beats, values=np.full((len(beats), 1), 900.0))
    assert follower.push(samples) == []
    follower.order(LearnQuiet())
    assert follower.calibration is None


def test_duplicates_and_late_samples_change_nothing() -> None:
    t_s = np.arange(0.0, 60.0, 0.1)
    force = belt(t_s, level(t_s, quiet(1, 60)))
    order = np.sort(np.concatenate((np.arange(len(t_s)), np.arange(0, len(t_s), 7))), kind="stable")
    told = []
    for index in (np.arange(len(t_s)), order):
        follower = Follower(info=info(Stream.FORCE, 10.0), settings=Settings())
        told.append(follower.push(Samples(stream=Stream.FORCE, t_s=t_s[index], values=force[index])))
    assert [repr(e) for e in told[0]] == [repr(e) for e in told[1]]


def test_memory_stays_flat() -> None:
    """What the follower holds after half an hour is what it held after a quarter."""
    follower = Follower(info=info(Stream.ACCELERATION, 25.0), settings=Settings())
    minute = np.arange(0.0, 60.0, 0.04)
    acc = chest_acc(minute, level(minute, quiet(0.5, 58)))
    held = []
    for k in range(30):
        follower.push(Samples(stream=Stream.ACCELERATION, t_s=minute + 60.0 * k, values=acc))
        if k in (14, 29):
            held.append(len(pickle.dumps(follower)))
    assert held[1] - held[0] < 50_000
