"""Bad connections of ten kinds, and what became of each: let in, refused, cut off."""

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

HOST = "127.0.0.1"
TOKEN = "benchmark"
AT_ONCE = 40
"""That many handshakes wait at a time; whoever can stay stays beside them."""
GIVE_UP_S = 20.0
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
LET_IN, REFUSED, CUT_OFF, OUTLIVED, NO_ANSWER = (
    "LET IN",
    "refused",
    "cut off",
    "there to the end",
    "no answer",
)
WISH = b'{"type": "subscribe", "live": true, "view": true, "samples_hz": 1000}'
MASK = bytes(4)


async def attack(port: int, *, each: int, over_s: float, ended: asyncio.Event) -> dict[str, Counter[str]]:
    """`each` of every kind, mixed, spread evenly over `over_s`; what became of them, by kind."""
    met: dict[str, Counter[str]] = {name: Counter() for name in KINDS}
    order = [name for name in KINDS for _ in range(each)]
    random.Random(1).shuffle(order)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, at_s: float) -> None:
        await asyncio.sleep(at_s)
        async with gate:
            began = asyncio.Event()
            task = asyncio.create_task(KINDS[name](port, began, ended))
            waiting = asyncio.create_task(began.wait())
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        try:
            met[name][await task] += 1
        except (OSError, asyncio.IncompleteReadError):
            met[name][NO_ANSWER if not began.is_set() else CUT_OFF] += 1

    await asyncio.gather(*(one(name, over_s * i / len(order)) for i, name in enumerate(order)))
    return met


async def _knock(port: int, **how: Any) -> str:
    try:
        async with connect(f"ws://{HOST}:{port}", proxy=None, open_timeout=GIVE_UP_S, **how):
            return LET_IN
    except InvalidStatus:
        return REFUSED
    except (InvalidHandshake, OSError, TimeoutError):
        return NO_ANSWER


async def no_token(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    return await _knock(port)


async def wrong_token(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    return await _knock(port, additional_headers={"Authorization": f"Bearer {TOKEN[:-1]}x"})


async def web_page(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    return await _knock(port, additional_headers=WITH_TOKEN, origin="http://localhost:8000")


async def bent_name(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """A name that somebody's DNS points at this machine."""
    bent = connect(
        f"ws://evil.example:{port}", host=HOST, port=port, proxy=None, additional_headers=WITH_TOKEN
    )
    try:
        async with bent:
            return LET_IN
    except InvalidStatus:
        return REFUSED


async def huge_frame(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """With the token: one message of 1 MB."""
    return await _misuse(port, "x" * 1_000_000)


async def storm(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """With the token: nonsense as fast as it goes."""
    return await _misuse(port, *["{}"] * 500)


async def _misuse(port: int, *messages: str) -> str:
    with suppress(OSError, ConnectionClosed):
        async with connect(f"ws://{HOST}:{port}", proxy=None, additional_headers=WITH_TOKEN) as client:
            for message in messages:
                await client.send(message)
            async with asyncio.timeout(GIVE_UP_S):
                async for _ in client:
                    pass
    return CUT_OFF


async def slow_reader(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """With the token and a wish for everything; then it never reads again."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.setblocking(False)
    await asyncio.get_running_loop().sock_connect(ours, (HOST, port))
    reader, writer = await asyncio.open_connection(sock=ours, limit=1024)
    writer.write(_handshake(port))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(bytes([0x81, 0x80 | len(WISH)]) + MASK + WISH)
    began.set()
    while not writer.transport.is_closing():
        if ended.is_set():
            writer.transport.abort()
            return OUTLIVED
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.5)
        with suppress(OSError):  # an unasked pong: the only way to notice that the other side has gone
            writer.write(b"\x8a\x80" + MASK)
    return CUT_OFF


def _handshake(port: int) -> bytes:
    return (
        f"GET / HTTP/1.1\r\nHost: {HOST}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {TOKEN}\r\n\r\n"
    ).encode()


async def half_open(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """Half a handshake, and silence."""
    return await _raw(port, began, b"GET / HTTP/1.1\r\nHost: 127.0")


async def drop_by_drop(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """A handshake of which a letter comes each quarter of a second."""
    return await _raw(port, began, *(bytes([letter]) for letter in _handshake(port)))


async def noise(port: int, began: asyncio.Event, ended: asyncio.Event) -> str:
    """What is no HTTP at all."""
    return await _raw(port, began, bytes(range(256)) * 64)


async def _raw(port: int, began: asyncio.Event, *parts: bytes) -> str:
    """Send the parts slowly and wait for the other side to end it; with an answer that is no refusal it let us in."""
    reader, writer = await asyncio.open_connection(HOST, port)
    reading = asyncio.create_task(reader.read())
    began.set()
    answer = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(GIVE_UP_S):
            for part in parts:
                writer.write(part)
                if len(parts) > 1 and (await asyncio.wait({reading}, timeout=0.25))[0]:
                    break
            answer = await reading
    reading.cancel()
    writer.transport.abort()
    if answer.startswith(b"HTTP/1.1 101"):
        return LET_IN
    return REFUSED if answer.startswith(b"HTTP/1.1 4") else CUT_OFF


Kind = Callable[[int, asyncio.Event, asyncio.Event], Awaitable[str]]
KINDS: dict[str, Kind] = {
    kind.__name__.replace("_", " "): kind
    for kind in (
        no_token,
        wrong_token,
        web_page,
        bent_name,
        huge_frame,
        storm,
        slow_reader,
        half_open,
        drop_by_drop,
        noise,
    )
}
