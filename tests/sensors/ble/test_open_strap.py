from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Ask, BatteryLevel, Connection, Contact, Read
from breathsync.sensors.ble.profiles.nordic_uart import RX, TX, Frames, UartFrame
from breathsync.sensors.ble.profiles.open_strap import (
    CAPABILITIES,
    CHANNELS,
    CONTROL,
    DATA,
    Capabilities,
    Command,
    ControlAnswer,
    DataFrame,
    Kind,
    Op,
    Status,
    StreamCapability,
    no_value,
    samples_a_frame,
)
from breathsync.sensors.ble.profiles.open_strap_link import OpenStrap
from tests.sensors.ble.scripts import Strap

GATT = Connection(characteristics=frozenset({CAPABILITIES, CONTROL, DATA}))
UART = Connection(characteristics=frozenset({RX, TX}))
ACC = StreamCapability(kind=Kind.ACCELERATION, scale=0.0625, periods_us=(10_000, 20_000, 40_000))
STRETCH = StreamCapability(kind=Kind.STRETCH, scale=1.0, periods_us=(50_000,))
BOTH = Capabilities(streams=(ACC, STRETCH), feels_skin=True)


class Maker:
    """A strap somebody built, over its own characteristics or over the UART."""

    def __init__(self, *, capabilities=BOTH, refuse=(), uart=False):
        self.capabilities = capabilities
        self.refuse = refuse
        self.frames = Frames() if uart else None
        self.commands = []

    def __call__(self, step):
        if isinstance(step, Read):
            return self.capabilities.to_bytes()
        if not isinstance(step, Ask):
            return None
        if self.frames is None:
            return [(CONTROL, self.answer(step.data))]
        sent = []
        for i in range(0, len(step.data), step.chunk):
            for frame in self.frames.feed(step.data[i : i + step.chunk]):
                payload = self.answer(frame.payload) if frame.channel == 1 else self.capabilities.to_bytes()
                sent.append(UartFrame(channel=frame.channel, payload=payload).to_bytes())
        stream = b"".join(sent)
        return [(TX, stream[i : i + 20]) for i in range(0, len(stream), 20)]

    def answer(self, data):
        command = Command.from_bytes(data)
        self.commands.append(command)
        status = Status.SENSOR_FAILED if command.kind in self.refuse else Status.OK
        return ControlAnswer(
            op=command.op, kind=command.kind, status=status, period_us=command.period_us
        ).to_bytes()


def frame(
    *, sequence=0, first_tick=0, kind=Kind.ACCELERATION, samples=((16, 0, 16000), (32, 0, 16000)), worn=True
):
    return DataFrame(
        kind=kind, sequence=sequence, first_tick=first_tick, samples=samples, worn=worn
    ).to_bytes()


def started(connection=GATT, **maker):
    strap = Strap(OpenStrap(), Maker(uart=connection is UART, **maker))
    return strap, strap.start(connection)


def data_frames():
    def of(kind):
        limit = -no_value(kind)
        sample = st.tuples(*[st.integers(-limit, limit - 1)] * CHANNELS[kind])
        return st.builds(
            DataFrame,
            kind=st.just(kind),
            sequence=st.integers(0, 255),
            first_tick=st.integers(0, 2**32 - 1),
            samples=st.lists(sample, min_size=1, max_size=30).map(tuple),
            worn=st.booleans(),
        )

    return st.sampled_from(Kind).flatmap(of)


capabilities = st.builds(
    Capabilities,
    streams=st.lists(
        st.builds(
            StreamCapability,
            kind=st.integers(0, 127),
            scale=st.floats(2**-20, 2**19, width=32),
            periods_us=st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=4).map(tuple),
        ),
        max_size=6,
    ).map(tuple),
    feels_skin=st.booleans(),
    version=st.tuples(st.just(1), st.integers(0, 255)),
)


@given(data_frames())
def test_frames_survive_both_ways(frame):
    assert DataFrame.from_bytes(frame.to_bytes()) == frame


@given(capabilities)
def test_capabilities_survive_both_ways(found):
    assert Capabilities.from_bytes(found.to_bytes()) == found


