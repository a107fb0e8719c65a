"""A service with one simulated session, watched from within.

    python -m tests.benchmarks.service_child SPEED SEED SECONDS ROUTINE SOURCE OUT

Prints its port, waits for a line, plays the session, and writes into OUT when each message was said (s of the
system's monotonic clock), how late each verdict came, what the session took in and gave out, and what it cost.
"""

import asyncio
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from breathsync.compose import open_session
from breathsync.guide.events import Ended, Verdict
from breathsync.outcome import Input, Outcome, View
from breathsync.plan import Plan
from breathsync.samples import Samples
from breathsync.service.lsl import when
from breathsync.service.messages import Names, event_type, outcome_types
from breathsync.service.server import Service
from breathsync.session import Recorder
from tests.benchmarks.service_attack import TOKEN


class FromZero:
    """The session's clock for a simulated person, whose body begins at zero however long the start took."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.speed = clock.speed

    def now_s(self) -> float:
        return 0.0

    async def sleep_until(self, t_s: float) -> None:
        await self._clock.sleep_until(t_s)


class Counted:
    """The session's recorder, with a count and a digest of all that passes."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._sums: dict[str, tuple[int, Any]] = {
            what: (0, hashlib.sha256()) for what in ("samples", "inputs", "outcomes")
        }

    def put(self, item: Input | Outcome) -> None:
        self._recorder.put(item)
        if isinstance(item, Samples):
            self._add("samples", len(item), item.stream.encode() + item.t_s.tobytes() + item.values.tobytes())
        else:
            what = "outcomes" if isinstance(item, outcome_types()) else "inputs"
            self._add(
                what,
                1,
                type(item).__name__.encode() + msgspec.json.encode(msgspec.to_builtins(item, str_keys=True)),
            )

    def _add(self, what: str, number: int, content: bytes) -> None:
        count, digest = self._sums[what]
        digest.update(content)
        self._sums[what] = count + number, digest

    def close(self, ended: Ended) -> None:
        self._recorder.close(ended)

    def sums(self) -> dict[str, tuple[int, str]]:
        return {what: (count, digest.hexdigest()[:12]) for what, (count, digest) in self._sums.items()}


async def main(plan: Plan, seconds: float, out: Path) -> None:
    """Serve, play, write."""
    service = Service(token=TOKEN, open_session=open_session, names=lambda: Names(routines=[], sources=[]))
    said: list[tuple[str, float, float]] = []
    verdicts: list[tuple[Any, float]] = []
    print(await service.listen(port=0), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    task = await service.start(plan)
    session = service._session
    assert session is not None
    session.sensor._clock = FromZero(session.clock)  # type: ignore[attr-defined]
    counted = session.recorder = Counted(session.recorder)

    def hear(outcome: Outcome, view: View) -> None:
        now_s = time.monotonic()
        said.append((event_type(type(outcome)), when(outcome), now_s))
        if isinstance(outcome, Verdict):
            late_s = (session.clock.now_s() - outcome.decided_s) / plan.speed
            verdicts.append(([outcome.decided_s, outcome.opened, list(outcome.refused_by)], late_s))

    show: Callable[[Samples], None] | None = session.on_samples
    assert show is not None

    def shown(block: Samples) -> None:
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
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {
        "said": said,
        "verdicts": verdicts,
        "cpu_share": cpu_s / took_s,
        "peak_kb": peak_kb,
        **counted.sums(),
    }
    out.write_text(json.dumps(told))


if __name__ == "__main__":
    speed, seed, seconds, routine, source, out = sys.argv[1:]
    plan = Plan(routine=routine, source=source, speed=float(speed), seed=int(seed), check_in=False)
    asyncio.run(main(plan, float(seconds), Path(out)))
