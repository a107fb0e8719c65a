"""Pictures of the phone's page, to be looked at: `python -m tests.benchmarks.page_pictures FOLDER`.

Four widths, dark and light, text twice as large; before the tap, in a session, refused, taken over, over.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from breathsync.clock import SessionClock
from breathsync.sensors.phone.page.server import PageSensor
from tests.sensors.phone.chromium import open_tab
from tests.sensors.phone.test_page_by_eye import HOST, LONGEST

SHOTS = [
    *(("narrow", 320, 640, dark, "100%") for dark in (False, True)),
    ("phone", 390, 844, True, "100%"),
    ("large-text", 320, 640, False, "225%"),
    ("tablet", 768, 1024, False, "100%"),
    ("across", 740, 340, True, "100%"),
]
BREATHE = """
for (let i = 0; i < 200; i++) onMotion({ timeStamp: i * 16, accelerationIncludingGravity: { x: 0.3, y: 9.7,
  z: 0.4 * Math.sin(i / 25) }, rotationRate: { alpha: 0, beta: 0, gamma: 0 } });
draw();
"""


async def shoot(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, width, height, dark, size in SHOTS:
        with tempfile.TemporaryDirectory() as made:
            page = PageSensor(clock=SessionClock(), folder=Path(made), port=0, host=HOST)
            await page.connect()
            label = f"{name}-{'dark' if dark else 'light'}"
            async with open_tab(page.url, folder=Path(made), width=width, height=height, dark=dark) as tab:
                if size != "100%":
                    await tab.run(f"document.documentElement.style.fontSize = '{size}'")
                await tab.picture(folder / f"{label}-1-before.png")
                await tab.run("document.getElementById('start').click()")
                await tab.until("document.getElementById('state').dataset.on === 'yes'")
                await tab.picture(folder / f"{label}-2-connected.png")
                page.say(LONGEST)
                await asyncio.sleep(0.3)
                await tab.run(BREATHE)
                await tab.picture(folder / f"{label}-3-session.png")
                await page.close()
                await tab.until("document.getElementById('state').textContent.includes('over')")
                await tab.picture(folder / f"{label}-4-over.png")
            print(f"{label}: 4 pictures")


if __name__ == "__main__":
    asyncio.run(shoot(Path(sys.argv[1])))
