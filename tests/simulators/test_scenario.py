"""People as files: inheritance, spans, errors with file, field and what is allowed."""

import numpy as np
import pytest
from breathsync_simulators.scenario import ScenarioError, decode, load, people

from breathsync.errors import UnknownNameError

NAMES = [
    "steady",
    "shallow",
    "restless",
    "leaner",
    "sleepy",
    "eager",
    "talker",
    "cougher",
    "strap-slips",
    "drops-out",
    "elderly-slow",
    "athlete-slow",
    "panicky",
    "cheater",
    "belly",
    "upside-down",
]


def test_everybody_of_the_issue_is_there() -> None:
    assert set(NAMES) <= set(people())


@pytest.mark.parametrize("name", people())
def test_each_person_can_be_drawn_and_has_a_sentence(name: str) -> None:
    scenario = load(name)
    assert scenario.about.endswith(".")
    one, two = scenario.drawn(np.random.default_rng(1)), scenario.drawn(np.random.default_rng(1))
    assert one == two
    assert one != scenario.drawn(np.random.default_rng(2))


def test_a_new_person_needs_only_what_differs() -> None:
    me = decode(b'about = "Me."\nlike = "shallow"\n[breathing]\nrate_per_min = 9.5\n', source="me.toml")
    drawn = me.drawn(np.random.default_rng(0))
    assert drawn.breathing.rate_per_min == 9.5
    assert 2.0 <= drawn.full.size <= 2.7


def test_a_file_of_ones_own_is_found_by_its_path(tmp_path) -> None:
    path = tmp_path / "me.toml"
    path.write_text('about = "Me."\nlike = "steady"\n')
    assert load(str(path)).about == "Me."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about =", "me.toml is not TOML"),
        ('about = "x"', "missing required field"),
        ('like = "steady"\n[full]\nsize = [3.0, 2.0]', r"size = \[3.0, 2.0\] runs backwards"),
        ('like = "steady"\n[full]\nsize = [1.0, 22.0]', r"<= 9.0.*\$.full.size"),
        ('like = "steady"\n[full]\nsiz = 3.0', r"unknown field `siz`.*\$.full"),
        ('like = "steady"\n[full]\nsize = "big"', r"Expected `float`.*\$.full.size"),
        ('like = "steady"\n[mind]\nat_gate = { dance = 1.0 }', "'dance'"),
        ('like = "steady"\n[mind]\nat_gate = { breathe = 0.0 }', "at least one weight"),
    ],
)
def test_a_wrong_file_is_named_with_field_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        decode(text.encode(), source="me.toml")


def test_an_unknown_person_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean steady"):
        load("stedy")
    with pytest.raises(ScenarioError, match="no file"):
        load("nobody.toml")
