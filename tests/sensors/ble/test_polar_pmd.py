from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Ask, Connection, DeviceBlock, Read, Stopped
from breathsync.sensors.ble.profiles.polar_control import (
    Command,
    ControlAnswer,
    Features,
    Measurement,
    Op,
    Setting,
    Settings,
    Status,
)
from breathsync.sensors.ble.profiles.polar_delta import compress, decompress
from breathsync.sensors.ble.profiles.polar_frames import LAYOUTS, Frame, frame_times
from breathsync.sensors.ble.profiles.polar_pmd import CONTROL, DATA, FILE_TRANSFER, PolarPmd
from tests.sensors.ble.scripts import Strap

H10 = Connection(characteristics=frozenset({CONTROL, DATA}), mtu=232)
H10_ACC = Settings(
    values=(
        (Setting.SAMPLE_RATE_HZ, (25, 50, 100, 200)),
        (Setting.RESOLUTION_BITS, (16,)),
        (Setting.RANGE, (2, 4, 8)),
    )
)
H10_ECG = Settings(values=((Setting.SAMPLE_RATE_HZ, (130,)), (Setting.RESOLUTION_BITS, (14,))))


def frames():
    def of(key):
        layout = LAYOUTS[key]
        limit = 1 << (8 * layout.bytes_each - 1)
        sample = st.tuples(*[st.integers(-limit, limit - 1)] * layout.channels)
        return st.builds(
            Frame,
            measurement=st.just(key[0]),
            frame_type=st.just(key[1]),
            timestamp_ns=st.integers(0, 2**63 - 1),
            samples=st.lists(sample, min_size=1, max_size=40).map(tuple),
        )

    wide_deltas = [key for key in LAYOUTS if not LAYOUTS[key].floats]
    return st.sampled_from(wide_deltas).flatmap(of)


def settings():
    value = {
        Setting.SAMPLE_RATE_HZ: st.integers(0, 65535),
        Setting.RESOLUTION_BITS: st.integers(0, 65535),
        Setting.RANGE: st.integers(0, 65535),
        Setting.RANGE_MILLI: st.integers(-(2**31), 2**31 - 1),
        Setting.CHANNELS: st.integers(0, 255),
        Setting.FACTOR: st.floats(width=32, allow_nan=False),
    }
    entry = st.sampled_from(sorted(value)).flatmap(
        lambda s: st.tuples(st.just(Setting(s)), st.lists(value[s], min_size=1, max_size=6).map(tuple))
    )
    return st.builds(Settings, values=st.lists(entry, max_size=4, unique_by=lambda e: e[0]).map(tuple))


class H10Model:
    """As much of an H10 as the control point shows."""

    def __init__(self, *, refuse=(), running=(), features=(Measurement.ECG, Measurement.ACC), split=False):
        self.features = Features.of(*features)
        self.refuse = dict(refuse)
        self.running = set(running)
        self.split = split
        self.commands = []

    def __call__(self, step):
        if isinstance(step, Read):
            return self.features.to_bytes()
        if not isinstance(step, Ask):
            return None
        command = Command.from_bytes(step.data)
        self.commands.append(command)
        status, parameters = Status.OK, b""
        if command.op is Op.GET_SETTINGS:
            parameters = (H10_ACC if command.measurement is Measurement.ACC else H10_ECG).to_bytes()
        elif command.op is Op.START:
            rate = command.settings.of(Setting.SAMPLE_RATE_HZ)[0]
            status = self.refuse.get((command.measurement, rate), Status.OK)
            if status is Status.OK and command.measurement in self.running:
                status = Status.ALREADY_IN_STATE
            elif status is Status.OK:
                self.running.add(command.measurement)
        else:
            self.running.discard(command.measurement)
        head = {"op": command.op, "measurement": command.measurement, "status": status}
        if self.split and len(parameters) > 6:
            parts = [(parameters[:6], True), (parameters[6:], False)]
        else:
            parts = [(parameters, False)]
        return [
            (CONTROL, ControlAnswer(**head, more=more, parameters=part).to_bytes()) for part, more in parts
        ]


def acc_frame(*, last_ns, count=36, start=0):
    samples = tuple((start + i, -i, 1000) for i in range(count))
    return Frame(measurement=Measurement.ACC, frame_type=1, timestamp_ns=last_ns, samples=samples).to_bytes()


def started(**model):
    strap = Strap(PolarPmd(), H10Model(**model))
    facts = strap.start(H10)
    return strap, facts


@given(frames())
def test_what_is_encoded_decodes_to_the_same(frame):
    assert Frame.from_bytes(frame.to_bytes()) == frame


@given(settings())
def test_settings_survive_both_ways(settings):
    assert Settings.from_bytes(settings.to_bytes()) == settings


@given(st.sampled_from(Op), st.sampled_from(Measurement), settings())
def test_commands_survive_both_ways(op, measurement, settings):
    command = Command(op=op, measurement=measurement, settings=settings)
    assert Command.from_bytes(command.to_bytes()) == command


