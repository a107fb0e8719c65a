"""A phone that is locked, paused or away is said in words, by each of the four ways, and its motion makes it good."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync_simulators.phones.carried import Carried  # noqa: E402
from breathsync_simulators.phones.page import Page  # noqa: E402
from breathsync_simulators.phones.sensorlogger import SensorLogger  # noqa: E402
from breathsync_simulators.phones.servers import HOST, Phyphox, SensorServer  # noqa: E402

from breathsync.clock import SessionClock  # noqa: E402
from breathsync.samples import SensorChange, SensorState  # noqa: E402
from breathsync.sensors.phone import base  # noqa: E402
from breathsync.sensors.phone.base import PhoneSensor  # noqa: E402
from breathsync.sensors.phone.page.server import PageSensor  # noqa: E402
from breathsync.sensors.phone.phyphox import PhyphoxSensor  # noqa: E402
from breathsync.sensors.phone.sensorlogger import SensorLoggerSensor  # noqa: E402
from breathsync.sensors.phone.sensorserver import SensorServerSensor  # noqa: E402
from tests.sensors.phone.test_phones import Swaying  # noqa: E402

Push = Callable[[], Awaitable[object]]


class Lockable(Swaying):
    """A phone that measures nothing while it is locked."""

    def __init__(self) -> None:
        super().__init__()
        self.locked = False

    def until(self, t_s: float):  # type: ignore[no-untyped-def]
        blocks = super().until(t_s)
        return [] if self.locked else blocks


async def _hear(sensor: PhoneSensor, wearer: Lockable, push: Push | None = None) -> list[SensorChange]:
    """Changes of a phone that is locked once it streams, and unlocked once that was said."""
    changes: list[SensorChange] = []

    async def keep_pushing() -> None:
        while push is not None:
            await push()
            await asyncio.sleep(0.05)

    pushing = asyncio.create_task(keep_pushing())
    try:
        async with asyncio.timeout(20):
            async for event in sensor.events():
                if not isinstance(event, SensorChange):
                    continue
                changes.append(event)
                wearer.locked = event.state is SensorState.STREAMING
                if [change.state for change in changes].count(SensorState.STREAMING) == 2:
                    break
    finally:
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)
        await sensor.close()
    return changes


def _judge(changes: list[SensorChange], *, word: str) -> None:
    states = [change.state for change in changes]
    assert states == [
        SensorState.SEARCHING, SensorState.STREAMING, SensorState.STALE, SensorState.STREAMING
    ]  # fmt: skip
    assert word in changes[2].why
    assert "phone" in changes[2].why


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "SILENT_S", 0.5)


async def test_by_phyphox() -> None:
    clock, wearer = SessionClock(), Lockable()
    app = Phyphox(Carried(wearer=wearer, now_s=clock.now_s))
    sensor = PhyphoxSensor(host=HOST, port=await app.start(), clock=clock)
    await sensor.connect()
    _judge(await _hear(sensor, wearer), word="unlock")
    await app.stop()


async def test_by_sensorserver() -> None:
    clock, wearer = SessionClock(), Lockable()
    app = SensorServer(Carried(wearer=wearer, now_s=clock.now_s))
    sensor = SensorServerSensor(host=HOST, port=await app.start(), clock=clock)
    await sensor.connect()
    _judge(await _hear(sensor, wearer), word="unlock")
    await app.stop()


async def test_by_sensorlogger() -> None:
    clock, wearer = SessionClock(), Lockable()
    app = SensorLogger(Carried(wearer=wearer, now_s=clock.now_s))
    sensor = SensorLoggerSensor(port=0, clock=clock)
    await sensor.connect()
    async with aiohttp.ClientSession() as http:
        _judge(
            await _hear(sensor, wearer, lambda: app.push(http, f"http://{HOST}:{sensor.port}/data")),
            word="recording",
        )


async def test_by_our_own_page(tmp_path: Path) -> None:
    clock, wearer = SessionClock(), Lockable()
    sensor = PageSensor(clock=clock, folder=tmp_path, port=0, host=HOST)
    await sensor.connect()
    page = Page(Carried(wearer=wearer, now_s=clock.now_s))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "phone-certificate.pem"))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http:
        await page.open(http, sensor.url)
        _judge(await _hear(sensor, wearer, page.send), word="unlock")
        await page.close()


async def test_what_a_page_says_of_itself_stands_and_is_not_talked_over(tmp_path: Path) -> None:
    """Hidden is more than silent."""
    sensor = PageSensor(clock=SessionClock(), folder=tmp_path, port=0, host=HOST)
    await sensor.connect()
    trusting = ssl.create_default_context(cafile=str(tmp_path / "phone-certificate.pem"))
    changes: list[SensorChange] = []

    async def listen() -> None:
        async for event in sensor.events():
            if isinstance(event, SensorChange):
                changes.append(event)

    listening = asyncio.create_task(listen())
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http,
        http.ws_connect(sensor.url + "motion") as phone,
    ):
        await phone.send_str(json.dumps({"t": [1.0], "a": [[0, 9.8, 0]], "g": None}))
        await phone.send_str("hidden")
        await asyncio.sleep(0.8)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await sensor.close()
    assert [change.state for change in changes[1:]] == [SensorState.STREAMING, SensorState.STALE]
    assert "front" in changes[-1].why
