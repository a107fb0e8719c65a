"""What all sinks share: named before anything is opened, never in the session's way, let go at its end."""

import asyncio
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

from breathsync import session as session_module
from breathsync.compose import open_session
from breathsync.errors import UnknownNameError
from breathsync.guide.events import EndKind
from breathsync.outcome import Outcome, View
from breathsync.plan import Plan
from breathsync.samples import Samples, Stream
from breathsync.service.sinks import both, join

PLAN = Plan(routine="first-time", source="sim:steady@belt", seed=3, speed=200.0, check_in=False)


class CountingSink:
    """Counts; `trouble` is what its close does."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble
        self.heard = 0
        self.blocks = 0
        self.began = ""

    async def reach(self) -> None: ...

    def begin(self, session: Any, *, routine: str) -> None:
        self.began = routine

    def hear(self, outcome: Outcome, view: View) -> None:
        self.heard += 1

    def show(self, block: Samples) -> None:
        self.blocks += 1

    async def close(self) -> None:
        if self.trouble == "raises":
            raise RuntimeError("no")
        if self.trouble == "hangs":
            await asyncio.sleep(3600)


async def test_sinks_hear_all_of_a_session_and_their_trouble_is_not_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_module, "CLOSE_WITHIN_S", 0.1)
    session = await open_session(PLAN)
    sinks = [CountingSink("raises"), CountingSink("hangs"), CountingSink()]
    join(session, sinks, routine="first-time")
    began = time.perf_counter()
    ended = await session.run()
    assert ended.how is EndKind.FINISHED
    assert time.perf_counter() - began < 60
    assert {sink.began for sink in sinks} == {"first-time"}
    assert len({sink.heard for sink in sinks}) == len({sink.blocks for sink in sinks}) == 1
    assert sinks[0].heard > 100 < sinks[0].blocks


def test_both_tells_each_in_order() -> None:
    told: list[str] = []
    block = Samples(stream=Stream.FORCE, t_s=np.zeros(1), values=np.zeros((1, 1)))
    both(None, lambda _: told.append("a"), lambda _: told.append("b"))(block)
    assert told == ["a", "b"]


async def test_a_sink_that_is_none_is_refused_before_the_sensor_is_reached() -> None:
    with pytest.raises(UnknownNameError, match="mqqt"):
        await open_session(Plan(routine="first-time", source="phyphox:127.0.0.1:1", to=("mqqt://h",)))


def test_the_command_names_the_nearest() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "breathsync", "session", "--simulate", "--plain", "--to", "mqqt://h"],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 2
    assert "mqtt" in done.stderr
    assert done.stdout == ""
