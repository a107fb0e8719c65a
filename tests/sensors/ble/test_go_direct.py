import math
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Ask, Connection
from breathsync.sensors.ble.profiles.go_direct import (
    Answer,
    Command,
    DeviceInfo,
    DeviceStatus,
    Kind,
    Measurement,
    Op,
    SensorInfo,
    checksum,
)
from breathsync.sensors.ble.profiles.go_direct_belt import COMMAND, RESPONSE, GoDirect
from tests.sensors.ble.scripts import Strap

BELT = Connection(characteristics=frozenset({COMMAND, RESPONSE}))
GOLDEN = bytes.fromhex("20 19 CF D8 06 06 00 02 FC 80 8A 07 BF 00 00 C0 7F 80 31 08 BF 00 00 C0 7F")
FORCE = SensorInfo(
    number=1, description="Force", unit="N", typical_period_us=100_000, min_period_us=10_000, high=50
)
RATE = SensorInfo(number=2, description="Respiration Rate", unit="bpm", typical_period_us=10_000_000)

floats = st.floats(width=32)


def measurements():
    masked = st.sampled_from([(Kind.NORMAL_REAL32, 15), (Kind.WIDE_REAL32, 31)]).flatmap(
        lambda k: st.lists(st.integers(0, k[1]), unique=True, max_size=6).flatmap(
            lambda sensors: st.builds(
                Measurement,
                kind=st.just(k[0]),
                sensors=st.just(tuple(sorted(sensors))),
                rows=st.lists(st.tuples(*[floats] * len(sensors)), max_size=9 if sensors else 0).map(tuple),
                counter=st.integers(0, 255),
                spare=st.integers(0, 255),
            )
        )
    )
    single = st.tuples(
        st.sampled_from([Kind.SINGLE_REAL32, Kind.APERIODIC_REAL32, Kind.SINGLE_INT32, Kind.APERIODIC_INT32]),
        st.integers(0, 255),
    ).flatmap(
        lambda k: st.builds(
            Measurement,
            kind=st.just(k[0]),
            sensors=st.just((k[1],)),
            rows=st.lists(
                st.tuples(st.integers(-(2**31), 2**31 - 1) if "INT" in k[0].name else floats), max_size=50
            ).map(tuple),
        )
    )
    notice = st.builds(
        Measurement,
        kind=st.sampled_from([Kind.START_TIME, Kind.DROPPED, Kind.PERIOD]),
        notice=st.binary(max_size=20),
    )
    return masked | single | notice


class Belt:
    """As much of a belt as its command characteristic shows."""

    def __init__(self, sensors=(FORCE, RATE), piece=20, battery=87):
        self.sensors = {sensor.number: sensor for sensor in sensors}
        self.piece = piece
        self.battery = battery
        self.commands = []

    def __call__(self, step):
        if not isinstance(step, Ask):
            return None
        assert (step.response, step.chunk) == (False, 20)
        command = Command.from_bytes(step.data)
        self.commands.append(command)
        payload = {
            Op.GET_STATUS: DeviceStatus(
                battery_percent=self.battery, charger=0, main_version=(1, 2, 3)
            ).to_bytes(),
            Op.GET_DEVICE_INFO: DeviceInfo(
                order_code="GDX-RB", serial="0K200123", name="GDX-RB 0K2"
            ).to_bytes(),
            Op.GET_SENSOR_MASK: struct.pack("<I", sum(1 << n for n in self.sensors)),
        }.get(command.op, b"\0")
        if command.op is Op.GET_SENSOR_INFO:
            payload = self.sensors[command.payload[0]].to_bytes()
        packet = Answer(op=command.op, command_counter=command.counter, payload=payload).to_bytes()
        return [(RESPONSE, packet[i : i + self.piece]) for i in range(0, len(packet), self.piece)]


@given(measurements())
def test_measurements_survive_both_ways(measurement):
    data = measurement.to_bytes()
    assert Measurement.from_bytes(data).to_bytes() == data


@given(st.sampled_from(Op), st.integers(0, 255), st.binary(max_size=100))
def test_commands_and_answers_survive_both_ways(op, counter, payload):
    command = Command(op=op, counter=counter, payload=payload)
    assert Command.from_bytes(command.to_bytes()) == command
    answer = Answer(op=op, command_counter=counter, payload=payload)
    assert Answer.from_bytes(answer.to_bytes()) == answer