@given(st.sampled_from(Measurement), st.sampled_from(Status), st.booleans())
def test_answers_survive_both_ways_with_and_without_the_more_byte(measurement, status, without):
    answer = ControlAnswer(
        op=Op.GET_SETTINGS,
        measurement=measurement,
        status=status,
        parameters=H10_ACC.to_bytes() if status is Status.OK else b"",
        without_more_byte=without,
    )
    assert ControlAnswer.from_bytes(answer.to_bytes()) == answer


@given(
    st.lists(st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3), min_size=1, max_size=80),
    st.integers(1, 255),
)
def test_compression_loses_nothing_in_any_block_size(samples, per_block):
    data = compress(samples, channels=3, bits=16, per_block=per_block)
    assert decompress(data, channels=3, bits=16) == tuple(samples)


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_say_why(data):
    profile = PolarPmd()
    for characteristic in (CONTROL, DATA):
        with suppress(DecodeError):
            profile.feed(characteristic, data)


@given(st.sampled_from(sorted(LAYOUTS)), st.binary(max_size=120))
def test_any_samples_after_a_good_head_decode_or_say_why(key, data):
    head = bytes([key[0]]) + bytes(8) + bytes([key[1]])
    try:
        values = Frame.from_bytes(head + data).values(2.44e-4)
    except DecodeError:
        return
    assert values.shape[1] == LAYOUTS[key].channels


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("02 00", "10 bytes needed"),
        ("02 00 00 00 00 00 00 00 00 07 00 00", "frame type 0x07"),
        ("01 00 00 00 00 00 00 00 00 00 00 00", "measurement 1"),
        ("02 00 00 00 00 00 00 00 00 01 00 00 00", "multiple of 6"),
        ("02 00 00 00 00 00 00 00 00 01", "multiple of 6"),
        ("02 ff ff ff ff ff ff ff ff 01 00 00 00 00 00 00", "beyond the year"),
        ("02 00 00 00 00 00 00 00 00 81 00 00 00 00 00 00 00 05", "width of 0 bits"),
        ("02 00 00 00 00 00 00 00 00 81 00 00 00 00 00 00 04 ff 00", "is cut"),
        ("02 00 00 00 00 00 00 00 00 81 00 00 00 00 00 00 04", "head is cut"),
        ("02 00 00 00 00 00 00 00 00 81 ff 7f 00 00 00 00 02 01 01", "leaves the range"),
    ],
)
def test_bad_frames_say_what_is_wrong(data, why):
    with pytest.raises(DecodeError, match=why):
        Frame.from_bytes(bytes.fromhex(data))


def test_sample_times_spread_as_the_sdk_spreads_them():
    # values of PmdTimeStampUtilsTest in polar-ble-sdk
    first = frame_times(timestamp_ns=10_000_000_000, count=10, rate_hz=1)
    assert first.tolist() == [i * 1_000_000_000 for i in range(1, 11)]
    later = frame_times(timestamp_ns=11_000_000_000, count=10, rate_hz=1, previous_ns=1_000_000_000)
    assert later.tolist() == [i * 1_000_000_000 for i in range(2, 12)]
    odd = frame_times(timestamp_ns=2_000_000_000, count=3, rate_hz=1.5, previous_ns=100)
    assert odd.tolist() == [666_666_733, 1_333_333_367, 2_000_000_000]


def test_a_lost_frame_stays_a_gap_in_the_times():
    times = frame_times(timestamp_ns=540_000_000, count=36, rate_hz=200, previous_ns=180_000_000)
    assert times[0] == 365_000_000
    assert np.diff(times).tolist() == [5_000_000] * 35


@given(
    st.integers(0, 2**63 - 1),
    st.integers(1, 255),
    st.floats(0.1, 1000),
    st.none() | st.integers(0, 2**63 - 1),
)
def test_sample_times_never_run_backwards(timestamp_ns, count, rate_hz, previous_ns):
    times = frame_times(timestamp_ns=timestamp_ns, count=count, rate_hz=rate_hz, previous_ns=previous_ns)
    assert times[-1] == timestamp_ns
    assert (np.diff(times) > 0).all()


def test_an_h10_is_started_at_200_hz_and_8_g_with_every_setting_named():
    strap, facts = started()
    assert facts.streams == (Stream.ACCELERATION, Stream.ECG)
    assert facts.rates_hz == {Stream.ACCELERATION: 200, Stream.ECG: 130}
    starts = [c.to_bytes().hex(" ") for c in strap.respond.commands if c.op is Op.START]
    assert starts == ["02 02 00 01 c8 00 01 01 10 00 02 01 08 00", "02 00 00 01 82 00 01 01 0e 00"]
    assert [type(s).__name__ for s in strap.steps[:3]] == ["Subscribe", "Subscribe", "Read"]


def test_an_answer_in_two_indications_is_put_together():
    _, facts = started(split=True)
    assert facts.rates_hz[Stream.ACCELERATION] == 200


