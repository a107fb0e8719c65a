"""The screen in German: every word has its place, and every place its word."""

import ast
import string
from dataclasses import fields
from pathlib import Path

import pytest

from breathsync.guide.events import VERBS, EndKind, Side, Word
from breathsync.settings import Settings, bounds_of
from breathsync.tui import tongue
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.german import GERMAN
from breathsync.tui.prefs import Prefs, Tongue
from breathsync.tui.targets import LABELS

from . import fakes as F
from . import scenes
from .look import compare, text_of

TUI = Path(tongue.__file__).parent


def fields_of(text: str) -> list[str | None]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def english() -> set[str]:
    """Every text in the code of the screen, and the words that reach it from the guide."""
    units = {
        bound.unit
        for f in fields(Settings)
        for bound in bounds_of(type(getattr(Settings(), f.name))).values()
    }
    known = {
        *units,
        *VERBS.values(),
        *EndKind,
        *Side,
        *(word.replace("_", " ").capitalize() for word in Word),
    }
    for path in TUI.rglob("*.py"):
        if path.name != "german.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            known |= {
                n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            }
    return known


def asked_for() -> set[str]:
    """Every text that is handed to `t` as it stands."""
    found: set[str] = set()
    for path in TUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                first = node.args[0]
                found |= {
                    n.value
                    for n in ast.walk(first)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    return found


def test_no_word_is_left_over() -> None:
    assert not GERMAN.keys() - english()


def test_every_text_that_is_asked_for_is_there() -> None:
    wanted = {
        text for text in asked_for() if any(c.isalpha() for c in text.replace("{", "").replace("}", ""))
    }
    assert not {text for text in wanted if len(text) > 1} - GERMAN.keys() - {"_", " "}
    assert not set(LABELS.values()) - GERMAN.keys()
    assert not set(VERBS.values()) - GERMAN.keys()


@pytest.mark.parametrize("text", GERMAN)
def test_the_same_values_stand_in_both(text: str) -> None:
    assert fields_of(text) == fields_of(GERMAN[text])


async def test_sessions_in_german_look_as_drawn() -> None:
    async with scenes.each_live((80, 24), language="de") as (app, shown):
        async for name in shown:
            compare(app, f"de-{name}-80x24")


async def test_the_summary_in_german_looks_as_drawn() -> None:
    async with scenes.summary((80, 24), language="de") as (app, _, _):
        compare(app, "de-summary-80x24")


@pytest.mark.parametrize(
    "name", ["home-first", "home", "settings", "targets", "history", "past", "help", "ready"]
)
async def test_pages_in_german_look_as_drawn(name: str) -> None:
    async with scenes.home(name, (80, 24), prefs=Prefs(language=Tongue.GERMAN)) as (app, _):
        compare(app, f"de-{name}-80x24")


async def test_a_language_chosen_holds_at_once_and_for_the_next_session() -> None:
    house = F.FakeHouse(session=F.FakeSession(scenes.LIVE["session"]), last_plan=F.PLAN)
    app = BreathsyncApp(house)
    async with app.run_test(size=(80, 24)) as pilot:
        await scenes.settled(pilot)
        await pilot.press("s", "up", "up", "right", "right")
        await scenes.settled(pilot)
        assert house.prefs.language is Tongue.GERMAN
        assert "Einstellungen" in text_of(app)
        await pilot.press("escape")
        await scenes.settled(pilot)
        assert "Noch einmal" in text_of(app)
        await pilot.press("enter")
        await scenes.settled(pilot)
        assert house.opened[0].language == "de"
        assert "rechts" in text_of(app)
