"""Draws the pictures of the documentation: `python -m tests.tui.pictures` writes docs/pictures/*.svg.

The same scenes as the snapshot tests, as SVG that asks no other machine for a font.
"""

import asyncio
import re
from pathlib import Path

from textual.app import App

from . import scenes

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (100, 30)
FONTS = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


def picture(app: App[object]) -> str:
    """The screen as SVG, with the reader's own fonts."""
    svg = app.export_screenshot(title="breathsync")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", svg)
    svg = re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg)


async def draw() -> None:
    """Draw them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("session", "find", "come-back"):
        async with scenes.live(name, SIZE) as (app, _, _):
            keep(name, picture(app))
    async with scenes.live("session-gyroscope", (120, 40)) as (app, _, _):
        keep("session-wide", picture(app))
    async with scenes.summary(SIZE) as (app, _, _):
        keep("summary", picture(app))
    async with scenes.home("past", SIZE) as (app, _):
        keep("past", picture(app))


def keep(name: str, svg: str) -> None:
    """Write one picture."""
    if "http" in svg.replace("http://www.w3.org/", ""):
        raise ValueError(f"{name} asks another machine for something")
    path = FOLDER / f"{name}.svg"
    path.write_text(svg + "\n", encoding="utf-8")
    print(path.relative_to(FOLDER.parents[1]), f"{len(svg) / 1000:.0f} kB")


if __name__ == "__main__":
    asyncio.run(draw())
