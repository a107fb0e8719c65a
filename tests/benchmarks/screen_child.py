"""The app as `screen.py` measures it: a session with a simulated H10, with a stopwatch at samples and paints."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from breathsync.plan import Plan
from breathsync.samples import Samples
from breathsync.tui.house import OwnHouse
from breathsync.tui.run import run_house
from breathsync.tui.widgets.trace import BreathTrace

arrived: list[float] = []
waits: list[tuple[float, float]] = []
"""When samples were painted, and how long after they had arrived."""
paints: list[float] = []
words: list[float] = []
"""When the session had taken in a word of the person's, on the clock that all processes share."""


def render_line(self: BreathTrace, y: int) -> Any:
    """As always, with a look at the watch."""
    strip = plain(self, y)
    if y == self.size.height - 1:
        now = time.perf_counter()
        paints.append(now)
        waits.extend((now, now - at) for at in arrived)
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

        say = session.say

        def heard(word: Any, **by: Any) -> None:
            say(word, **by)
            words.append(time.perf_counter())

        session.put, session.say = watched, heard
        return session


plain, BreathTrace.render_line = BreathTrace.render_line, render_line
run_house(TimedHouse(), plan=Plan(routine="breath-only", source="sim:steady@h10", check_in=False))
Path(sys.argv[1]).write_text(
    json.dumps(
        {
            "paints_at_s": paints,
            "waits_s": waits,
            "words_at_s": words,
        }
    )
)
