"""30 simulated people on one broker, and how often the class screen is drawn meanwhile."""

import asyncio
import io
import os
import pty
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.service.fakes import MOSQUITTO, free_port, mosquitto

PEOPLE = 30
SECONDS = 20.0
SETTLE_S = 8.0
PUBLISHERS = """
import asyncio, sys
from breathsync.compose import open_session
from breathsync.plan import Plan

async def one(number):
    session = await open_session(Plan(
        routine="first-time", source="sim:steady@belt", seed=number, check_in=False, speed=1.0,
        to=(f"mqtt://127.0.0.1:{sys.argv[1]}/breathsync/person-{number:02d}",)))
    await session.run()

async def all_of_them():
    await asyncio.gather(*(one(number) for number in range(int(sys.argv[2]))))

asyncio.run(all_of_them())
"""


async def classroom() -> None:
    """Count the frames that `breathsync watch` writes into a terminal, and whom they show."""
    if MOSQUITTO is None:
        print("class     skipped: mosquitto is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        environment = os.environ | {
            "BREATHSYNC_LOGBOOK": name,
            "TERM": "xterm-256color",
            "LINES": "50",
            "COLUMNS": "110",
        }
        async with mosquitto(folder, port):
            publishing = await asyncio.create_subprocess_exec(
                sys.executable, "-c", PUBLISHERS, str(port), str(PEOPLE), env=environment
            )
            ours, theirs = pty.openpty()
            watching = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "breathsync", "watch", f"mqtt://127.0.0.1:{port}",
                stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            )  # fmt: skip
            os.close(theirs)
            try:
                written, stamps = await asyncio.to_thread(_read, ours)
            finally:
                for process in (watching, publishing):
                    process.terminate()
                    await process.wait()
                os.close(ours)
    frames = written.count(b"\x1b[H")
    shown = len(set(re.findall(rb"person-\d\d", written)))
    print(
        f"class     {shown} of {PEOPLE} people shown, {frames / stamps:.1f} frames a second over {stamps:.0f} s"
    )


def _read(terminal: int) -> tuple[bytes, float]:
    """What is written in `SECONDS`, once it has settled."""
    begin_s, kept, since_s = time.perf_counter(), io.BytesIO(), 0.0
    while time.perf_counter() - begin_s < SETTLE_S + SECONDS:
        got = os.read(terminal, 65536)
        if time.perf_counter() - begin_s > SETTLE_S:
            since_s = since_s or time.perf_counter()
            kept.write(got)
    return kept.getvalue(), time.perf_counter() - since_s
