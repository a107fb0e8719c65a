"""Each phone app, simulated, gives exactly what its person's body did."""

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

aiohttp = pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")

from breathsync_simulators.phones.carried import Carried  # noqa: E402
from breathsync_simulators.phones.sensorlogger import SensorLogger  # noqa: E402
from breathsync_simulators.phones.servers import HOST, Phyphox, SensorServer  # noqa: E402

from breathsync.errors import SensorError  # noqa: E402
from breathsync.outcome import Outcome, View  # noqa: E402
from breathsync.samples import (  # noqa: E402
    FloatArray,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Sensor  # noqa: E402
from breathsync.sensors.phone.phyphox import PhyphoxSensor  # noqa: E402
from breathsync.sensors.phone.sensorlogger import SensorLoggerSensor, read_batch  # noqa: E402
from breathsync.sensors.phone.sensorserver import SensorServerSensor  # noqa: E402

RATE_HZ = 100


class Swaying:
    """A wearer whose acceleration and turning tell their own time, so that a lost or bent sample shows."""

    info = SensorInfo(name="phone", kind="phone", streams=(Stream.ACCELERATION, Stream.GYROSCOPE))

    def __init__(self) -> None:
        self._given = 0

    def until(self, t_s: float) -> list[Samples]:
        t = np.arange(self._given, int(t_s * RATE_HZ)) / RATE_HZ
        self._given += len(t)
        return [Samples(stream=stream, t_s=t, values=motion(t)) for stream in self.info.streams]

    def hear(self, outcome: Outcome, view: View) -> None: ...


def motion(t_s: FloatArray) -> FloatArray:
    """mg (or degrees/s) at the body's time: gravity on one axis, the time on another."""
    return np.stack([10 * np.sin(t_s), np.full_like(t_s, 1000.0), t_s], axis=1)


class SteppedClock:
    """Each look is 20 ms later; sleeping takes a turn of the loop and no time of ours."""

    speed = 1.0

    def __init__(self) -> None:
        self.t_s = 0.0

    def now_s(self) -> float:
        self.t_s += 0.02
        return self.t_s

    async def sleep_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)
        await asyncio.sleep(0)


async def _collect(sensor: Sensor, enough: Callable[[list[SensorEvent]], bool]) -> list[SensorEvent]:
    events: list[SensorEvent] = []
    async with asyncio.timeout(20):
        async for event in sensor.events():
            events.append(event)
            if enough(events):
                return events
    raise AssertionError("the source ended")


def _joined(events: list[SensorEvent], stream: Stream) -> tuple[FloatArray, FloatArray]:
    blocks = [event for event in events if isinstance(event, Samples) and event.stream is stream]
    return np.concatenate([b.t_s for b in blocks]), np.concatenate([b.values for b in blocks])


def _has(stream: Stream, samples: int) -> Callable[[list[SensorEvent]], bool]:
    return lambda events: (
        sum(len(e) for e in events if isinstance(e, Samples) and e.stream is stream) >= samples
    )


def _assert_is_the_body(events: list[SensorEvent], stream: Stream) -> None:
    t_s, values = _joined(events, stream)
    assert np.all(np.diff(t_s) > 0)
    body_s = values[:, 2]
    steps = np.diff(body_s)
    assert np.allclose(steps, 1 / RATE_HZ, atol=1e-6), "a sample was lost or told twice"
    assert np.allclose(values, motion(body_s), atol=1e-3)
    assert np.allclose(np.diff(t_s - body_s), 0, atol=2e-3), "the dates bend the phone's time"


@pytest.mark.parametrize("stream", [Stream.ACCELERATION, Stream.GYROSCOPE])
async def test_phyphox_tells_every_sample_once(stream: Stream) -> None:
    clock = SteppedClock()
    phone = Phyphox(Carried(wearer=Swaying(), now_s=clock.now_s))
    sensor = PhyphoxSensor(host=HOST, port=await phone.start(), clock=clock)
    await sensor.connect()
    try:
        _assert_is_the_body(await _collect(sensor, _has(stream, 60)), stream)
    finally:
        await sensor.close()
        await phone.stop()


async def test_phyphox_paused_is_said_in_words() -> None:
    clock = SteppedClock()
    phone = Phyphox(Carried(wearer=Swaying(), now_s=clock.now_s))
    sensor = PhyphoxSensor(host=HOST, port=await phone.start(), clock=clock)
    await sensor.connect()
    phone.paused = True
    try:
        events = await _collect(
            sensor,
            lambda events: isinstance(events[-1], SensorChange) and events[-1].state is SensorState.STALE,
        )
    finally:
        await sensor.close()
        await phone.stop()
    assert isinstance(events[-1], SensorChange)
    assert "play" in events[-1].why


