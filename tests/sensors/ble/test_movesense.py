import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError, SensorError
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Ask, Connection
from breathsync.sensors.ble.profiles.heart_rate import MEASUREMENT
from breathsync.sensors.ble.profiles.movesense import (
    DATA,
    Code,
    Command,
    HeartPacket,
    Kind,
    MotionPacket,
    Notification,
)
from breathsync.sensors.ble.profiles.movesense_link import Movesense
from tests.sensors.ble.scripts import Strap

SENSOR = Connection(characteristics=frozenset({DATA}))
MOTION = Connection(characteristics=frozenset({DATA, MEASUREMENT}))
triple = st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 3)


class Sensor:
    """Answers subscriptions: with a status as newer firmware does, or not at all as the sample firmware."""

    def __init__(self, *, silent=False, statuses=None):
        self.silent = silent
        self.statuses = statuses or {}
        self.commands = []

    def __call__(self, step):
        if step.characteristic == DATA:
            return None
        command = Command.from_bytes(step.data)
        self.commands.append(command)
        status = next((s for path, s in self.statuses.items() if command.path.startswith(path)), 200)
        if self.silent or not isinstance(step, Ask):
            return None
        body = status.to_bytes(2, "big" if status == 507 else "little")
        return [(DATA, Notification(kind=Kind.ANSWER, ref=command.ref, body=body).to_bytes())]


def packet(timestamp_ms, *, count=4, g=9.80665, gyroscope=True):
    acceleration = tuple((0.1 * i, 0.0, g) for i in range(count))
    turn_rate = tuple((float(i), 0.0, -1.0) for i in range(count)) if gyroscope else ()
    return MotionPacket(timestamp_ms=timestamp_ms, acceleration=acceleration, turn_rate=turn_rate).to_bytes()


def data(body, *, ref=1, kind=Kind.DATA):
    return Notification(kind=kind, ref=ref, body=body).to_bytes()


def started(**sensor):
    strap = Strap(Movesense(), Sensor(**sensor))
    return strap, strap.start(MOTION)


def settled(**packets):
    strap, _ = started()
    for i in range(4):
        strap.profile.feed(DATA, data(packet(77 * i, **packets)))
    return strap


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(triple, triple), min_size=1, max_size=16),
    st.booleans(),
)
def test_motion_packets_survive_both_ways(timestamp_ms, samples, gyroscope):
    motion = MotionPacket(
        timestamp_ms=timestamp_ms,
        acceleration=tuple(a for a, _ in samples),
        turn_rate=tuple(t for _, t in samples) if gyroscope else (),
    )
    assert MotionPacket.from_bytes(motion.to_bytes(), gyroscope=gyroscope) == motion


@given(st.floats(0, 400, width=32), st.lists(st.integers(0, 65535), max_size=4))
def test_heart_packets_survive_both_ways(bpm, rr_ms):
    heart = HeartPacket(average_bpm=bpm, rr_ms=tuple(rr_ms))
    assert HeartPacket.from_bytes(heart.to_bytes()) == heart


@given(
    st.lists(st.binary(max_size=240), max_size=4),
    st.sampled_from([b"\x01\x01", b"\x02\x01", b"\x03\x01", b"\x02\x02", b""]),
)
def test_any_bytes_decode_or_say_why(bodies, head):
    strap, _ = started()
    for body in bodies:
        with suppress(DecodeError):
            strap.profile.feed(DATA, head + body)


def test_imu6_is_all_acceleration_and_then_all_turn_rates():
    body = struct.pack("<I", 5) + struct.pack("<12f", *range(12))
    motion = MotionPacket.from_bytes(body, gyroscope=True)
    assert motion.acceleration == ((0, 1, 2), (3, 4, 5))
    assert motion.turn_rate == ((6, 7, 8), (9, 10, 11))


