from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Connection, Contact
from breathsync.sensors.ble.profiles.device_info import FIRMWARE, MODEL, DeviceInformation
from breathsync.sensors.ble.profiles.heart_rate import (
    BATTERY,
    MEASUREMENT,
    BatteryService,
    HeartRate,
    HeartRateMeasurement,
    beats,
)
from tests.sensors.ble.scripts import Strap

measurements = st.booleans().flatmap(
    lambda wide: st.builds(
        HeartRateMeasurement,
        heart_rate_bpm=st.integers(0, 65535 if wide else 255),
        rr=st.lists(st.integers(0, 65535), max_size=8).map(tuple),
        contact=st.none() | st.booleans(),
        energy_kj=st.none() | st.integers(0, 65535),
        wide=st.just(wide),
    )
)


@given(measurements)
def test_what_is_encoded_decodes_to_the_same(measurement):
    assert HeartRateMeasurement.from_bytes(measurement.to_bytes()) == measurement


@given(st.binary(max_size=24))
def test_any_bytes_decode_or_say_why(data):
    with suppress(DecodeError):
        measurement = HeartRateMeasurement.from_bytes(data)
        assert all(273 <= rr_ms <= 2048 for rr_ms in measurement.believable_rr_ms)


@pytest.mark.parametrize("bad", ["", "10", "01 3c", "08 3c 01", "10 3c 00", "00 3c 00 04", "80 3c"])
def test_cut_and_reserved_bytes_are_refused(bad):
    with pytest.raises(DecodeError):
        HeartRateMeasurement.from_bytes(bytes.fromhex(bad))


@pytest.mark.parametrize(
    ("bpm", "rr", "believed"),
    [
        (60, (1024,), 1),
        (60, (500,), 0),  # 488 ms at 60 beats/min: under half of 1000 ms
        (60, (2060,), 0),  # 2012 ms: within 273..2048, but twice the beat
        (60, (1945,), 0),  # 1899 ms: a beat missed
        (0, (1024,), 1),  # no rate yet: the interval alone decides
        (200, (270,), 0),  # 264 ms: over 220 beats/min
        (30, (2100,), 0),  # 2051 ms
    ],
)
def test_only_intervals_a_heart_can_make_are_believed(bpm, rr, believed):
    assert len(HeartRateMeasurement(heart_rate_bpm=bpm, rr=rr).believable_rr_ms) == believed


def test_beats_lie_one_interval_apart_and_the_last_on_arrival():
    block = beats((1000.0, 900.0, 800.0))
    assert block.stream is Stream.RR
    np.testing.assert_allclose(block.age_s, [1.7, 0.8, 0.0])
    np.testing.assert_allclose(block.values[:, 0], [1000, 900, 800])


def test_a_strap_with_the_service_gives_rate_beats_and_contact():
    strap = Strap(HeartRate(), lambda step: [(MEASUREMENT, bytes.fromhex("16 34 e4 04"))])
    facts = strap.start(Connection(characteristics=frozenset({MEASUREMENT})))
    assert facts.streams == (Stream.RR, Stream.HEART_RATE)
    contact, rate, rr = strap.heard
    assert contact == Contact(worn=True)
    assert (rate.stream, rate.values.tolist()) == (Stream.HEART_RATE, [[52.0]])
    assert (rr.stream, rr.values.tolist()) == (Stream.RR, [[1222.65625]])


def test_nothing_is_subscribed_that_is_not_wanted_or_not_there():
    strap = Strap(HeartRate(), lambda step: None)
    there = frozenset({MEASUREMENT})
    assert strap.start(Connection(characteristics=frozenset())).streams == ()
    assert strap.start(Connection(characteristics=there, wanted=frozenset({Stream.FORCE}))).streams == ()
    assert strap.steps == []


def test_zero_beats_a_minute_is_not_a_heart_rate():
    assert HeartRate().feed(MEASUREMENT, bytes.fromhex("00 00")) == []


@pytest.mark.parametrize(("reply", "percent"), [(b"\x55", 85), (b"\xff", None), (b"", None), (None, None)])
def test_battery_is_read_and_nonsense_is_no_reason_to_fail(reply, percent):
    strap = Strap(
        BatteryService(), lambda step: reply if "optional" in repr(step) and "Read" in repr(step) else []
    )
    assert strap.start(Connection(characteristics=frozenset({BATTERY}))).battery_percent == percent


def test_a_battery_notification_outside_0_to_100_is_refused():
    with pytest.raises(DecodeError, match=r"0\.\.100"):
        BatteryService().feed(BATTERY, b"\x65")


def test_device_information_reads_what_is_there():
    texts = {MODEL: b"H10\0\0", FIRMWARE: b"3.1.1"}
    strap = Strap(DeviceInformation(), lambda step: texts[step.characteristic])
    facts = strap.start(Connection(characteristics=frozenset(texts)))
    assert (facts.model, facts.firmware, facts.serial) == ("H10", "3.1.1", "")


def test_what_a_device_calls_itself_cannot_steer_a_terminal():
    texts = {MODEL: b"H10\x1b[2J\x07\xff"}
    strap = Strap(DeviceInformation(), lambda step: texts[step.characteristic])
    assert (
        strap.start(Connection(characteristics=frozenset(texts))).model == "H10[2J\N{REPLACEMENT CHARACTER}"
    )
