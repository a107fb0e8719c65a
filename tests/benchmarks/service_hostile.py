"""1,000 bad connections during a session, its log replayed with nobody about, and a session left alone beside it."""

import asyncio
import resource
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

TOKEN = "benchmark"
EACH = 200
SPEED = 10.0
"""So a session of nine minutes takes one; its clock is that much less patient with us."""
AT_ONCE = 40
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


async def hostile(child: Any) -> None:
    """Play a session left alone and one under attack; replay the log of that one with nobody about."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        async with child(Path(folder), speed=SPEED) as (_, play):
            alone = await play()
    with tempfile.TemporaryDirectory() as folder:
        async with child(Path(folder), speed=SPEED) as (port, play):
            playing = asyncio.create_task(play())
            met = await attack(port)
            attacked = await playing
        replayed = await _replay(Path(folder) / "log")
    late = [max(late_s for _, late_s in seen["verdicts"]) for seen in (alone, attacked)]
    print(f"hostile   {sum(met.values())} connections: {dict(sorted(met.items()))}")
    print(
        f"hostile   {len(attacked['verdicts'])} verdicts, the latest {1e3 * late[1]:.0f} ms after its moment "
        f"(left alone {1e3 * late[0]:.0f} ms), at {SPEED:g} times the speed of life; replayed: {replayed}"
    )


async def _replay(folder: Path) -> str:
    """What `log replay` says of the session under attack."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "breathsync", "log", "replay", "last",
        env={"BREATHSYNC_LOGBOOK": str(folder), "PATH": ""}, stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    told, _ = await process.communicate()
    return told.decode().strip().splitlines()[-1]


async def attack(port: int) -> Counter[str]:
    """All kinds at once, `AT_ONCE` new ones at a time; those that can stay, stay to the end of the session."""
    met: Counter[str] = Counter()
    gate = asyncio.Semaphore(AT_ONCE)
    kinds = (_no_token, _wrong_origin, _huge_frame, _slow_reader, _half_open)

    async def one(kind: Any) -> None:
        async with gate:
            began = asyncio.Event()
            task = asyncio.create_task(kind(port, began))
            waiting = asyncio.create_task(began.wait())
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        met[f"{kind.__name__[1:]}: {await task}"] += 1

    await asyncio.gather(*(one(kind) for _ in range(EACH) for kind in kinds))
    return met


async def _no_token(port: int, began: asyncio.Event) -> str:
    return await _knock(port)


async def _wrong_origin(port: int, began: asyncio.Event) -> str:
    return await _knock(port, additional_headers=WITH_TOKEN, origin="http://evil.example")


async def _knock(port: int, **how: Any) -> str:
    try:
        async with connect(f"ws://127.0.0.1:{port}", proxy=None, **how):
            return "LET IN"
    except InvalidStatus:
        return "refused"
    except (OSError, TimeoutError):
        return "no answer"


async def _huge_frame(port: int, began: asyncio.Event) -> str:
    with suppress(OSError):
        async with connect(f"ws://127.0.0.1:{port}", proxy=None, additional_headers=WITH_TOKEN) as client:
            try:
                await client.send("x" * 1_000_000)
                async for _ in client:
                    pass
            except ConnectionClosed:
                pass
    return "dropped"


async def _slow_reader(port: int, began: asyncio.Event) -> str:
    """With the token and a wish for everything; then it never reads again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    wish = b'{"type": "subscribe", "samples_hz": 1000}'
    mask = bytes(4)
    writer.write(bytes([0x81, 0x80 | len(wish)]) + mask + wish)
    began.set()
    while not writer.transport.is_closing():
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.5)
        with suppress(OSError):
            writer.write(
                b"\x8a\x80" + mask
            )  # an unasked pong: the only way to notice that the other side has gone
    return "dropped or outlived"


async def _half_open(port: int, began: asyncio.Event) -> str:
    """Half a handshake, and silence."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0")
    began.set()
    with suppress(OSError):
        await reader.read()
    writer.close()
    return "dropped"
