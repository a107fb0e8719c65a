"""The screen in German: every word has its place, and every place its word."""

import ast
import string
from dataclasses import fields
from pathlib import Path

import pytest
from breathsync_simulators import scenario

from breathsync import tongue
from breathsync.german import GERMAN
from breathsync.guide.events import VERBS, ClauseResult, EndKind, Side, Word
from breathsync.plain import HOW
from breathsync.routine_files import load_routine
from breathsync.samples import SensorState
from breathsync.settings import Settings, bounds_of
from breathsync.tui import words
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.house import OwnHouse
from breathsync.tui.prefs import Prefs, Tongue
from breathsync.tui.screens import past
from breathsync.tui.targets import LABELS

from . import fakes as F
from . import scenes
from .look import compare, text_of

ROOM = Path(tongue.__file__).parent
FACES = (ROOM / "plain.py", ROOM / "cli" / "attach.py", *(ROOM / "tui").rglob("*.py"))


def fields_of(text: str) -> list[str | None]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def english() -> set[str]:
    """Every text in the code of the faces, and the words that reach them from elsewhere."""
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
        *SensorState,
        *(load_routine(name).title() for name in shipped()),
        *(scenario.load(name).about for name in scenario.people()),
        *(word.replace("_", " ").capitalize() for word in Word),
    }
    for path in FACES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return known


def shipped() -> list[str]:
    """The routines that ship, by name."""
    return [path.stem for path in (ROOM / "guide" / "routines").glob("*.toml")]


def asked_for() -> set[str]:
    """Every text that is handed to `t` as it stands."""
    found: set[str] = set()
    for path in FACES:
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
    assert not {str(state) for state in SensorState} - GERMAN.keys()
    assert not set(HOW.values()) - GERMAN.keys()
    assert not {scenario.load(name).about for name in scenario.people()} - GERMAN.keys()


def test_a_shipped_routine_is_called_what_its_file_calls_it() -> None:
    names = shipped()
    assert "seated-twist" in names
    for language in ("en", "de"):
        tongue.speak(language)
        assert {words.routine_words(name) for name in names} == {
            load_routine(name).title(language) for name in names
        }


def test_what_one_can_choose_is_told_in_the_language_of_the_screen() -> None:
    tongue.speak("de")
    house = OwnHouse()
    told = {one.name: one.about for one in (*house.routines(), *house.sources())}
    assert told["seated-twist"] == "Drehsitz"
    assert told["sim:upside-down"] == "Trägt den Gurt verkehrt herum und schief."


def test_a_clause_says_what_was_missing_in_words() -> None:
    tongue.speak("de")
    missing = ClauseResult(clause="G5", ok=False, value=1.5, limit=2.0, unit="quiet breaths", why="fuller")
    assert past.clause_words(missing) == "  × G5    1.5 Atemzüge wie sonst (Grenze 2)  Etwas voller."


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
