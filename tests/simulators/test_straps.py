"""Every simulated strap without a transport: the product's profile talks to it directly, in the body's own time."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from breathsync_simulators.straps.peripheral import (
    BATTERY_LEVEL,
    HEART_RATE_MEASUREMENT,
    AttError,
    HangUp,
    HungUp,
    Notification,
    Strap,
)
from breathsync_simulators.straps.quirks import CLOCK_2019_NS, NAMED, Quirks, parse_quirks
from breathsync_simulators.straps.registry import STRAPS, make_strap

from breathsync.errors import DecodeError, SensorError, SensorTrouble, UnknownNameError, UsageError
from breathsync.samples import FloatArray, Stream
from breathsync.sensors.ble.catalog import recognise
from breathsync.sensors.ble.profiles import polar_pmd
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    Connection,
    Device,
    DeviceBlock,
    Facts,
    Heard,
    Read,
    Script,
    Step,
    Subscribe,
)
from tests.sensors.ble.bodies import RR_MS, SineBody, wave

STEP_S = 0.02


@dataclass
class Direct:
    """The profile on one side, the strap on the other, nothing in between."""

    strap: Strap
    heard: list[Heard] = field(default_factory=list)
    bad: int = 0
    hung_up_s: list[float] = field(default_factory=list)
    device: Device | None = None

    def connect(self, *, mtu: int = 232) -> Facts:
        self.strap.connected(mtu=mtu)
        uuids = frozenset(c.uuid for s in self.strap.services for c in s.characteristics)
        known = recognise(name=self.strap.identity.name, services=self.strap.identity.advertised)
        assert known is not None
        self.device = known.device()
        return self.carry_out(self.device.start(Connection(characteristics=uuids, mtu=self.strap.mtu)))

    def carry_out(self, script: Script):  # type: ignore[no-untyped-def, type-arg]
        reply: bytes | None = None
        while True:
            try:
                step = script.send(reply)
            except StopIteration as end:
                return end.value
            reply = self._step(step)

    def _step(self, step: Step) -> bytes | None:
        if isinstance(step, Read):
            return self.strap.read(step.characteristic)
        if isinstance(step, Subscribe):
            self.strap.subscribe(step.characteristic, on=True)
            return None
        size = step.chunk or len(step.data)
        for start in range(0, len(step.data), size):
            self.strap.write(step.characteristic, step.data[start : start + size])
        if not isinstance(step, Ask):
            return None
        before = len(self.heard)
        self.take()
        for _ in range(100):
            answers = [item for item in self.heard[before:] if isinstance(item, Answer)]
            if answers:
                return answers[0].data
            self.live(STEP_S)
        assert step.optional, f"no answer to {step}"
        return None

    def take(self) -> None:
        assert self.device is not None
        for item in self.strap.take():
            if isinstance(item, HangUp):
                self.hung_up_s.append(self.strap.now_s)
                self.strap.disconnected()
                return
            assert isinstance(item, Notification)
            assert len(item.data) <= self.strap.mtu - 3
            try:
                self.heard += self.device.feed(item.uuid, item.data)
            except DecodeError:
                self.bad += 1

    def live(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.strap.advance(self.strap.now_s + STEP_S)
            self.take()

    def blocks(self, stream: Stream) -> list[DeviceBlock]:
        return [item for item in self.heard if isinstance(item, DeviceBlock) and item.stream is stream]

    def values(self, stream: Stream) -> FloatArray:
        return np.concatenate([block.values for block in self.blocks(stream)])


def body_for(kind: str) -> SineBody:
    acc, gyro = Stream.ACCELERATION, Stream.GYROSCOPE
    match kind:
        case "polar-h10":
            return SineBody(acc, Stream.ECG)
        case "verity-sense" | "movesense" | "open-strap":
            rate_hz = 50.0 if kind == "open-strap" else 52.0
            return SineBody(acc, gyro, rates_hz={acc: rate_hz, gyro: rate_hz})
        case "go-direct":
            return SineBody(Stream.FORCE)
        case "infinitime":
            return SineBody(acc, rates_hz={acc: 10.0})
        case "bangle":
            return SineBody(acc, rates_hz={acc: 12.5})
        case "microbit":
            return SineBody(acc, rates_hz={acc: 50.0})
        case _:
            return SineBody(acc)


MOTION = {
    "polar-h10": (Stream.ACCELERATION, Stream.ECG),
    "verity-sense": (Stream.ACCELERATION, Stream.GYROSCOPE),
    "go-direct": (Stream.FORCE,),
    "movesense": (Stream.ACCELERATION, Stream.GYROSCOPE),
    "open-strap": (Stream.ACCELERATION, Stream.GYROSCOPE),
    "infinitime": (Stream.ACCELERATION,),
    "bangle": (Stream.ACCELERATION,),
    "microbit": (Stream.ACCELERATION,),
}
GRAIN = {"infinitime": 0.5, "open-strap": 0.13, "movesense": 1e-3, "verity-sense": 0.04}
"""How far a value may be from the body's: half of the strap's own grain."""


def run_of(wanted: FloatArray, values: FloatArray, atol: float) -> bool:
    """Whether `values` lies unbroken somewhere in `wanted`."""
    return any(
        np.allclose(wanted[first : first + len(values)], values, atol=atol)
        for first in range(len(wanted) - len(values) + 1)
    )


def test_the_list_of_motion_is_whole() -> None:
    assert set(MOTION) | {"heart-only"} == set(STRAPS)


@pytest.mark.parametrize("kind", sorted(MOTION))
def test_what_is_decoded_is_what_the_body_did(kind: str) -> None:
    body = body_for(kind)
    direct = Direct(make_strap(kind, body))
    facts = direct.connect()
    direct.live(12.0)
    assert direct.bad == 0
    for stream in MOTION[kind]:
        assert stream in facts.streams
        rate_hz = body.rates_hz[stream]
        assert facts.rates_hz[stream] == pytest.approx(rate_hz)
        wanted = wave(stream, np.arange(14 * rate_hz), rate_hz)
        values = direct.values(stream)
        if kind == "infinitime":  # a value that stays the same is not sent
            values = values[np.any(np.diff(values, axis=0, prepend=np.nan) != 0, axis=1)]
            assert all(np.min(np.max(np.abs(wanted - v), axis=1)) <= GRAIN[kind] for v in values)
        else:
            assert len(values) > 10 * rate_hz
            assert run_of(wanted, values, GRAIN.get(kind, 1e-6))


@pytest.mark.parametrize("kind", ["polar-h10", "heart-only", "movesense"])
def test_every_beat_arrives_once(kind: str) -> None:
    direct = Direct(make_strap(kind, body_for(kind)))
    direct.connect()
    direct.live(20.0)
    beats = direct.values(Stream.RR)[:, 0]
    np.testing.assert_allclose(beats, RR_MS, atol=0.5)
    assert 20 <= len(beats) <= 20.0 / (RR_MS / 1000)


@pytest.mark.parametrize("kind", sorted(set(MOTION) - {"infinitime", "microbit"}))
def test_stop_ends_the_stream(kind: str) -> None:
    direct = Direct(make_strap(kind, body_for(kind)))
    direct.connect()
    direct.live(2.0)
    assert direct.device is not None
    assert direct.strap.streaming  # type: ignore[attr-defined]
    direct.carry_out(direct.device.stop())
    assert not direct.strap.streaming  # type: ignore[attr-defined]


def test_device_times_follow_the_body() -> None:
    direct = Direct(make_strap("polar-h10", body_for("polar-h10"), parse_quirks(["drift", "clock-2019"])))
    direct.connect()
    direct.live(60.0)
    times_ns = np.concatenate([block.device_time_ns for block in direct.blocks(Stream.ACCELERATION)])
    assert times_ns[0] >= CLOCK_2019_NS
    assert times_ns[-1] - CLOCK_2019_NS < 61e9
    rate = (len(times_ns) - 1) / (times_ns[-1] - times_ns[0]) * 1e9
    assert rate == pytest.approx(200 / (1 + 100e-6), rel=5e-6)


# The published words of a Polar H10 (reference vectors), so that a misunderstanding shared by our two sides shows.

WORDS = [
    ("01 02", "f0 01 02 00 00 00 04 19 00 32 00 64 00 c8 00 01 01 10 00 02 03 02 00 04 00 08 00"),
    ("02 02 00 01 c8 00 01 01 10 00 02 01 08 00", "f0 02 02 00 00"),
    ("02 00 00 01 82 00 01 01 0e 00", "f0 02 00 00 00"),
    ("03 02", "f0 03 02 00 00"),
    ("03 00", "f0 03 00 00 00"),
]


def test_h10_answers_the_published_words() -> None:
    strap = make_strap("polar-h10", body_for("polar-h10"))
    strap.connected()
    assert strap.read(polar_pmd.CONTROL).hex(" ") == "0f 05" + " 00" * 15
    strap.subscribe(polar_pmd.CONTROL, on=True)
    strap.subscribe(polar_pmd.DATA, on=True)
    for command, answer in WORDS:
        strap.write(polar_pmd.CONTROL, bytes.fromhex(command))
        assert [item.data.hex(" ") for item in strap.take()] == [answer]  # type: ignore[union-attr]


def test_h10_frames_have_the_published_layout() -> None:
    strap = make_strap("polar-h10", body_for("polar-h10"), Quirks(clock_start_ns=CLOCK_2019_NS))
    strap.connected()
    for uuid in (polar_pmd.CONTROL, polar_pmd.DATA):
        strap.subscribe(uuid, on=True)
    strap.write(polar_pmd.CONTROL, bytes.fromhex(WORDS[1][0]))
    strap.advance(0.175)
    frame = next(item.data for item in strap.take() if item.uuid == polar_pmd.DATA)  # type: ignore[union-attr]
    assert len(frame) == 226
    assert frame[0] == 2
    assert int.from_bytes(frame[1:9], "little") == CLOCK_2019_NS + 175_000_000
    assert frame[9] == 1
    values = np.frombuffer(frame[10:], dtype="<i2").reshape(-1, 3)
    np.testing.assert_array_equal(values, wave(Stream.ACCELERATION, np.arange(36.0), 200.0))


def test_an_h10_refuses_a_start_without_all_settings() -> None:
    strap = make_strap("polar-h10", body_for("polar-h10"))
    strap.connected()
    strap.subscribe(polar_pmd.CONTROL, on=True)
    strap.write(polar_pmd.CONTROL, bytes.fromhex("02 02 00 01 c8 00 01 01 10 00"))
    assert [item.data.hex(" ") for item in strap.take()] == ["f0 02 02 05 00"]  # type: ignore[union-attr]


# Quirks ------------------------------------------------------------------------------------------------------


def with_quirks(*words: str, kind: str = "polar-h10") -> Direct:
    return Direct(make_strap(kind, body_for(kind), parse_quirks(list(words), seed=3)))


def test_quirk_lossy_loses_frames_and_the_gap_stays_a_gap() -> None:
    direct = with_quirks("drop_frames=0.2")
    direct.connect()
    direct.live(20.0)
    times_s = np.concatenate([b.device_time_ns for b in direct.blocks(Stream.ACCELERATION)]) * 1e-9
    gaps = np.diff(times_s)
    assert 0.6 < len(times_s) / (20 * 200) < 0.95
    assert np.any(gaps > 0.18)
    assert np.all((gaps < 0.006) | (gaps > 0.17))


def test_quirk_doubled_frames_are_dropped() -> None:
    direct = with_quirks("doubled")
    direct.connect()
    direct.live(5.0)
    times_ns = np.concatenate([b.device_time_ns for b in direct.blocks(Stream.ACCELERATION)])
    assert np.all(np.diff(times_ns) > 0)
    assert len(times_ns) > 4.5 * 200


def test_quirk_bursts_come_late_and_whole() -> None:
    direct = with_quirks("bursts")
    direct.connect()
    arrivals, seen = [], 0
    for _ in range(round(6.0 / STEP_S)):
        direct.live(STEP_S)
        if len(direct.blocks(Stream.ACCELERATION)) > seen:
            seen = len(direct.blocks(Stream.ACCELERATION))
            arrivals.append(direct.strap.now_s)
    assert np.max(np.diff(arrivals)) > 0.45
    values = direct.values(Stream.ACCELERATION)
    assert run_of(wave(Stream.ACCELERATION, np.arange(1400.0), 200.0), values, 1e-9)


def test_quirk_refuse_settings() -> None:
    with pytest.raises(SensorError) as refused:
        with_quirks("refuse-settings").connect()
    assert refused.value.trouble is SensorTrouble.REFUSED_SETTINGS


def test_quirk_mtu_23_is_refused_by_pmd_and_carried_by_the_open_strap() -> None:
    with pytest.raises(SensorError, match="mtu"):
        with_quirks("mtu-23").connect()
    direct = with_quirks("mtu-23", kind="open-strap")
    direct.connect()
    direct.live(3.0)
    assert len(direct.values(Stream.ACCELERATION)) > 100


def test_quirk_already_streaming_is_stopped_and_started() -> None:
    direct = with_quirks("already-streaming")
    direct.connect()
    direct.live(1.0)
    assert direct.blocks(Stream.ACCELERATION)


def test_quirk_pairing_guards_the_samples() -> None:
    direct = with_quirks("pairing")
    with pytest.raises(AttError):
        direct.connect()
    direct.strap.paired()
    direct.strap.disconnected()
    direct.connect()
    direct.live(1.0)
    assert direct.blocks(Stream.ACCELERATION)


def test_quirk_hang_up_mid_request_happens_once() -> None:
    direct = with_quirks("hang-up-mid-request")
    with pytest.raises(HungUp):
        direct.connect()
    direct.strap.disconnected()
    direct.connect()
    direct.live(1.0)
    assert direct.blocks(Stream.ACCELERATION)


def test_quirk_stuck_axis() -> None:
    direct = with_quirks("stuck-axis")
    direct.connect()
    direct.live(3.0)
    assert np.all(direct.values(Stream.ACCELERATION)[:, 2] == 0)


def test_quirk_off_after_45_s() -> None:
    direct = with_quirks("off-after-45s")
    direct.connect()
    direct.live(50.0)
    assert direct.hung_up_s == [pytest.approx(45.0, abs=2 * STEP_S)]
    assert not direct.strap.advertises
    assert not direct.strap.answers


def test_quirk_held_does_not_advertise() -> None:
    assert not with_quirks("held").strap.advertises


def test_quirk_battery_falls() -> None:
    direct = with_quirks("battery-falling")
    facts = direct.connect()
    direct.live(120.0)
    levels = [item.percent for item in direct.heard if type(item).__name__ == "BatteryLevel"]
    assert facts.battery_percent == 25
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 15
    assert direct.strap.read(BATTERY_LEVEL) == bytes([15])


def test_quirk_firmware_404_hangs_up_soon_and_says_so() -> None:
    direct = with_quirks("firmware-4.0.4")
    assert direct.connect().firmware == "4.0.4"
    direct.live(10.0)
    assert direct.hung_up_s == [pytest.approx(3.0, abs=0.1)]


def test_quirk_drops_come_between_20_and_40_s() -> None:
    direct = with_quirks("drops")
    for _ in range(4):
        since_s = direct.strap.now_s
        direct.connect()
        direct.live(41.0)
        assert 20 <= direct.hung_up_s[-1] - since_s <= 40 + 2 * STEP_S


def test_every_named_quirk_makes_quirks() -> None:
    assert all(parse_quirks([name]) != Quirks() for name in NAMED)


@pytest.mark.parametrize(
    ("word", "error"),
    [("dubbled", UnknownNameError), ("drift_ppm=fast", UsageError), ("held=1", UnknownNameError)],
)
def test_an_unknown_quirk_is_said(word: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_quirks([word])


def test_same_seed_same_bytes() -> None:
    def bytes_of(make: Callable[[], Strap]) -> list[bytes]:
        direct = Direct(make())
        direct.connect()
        out = []
        for _ in range(200):
            direct.strap.advance(direct.strap.now_s + STEP_S)
            out += [item.data for item in direct.strap.take() if isinstance(item, Notification)]
        return out

    def make() -> Strap:
        return make_strap("polar-h10", body_for("polar-h10"), Quirks(seed=5, drop_frames=0.3))

    assert bytes_of(make) == bytes_of(make)


def test_nothing_goes_out_to_who_did_not_subscribe() -> None:
    strap = make_strap("polar-h10", body_for("polar-h10"))
    strap.connected()
    strap.advance(5.0)
    assert strap.take() == []
    strap.subscribe(HEART_RATE_MEASUREMENT, on=True)
    strap.advance(7.0)
    assert strap.take()
