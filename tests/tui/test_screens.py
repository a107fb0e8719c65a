"""Every screen at two sizes, as text; in light, dark and without colour.

`BREATHSYNC_UPDATE=1 python -m pytest tests/tui/test_screens.py` makes the pictures in `snapshots/` anew.
"""

import pytest

from breathsync.tui.prefs import Colours, Prefs

from . import scenes
from .look import coloured, compare, contrast, text_of

ENOUGH_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for text."""


@pytest.mark.parametrize("size", scenes.SIZES)
@pytest.mark.parametrize("name", scenes.LIVE)
async def test_session_screen_looks_as_drawn(name: str, size: str) -> None:
    async with scenes.live(name, scenes.SIZES[size]) as (app, _, _):
        compare(app, f"{name}-{size}")


@pytest.mark.parametrize("size", scenes.SIZES)
@pytest.mark.parametrize("name", scenes.HOMES)
async def test_page_looks_as_drawn(name: str, size: str) -> None:
    async with scenes.home(name, scenes.SIZES[size]) as (app, _):
        compare(app, f"{name}-{size}")


async def test_without_colour_the_same_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with scenes.each_live((80, 24)) as (app, shown):
        async for name in shown:
            compare(app, f"{name}-80x24")
            for _, fore, back in coloured(app):
                assert len(set(fore)) == 1, "a colour on a screen without colours"
                assert len(set(back)) == 1


@pytest.mark.parametrize("colours", [Colours.DARK, Colours.LIGHT])
async def test_every_word_can_be_told_from_its_ground(colours: Colours) -> None:
    async with scenes.each_live((120, 40), prefs=Prefs(colours=colours)) as (app, shown):
        async for name in shown:
            faint = {text for text, fore, back in coloured(app) if contrast(fore, back) < ENOUGH_CONTRAST}
            assert not faint, name


@pytest.mark.parametrize("colours", [Colours.TERMINAL_DARK, Colours.TERMINAL_LIGHT])
async def test_the_terminals_own_colours_show_the_same(colours: Colours) -> None:
    async with scenes.live("session", (80, 24), prefs=Prefs(colours=colours)) as (app, _, _):
        compare(app, "session-80x24")


@pytest.mark.parametrize("size", [(60, 20), (44, 16), (79, 23), (32, 12)])
async def test_small_terminals_keep_verb_sentence_and_column(size: tuple[int, int]) -> None:
    async with scenes.live("session", size) as (app, _, _):
        shown = text_of(app)
        assert "One slow" in shown
        assert "┃" in shown
        assert "ESC STOP" in shown
        assert "SIMULATED" in shown


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (50, 18), (200, 60)])
async def test_stop_and_simulated_stand_in_their_places(size: tuple[int, int]) -> None:
    async with scenes.each_live(size) as (app, shown):
        async for name in shown:
            rows = text_of(app).splitlines()
            assert rows[-1].endswith("ESC STOP"), name
            assert ("SIMULATED" in rows[0]) is scenes.LIVE[name].info.simulated


@pytest.mark.parametrize("size", scenes.SIZES)
async def test_the_summary_looks_as_drawn(size: str) -> None:
    async with scenes.summary(scenes.SIZES[size]) as (app, _, _):
        compare(app, f"summary-{size}")


async def test_degrees_only_with_a_gyroscope() -> None:
    async with scenes.live("session-gyroscope", (120, 40)) as (app, _, _):
        assert "31°" in text_of(app)
    async with scenes.live("session", (120, 40)) as (app, _, _):
        assert "°" not in text_of(app)
