"""Whole sessions with a phone as the strap, by each of the four ways: every sample arrives, the gate opens."""

import asyncio
import ssl
from pathlib import Path

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync_simulators.phones.page import Page  # noqa: E402
from breathsync_simulators.phones.sensorlogger import SensorLogger  # noqa: E402
from breathsync_simulators.phones.servers import HOST, Phyphox, SensorServer  # noqa: E402

from breathsync.guide.events import ConfirmedBy, Ended, EndKind, PointPassed, Verdict  # noqa: E402
from breathsync.sensors.phone.page.server import PageSensor  # noqa: E402
from breathsync.sensors.phone.phyphox import PhyphoxSensor  # noqa: E402
from breathsync.sensors.phone.sensorlogger import SensorLoggerSensor  # noqa: E402
from breathsync.sensors.phone.sensorserver import SensorServerSensor  # noqa: E402
from tests.sensors.phone.lockstep import Counted, Way, carried, live_through  # noqa: E402

SEED = 3


def _judge(counted: Counted, ended: Ended) -> None:
    """The session went through, every sample arrived as it was measured, and breaths opened gates."""
    assert ended.how is EndKind.FINISHED
    assert counted.off < 1e-3, "mg"
    passed = [o for o in counted.outcomes if isinstance(o, PointPassed)]
    opened = [o for o in counted.outcomes if isinstance(o, Verdict) and o.opened]
    assert opened
    assert len([p for p in passed if p.confirmed_by is ConfirmedBy.BREATH]) <= len(opened)


async def test_by_phyphox_on_the_belly() -> None:
    counted, clock, phone = carried("steady", "phone-belly", seed=SEED)
    app = Phyphox(phone)
    sensor = PhyphoxSensor(host=HOST, port=await app.start(), clock=clock)
    await sensor.connect()
    try:
        _judge(counted, await live_through(counted, clock, Way(sensor=sensor)))
    finally:
        await app.stop()


async def test_by_sensorserver_on_the_chest() -> None:
    counted, clock, phone = carried("steady", "phone-chest", seed=SEED)
    app = SensorServer(phone)
    sensor = SensorServerSensor(host=HOST, port=await app.start(), clock=clock)
    await sensor.connect()
    try:
        _judge(counted, await live_through(counted, clock, Way(sensor=sensor)))
    finally:
        await app.stop()


async def test_by_sensorlogger_on_the_belly() -> None:
    counted, clock, phone = carried("steady", "phone-belly", seed=SEED)
    app = SensorLogger(phone)
    sensor = SensorLoggerSensor(port=0, clock=clock)
    await sensor.connect()
    async with aiohttp.ClientSession() as http:
        way = Way(sensor=sensor, push=lambda: app.push(http, f"http://{HOST}:{sensor.port}/data"))
        _judge(counted, await live_through(counted, clock, way))


async def test_by_our_own_page_on_the_chest(tmp_path: Path) -> None:
    counted, clock, phone = carried("steady", "phone-chest", seed=SEED)
    sensor = PageSensor(clock=clock, folder=tmp_path, port=0, host=HOST)
    await sensor.connect()
    page = Page(phone)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "phone-certificate.pem"))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http:
        await page.open(http, sensor.url)
        listening = asyncio.create_task(page.listen())
        _judge(counted, await live_through(counted, clock, Way(sensor=sensor, push=page.send)))
        await page.close()
        await listening
    assert any("full breath" in sentence.lower() for sentence in page.said)
