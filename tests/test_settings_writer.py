"""A setting changed on the screen: the file keeps what a person wrote into it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.errors import SettingsError
from breathsync.settings import GateSettings, LimitSettings, Settings, bounds_of
from breathsync.settings_file import load_settings
from breathsync.settings_writer import keep_setting, reset_settings

WRITTEN = """\
# what my physiotherapist said
[gate]
low_quiet = 2.4  # since March
inhale_s = 2.0

[limits]
rest_s = 60
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def test_a_first_setting_makes_the_file(path: Path) -> None:
    settings = keep_setting("gate", "low_quiet", 2.5, path=path)
    assert settings == load_settings(path) == Settings(gate=GateSettings(low_quiet=2.5))
    assert path.read_text() == "[gate]\nlow_quiet = 2.5\n"


def test_comments_and_other_settings_stay(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(WRITTEN)
    keep_setting("gate", "low_quiet", 3.0, path=path)
    assert path.read_text() == WRITTEN.replace("2.4", "3.0")
    keep_setting("limits", "rest_s", None, path=path)
    assert "rest_s" not in path.read_text()
    assert load_settings(path) == Settings(gate=GateSettings(low_quiet=3.0, inhale_s=2.0))


def test_a_default_is_taken_out_again(path: Path) -> None:
    keep_setting("limits", "deep_per_minute", 4, path=path)
    assert load_settings(path) == Settings(limits=LimitSettings(deep_per_minute=4))
    assert keep_setting("limits", "deep_per_minute", 6, path=path) == Settings()
    assert path.read_text().strip() == ""


def test_all_of_them_at_once(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(WRITTEN)
    assert reset_settings(path=path) == load_settings(path) == Settings()
    assert "physiotherapist" in path.read_text()


@pytest.mark.parametrize(
    ("group", "name", "value"), [("gate", "low_quiet", 1.0), ("limits", "twist_s", 300.0)]
)
def test_no_file_lifts_a_limit(path: Path, group: str, name: str, value: float) -> None:
    keep_setting("gate", "inhale_s", 2.0, path=path)
    before = path.read_text()
    with pytest.raises(SettingsError, match=name):
        keep_setting(group, name, value, path=path)
    assert path.read_text() == before


def test_a_bent_file_is_not_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[gate]\nlow_quiet = 9\n")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        keep_setting("gate", "inhale_s", 2.0, path=path)
    assert path.read_text() == "[gate]\nlow_quiet = 9\n"


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        keep_setting("gate", "inhale_s", 2.0, path=tmp_path / "file" / "settings.toml")


@given(data=st.data())
def test_every_value_within_its_bounds_comes_back(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, bound = data.draw(
        st.sampled_from(sorted(bounds_of(GateSettings).items(), key=lambda item: item[0]))
    )
    whole = isinstance(getattr(GateSettings(), name), int)
    value = data.draw(
        st.integers(int(bound.low), int(bound.high))
        if whole
        else st.floats(bound.low, bound.high, allow_nan=False)
    )
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    keep_setting("gate", name, value, path=path)
    assert getattr(load_settings(path).gate, name) == value
