"""A screen as text, and its colours: what the tests compare and measure."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.segment import Segment
from textual.app import App

SNAPSHOTS = Path(__file__).with_name("snapshots")
UPDATE = "BREATHSYNC_UPDATE"


def cells(app: App[Any]) -> list[list[Segment]]:
    """The rows of the screen as styled segments, with the app's own filters (NO_COLOR) applied."""
    strips = app.screen._compositor.render_strips()
    background = app.screen.background_colors[1]
    for line_filter in app._filters:
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    return [list(strip) for strip in strips]


def text_of(app: App[Any]) -> str:
    """What stands on the screen, row by row, without trailing spaces."""
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in cells(app)) + "\n"


def compare(app: App[Any], name: str) -> None:
    """Compare the screen with its picture in `snapshots/`; with BREATHSYNC_UPDATE=1 make the picture anew."""
    path = SNAPSHOTS / f"{name}.txt"
    found = text_of(app)
    if os.environ.get(UPDATE):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
        return
    assert path.is_file(), f"no picture {path.name}; make it: {UPDATE}=1 python -m pytest tests/tui"
    assert found == path.read_text(encoding="utf-8"), (
        f"{name} looks different; {UPDATE}=1 accepts it:\n{found}"
    )


def coloured(app: App[Any]) -> Iterator[tuple[str, tuple[int, int, int], tuple[int, int, int]]]:
    """Each visible piece of text with its foreground and background as red, green, blue."""
    for row in cells(app):
        for segment in row:
            style = segment.style
            if segment.text.strip() and style and style.color and style.bgcolor:
                fore, back = style.color.get_truecolor(), style.bgcolor.get_truecolor()
                pair = (tuple(fore), tuple(back))
                yield segment.text, *(pair if not style.reverse else pair[::-1])


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast ratio of two colours, 1..21 (WCAG 2.2, "contrast ratio" and "relative luminance")."""

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [
            c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
