"""The page in a real browser: asks, connects, sends motion, shows sentences, fits a small screen."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync.clock import SessionClock
from breathsync.samples import Samples, Stream
from breathsync.sensors.phone.page.server import PageSensor
from tests.sensors.phone.chromium import BINARY, open_tab

pytestmark = pytest.mark.skipif(BINARY is None, reason="chromium is not installed")

FEED = """
(async () => {
  for (let i = 0; i < 90; i++) {
    const event = new Event("devicemotion");
    Object.defineProperty(event, "timeStamp", { value: 1000 + i * 1000 / 60 });
    event.accelerationIncludingGravity = { x: 0, y: 9.80665, z: i / 60 };
    event.rotationRate = { alpha: 1, beta: 2, gamma: 3 };
    window.dispatchEvent(event);
    if (i % 6 === 5) await new Promise((done) => setTimeout(done, 50));
  }
})()
"""


@pytest.mark.parametrize("dark", [False, True])
async def test_the_page_connects_sends_its_motion_and_shows_the_sentence(tmp_path: Path, dark: bool) -> None:
    page = PageSensor(clock=SessionClock(), folder=tmp_path, port=0, host="127.0.0.1")
    await page.connect()
    heard: list[Samples] = []

    async def listen() -> None:
        async for event in page.events():
            if isinstance(event, Samples):
                heard.append(event)

    listening = asyncio.create_task(listen())
    try:
        async with open_tab(page.url, folder=tmp_path, dark=dark) as tab:
            page.say("Sit straight up.")
            await tab.run("document.getElementById('start').click()")
            await tab.until("document.getElementById('state').dataset.on === 'yes'")
            await tab.until("document.getElementById('say').textContent === 'Sit straight up.'")
            await tab.run(FEED)
            async with asyncio.timeout(10):
                while sum(len(b) for b in heard if b.stream is Stream.ACCELERATION) < 90:
                    await asyncio.sleep(0.02)
            await tab.picture(tmp_path / "page.png")
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await page.close()
    values = np.concatenate([block.values for block in heard if block.stream is Stream.ACCELERATION])
    assert values[:, 2] * 9.80665 / 1000 == pytest.approx(np.arange(90) / 60)
    assert {tuple(block.values[0]) for block in heard if block.stream is Stream.GYROSCOPE} == {
        (2.0, 3.0, 1.0)
    }
