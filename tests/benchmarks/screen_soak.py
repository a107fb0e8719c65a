"""Eight hours in front of the screen, in one process: does its memory stay flat?

    python -m tests.benchmarks.screen_soak [--hours 8] [--speed 60]

A simulated person with an H10 takes one session after another from the home screen, as each ends by itself: breath
only and seated twist in turn. The app, the logbook, detection and guide are the real ones; the picture is drawn for a
terminal that is not there, and sound is silent. The clock runs `--speed` times as fast as life (slower where the
machine cannot keep up); hours are hours of sessions. Prints a line an hour, and the slope after the first hour.
"""

import argparse
import asyncio
import gc
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from breathsync.guide.events import EndKind
from breathsync.plan import Plan
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.house import OwnHouse
from breathsync.tui.prefs import Prefs, Sound
from breathsync.tui.screens.home import HomeScreen
from breathsync.tui.screens.summary import SummaryScreen
from tests.benchmarks.follower_memory import memory_mb

ROUTINES = ("breath-only", "seated-twist")
LONGEST_SESSION_S = 600.0
"""Of wall time; a session that takes longer hangs."""


async def wait_for(app: BreathsyncApp, kind: type) -> None:
    """Wait until a screen of this kind is shown."""
    async with asyncio.timeout(LONGEST_SESSION_S):
        while not isinstance(app.screen, kind):
            await asyncio.sleep(0.05)


async def soak(*, hours: float, speed: float, folder: Path) -> None:
    """Sessions one after another until `hours` of them have been lived."""
    house = OwnHouse(folder=folder / "config")
    house.prefs = Prefs(sound=Sound.SILENT)
    app = BreathsyncApp(house)
    lived_s, number, began_s = 0.0, 0, time.monotonic()
    endings: Counter[EndKind] = Counter()
    seen: list[tuple[float, float, int]] = []
    print(
        f"{'hours':>6}{'sessions':>10}{'memory, MB':>12}{'objects':>10}{'log, MB':>9}{'minutes of wall':>17}"
    )
    async with app.run_test(size=(120, 40)) as pilot:
        while lived_s < 3600 * hours:
            routine = ROUTINES[number % len(ROUTINES)]
            plan = Plan(routine=routine, source="sim:steady@h10", speed=speed, seed=number, check_in=False)
            app.begin(plan)
            await wait_for(app, SummaryScreen)
            assert app.running is not None
            ended = app.running.session.view.guide.ended
            assert ended is not None
            endings[ended.how] += 1
            last, lived_s, number = lived_s, lived_s + ended.t_s, number + 1
            await pilot.press("enter")
            await wait_for(app, HomeScreen)
            gc.collect()
            seen.append((lived_s / 3600, memory_mb(), len(gc.get_objects()) + gc.get_freeze_count()))
            if number == 1 or lived_s // 3600 > last // 3600:
                log_mb = sum(file.stat().st_size for file in (folder / "log").rglob("*")) / 1e6
                minutes = (time.monotonic() - began_s) / 60
                print(
                    f"{seen[-1][0]:>6.2f}{number:>10}{seen[-1][1]:>12.1f}{seen[-1][2]:>10}{log_mb:>9.1f}{minutes:>17.1f}",
                    flush=True,
                )
    print("ended: " + ", ".join(f"{how} {count}" for how, count in endings.items()))
    settled = np.array([row for row in seen if row[0] > min(1.0, hours / 2)])
    if len(settled) > 2:
        slopes = np.polyfit(settled[:, 0], settled[:, 1:], 1)[0]
        print(f"after the first hour: {slopes[0]:+.2f} MB an hour, {slopes[1]:+.0f} objects an hour")


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--speed", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["BREATHSYNC_LOGBOOK"] = str(folder / "log")
        asyncio.run(soak(hours=options.hours, speed=options.speed, folder=folder))


if __name__ == "__main__":
    main()