def test_the_golden_packet_is_two_samples_of_force_with_the_rate_not_known_yet():
    assert checksum(GOLDEN) == GOLDEN[3]
    measurement = Measurement.from_bytes(GOLDEN)
    assert measurement.sensors == (1, 2)
    assert [round(value, 3) for value in measurement.of(1)] == [-0.529, -0.532]
    assert all(math.isnan(value) for value in measurement.of(2))
    assert list(measurement.of(4)) == []


@given(st.binary(max_size=260))
def test_any_bytes_decode_or_say_why(data):
    belt = GoDirect()
    with suppress(DecodeError):
        belt.feed(RESPONSE, data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({3: 0xD9}, "checksum"),
        ({4: 0x05, 3: 0xD7}, "type 0x05"),
        ({7: 3, 3: 0xD9}, "do not fill"),
        ({1: 0x18}, "whole packet"),
    ],
)
def test_bad_measurements_say_what_is_wrong(change, why):
    data = bytearray(GOLDEN)
    for at, value in change.items():
        data[at] = value
    with pytest.raises(DecodeError, match=why):
        Measurement.from_bytes(bytes(data))


@pytest.mark.parametrize("piece", [1, 7, 20, 244])
def test_the_whole_start_sequence_with_answers_in_pieces(piece):
    strap = Strap(GoDirect(), Belt(piece=piece))
    facts = strap.start(BELT)
    assert facts.streams == (Stream.FORCE,)
    assert facts.rates_hz == {Stream.FORCE: 10}
    assert (facts.model, facts.serial, facts.firmware, facts.battery_percent) == (
        "GDX-RB",
        "0K200123",
        "1.2.3",
        87,
    )
    commands = strap.respond.commands
    assert [c.op.name for c in commands] == [
        "INIT",
        "GET_STATUS",
        "GET_DEVICE_INFO",
        "GET_SENSOR_MASK",
        "GET_SENSOR_INFO",
        "GET_SENSOR_INFO",
        "SET_PERIOD",
        "START",
    ]
    assert [c.counter for c in commands] == list(range(0xFE, 0xFE - 8, -1))
    assert commands[-2].payload.hex(" ") == "ff 00 a0 86 01 00 00 00 00 00"
    assert commands[-1].payload.hex(" ") == "ff 01 02 00 00 00 00 00 00 00 00 00 00 00"


def test_force_comes_out_with_its_spacing_and_the_rate_is_left_out():
    strap = Strap(GoDirect(), Belt())
    strap.start(BELT)
    (block,) = strap.profile.feed(RESPONSE, GOLDEN)
    assert block.stream is Stream.FORCE
    assert block.values.round(3).tolist() == [[-0.529], [-0.532]]
    assert block.age_s.tolist() == [0.1, 0.0]


def test_a_measurement_in_the_middle_of_an_answer_is_not_lost():
    strap = Strap(GoDirect(), Belt())
    strap.start(BELT)
    assert strap.profile.feed(RESPONSE, b"\x98\x20\x00") == []
    assert len(strap.profile.feed(RESPONSE, GOLDEN)) == 1


def test_after_a_lost_piece_the_next_whole_packet_is_read():
    strap = Strap(GoDirect(), Belt())
    strap.start(BELT)
    assert strap.profile.feed(RESPONSE, GOLDEN[:20]) == []
    with suppress(DecodeError):
        strap.profile.feed(RESPONSE, GOLDEN[:20])
    assert len(strap.profile.feed(RESPONSE, GOLDEN)) == 1


def test_a_sensor_without_force_is_refused_by_name():
    with pytest.raises(SensorError) as caught:
        Strap(GoDirect(), Belt(sensors=(RATE,))).start(BELT)
    assert caught.value.trouble is SensorTrouble.UNSUPPORTED
    assert "Respiration Rate" in caught.value.message


def test_stop_is_sent_once_and_the_belt_let_go():
    strap = Strap(GoDirect(), Belt())
    strap.start(BELT)
    strap.stop()
    strap.stop()
    assert [c.op for c in strap.respond.commands[-2:]] == [Op.STOP, Op.DISCONNECT]
    assert sum(c.op is Op.STOP for c in strap.respond.commands) == 1


def test_a_low_battery_is_said():
    assert "9 %" in Strap(GoDirect(), Belt(battery=9)).start(BELT).notes[0]


def test_nothing_is_written_to_what_is_no_belt_or_when_force_is_not_wanted():
    for connection in (
        Connection(characteristics=frozenset()),
        Connection(characteristics=BELT.characteristics, wanted=frozenset({Stream.RR})),
    ):
        strap = Strap(GoDirect(), Belt())
        assert strap.start(connection).streams == ()
        assert strap.steps == []