@given(st.sampled_from(Op), st.integers(0, 127), st.sampled_from(Status), st.integers(1, 2**32 - 1))
def test_commands_and_answers_survive_both_ways(op, kind, status, period_us):
    started = op is Op.START
    command = Command(op=op, kind=kind, period_us=period_us if started else 0)
    assert Command.from_bytes(command.to_bytes()) == command
    answer = ControlAnswer(
        op=op, kind=kind, status=status, period_us=period_us if started and status is Status.OK else 0
    )
    assert ControlAnswer.from_bytes(answer.to_bytes()) == answer


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes_decode_or_say_why(pieces):
    for connection, characteristic in ((GATT, DATA), (GATT, CONTROL), (UART, TX)):
        strap, _ = started(connection)
        for piece in pieces:
            with suppress(DecodeError):
                strap.profile.feed(characteristic, piece)
    for decode in (
        Capabilities.from_bytes,
        Command.from_bytes,
        ControlAnswer.from_bytes,
        DataFrame.from_bytes,
    ):
        with suppress(DecodeError):
            decode(b"".join(pieces))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("05 00 00 00 00 00 01 00 01 00 01 00", "no stream has the number 5"),
        ("01 00 00 00 00 00", "multiple of 6"),
        ("01 00 00 00 00 00 01 00 01", "multiple of 6"),
        ("01 00 00", "6 bytes needed"),
    ],
)
def test_bad_frames_say_what_is_wrong(data, why):
    with pytest.raises(DecodeError, match=why):
        DataFrame.from_bytes(bytes.fromhex(data))


def test_every_stream_fits_the_smallest_mtu():
    assert samples_a_frame(Kind.ACCELERATION, 23) == 2
    assert samples_a_frame(Kind.FORCE, 23) == 3
    assert len(frame()) <= 20


@pytest.mark.parametrize("connection", [GATT, UART])
def test_every_wanted_stream_is_started_near_50_hz(connection):
    strap, facts = started(connection)
    assert facts.streams == (Stream.ACCELERATION, Stream.IMPEDANCE)
    assert facts.rates_hz == {Stream.ACCELERATION: 50, Stream.IMPEDANCE: 20}
    strap.stop()
    assert [(c.op, c.kind, c.period_us) for c in strap.respond.commands] == [
        (Op.START, 1, 20_000),
        (Op.START, 4, 50_000),
        (Op.STOP, 0, 0),
    ]


def test_samples_are_scaled_and_spaced_from_the_first():
    strap, _ = started()
    strap.profile.feed(DATA, frame())
    (block,) = strap.profile.feed(DATA, frame(sequence=1, first_tick=400))
    assert block.values.tolist() == [[1, 0, 1000], [2, 0, 1000]]
    assert block.device_time_ns.tolist() == [40_000_000, 60_000_000]


def test_the_clock_begins_again_and_time_goes_on():
    strap, _ = started()
    strap.profile.feed(DATA, frame(first_tick=2**32 - 400))
    (block,) = strap.profile.feed(DATA, frame(sequence=1, first_tick=0))
    assert block.device_time_ns[0] == 2**32 * 100_000


def test_the_lowest_count_is_no_value():
    strap, _ = started()
    samples = ((no_value(Kind.ACCELERATION), 0, 16000),)
    block = strap.profile.feed(DATA, frame(samples=samples))[-1]
    assert np.isnan(block.values[0, 0])
    assert block.values[0, 2] == 1000


def test_doubled_frames_are_dropped_and_wear_is_said_once():
    strap, _ = started()
    contact, _ = strap.profile.feed(DATA, frame())
    assert contact == Contact(worn=True)
    assert strap.profile.feed(DATA, frame()) == []
    contact, _ = strap.profile.feed(DATA, frame(sequence=1, first_tick=400, worn=False))
    assert contact == Contact(worn=False)


def test_a_refused_stream_is_a_note():
    _, facts = started(refuse=(Kind.STRETCH,))
    assert facts.streams == (Stream.ACCELERATION,)
    assert "sensor failed" in facts.notes[0]


def test_streams_of_a_later_minor_version_are_left_alone():
    new = StreamCapability(kind=9, scale=1.0, periods_us=(1000,))
    _, facts = started(capabilities=Capabilities(streams=(new, ACC), version=(1, 7)))
    assert facts.streams == (Stream.ACCELERATION,)


def test_a_later_major_version_is_refused_and_says_so():
    with pytest.raises(SensorError) as caught:
        started(capabilities=Capabilities(streams=(), version=(2, 0)))
    assert caught.value.trouble is SensorTrouble.UNSUPPORTED


def test_battery_comes_over_the_uart():
    strap, _ = started(UART)
    assert strap.profile.feed(TX, UartFrame(channel=3, payload=b"\x40").to_bytes()) == [
        BatteryLevel(percent=64)
    ]
