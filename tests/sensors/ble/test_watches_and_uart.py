"""InfiniTime, Bangle.js, micro:bit, and the Nordic UART they or their makers use."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles import bangle, infinitime, microbit
from breathsync.sensors.ble.profiles.base import Connection
from breathsync.sensors.ble.profiles.nordic_uart import RX, TX, Frames, Lines, UartFrame, crc8
from tests.sensors.ble.scripts import Strap

int16 = st.integers(-(2**15), 2**15 - 1)
uart_frames = st.builds(UartFrame, channel=st.integers(0, 255), payload=st.binary(max_size=255))


def cut(data, sizes):
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


cuts = st.lists(st.integers(0, 40), max_size=20)


def test_the_checksum_is_crc_8_smbus():
    assert crc8(b"123456789") == 0xF4


@given(uart_frames)
def test_uart_frames_survive_both_ways(frame):
    assert UartFrame.from_bytes(frame.to_bytes()) == frame


@given(st.lists(uart_frames, max_size=5), cuts)
def test_frames_come_out_however_the_stream_is_cut(sent, sizes):
    reader = Frames()
    stream = b"".join(frame.to_bytes() for frame in sent)
    assert [frame for piece in cut(stream, sizes) for frame in reader.feed(piece)] == sent


@given(st.binary(max_size=30).filter(lambda junk: 0xA5 not in junk), uart_frames)
def test_the_next_frame_is_found_after_lost_bytes(junk, frame):
    assert Frames().feed(junk + frame.to_bytes()) == [frame]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_uart_bytes_are_frames_or_say_why(pieces):
    reader = Frames()
    for piece in pieces:
        with suppress(DecodeError):
            reader.feed(piece)
    assert len(reader._rest) < 3 + 255 + 1


@given(st.lists(st.binary(max_size=60).filter(lambda b: not set(b) & {10, 13}), max_size=6), cuts)
def test_lines_come_out_however_the_stream_is_cut(lines, sizes):
    reader = Lines()
    stream = b"".join(line + b"\r\n" for line in lines)
    assert [line for piece in cut(stream, sizes) for line in reader.feed(piece)] == lines


def test_a_line_without_end_is_an_error_and_then_forgotten():
    reader = Lines()
    with pytest.raises(DecodeError, match="no end"):
        reader.feed(b"x" * 600)
    assert reader.feed(b"ok\n") == [b"ok"]


@given(int16, int16, int16)
def test_motion_and_microbit_samples_survive_both_ways(x, y, z):
    motion = infinitime.Motion(x=x, y=y, z=z)
    assert infinitime.Motion.from_bytes(motion.to_bytes()) == motion
    sample = microbit.AccelerometerData(x_mg=x, y_mg=y, z_mg=z)
    assert microbit.AccelerometerData.from_bytes(sample.to_bytes()) == sample


def test_infinitime_counts_1024_a_g():
    strap = Strap(infinitime.InfiniTime(), lambda step: None)
    assert strap.start(Connection(characteristics=frozenset({infinitime.MOTION}))).streams == (
        Stream.ACCELERATION,
    )
    (block,) = strap.profile.feed(infinitime.MOTION, bytes.fromhex("00 04 00 fc 00 02"))
    assert block.values.tolist() == [[1000, -1000, 500]]


def test_microbit_is_set_to_20_ms_and_never_to_0():
    strap = Strap(microbit.Microbit(), lambda step: None)
    there = frozenset({microbit.ACCELEROMETER, microbit.PERIOD})
    assert strap.start(Connection(characteristics=there)).rates_hz == {Stream.ACCELERATION: 50}
    assert strap.steps[0].data == b"\x14\x00"
    with pytest.raises(ValueError, match="none of"):
        microbit.period_to_bytes(0)
    (block,) = strap.profile.feed(microbit.ACCELEROMETER, bytes.fromhex("10 00 f0 ff 00 fc"))
    assert block.values.tolist() == [[16, -16, -1024]]


@pytest.mark.parametrize(
    ("profile", "characteristic"),
    [(infinitime.InfiniTime, infinitime.MOTION), (microbit.Microbit, microbit.ACCELEROMETER)],
)
@pytest.mark.parametrize("size", [0, 5, 7, 20])
def test_other_sizes_are_refused(profile, characteristic, size):
    with pytest.raises(DecodeError, match="six bytes"):
        profile().feed(characteristic, bytes(size))


@given(
    st.integers(0, 4_000_000_000_000),
    st.tuples(*[st.integers(-160000, 160000).map(lambda n: n / 10000)] * 3),
)
def test_bangle_lines_survive_both_ways(time_ms, g):
    sample = bangle.Sample(time_ms=time_ms, x_g=g[0], y_g=g[1], z_g=g[2])
    assert bangle.Sample.from_bytes(sample.to_bytes()) == sample


def test_bangle_prints_are_read_between_what_the_console_says():
    strap = Strap(bangle.Bangle(), lambda step: None)
    strap.start(Connection(characteristics=frozenset({RX, TX})))
    assert strap.steps[1].data.startswith(b"\x03\x10Bangle.setOptions({powerSave:false})")
    assert strap.profile.feed(TX, b">\r\nBS,1000,0.01") == []
    (block,) = strap.profile.feed(TX, b"00,0.0000,-1.0000\r\nBS,1080,0.0200,0,-1\r\n")
    assert block.values.tolist() == [[10, 0, -1000], [20, 0, -1000]]
    assert block.device_time_ns.tolist() == [1_000_000_000, 1_080_000_000]
    assert strap.profile.feed(TX, b"BS,1080,0.0200,0,-1\r\n") == []
    strap.stop()
    assert b"powerSave:true" in strap.steps[-1].data


@pytest.mark.parametrize(
    "line", ["BS,1,2,3", "BS,x,0,0,0", "BS,1,nan,0,0", "BS,1,0,0,17", "BS,-1,0,0,0", "BS,9e9,0,0,0"]
)
def test_bad_bangle_lines_say_what_is_wrong(line):
    with pytest.raises(DecodeError, match=r"Bangle\.js line"):
        bangle.Bangle().feed(TX, line.encode() + b"\n")


@given(st.lists(st.binary(max_size=60) | st.just(b"BS,1,2,3,4\n"), max_size=6))
def test_any_bangle_bytes_are_samples_or_say_why(pieces):
    profile = bangle.Bangle()
    for piece in pieces:
        with suppress(DecodeError):
            profile.feed(TX, piece)
