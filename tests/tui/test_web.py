"""The screen in a browser: who gets in, and what they see."""

import asyncio
import gc
import shutil
from asyncio.base_subprocess import BaseSubprocessTransport
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="needs the extra `web`")
pytest.importorskip("textual_serve", reason="needs the extra `web`")

from aiohttp import web  # noqa: E402

from breathsync.tui.web import PAGES, GuardedServer  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVIL = "http://evil.example"


@dataclass
class Served:
    """A running server, and somebody who comes with a browser's cookies."""

    server: GuardedServer
    client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return self.server.public_url

    async def status(self, path: str = "/", **headers: str) -> int:
        async with self.client.get(f"{self.url}{path}", headers=headers) as answer:
            return answer.status

    async def enter(self) -> str:
        async with self.client.get(self.server.address) as answer:
            assert answer.status == 200
            assert "token" not in str(answer.url)
            return await answer.text()

    async def socket(self, origin: str | None) -> aiohttp.ClientWebSocketResponse:
        return await self.client.ws_connect(f"{self.url}/ws?width=80&height=24", origin=origin)


async def children_gone() -> None:
    """Wait until the pipes of ended programs are closed: they must not outlive the loop."""
    async with asyncio.timeout(10):
        while any(isinstance(one, BaseSubprocessTransport) and not one._closed for one in gc.get_objects()):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serve(port: int) -> AsyncIterator[Served]:
    server = GuardedServer(port=port)
    runner = web.AppRunner(await server._make_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            yield Served(server, client)
    finally:
        await runner.cleanup()
        await children_gone()


async def test_nobody_gets_in_without_the_token(unused_tcp_port: int) -> None:
    async with serve(unused_tcp_port) as served:
        assert await served.status() == 403
        assert await served.status("/?token=guess") == 403
        assert await served.status("/static/js/textual.js") == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await served.socket(served.url)


async def test_the_token_opens_once(unused_tcp_port: int) -> None:
    async with serve(unused_tcp_port) as served:
        address = served.server.address
        await served.enter()
        assert await served.status() == 200
        async with aiohttp.ClientSession() as other, other.get(address) as answer:
            assert answer.status == 403


async def test_other_hosts_and_origins_are_refused(unused_tcp_port: int) -> None:
    async with serve(unused_tcp_port) as served:
        assert await served.status(f"/{served.server.address.partition('/?')[2]}", Host="evil.example") == 403
        assert await served.status("/?" + served.server.address.partition("?")[2], Origin=EVIL) == 403
        await served.enter()
        assert await served.status(Host=f"evil.example:{unused_tcp_port}") == 403
        for origin in (EVIL, None, "null"):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await served.socket(origin)


async def test_one_visitor_sees_the_screen(unused_tcp_port: int) -> None:
    async with serve(unused_tcp_port) as served:
        await served.enter()
        socket = await served.socket(served.url)
        seen = b""
        async with asyncio.timeout(30):
            while "█".encode() not in seen:
                message = await socket.receive()
                seen += message.data if isinstance(message.data, bytes) else str(message.data).encode()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
            await served.socket(served.url)
        await socket.close()


def test_the_page_asks_no_other_machine_for_anything() -> None:
    assert "http" not in (PAGES / "app_index.html").read_text(encoding="utf-8")


@asynccontextmanager
async def chromium(profile: Path, address: str) -> AsyncIterator[Callable[[str], Awaitable[Any]]]:
    """A headless Chromium at `address`; yields a way to evaluate a line of its page's JavaScript."""
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
        "--remote-debugging-port=0", "--window-size=1000,560", address,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said = profile / "DevToolsActivePort"
        async with asyncio.timeout(30):
            while not said.exists() or not said.read_text().strip():
                await asyncio.sleep(0.1)
            port = said.read_text().split()[0]
            async with aiohttp.ClientSession() as client:
                async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                    (page,) = (one for one in await answer.json() if one["type"] == "page")
                async with client.ws_connect(page["webSocketDebuggerUrl"]) as socket:

                    async def evaluate(line: str) -> Any:
                        ask = {"id": 1, "method": "Runtime.evaluate", "params": {"expression": line}}
                        await socket.send_json(ask)
                        while (answer := await socket.receive_json()).get("id") != 1:
                            pass
                        return answer["result"]["result"].get("value")

                    yield evaluate
    finally:
        process.kill()
        await process.wait()
        await children_gone()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
async def test_chromium_shows_it_with_the_token_and_is_refused_without(
    unused_tcp_port: int, tmp_path: Path
) -> None:
    async with serve(unused_tcp_port) as served:
        async with chromium(tmp_path / "stranger", served.url) as evaluate:
            while "once" not in (text := await evaluate("document.body.innerText")):
                await asyncio.sleep(0.1)
            assert "opens this page, once" in text
        async with chromium(tmp_path / "guest", served.server.address) as evaluate:
            while "-first-byte" not in (await evaluate("document.body.className") or ""):
                await asyncio.sleep(0.1)
            assert await evaluate("document.querySelectorAll('canvas').length") > 0
            outside = "performance.getEntriesByType('resource').filter(r => !r.name.startsWith(location.origin)).length"
            assert await evaluate(outside) == 0
