"""Our own page in a real browser: from a phone's motion to `Samples`, and a whole session at the speed of life."""

import asyncio
import tempfile
import time
from pathlib import Path

from breathsync_simulators.phones.carried import Carried
from breathsync_simulators.wearers import open_wearer

from breathsync.clock import SessionClock
from breathsync.guide.events import Verdict
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples, Stream
from breathsync.sensors.phone.page.server import PageSensor
from tests.sensors.phone.chromium import BINARY, open_tab
from tests.sensors.phone.lockstep import Counted, Way, session_of
from tests.sensors.phone.test_session_in_chromium import tapped

EVENTS = 1200
WRAP_S = 100.0
FEED = """
(async () => {
  for (let i = 0; i < EVENTS; i++) {
    const event = new Event("devicemotion");
    event.accelerationIncludingGravity = { x: Date.now() / 1000 % WRAP_S, y: i % 300, z: 9.8 };
    event.rotationRate = { alpha: 1, beta: 2, gamma: 3 };
    window.dispatchEvent(event);
    await new Promise((done) => setTimeout(done, 1000 / 60));
  }
})()
""".replace("EVENTS", str(EVENTS)).replace("WRAP_S", str(WRAP_S))


async def page() -> None:
    """Motion that carries the moment it was measured at, and the moment it arrived."""
    if BINARY is None:
        print("page      skipped: chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sensor = PageSensor(clock=SessionClock(), folder=folder, port=0, host="127.0.0.1")
        await sensor.connect()
        late: list[float] = []
        numbers: list[int] = []

        async def listen() -> None:
            async for event in sensor.events():
                if isinstance(event, Samples) and event.stream is Stream.ACCELERATION:
                    now_s = time.time()
                    for x, y, _ in (event.values * 9.80665e-3).tolist():
                        late.append((now_s - x) % WRAP_S)
                        numbers.append(round(y))

        listening = asyncio.create_task(listen())
        async with open_tab(sensor.url, folder=folder) as tab:
            await tab.run("document.getElementById('start').click()")
            await tab.until("document.getElementById('state').dataset.on === 'yes'")
            await tab.call("Runtime.evaluate", expression=FEED)
            async with asyncio.timeout(90):
                while len(late) < EVENTS:
                    await asyncio.sleep(0.1)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await sensor.close()
    in_order = numbers == [number % 300 for number in range(EVENTS)]
    late.sort()
    print(
        f"page      {len(late)} of {EVENTS} samples, each once and in order: {in_order}; "
        f"median {1e3 * late[len(late) // 2]:.0f}, p95 {1e3 * late[int(0.95 * len(late))]:.0f}, "
        f"max {1e3 * late[-1]:.0f} ms"
    )


async def page_session(*, person: str = "steady", place: str = "phone-belly", seed: int = 3) -> None:
    """A person's phone in the browser for as long as a session takes; the page sends by its own timer."""
    if BINARY is None:
        print("session   skipped: chromium is not installed")
        return
    clock = SessionClock()
    counted = Counted(open_wearer(person, place, seed=seed))
    late: list[float] = []

    class Watch:
        def hear(self, outcome: Outcome, view: View) -> None:
            if isinstance(outcome, Verdict):
                late.append(clock.now_s() - outcome.decided_s)

    with tempfile.TemporaryDirectory() as folder:
        phone = Carried(wearer=counted, now_s=clock.now_s)
        async with tapped(phone, clock=clock, folder=Path(folder), hurried=False) as (sensor, browser, _):
            session = session_of(counted, clock, Way(sensor=sensor, faces=(Watch(),)))
            running = asyncio.create_task(session.run())
            while not running.done():
                await browser.move()
                for word in counted.wearer.said():
                    session.put(word)
                await asyncio.sleep(0.03)
            ended = await running
    opened = sum(isinstance(outcome, Verdict) and outcome.opened for outcome in counted.outcomes)
    print(
        f"session   {person}@{place} through the page at the speed of life: {ended.how} after {ended.t_s:.0f} s, "
        f"{counted.arrived:,} of {counted.given:,} samples, {opened} of {len(late)} verdicts opened, the latest said "
        f"{1e3 * max(late):.0f} ms after its moment"
    )
