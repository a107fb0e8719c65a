import numpy as np
import pytest

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Connection,
    Device,
    DeviceBlock,
    Facts,
    Subscribe,
    Write,
    block,
    uuid16,
)
from tests.sensors.ble.scripts import Strap

THERE = Connection(characteristics=frozenset({"a", "b"}))


class Part:
    """A profile of one characteristic that writes down what it did."""

    def __init__(self, characteristic, facts):
        self.characteristic = characteristic
        self.facts = facts

    def start(self, connection):
        yield Subscribe(characteristic=self.characteristic)
        return self.facts

    def stop(self):
        yield Write(characteristic=self.characteristic, data=b"stop")

    def feed(self, characteristic, data):
        return [Answer(data=data)] if characteristic == self.characteristic else []


def test_16_bit_numbers_become_what_bleak_calls_them():
    assert uuid16(0x180D) == "0000180d-0000-1000-8000-00805f9b34fb"


def test_a_device_starts_its_parts_in_order_and_stops_them_the_other_way():
    first = Facts(streams=(Stream.RR,), model="H10", notes=("one",))
    second = Facts(streams=(Stream.RR, Stream.ECG), model="other", battery_percent=0, notes=("two",))
    strap = Strap(Device(Part("a", first), Part("b", second)), lambda step: None)
    facts = strap.start(THERE)
    assert facts == Facts(
        streams=(Stream.RR, Stream.ECG), model="H10", battery_percent=0, notes=("one", "two")
    )
    strap.stop()
    assert [step.characteristic for step in strap.steps] == ["a", "b", "b", "a"]
    assert strap.profile.feed("b", b"x") == [Answer(data=b"x")]
    assert strap.profile.feed("c", b"x") == []


def test_what_is_known_first_stays_even_when_it_is_zero():
    assert Facts(battery_percent=0).with_(Facts(battery_percent=80)).battery_percent == 0
    assert Facts(rates_hz={Stream.RR: 1}).with_(Facts(rates_hz={Stream.RR: 2, Stream.ECG: 130})).rates_hz == {
        Stream.RR: 1,
        Stream.ECG: 130,
    }


def test_a_block_without_device_time_ends_on_arrival():
    found = block(Stream.FORCE, [(1,), (2,), (3,)], spacing_s=0.1)
    np.testing.assert_allclose(found.age_s, [0.2, 0.1, 0.0])
    assert found.device_time_ns is None
    assert len(found) == 3


@pytest.mark.parametrize(
    "parts",
    [
        {"values": np.zeros((2, 3))},
        {"values": np.zeros((2, 1)), "age_s": np.zeros(3)},
        {"values": np.zeros((2, 1)), "device_time_ns": np.zeros(1, dtype=np.int64)},
    ],
)
def test_a_block_whose_shapes_do_not_fit_is_refused(parts):
    with pytest.raises(ValueError, match=r"wants"):
        DeviceBlock(stream=Stream.FORCE, **parts)
