"""Routine and settings files: what ships is sound, and every error names file, field and what is allowed."""

import json
import tomllib

import pytest
from typer.testing import CliRunner

from breathsync import routine_files, settings_file
from breathsync.cli.routine import app
from breathsync.errors import BreathsyncError, RoutineError, SettingsError, UnknownNameError, UsageError
from breathsync.guide.events import Side
from breathsync.routine_files import (
    copy_routine,
    load_routine,
    own_folder,
    routine_names,
    routine_schema,
    shipped,
)
from breathsync.settings import Settings

SEVEN = [
    "breath-only", "chair-twist", "first-time", "hips-and-glutes", "long-spine", "seated-twist", "shoulders",
]  # fmt: skip

PLAIN = """
name = "mine"
[warm_up]
breaths = 2
[sides]
order = ["left"]
points = 2
[texts.en]
title = "Mine"
about = "A twist of my own."
warm_up = ["Sit tall."]
set_up = ["Turn to the {side}."]
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="mine"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_the_seven_ship_in_english_and_german():
    assert sorted(shipped()) == SEVEN == routine_names()
    for name in SEVEN:
        routine = load_routine(name)
        assert set(routine.texts) == {"en", "de"}
        assert routine.title("de") != routine.title("en")


def test_a_file_of_ones_own(write):
    routine = load_routine(write(PLAIN))
    assert routine.sides.order == (Side.LEFT,)
    assert routine.sides.points == 2
    assert routine.rests.point_s is None
    assert routine.title("fr") == "Mine"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("points = 2", "points = 9", ["`sides.points`", "from 1 to 6"]),
        ("points = 2", 'points = "two"', ["`sides.points`", "whole number from 1 to 6"]),
        ("points = 2", "pionts = 2", ["`sides.pionts`", "did you mean `points`", "order, points"]),
        ('order = ["left"]', 'order = ["up"]', ["`sides.order[0]`", "left, right"]),
        ('order = ["left"]', 'order = ["left", "left"]', ["`sides.order`", "at most once"]),
        ('order = ["left"]', "order = []", ["at least one"]),
        ("breaths = 2", "breaths = 2.5", ["`warm_up.breaths`", "from 1 to 12"]),
        ("[texts.en]", "[texts.fr]", ["`texts.en` is missing"]),
        ('title = "Mine"', "", ["`texts.en.title` is missing"]),
        ('title = "Mine"', "title = 3", ["`texts.en.title`", "a text in quotes, not a whole number"]),
        ("set_up =", "set_upp =", ["`texts.en.set_upp`", "did you mean `set_up`?", "title, about"]),
        ('warm_up = ["Sit tall."]', "warm_up = [true]", ["`texts.en.warm_up[0]`", "not true or false"]),
        ("{side}", "{sied}", ["`texts.en.set_up`", "{side} and {other}"]),
        ("{side}", "{side.__class__}", ["`texts.en.set_up`"]),
        ("{side}", "{", ["`texts.en.set_up`"]),
        ('set_up = ["Turn to the {side}."]', "", ["`texts.en.set_up` is missing"]),
        ('warm_up = ["Sit tall."]', "", ["`texts.en.warm_up` is missing"]),
        ("[sides]", "[rests]\npoint_s = 91\n[sides]", ["`rests.point_s`", "from 20 to 90 s"]),
        ("[sides]", "[rests]\ntwist_s = 300\n[sides]", ["`rests.twist_s`", "from 40 to 240 s"]),
        ("[sides]", "[rests]\ndeep_per_session = 31\n[sides]", ["`rests.deep_per_session`", "from 1 to 30"]),
        ("[sides]", "[rests]\ndeep_per_minute = 7\n[sides]", ["`rests.deep_per_minute`", "from 1 to 6"]),
        ("[sides]", "[rests]\nusual_between = 1\n[sides]", ["`rests.usual_between`", "from 2 to 6"]),
        ("[sides]", "[rests]\nrest_s = 10\n[sides]", ["`rests.rest_s`", "from 30 to 60 s"]),
        ("[sides]", "[targets]\nlow_full = 0.3\n[sides]", ["`targets.low_full`", "from 0.7 to 0.9"]),
        ("points = 2", "points = ", ["not valid TOML", "line"]),
        ('name = "mine"', 'name = "other"', ["'other'", "'mine'"]),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(write, old, new, words):
    path = write(PLAIN.replace(old, new))
    with pytest.raises(RoutineError) as raised:
        load_routine(path)
    message = str(raised.value)
    for word in [str(path), *words]:
        assert word in message, message
    assert raised.value.exit_code == 2


def test_a_language_with_another_number_of_sentences_is_refused(write):
    german = (
        '[texts.de]\ntitle = "Meins"\nabout = "Eigenes."\nwarm_up = ["Sitz.", "Groß."]\nset_up = ["Dreh."]\n'
    )
    with pytest.raises(RoutineError, match=r"`texts.de.warm_up` has 2 sentences where English has 1"):
        load_routine(write(PLAIN + german))


def test_a_routine_without_anything_to_do_is_refused(write):
    text = 'name = "mine"\n[texts.en]\ntitle = "Mine"\nabout = "Nothing."\n'
    with pytest.raises(RoutineError, match=r"needs `\[warm_up\]`, `\[sides\]` or both"):
        load_routine(write(text))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(RoutineError, match="cannot be read"):
        load_routine(tmp_path / "absent.toml")
    broken = tmp_path / "mine.toml"
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(RoutineError, match="not UTF-8"):
        load_routine(broken)


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean seated-twist"):
        load_routine("seated-twits")


def test_copy_edit_and_use():
    path = copy_routine("first-time", "evening")
    assert path.parent == own_folder()
    assert load_routine("evening").name == "evening"
    assert "evening" in routine_names()
    with pytest.raises(UsageError, match="is there already"):
        copy_routine("first-time", "evening")
    with pytest.raises(UsageError, match="is no name"):
        copy_routine("first-time", "../evening")


def test_the_schema_says_fields_and_bounds():
    schema = routine_schema()
    points = schema["$defs"]["Sides"]["properties"]["points"]
    assert (points["minimum"], points["maximum"]) == (1, 6)
    assert schema["$defs"]["Routine"]["additionalProperties"] is False
    json.dumps(schema)


def test_settings_over_the_defaults(tmp_path):
    assert settings_file.load_settings() == Settings()
    path = tmp_path / "settings.toml"
    path.write_text("[gate]\nstill_before_s = 3.0\n[limits]\nrest_after = 4\n", encoding="utf-8")
    found = settings_file.load_settings(path)
    assert (found.gate.still_before_s, found.limits.rest_after, found.gate.gap_s) == (3.0, 4, 0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[limits]\npoint_s = 300\n", ["`limits.point_s`", "from 20 to 90 s"]),
        ("[gate]\nlow_quiet = 0.1\n", ["`gate.low_quiet`", "from 1.5 to 4 quiet breaths"]),
        ("[gaet]\n", ["`gaet`", "did you mean `gate`"]),
        ("[gate]\nstill = 2\n", ["`gate.still`", "still_before_s"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(tmp_path, text, words):
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        settings_file.load_settings(path)
    for word in [str(path), *words]:
        assert word in str(raised.value)


# -- breathsync routine


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, BreathsyncError | SystemExit):
        raise result.exception
    return result


def test_cli_list_show_and_schema():
    listed = run("list").stdout
    assert all(name in listed for name in SEVEN)
    assert "Drehsitz" in run("show", "seated-twist", "--language", "de").stdout
    assert "4 restriction points" in run("show", "seated-twist").stdout
    assert tomllib.loads(run("show", "seated-twist", "--toml").stdout)["name"] == "seated-twist"
    assert json.loads(run("schema").stdout)["title"] == "A breathsync routine"


def test_cli_a_language_nobody_wrote_is_not_guessed_at():
    for words in (("list",), ("show", "seated-twist")):
        result = run(*words, "--language", "dee")
        assert isinstance(result.exception, UnknownNameError)
        assert result.exception.nearest[0] == "de"


def test_cli_copy_then_validate(write):
    assert run("copy", "shoulders", "mine").exit_code == 0
    assert run("validate", "mine").stdout == "mine: fine\n"
    wrong = run("validate", "mine", str(write(PLAIN.replace("points = 2", "points = 9"), "wrong")))
    assert wrong.exit_code == 2
    assert "mine: fine" in wrong.stdout
    assert "`sides.points`" in wrong.stderr


def test_cli_list_goes_on_where_one_of_ones_own_is_broken():
    own_folder().mkdir(parents=True)
    (own_folder() / "broken.toml").write_text("name = 3", encoding="utf-8")
    result = run("list")
    assert "seated-twist" in result.stdout
    assert "broken" in result.stderr
    assert routine_files.own()
