"""What the service costs, and what it withstands.

    python -m tests.benchmarks.service [latency] [cpu] [hostile] [page] [class] [session] [hostile-life]

Everything on loopback, each part a minute or four; without a name, all but the last two, which take as long as a
session does. `latency`: from an event in the session to 50 clients, each with all samples of a 200 Hz strap. `cpu`:
with 10 such clients and with none. `hostile`: one person's session twice, alone and under 1,000 bad connections, at
ten times the speed of life; `hostile-life`: at that speed, both at once. `page`: from a phone's motion to `Samples`,
through Chromium; `session`: a whole session that way. `class`: 30 people on one broker, and how often its screen is
drawn.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from tests.benchmarks import service_class, service_hostile, service_page
from tests.benchmarks.service_attack import TOKEN

SECONDS = 40.0
ALL_SAMPLES_HZ = 1000.0
Heard = list[tuple[float, str | bytes]]


@asynccontextmanager
async def child(
    folder: Path,
    *,
    speed: float = 1.0,
    seed: int = 3,
    seconds: float = 0.0,
    routine: str = "first-time",
    source: str = "sim:steady@h10",
) -> AsyncIterator[tuple[int, Any]]:
    """A service of its own process: its port, and a call that begins the session and returns what was seen."""
    out = folder / "seen.json"
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.service_child",
        str(speed),
        str(seed),
        str(seconds),
        routine,
        source,
        str(out),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"BREATHSYNC_LOGBOOK": str(folder / "log")},
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(await process.stdout.readline())

    async def play() -> Any:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        await process.wait()
        return json.loads(out.read_text())

    try:
        yield port, play
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def listen(port: int, heard: Heard) -> None:
    """A client that takes everything, and notes when."""
    async with connect(
        f"ws://127.0.0.1:{port}",
        additional_headers={"Authorization": f"Bearer {TOKEN}"},
        proxy=None,
        compression=None,
        max_size=None,
    ) as client:
        await client.send(json.dumps({"type": "subscribe", "samples_hz": ALL_SAMPLES_HZ}))
        async for text in client:
            heard.append((time.monotonic(), text))


def what(text: str | bytes) -> tuple[str, float] | None:
    """Which outcome or block a message is, by its kind and time."""
    message = json.loads(text)
    kind = message["type"]
    if kind == "samples":
        return f"samples {message['stream']}", message["t_s"][0]
    if kind in ("hello", "started", "live", "names"):
        return None
    return kind, message.get("breath", message).get("decided_s", message.get("t_s", 0.0))


async def with_clients(clients: int) -> tuple[Any, list[Heard]]:
    """A session of `SECONDS` with so many clients: what it saw, and what they heard."""
    with tempfile.TemporaryDirectory() as folder:
        async with child(Path(folder), seconds=SECONDS) as (port, play):
            heard: list[Heard] = [[] for _ in range(clients)]
            listening = [asyncio.create_task(listen(port, one)) for one in heard]
            await asyncio.sleep(1.0)
            seen = await play()
            await asyncio.gather(*listening, return_exceptions=True)
            return seen, heard


def spread(values: Sequence[float]) -> str:
    """Median, 95th percentile and maximum, ms."""
    ordered = sorted(values)
    middle, high = ordered[len(ordered) // 2], ordered[int(0.95 * len(ordered))]
    return f"median {1e3 * middle:.1f}, p95 {1e3 * high:.1f}, max {1e3 * ordered[-1]:.1f} ms"


async def latency() -> None:
    """Event to client with 50 of them."""
    seen, heard = await with_clients(50)
    said = {(kind, t_s): at_s for kind, t_s, at_s in seen["said"]}
    arrived = [(what(text), at_s) for one in heard for at_s, text in one]
    for name, wanted in (("outcomes", False), ("samples", True)):
        late = [
            at_s - said[which]
            for which, at_s in arrived
            if which in said and which[0].startswith("samples") is wanted
        ]
        sent = sum(kind.startswith("samples") is wanted for kind, _, _ in seen["said"])
        print(f"latency   {name}, 50 clients: {spread(late)} ({len(late)} of {50 * sent} heard)")


async def cpu() -> None:
    """What ten clients cost."""
    shares = {clients: (await with_clients(clients))[0]["cpu_share"] for clients in (0, 10)}
    print(
        f"cpu       session alone {shares[0]:.1%} of a core, with 10 clients {shares[10]:.1%}: "
        f"{shares[10] - shares[0]:.1%} for them"
    )


async def main(parts: Sequence[str]) -> None:
    """Run the parts, each with a line or two."""
    known = {
        "latency": latency,
        "cpu": cpu,
        "hostile": lambda: service_hostile.hostile(child),
        "page": service_page.page,
        "class": service_class.classroom,
        "session": service_page.page_session,
        "hostile-life": lambda: service_hostile.hostile(child, speed=1.0, routine="first-time"),
    }
    for part in parts or list(known)[:-2]:
        await known[part]()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
