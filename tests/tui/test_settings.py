"""The settings of the screen, and the numbers of the gate on it."""

from dataclasses import fields, replace

import pytest

from breathsync.errors import SettingsError
from breathsync.settings import GateSettings, Settings, bounds_of
from breathsync.settings_file import load_settings
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.prefs import Colours, Sound, load_prefs, save_prefs
from breathsync.tui.targets import LABELS, targets_of

from . import fakes as F
from . import scenes
from .look import text_of


async def test_settings_take_effect_at_once_and_are_kept() -> None:
    async with scenes.home("settings", (80, 24)) as (app, pilot):
        await pilot.press("enter", "down", "enter")
        await scenes.settled(pilot)
        assert app.house.prefs.colours is Colours.LIGHT
        assert app.house.prefs.sound is Sound.TONES
        await pilot.press("down", "right", "down", "left", "left")
        await scenes.settled(pilot)
        assert app.house.prefs.volume == 85
        assert app.house.prefs.words_per_minute == 155
        assert app.theme == "breathsync-light"


async def test_calm_comes_and_goes_without_a_new_start() -> None:
    async with scenes.home("settings", (80, 24)) as (app, pilot):
        before = app.animation_level
        await pilot.press(*["down"] * 4, "right")
        await scenes.settled(pilot)
        assert app.house.prefs.calm
        assert app.animation_level == "none"
        await pilot.press("left")
        await scenes.settled(pilot)
        assert app.animation_level == before


async def test_targets_keep_to_their_bounds_and_count_from_the_next_session_on() -> None:
    async with scenes.home("targets", (80, 24)) as (app, pilot):
        assert load_settings().gate.low_quiet == pytest.approx(2.3)
        await pilot.press(*["right"] * 30)
        assert load_settings().gate.low_quiet == 4.0
        await pilot.press("d", "down", "left")
        assert load_settings() == Settings(gate=GateSettings(low_full=0.68))
        assert "default 0.7" in text_of(app)
        await pilot.press("D")
        assert load_settings() == Settings()


async def test_a_target_that_cannot_be_kept_says_why_and_stays() -> None:
    error = SettingsError("settings.toml cannot be written: No space left.")
    async with scenes.home("targets", (80, 24)) as (app, pilot):
        app.house.targets_error = error
        before = load_settings()
        await pilot.press("right")
        await scenes.settled(pilot)
        assert "No space left" in text_of(app)
        assert load_settings() == before


def test_every_setting_has_its_words_and_steps() -> None:
    targets = targets_of(Settings())
    assert len(targets) == sum(len(bounds_of(type(getattr(Settings(), f.name)))) for f in fields(Settings))
    for target in targets:
        assert LABELS[target.name]
        visited = [target.bound.low]
        while visited[-1] < target.bound.high:
            visited.append(replace(target, value=visited[-1]).moved(1))
        assert len(visited) <= 60, target.name
        assert target.default in visited
        assert replace(target, value=target.bound.low).moved(-1) == target.bound.low


def test_prefs_come_back_as_they_were_kept(tmp_path) -> None:
    prefs = F.Prefs(colours=Colours.TERMINAL_LIGHT, sound=Sound.SILENT, calm=True)
    save_prefs(prefs, tmp_path)
    assert load_prefs(tmp_path) == prefs


async def test_numbers_keep_to_their_bounds_and_to_their_steps() -> None:
    app = BreathsyncApp(F.FakeHouse(last_plan=F.PLAN, prefs=F.Prefs(volume=98, words_per_minute=80)))
    async with app.run_test() as pilot:
        await scenes.settled(pilot)
        await pilot.press("s")
        await scenes.settled(pilot)
        await pilot.press("down", "down", "right", "right")
        await scenes.settled(pilot)
        assert app.house.prefs.volume == 100
        await pilot.press("enter", "down", "left")
        await scenes.settled(pilot)
        assert app.house.prefs.volume == 0
        assert app.house.prefs.words_per_minute == 80


@pytest.mark.parametrize("prefs", ['{"volume": 101}', '{"volume": -1}', '{"words_per_minute": 79}'])
def test_prefs_outside_their_bounds_are_refused(prefs: str, tmp_path) -> None:
    (tmp_path / "screen.json").write_text(prefs)
    with pytest.raises(F.BreathsyncError, match=r"screen\.json"):
        load_prefs(tmp_path)


def test_sound_is_made_as_chosen_and_in_the_plans_language() -> None:
    from breathsync.tui.house import _make_sound

    prefs = F.Prefs(volume=30, words_per_minute=120, sound=Sound.TONES)
    sound = _make_sound(prefs, replace(F.PLAN, language="de"))
    assert sound.loudness == "tones"
    assert sound._player.volume == 0.3
    assert (sound._voice._rate_wpm, sound._voice._language) == (120, "de")
    assert _make_sound(prefs, replace(F.PLAN, speed=20.0)).loudness == "silent"


def test_a_bent_prefs_file_names_itself(tmp_path) -> None:
    (tmp_path / "screen.json").write_text('{"colours": "pink"}')
    with pytest.raises(F.BreathsyncError, match="pink"):
        load_prefs(tmp_path)
