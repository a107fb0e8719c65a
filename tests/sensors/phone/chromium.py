"""A headless Chromium, driven by its own debugging protocol: just enough to open a page and look at it."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
    "--remote-debugging-port=0",
)


class Tab:
    """One page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._sent = 0

        self.events: list[dict[str, Any]] = []
        """What the browser told by itself while something was asked of it: requests, messages in its console."""

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        await self._socket.send_json({"id": self._sent, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=20)
            if "method" in message:
                self.events.append(message)
            if message.get("id") == self._sent:
                assert "error" not in message, message["error"]
                result: dict[str, Any] = message["result"]
                return result

    async def run(self, script: str) -> Any:
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, script: str, *, within_s: float = 15) -> None:
        """Wait until the script is true."""
        async with asyncio.timeout(within_s):
            while not await self.run(script):
                await asyncio.sleep(0.05)

    async def picture(self, path: Path) -> None:
        shot = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def open_tab(
    url: str,
    *,
    folder: Path,
    width: int = 320,
    height: int = 640,
    dark: bool = False,
    calm: bool = False,
    agent: str = "",
) -> AsyncIterator[Tab]:
    """Open `url` in a window of a phone's size. `calm`: its owner wants less motion; `agent`: what it calls itself."""
    assert BINARY is not None
    process = await asyncio.create_subprocess_exec(
        BINARY,
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        port = await _debugging_port(folder / "profile" / "DevToolsActivePort")
        async with aiohttp.ClientSession() as http:
            async with http.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                address = json.loads(await answer.text())["webSocketDebuggerUrl"]
            async with http.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Network", "Log", "Runtime"):
                    await tab.call(f"{domain}.enable")
                if agent:
                    await tab.call("Network.setUserAgentOverride", userAgent=agent)
                await tab.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=height,
                    deviceScaleFactor=2,
                    mobile=True,
                )
                scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
                less = {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"}
                await tab.call("Emulation.setEmulatedMedia", features=[scheme, less])
                await tab.call("Page.navigate", url=url)
                await tab.until("document.readyState === 'complete'")
                yield tab
    finally:
        process.terminate()
        await process.wait()


async def _debugging_port(path: Path) -> int:
    async with asyncio.timeout(30):
        while not path.exists() or not path.read_text().strip():
            await asyncio.sleep(0.05)
    return int(path.read_text().split()[0])