def test_status_6_means_stop_then_start():
    strap, facts = started(running=[Measurement.ACC])
    assert Stream.ACCELERATION in facts.streams
    acc = [c.op for c in strap.respond.commands if c.measurement is Measurement.ACC]
    assert acc == [Op.GET_SETTINGS, Op.START, Op.STOP, Op.START]


def test_a_refused_rate_leads_to_the_next_lower_one():
    _, facts = started(refuse={(Measurement.ACC, 200): Status.INVALID_SAMPLE_RATE})
    assert facts.rates_hz[Stream.ACCELERATION] == 100


def test_refused_acceleration_is_an_error_with_advice():
    with pytest.raises(SensorError) as caught:
        started(refuse={(Measurement.ACC, 200): Status.INVALID_MTU})
    assert caught.value.trouble is SensorTrouble.REFUSED_SETTINGS
    assert "MTU 23" in caught.value.advice


def test_refused_ecg_is_only_a_note():
    _, facts = started(refuse={(Measurement.ECG, 130): Status.NOT_SUPPORTED})
    assert facts.streams == (Stream.ACCELERATION,)
    assert "ecg" in facts.notes[0]


def test_firmware_too_old_for_pmd_says_update():
    strap = Strap(PolarPmd(), H10Model())
    with pytest.raises(SensorError) as caught:
        strap.start(Connection(characteristics=frozenset({FILE_TRANSFER})))
    assert caught.value.trouble is SensorTrouble.FIRMWARE


def test_only_what_is_wanted_is_started():
    strap = Strap(PolarPmd(), H10Model())
    wanted = frozenset({Stream.ACCELERATION, Stream.RR})
    facts = strap.start(Connection(characteristics=H10.characteristics, wanted=wanted))
    assert facts.streams == (Stream.ACCELERATION,)


def test_what_was_started_is_stopped():
    strap, _ = started()
    strap.stop()
    assert strap.respond.running == set()
    before = len(strap.steps)
    strap.stop()
    assert len(strap.steps) == before


def test_frames_become_blocks_with_the_device_clock():
    strap, _ = started()
    (first,) = strap.profile.feed(DATA, acc_frame(last_ns=1_000_000_000))
    (second,) = strap.profile.feed(DATA, acc_frame(last_ns=1_180_036_000))
    assert isinstance(first, DeviceBlock)
    assert first.values[0].tolist() == [0, 0, 1000]
    assert first.device_time_ns[0] == 1_000_000_000 - 35 * 5_000_000
    assert second.device_time_ns[0] == 1_005_001_000  # 36 samples over 180.036 ms


def test_doubled_frames_are_dropped_and_a_clock_set_back_is_not():
    strap, _ = started()
    frame = acc_frame(last_ns=600_000_000_000_000_000)
    assert len(strap.profile.feed(DATA, frame)) == 1
    assert strap.profile.feed(DATA, frame) == []
    assert len(strap.profile.feed(DATA, acc_frame(last_ns=1_000_000_000))) == 1


def test_frames_before_the_start_are_not_guessed_at():
    assert PolarPmd().feed(DATA, acc_frame(last_ns=1_000_000_000)) == []


def test_the_factor_of_the_start_answer_scales_compressed_frames():
    profile = PolarPmd()
    script = profile.start(
        Connection(characteristics=H10.characteristics, wanted=frozenset({Stream.ACCELERATION}))
    )
    reply = None
    for _ in range(3):
        script.send(reply)
        reply = None
    script.send(Features.of(Measurement.ACC).to_bytes())
    offered = Settings(values=((Setting.SAMPLE_RATE_HZ, (52,)), (Setting.CHANNELS, (3,))))
    head = {"measurement": Measurement.ACC, "status": Status.OK}
    script.send(ControlAnswer(op=Op.GET_SETTINGS, **head, parameters=offered.to_bytes()).to_bytes())
    factor = Settings(values=((Setting.FACTOR, (0.5,)),)).to_bytes()
    profile.feed(CONTROL, ControlAnswer(op=Op.START, **head, parameters=factor).to_bytes())
    frame = Frame(measurement=Measurement.ACC, frame_type=0x81, timestamp_ns=9**9, samples=((2, 4, 6),))
    (block,) = profile.feed(DATA, frame.to_bytes())  # at once, before the script has seen the answer
    assert block.values.tolist() == [[1.0, 2.0, 3.0]]


def test_a_stream_the_device_ends_is_said():
    strap, _ = started()
    (notice,) = strap.profile.feed(CONTROL, bytes.fromhex("01 02"))
    assert isinstance(notice, Stopped)
    assert notice.stream is Stream.ACCELERATION


def test_a_strange_answer_is_a_decode_error():
    strap = Strap(
        PolarPmd(),
        lambda step: b"\x0f\x04" if isinstance(step, Read) else [(CONTROL, b"\xf0\x03\x02\x00\x00")],
    )
    with pytest.raises(DecodeError, match="was asked"):
        strap.start(H10)
