"""A whole session with a simulated person's phone in a real browser: our own page, its script, TLS, and the gate."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync_simulators.phones.carried import Carried
from breathsync_simulators.phones.page import batch

from breathsync.guide.events import Ended, EndKind, Verdict
from breathsync.samples import Samples, Stream
from breathsync.sensors.base import Clock
from breathsync.sensors.phone.page.server import PageSensor
from tests.sensors.phone.chromium import BINARY, Tab, open_tab
from tests.sensors.phone.lockstep import Way, carried, live_through

needs_chromium = pytest.mark.skipif(BINARY is None, reason="chromium is not installed")

HOST = "127.0.0.1"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
PREPARE = """
window.shown = [];
new MutationObserver(() => shown.push(document.getElementById("say").textContent))
  .observe(document.getElementById("say"), { childList: true });
window.move = ({ t, a, g }) => t.forEach((timeStamp, i) => {
  const [x, y, z] = a[i], [alpha, beta, gamma] = g[i];
  const event = new DeviceMotionEvent("devicemotion", {
    accelerationIncludingGravity: { x, y, z }, rotationRate: { alpha, beta, gamma }, interval: 10 });
  Object.defineProperty(event, "timeStamp", { value: timeStamp });
  window.dispatchEvent(event);
});
document.getElementById("start").click();
"""


class BrowserPhone:
    """A phone whose motion sensors tell a simulated person's body. `hurried`: the page sends at once what it has, and
    does not wait for its own timer."""

    def __init__(self, tab: Tab, phone: Carried, *, hurried: bool) -> None:
        self._tab = tab
        self._phone = phone
        self._then = "; flush()" if hurried else ""

    async def move(self) -> None:
        """Let the browser have all motion since the last time."""
        if motions := self._phone.since_last():
            await self._tab.run(f"move({json.dumps(batch(motions))}){self._then}")


@asynccontextmanager
async def tapped(
    phone: Carried, *, clock: Clock, folder: Path, hurried: bool, agent: str = ""
) -> AsyncIterator[tuple[PageSensor, BrowserPhone, Tab]]:
    """The page, open in a browser, its button tapped."""
    sensor = PageSensor(clock=clock, folder=folder, port=0, host=HOST)
    await sensor.connect()
    async with open_tab(sensor.url, folder=folder, agent=agent) as tab:
        await tab.run(PREPARE)
        await tab.until("document.getElementById('state').dataset.on === 'yes'")
        yield sensor, BrowserPhone(tab, phone, hurried=hurried), tab


@needs_chromium
async def test_a_whole_session_through_the_page_opens_gates_and_comes_to_its_end(tmp_path: Path) -> None:
    counted, clock, phone = carried("steady", "phone-belly", seed=3)
    async with tapped(phone, clock=clock, folder=tmp_path, hurried=True) as (sensor, browser, tab):
        ended: Ended = await live_through(counted, clock, Way(sensor=sensor, push=browser.move))
        await tab.until("document.getElementById('state').textContent.includes('It is over')")
        shown = await tab.run("shown")
    assert ended.how is EndKind.FINISHED
    assert counted.off < 1e-3, "mg"
    verdicts = [outcome for outcome in counted.outcomes if isinstance(outcome, Verdict)]
    assert any(verdict.opened for verdict in verdicts)
    told = [sentence for outcome in counted.outcomes if (sentence := getattr(outcome, "sentence", ""))]
    assert any("full breath" in sentence.lower() for sentence in shown)
    assert shown[-1] == told[-1], "the phone shows the session's last sentence"


@needs_chromium
async def test_an_iphone_tells_gravity_with_its_sign_turned_round(tmp_path: Path) -> None:
    counted, clock, phone = carried("steady", "phone-chest", seed=3)
    clock.move_to(1.0)
    async with tapped(phone, clock=clock, folder=tmp_path, hurried=True, agent=IPHONE) as (
        sensor,
        browser,
        _,
    ):
        await browser.move()
        async with asyncio.timeout(10):
            async for event in sensor.events():
                if isinstance(event, Samples) and event.stream is Stream.ACCELERATION:
                    break
        await sensor.close()
    measured = counted._expected[0]
    assert event.values == pytest.approx(-measured[: len(event)], abs=1e-3)