async def test_a_phone_that_is_not_there_is_explained() -> None:
    for sensor in (
        PhyphoxSensor(host=HOST, port=1, clock=SteppedClock()),
        SensorServerSensor(host=HOST, port=1, clock=SteppedClock()),
    ):
        with pytest.raises(SensorError, match="same network"):
            await sensor.connect()


@pytest.mark.parametrize("stream", [Stream.ACCELERATION, Stream.GYROSCOPE])
async def test_sensorserver_tells_every_sample_once(stream: Stream) -> None:
    clock = SteppedClock()
    phone = SensorServer(Carried(wearer=Swaying(), now_s=clock.now_s))
    sensor = SensorServerSensor(host=HOST, port=await phone.start(), clock=clock)
    await sensor.connect()
    try:
        _assert_is_the_body(await _collect(sensor, _has(stream, 60)), stream)
    finally:
        await sensor.close()
        await phone.stop()


async def test_sensorserver_that_goes_away_is_lost_and_comes_back() -> None:
    clock = SteppedClock()
    phone = SensorServer(Carried(wearer=Swaying(), now_s=clock.now_s))
    sensor = SensorServerSensor(host=HOST, port=await phone.start(), clock=clock)
    await sensor.connect()
    events = sensor.events()
    states = []
    async with asyncio.timeout(20):
        async for event in events:
            if isinstance(event, SensorChange):
                states.append(event.state)
            elif phone._runner is not None:
                await phone.stop()
            if SensorState.RECONNECTING in states:
                break
    await sensor.close()
    assert states[:4] == [
        SensorState.SEARCHING,
        SensorState.STREAMING,
        SensorState.LOST,
        SensorState.RECONNECTING,
    ]


@pytest.mark.parametrize("flat", [False, True])
async def test_sensorlogger_adds_gravity_to_movement(flat: bool) -> None:
    clock = SteppedClock()
    app = SensorLogger(Carried(wearer=Swaying(), now_s=clock.now_s), flat=flat)
    sensor = SensorLoggerSensor(port=0, clock=clock)
    await sensor.connect()
    async with aiohttp.ClientSession() as http:
        for _ in range(5):
            clock.t_s += 0.25
            assert await app.push(http, f"http://{HOST}:{sensor.port}/data") == 200
    try:
        _assert_is_the_body(await _collect(sensor, _has(Stream.ACCELERATION, 60)), Stream.ACCELERATION)
    finally:
        await sensor.close()


async def test_sensorlogger_without_gravity_is_said_and_gives_no_breath() -> None:
    clock = SteppedClock()
    app = SensorLogger(Carried(wearer=Swaying(), now_s=clock.now_s), gravity=False)
    sensor = SensorLoggerSensor(port=0, clock=clock)
    await sensor.connect()
    async with aiohttp.ClientSession() as http:
        clock.t_s += 1.0
        await app.push(http, f"http://{HOST}:{sensor.port}/data")
    try:
        events = await _collect(sensor, lambda events: any(isinstance(e, Samples) for e in events))
    finally:
        await sensor.close()
    assert any("Gravity" in event.why for event in events if isinstance(event, SensorChange))
    assert all(event.stream is Stream.GYROSCOPE for event in events if isinstance(event, Samples))


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"payload": 3', b"\xff"])
async def test_sensorlogger_answers_nonsense_with_400(body: bytes) -> None:
    sensor = SensorLoggerSensor(port=0, clock=SteppedClock())
    await sensor.connect()
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"http://{HOST}:{sensor.port}/data", data=body) as answer,
        ):
            assert answer.status == 400
    finally:
        await sensor.close()


def test_sensorlogger_passes_over_what_it_does_not_know() -> None:
    payload = [
        3,
        {"name": "gravity"},
        {"name": "gravity", "time": "soon", "values": {"x": 1, "y": 2, "z": 3}},
        {"name": "pedometer", "time": 1, "values": {"steps": 4}},
        {"name": "gravity", "time": 5, "values": {"x": 0, "y": 9.80665, "z": 0}},
    ]
    blocks, lacks_gravity = read_batch(payload)
    assert [block.stream for block in blocks] == [Stream.ACCELERATION]
    assert blocks[0].values == pytest.approx(np.array([[0.0, 1000.0, 0.0]]))
    assert not lacks_gravity
