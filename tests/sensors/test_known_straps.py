"""Remembered straps: the file, the names, and which device in the air is meant."""

from pathlib import Path

import pytest

from breathsync.errors import SettingsError, UnknownNameError
from breathsync.sensors.ble.link import Found
from breathsync.sensors.ble.target import target_for, target_of
from breathsync.sensors.known_straps import KnownStraps, Remembered

H10 = Remembered(name="Mine", address="A0:01", advertised="Polar H10 1", key="polar-h10")
BELT = Remembered(name="belt", address="D0:02", advertised="GDX-RB 2", key="go-direct-belt")


def found(name: str, address: str) -> Found:
    return Found(
        name=name, address=address, services=frozenset(), companies=frozenset(), rssi_dbm=-60, handle=None
    )


@pytest.fixture
def straps(tmp_path: Path) -> KnownStraps:
    return KnownStraps(folder=tmp_path / "config")


def test_an_empty_home_knows_no_straps(straps: KnownStraps) -> None:
    assert straps.all() == []
    assert straps.get("x") is None


def test_straps_are_remembered_by_name_and_replaced_by_address(straps: KnownStraps) -> None:
    straps.remember(H10)
    straps.remember(BELT)
    straps.remember(Remembered(name="new name", address="A0:01", advertised="Polar H10 1", key="polar-h10"))
    assert [s.name for s in straps.all()] == ["belt", "new name"]


def test_names_do_not_mind_case(straps: KnownStraps) -> None:
    straps.remember(H10)
    assert straps.get("MINE") == H10
    assert straps.forget("mIne") == H10
    assert straps.all() == []


def test_an_unknown_name_offers_the_nearest(straps: KnownStraps) -> None:
    straps.remember(BELT)
    with pytest.raises(UnknownNameError) as told:
        straps.find("bel")
    assert told.value.nearest == ["belt"]


def test_a_name_that_is_taken_is_refused(straps: KnownStraps) -> None:
    straps.remember(H10)
    straps.remember(BELT)
    with pytest.raises(SettingsError, match="already"):
        straps.rename("belt", "MINE")
    with pytest.raises(SettingsError, match="needs a name"):
        straps.rename("belt", " ")
    straps.rename("belt", "Belt")
    assert straps.get("belt") is not None


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    with pytest.raises(SettingsError):
        KnownStraps(folder=tmp_path / "config" / "deep").remember(H10)


def test_a_remembered_strap_is_known_by_address_or_by_its_advertised_name(straps: KnownStraps) -> None:
    straps.remember(H10)
    target = target_for("mine", straps=straps)
    assert target.label == "Mine"
    assert target.known is not None
    assert target.is_it(found("whatever", "A0:01"))
    assert target.is_it(found("Polar H10 1", "another computer's word for it"))
    assert not target.is_it(found("Polar H10 2", "A0:02"))
    assert not target.is_it(found("", "A0:02"))


@pytest.mark.parametrize("name", ["Polar H10 7A", "polar h10 7a", "7A", "a0:07"])
def test_a_strap_in_the_air_is_known_by_its_names(straps: KnownStraps, name: str) -> None:
    target = target_for(name, straps=straps)
    assert target.is_it(found("Polar H10 7A", "A0:07"))
    assert not target.is_it(found("Polar H10 8", "A0:08"))


def test_a_kind_means_any_strap_of_it(straps: KnownStraps) -> None:
    target = target_for("polar-h10", straps=straps)
    assert target.is_it(found("Polar H10 8", "A0:08"))
    assert not target.is_it(found("Movesense 1", "M0"))


def test_just_this_device() -> None:
    one = found("Polar H10 8", "A0:08")
    assert target_of(one).is_it(one)
    assert not target_of(one).is_it(found("Polar H10 8", "A0:09"))
    assert target_of(one, label="x").label == "x"
