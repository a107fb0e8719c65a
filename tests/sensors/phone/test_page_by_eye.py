"""What can be computed of how the page looks: contrast, size of targets, nothing beyond the edge, nobody else asked.

`python -m tests.benchmarks.page_pictures FOLDER` takes the pictures to look at.
"""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync.clock import SessionClock
from breathsync.sensors.phone.page.server import PageSensor
from tests.sensors.phone.chromium import BINARY, Tab, open_tab

pytestmark = pytest.mark.skipif(BINARY is None, reason="chromium is not installed")

HOST = "127.0.0.1"
WIDTHS = (320, 390, 768, 1280)
LONGEST = "Come back to the middle, slowly: lift the breastbone, unwind, and let the shoulders follow."
AA_TEXT, AA_PARTS = 4.5, 3.0
TARGET_PX = 48
"""Lighthouse's measure; the W3C asks for 24 (AA) or 44 (AAA)."""

# Every text the person sees, with its colour and the first opaque ground beneath it.
TEXTS = """
[...document.querySelectorAll("h1, p, button, label")].filter((e) => e.offsetParent !== null).map((e) => {
  let ground = e;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  return [e.id || e.tagName, rgb(getComputedStyle(e).color), rgb(getComputedStyle(ground).backgroundColor)];
})
"""
TARGETS = """
[...document.querySelectorAll("button, label")].filter((e) => e.offsetParent !== null).map((e) => {
  const box = e.getBoundingClientRect();
  return [e.id || e.tagName, box.width, box.height];
})
"""
# Not beyond `window.innerWidth`: a phone's window grows with what does not fit.
BEYOND = """
[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > WIDTH + 0.5)
  .map((e) => e.id || e.tagName)
"""


def _luminance(rgb: list[float]) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: list[float], b: list[float]) -> float:
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


async def _page(folder: Path) -> PageSensor:
    page = PageSensor(clock=SessionClock(), folder=folder, port=0, host=HOST)
    await page.connect()
    return page


async def _states(tab: Tab, page: PageSensor) -> Any:
    """The page before the tap, and connected with a long sentence."""
    yield "before"
    page.say(LONGEST)
    await tab.run("document.getElementById('start').click()")
    await tab.until("document.getElementById('state').dataset.on === 'yes'")
    await tab.until(f"document.getElementById('say').textContent.startsWith({LONGEST[:8]!r})")
    yield "connected"


@pytest.mark.parametrize("dark", [False, True])
async def test_text_has_contrast_and_what_is_tapped_is_large(tmp_path: Path, dark: bool) -> None:
    page = await _page(tmp_path)
    try:
        async with open_tab(page.url, folder=tmp_path, dark=dark) as tab:
            async for _ in _states(tab, page):
                texts = await tab.run(TEXTS)
                assert {"state", "say", "how"} <= {name for name, _, _ in texts}
                for name, ink, ground in texts:
                    assert contrast(ink, ground) >= AA_TEXT, (name, ink, ground)
                for name, width, height in await tab.run(TARGETS):
                    assert min(width, height) >= TARGET_PX, name
    finally:
        await page.close()


@pytest.mark.parametrize("large", [False, True])
async def test_nothing_goes_beyond_the_edge_at_any_width_nor_with_text_twice_as_large(
    tmp_path: Path, large: bool
) -> None:
    page = await _page(tmp_path)
    try:
        async with open_tab(page.url, folder=tmp_path) as tab:
            if large:  # as a browser's own setting for the size of text does it
                await tab.run("document.documentElement.style.fontSize = '225%'")
            async for state in _states(tab, page):
                for width in WIDTHS:
                    await tab.call(
                        "Emulation.setDeviceMetricsOverride",
                        width=width, height=640, deviceScaleFactor=1, mobile=True,
                    )  # fmt: skip
                    assert await tab.run(BEYOND.replace("WIDTH", str(width))) == [], (state, width)
                    assert await tab.run("document.documentElement.scrollWidth") <= width
    finally:
        await page.close()


async def test_text_follows_the_size_that_the_browser_is_set_to(tmp_path: Path) -> None:
    page = await _page(tmp_path)
    size = "parseFloat(getComputedStyle(document.getElementById('how')).fontSize)"
    try:
        async with open_tab(page.url, folder=tmp_path) as tab:
            before = await tab.run(size)
            await tab.call("Page.setFontSizes", fontSizes={"standard": 32, "fixed": 26})
            await tab.until(f"{size} > {1.9 * before}")
    finally:
        await page.close()


async def test_the_page_says_what_it_is_and_asks_nobody_else(tmp_path: Path) -> None:
    page = await _page(tmp_path)
    try:
        async with open_tab(page.url, folder=tmp_path) as tab:
            async for _ in _states(tab, page):
                pass
            assert await tab.run("document.documentElement.lang") == "en"
            assert await tab.run("document.title")
            assert await tab.run("document.querySelectorAll('h1').length") == 1
            assert "user-scalable" not in await tab.run(
                "document.querySelector('meta[name=viewport]').content"
            )
            assert await tab.run("document.getElementById('speak').labels.length") == 1
            asked = [e["params"] for e in tab.events if e["method"] == "Network.requestWillBeSent"]
            urls = [one["request"]["url"] for one in asked]
            assert any(url.endswith("page.js") for url in urls)
            assert [url for url in urls if not url.startswith((page.url, "data:", "about:"))] == []
            said = [
                e["params"]
                for e in tab.events
                if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")
            ]
            assert said == [], "errors in the browser's console"
    finally:
        await page.close()


@pytest.mark.parametrize("calm", [False, True])
async def test_whoever_wants_less_motion_gets_less(tmp_path: Path, calm: bool) -> None:
    page = await _page(tmp_path)
    count = """
    let drawn = 0;
    const pen = CanvasRenderingContext2D.prototype, clear = pen.clearRect;
    pen.clearRect = function (...box) { drawn += 1; return clear.apply(this, box); };
    new Promise((done) => setTimeout(() => done(drawn), 1500));
    """
    try:
        async with open_tab(page.url, folder=tmp_path, calm=calm) as tab:
            async for _ in _states(tab, page):
                pass
            drawn = await tab.run(count)
        assert (1 <= drawn <= 2) if calm else drawn > 2
    finally:
        await page.close()
