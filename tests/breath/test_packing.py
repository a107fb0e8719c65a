"""G16: how samples are packed into blocks changes nothing, to the bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathsync.breath.events import CueInhale, LearnFull, LearnQuiet, Posture, SettleIn
from breathsync.breath.follower import Follower
from breathsync.samples import FloatArray, Samples, SensorInfo, Stream
from breathsync.settings import Settings
from tests.breath.bodies import belt, chest_acc, follow, level, quiet, ramp, rotation

ORDERS = [
    (1.0, LearnQuiet()),
    (36.0, LearnFull()),
    (37.0, CueInhale(t_s=37.0)),
    (47.0, CueInhale(t_s=47.0)),
    (57.0, CueInhale(t_s=57.0)),
    (69.0, SettleIn(posture=Posture.LEFT)),
]
BREATHS = [
    *quiet(1, 34),
    (37.6, 3, 4, 3.2),
    (47.6, 3.2, 4, 3.0),
    (57.5, 3, 4.2, 3.3),
    *quiet(69.5, 84, seed=3),
    (87.0, 3.0, 4.0, 3.0),
]


def dirty(t_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """With a stretch of NaN, an infinity, a sample out of order, and a clock that starts anew."""
    n = len(t_s)
    t_s, values = t_s.copy(), values.copy()
    values[int(0.905 * n) : int(0.915 * n)] = np.nan
    values[int(0.93 * n)] = np.inf
    t_s[int(0.94 * n)] -= 0.5
    t_s[int(0.97 * n) :] -= 20.0
    return t_s, values


def recording(stream: Stream, rate_hz: float) -> tuple[FloatArray, FloatArray]:
    t_s = np.arange(0.0, 100.0, 1.0 / rate_hz)
    breath = level(t_s, BREATHS)
    if stream is Stream.FORCE:
        return dirty(t_s, belt(t_s, breath))
    lean = ramp(t_s, [(64.5, 1.5, 4.0), (95.0, 1.0, -3.0)])
    return dirty(t_s, chest_acc(t_s, breath, lean_deg=lean, mounting=rotation(5)))


CASES = {
    "belt at 10 Hz": (Stream.FORCE, 10.0),
    "belt at 100 Hz": (Stream.FORCE, 100.0),
    "accelerometer at 50 Hz": (Stream.ACCELERATION, 50.0),
}
KNOWN: dict[str, list[str]] = {}


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
def test_g16_no_matter_how_it_is_cut(case: str, data: st.DataObject) -> None:
    stream, rate_hz = CASES[case]
    t_s, values = recording(stream, rate_hz)
    if case not in KNOWN:
        _, events = follow(t_s, values, stream, rate_hz, orders=ORDERS, cuts=())
        KNOWN[case] = [repr(e) for e in events]
        assert sum("Calibrated" in e for e in KNOWN[case]) >= 2
        assert sum("BreathReturned" in e for e in KNOWN[case]) > 15
    cuts = data.draw(st.lists(st.integers(1, len(t_s) - 1), max_size=300, unique=True))
    _, events = follow(t_s, values, stream, rate_hz, orders=ORDERS, cuts=cuts)
    assert [repr(e) for e in events] == KNOWN[case]


def test_g16_one_sample_a_block() -> None:
    t_s, values = recording(Stream.FORCE, 10.0)
    _, whole = follow(t_s, values, Stream.FORCE, 10.0, orders=ORDERS, cuts=())
    _, single = follow(t_s, values, Stream.FORCE, 10.0, orders=ORDERS, cuts=range(len(t_s)))
    assert [repr(e) for e in single] == [repr(e) for e in whole]


def test_g16_helpers_in_any_packing() -> None:
    """A gyroscope and beats in other blocks than the accelerometer, half a second late at most."""
    rate_hz = 50.0
    t_s, values = recording(Stream.ACCELERATION, rate_hz)
    t_s, values = t_s[: int(80 * rate_hz)], values[: int(80 * rate_hz)]
    gyro = np.random.default_rng(0).normal(0.2, 0.3, values.shape)
    gyro[(t_s > 65) & (t_s < 68)] += 10.0
    beats = np.arange(0.5, 80.0, 0.9)
    rr = 900.0 - 30.0 * level(beats, BREATHS)
    sensor = SensorInfo(
        name="made up",
        kind="test",
        streams=(Stream.ACCELERATION, Stream.GYROSCOPE, Stream.RR),
        rates_hz={Stream.ACCELERATION: rate_hz, Stream.GYROSCOPE: rate_hz},
    )
    told = []
    for block in (10, 25):
        follower = Follower(info=sensor, settings=Settings())
        events = []
        orders = list(ORDERS)
        for i in range(0, len(t_s), block):
            while orders and orders[0][0] <= t_s[i]:
                follower.order(orders.pop(0)[1])
            here = slice(i, i + block)
            helpers = [Samples(stream=Stream.GYROSCOPE, t_s=t_s[here], values=gyro[here])]
            now = (beats > t_s[here][0] - 0.02) & (beats <= t_s[here][-1])
            helpers.append(Samples(stream=Stream.RR, t_s=beats[now], values=rr[now][:, None]))
            acc = Samples(stream=Stream.ACCELERATION, t_s=t_s[here], values=values[here])
            for samples in [acc, *helpers] if block == 10 else [*helpers, acc]:
                events.extend(follower.push(samples))
        told.append([repr(e) for e in events])
    assert any("TurnSeen" in e for e in told[0])
    assert told[0] == told[1]


def test_g15_the_same_again() -> None:
    t_s, values = recording(Stream.ACCELERATION, 50.0)
    first = follow(t_s, values, Stream.ACCELERATION, 50.0, orders=ORDERS)[1]
    again = follow(t_s, values, Stream.ACCELERATION, 50.0, orders=ORDERS)[1]
    assert [repr(e) for e in again] == [repr(e) for e in first]