@pytest.mark.parametrize("silent", [False, True])
def test_both_answer_styles_start_the_stream(silent):
    strap, facts = started(silent=silent)
    assert facts.streams == (Stream.ACCELERATION, Stream.GYROSCOPE)
    assert facts.rates_hz[Stream.ACCELERATION] == 52
    assert [c.path for c in strap.respond.commands] == ["/Meas/IMU6/52"]


def test_the_first_data_are_the_silent_firmwares_yes():
    profile = Movesense()
    script = profile.start(MOTION)
    next(script)
    assert isinstance(script.send(None), Ask)
    answer = profile.feed(DATA, data(packet(0)))[0]
    assert answer.data == bytes.fromhex("01 01 c8 00")


@pytest.mark.parametrize("status", [404, 507])
def test_without_a_gyroscope_acceleration_alone_is_taken(status):
    strap, facts = started(statuses={"/Meas/IMU6": status})
    assert facts.streams == (Stream.ACCELERATION,)
    assert [c.path for c in strap.respond.commands] == ["/Meas/IMU6/52", "/Meas/Acc/52"]


def test_refused_acceleration_is_an_error():
    with pytest.raises(SensorError, match="status 507"):
        started(statuses={"/Meas": 507})


def test_heart_comes_by_path_only_where_the_heart_rate_service_is_missing():
    strap = Strap(Movesense(), Sensor())
    assert strap.start(SENSOR).streams[-2:] == (Stream.RR, Stream.HEART_RATE)
    body = HeartPacket(average_bpm=60.5, rr_ms=(990, 5000)).to_bytes()
    rate, rr = strap.profile.feed(DATA, data(body, ref=2))
    assert (rate.values.tolist(), rr.values.tolist()) == ([[60.5]], [[990.0]])


@pytest.mark.parametrize("g", [9.80665, 1000.0, 1.0])
def test_the_unit_is_settled_by_the_length_at_rest(g):
    strap = settled(g=g)
    acceleration, turn_rate = strap.profile.feed(DATA, data(packet(77 * 4, g=g)))
    assert acceleration.values[0, 2] == pytest.approx(1000, abs=0.01)
    assert turn_rate.values[:, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("g", [0.2, 4.0, 100.0, 5000.0])
def test_a_unit_that_cannot_be_told_is_never_guessed(g):
    strap = settled(g=g)
    assert strap.profile.feed(DATA, data(packet(77 * 4, g=g))) == []


def test_the_time_stamp_is_of_the_first_sample_and_survives_its_wrap():
    strap, _ = started()
    for back_ms in (385, 308, 231, 154, 77):
        strap.profile.feed(DATA, data(packet(2**32 - back_ms)))
    (block, _) = strap.profile.feed(DATA, data(packet(0)))
    assert block.device_time_ns[0] == 2**32 * 1_000_000
    np.testing.assert_allclose(np.diff(block.device_time_ns), 1e9 / 52, atol=1)


def test_doubled_packets_are_dropped():
    strap = settled()
    assert len(strap.profile.feed(DATA, data(packet(400)))) == 2
    assert strap.profile.feed(DATA, data(packet(400))) == []


def test_a_long_packet_in_two_notifications_is_put_together():
    strap = settled()
    body = packet(500)
    assert strap.profile.feed(DATA, data(body[:60])) == []
    assert len(strap.profile.feed(DATA, data(body[60:], kind=Kind.DATA_PART_TWO))) == 2


def test_a_firmware_that_packs_fewer_samples_is_understood_from_the_second_packet():
    strap = settled()
    assert strap.profile.feed(DATA, data(packet(500, count=2))) == []
    assert len(strap.profile.feed(DATA, data(packet(540, count=2)))) == 4
    assert len(strap.profile.feed(DATA, data(packet(580, count=2)))) == 2


def test_stop_unsubscribes_what_was_subscribed():
    strap, _ = started()
    strap.stop()
    strap.stop()
    assert [(c.code, c.ref) for c in strap.respond.commands[1:]] == [(Code.UNSUBSCRIBE, 1)]


def test_a_greeting_is_an_answer():
    assert Notification.from_bytes(b"\x01\x05Hello").status == 200
