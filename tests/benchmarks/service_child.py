"""A service with one simulated session, watched from within: `python -m tests.benchmarks.service_child SPEED SEED OUT`.

Prints its port and token, waits for a line, plays the session, and writes into OUT when each message was said (s of
the system's monotonic clock), how late each verdict came, and what it cost.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from breathsync.compose import open_session
from breathsync.guide.events import Verdict
from breathsync.outcome import Outcome, View
from breathsync.plan import Plan
from breathsync.service.lsl import when
from breathsync.service.messages import Names, event_type
from breathsync.service.server import Service

TOKEN = "benchmark"
ROUTINE, SOURCE = "first-time", "sim:steady@h10"


async def main(speed: float, seed: int, seconds: float, out: Path) -> None:
    """Serve, play, write."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    service = Service(token=TOKEN, open_session=open_session, names=lambda: Names(routines=[], sources=[]))
    said: list[tuple[str, float, float]] = []
    verdicts: list[tuple[Any, float]] = []
    print(await service.listen(port=0), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    task = await service.start(Plan(routine=ROUTINE, source=SOURCE, speed=speed, seed=seed, check_in=False))
    session = service._session
    assert session is not None

    def hear(outcome: Outcome, view: View) -> None:
        now_s = time.monotonic()
        said.append((event_type(type(outcome)), when(outcome), now_s))
        if isinstance(outcome, Verdict):
            late_s = (session.clock.now_s() - outcome.decided_s) / speed
            verdicts.append(([outcome.decided_s, outcome.opened, list(outcome.refused_by)], late_s))

    show = session.on_samples
    assert show is not None

    def shown(block: Any) -> None:
        said.append((f"samples {block.stream}", float(block.t_s[0]), time.monotonic()))
        show(block)

    session.faces.insert(0, type("Watch", (), {"hear": staticmethod(hear)})())
    session.on_samples = shown
    cpu_s, began_s = time.process_time(), time.monotonic()
    if seconds:
        await asyncio.wait({task}, timeout=seconds)
    else:
        await task
    took_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
    await service.close()
    out.write_text(json.dumps({"said": said, "verdicts": verdicts, "cpu_share": cpu_s / took_s}))


speed, seed, seconds, out = sys.argv[1:]
asyncio.run(main(float(speed), int(seed), float(seconds), Path(out)))
