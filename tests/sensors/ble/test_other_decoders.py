"""Our decoders agree with bleakheart's and polar-python's on random valid frames."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.sensors.ble.profiles.heart_rate import HeartRateMeasurement
from breathsync.sensors.ble.profiles.polar_control import (
    ControlAnswer,
    Features,
    Measurement,
    Op,
    Settings,
    Status,
)
from breathsync.sensors.ble.profiles.polar_frames import POLAR_EPOCH_UNIX_NS, Frame
from tests.sensors.ble.test_heart_rate import measurements
from tests.sensors.ble.test_polar_pmd import frames, settings

FACTOR = 2.44e-4


@pytest.fixture(scope="module")
def bleakheart():
    return pytest.importorskip("bleakheart", reason="bleakheart is not installed")


@pytest.fixture(scope="module")
def parsers():
    return pytest.importorskip("polar_python.parsers", reason="polar-python is not installed")


@pytest.fixture(scope="module")
def polar_models():
    return pytest.importorskip("polar_python.models", reason="polar-python is not installed")


@given(measurement=measurements)
def test_heart_rate_agrees_with_bleakheart(bleakheart, measurement):
    theirs = bleakheart.HeartRate(None, callback=print)._decode(bytearray(measurement.to_bytes()))
    ours = HeartRateMeasurement.from_bytes(measurement.to_bytes())
    assert theirs["hr"] == ours.heart_rate_bpm
    assert theirs.get("contact") == ours.contact
    assert theirs.get("nrg") == ours.energy_kj
    assert theirs.get("rr", []) == [round(rr_ms) for rr_ms in ours.rr_ms]


@given(bpm=st.integers(0, 255), rr=st.lists(st.integers(0, 65535), max_size=8))
def test_heart_rate_agrees_with_polar_python(parsers, bpm, rr):
    data = HeartRateMeasurement(heart_rate_bpm=bpm, rr=tuple(rr)).to_bytes()
    theirs = parsers.parse_hr_data(bytearray(data))
    ours = HeartRateMeasurement.from_bytes(data)
    assert theirs.heartrate == ours.heart_rate_bpm
    assert theirs.rr_intervals == pytest.approx(ours.rr_ms)


@given(frame=frames().filter(lambda f: (f.measurement, f.frame_type) in {(0, 0), (2, 1)}))
def test_h10_frames_agree_with_bleakheart(bleakheart, frame):
    got = []
    pmd = bleakheart.PolarMeasurementData(None, callback=got.append)
    pmd._time_offset = 0
    asyncio.run(pmd._pmd_data_handler(None, bytearray(frame.to_bytes())))
    ((kind, timestamp_ns, samples),) = got
    ours = Frame.from_bytes(frame.to_bytes())
    assert (kind, timestamp_ns) == (ours.measurement.name, ours.timestamp_ns)
    np.testing.assert_array_equal(np.reshape(samples, (len(samples), -1)), ours.values())


@given(frame=frames().filter(lambda f: (f.measurement, f.frame_type) not in {(2, 2), (5, 0x81)}))
def test_frames_agree_with_polar_python(parsers, frame):
    data = frame.to_bytes()
    theirs = parsers.parse_polar_data(bytearray(data), lambda _: FACTOR)
    ours = Frame.from_bytes(data)
    values = ours.values(FACTOR)
    if ours.frame_type & 0x80 and ours.measurement is Measurement.ACC:
        values = np.trunc(values)  # polar-python cuts scaled acceleration to whole mg
    assert theirs.timestamp == ours.timestamp_ns + POLAR_EPOCH_UNIX_NS
    np.testing.assert_allclose(np.reshape(theirs.data, values.shape), values, atol=1e-6)


@given(chosen=settings())
def test_settings_agree_with_polar_python(polar_models, chosen):
    without_floats = Settings(
        values=tuple((s, v) for s, v in chosen.values if s.name not in ("FACTOR", "RANGE_MILLI"))
    )
    answer = ControlAnswer(
        op=Op.GET_SETTINGS,
        measurement=Measurement.ACC,
        status=Status.OK,
        parameters=without_floats.to_bytes(),
    ).to_bytes()
    theirs = polar_models.MeasurementSettings.from_bytes(bytearray(answer))
    assert (theirs.error_code, theirs.more_frames) == (0, False)
    ours = ControlAnswer.from_bytes(answer).settings.values
    assert [(s.type.value, tuple(s.values)) for s in theirs.settings] == [(int(s), v) for s, v in ours]


@given(
    offered=st.sets(st.sampled_from([Measurement.ECG, Measurement.PPG, Measurement.ACC, Measurement.GYRO]))
)
def test_features_agree_with_bleakheart(bleakheart, offered):
    data = Features.of(*offered).to_bytes()

    class Client:
        async def read_gatt_char(self, characteristic):
            return bytearray(data)

    theirs = asyncio.run(bleakheart.PolarMeasurementData(Client(), callback=print).available_measurements())
    ours = Features.from_bytes(data)
    assert set(theirs) == {m.name for m in Measurement if m in ours}
