"""The app as `screen.py` measures it: a session with a simulated H10, with a stopwatch at samples and paints."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from textual.strip import Strip

from breathsync.plan import Plan
from breathsync.samples import Samples
from breathsync.tui.house import OwnHouse
from breathsync.tui.run import run_house
from breathsync.tui.widgets.trace import BreathTrace

arrived: list[float] = []
waits: list[float] = []
paints: list[float] = []


def render_line(self: BreathTrace, y: int) -> Strip:
    """As always, with a look at the watch."""
    strip = plain(self, y)
    if y == self.size.height - 1:
        now = time.perf_counter()
        paints.append(now)
        waits.extend(now - at for at in arrived)
        arrived.clear()
    return strip


class TimedHouse(OwnHouse):
    """Notes when samples arrive."""

    async def open(self, plan: Plan, **say: Any) -> Any:
        """As always, with the session's way in watched."""
        session = await super().open(plan, **say)
        put = session.put

        def watched(item: Any) -> None:
            if isinstance(item, Samples) and item.stream is session.sensor.info.breath_stream:
                arrived.append(time.perf_counter())
            put(item)

        session.put = watched
        return session


plain, BreathTrace.render_line = BreathTrace.render_line, render_line
run_house(TimedHouse(), plan=Plan(routine="breath-only", source="sim:steady@h10", check_in=False))
waits.sort()
Path(sys.argv[1]).write_text(
    json.dumps(
        {
            "frames_per_s": (len(paints) - 1) / (paints[-1] - paints[0]),
            "paint_p95_ms": 1000 * waits[int(0.95 * len(waits))],
        }
    )
)
