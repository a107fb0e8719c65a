"""The store: its owner's alone, in versions, shared by programs, and nothing of a deleted session left."""

import os
import sqlite3
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from breathsync.errors import LogbookError
from breathsync.guide.events import Ended, EndKind, Said, Side, Word
from breathsync.logbook.history import Points, ease, trend
from breathsync.logbook.schema import FILE_NAME, MIGRATIONS, SCHEMA_VERSION, connect
from breathsync.logbook.store import Logbook, open_logbook
from breathsync.settings import Settings
from tests.logbook.synthetic import INFO, ROUTINE, STARTED_AT, logbook_with_session

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_the_store_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "logbook"
    book = Logbook(folder)
    writer = book.begin(info=INFO, routine=ROUTINE, settings=Settings())
    writer.put(Said(t_s=0.0, word=Word.STOP))
    assert mode(folder) == 0o700
    assert {path.name: mode(path) & 0o077 for path in folder.iterdir() if "lock" not in path.name} == {
        FILE_NAME: 0,
        f"{FILE_NAME}-wal": 0,
        f"{FILE_NAME}-shm": 0,
    }
    writer.close(Ended(t_s=0.0, how=EndKind.STOPPED))


@posix
def test_a_store_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    logbook_with_session(tmp_path).close()
    tmp_path.chmod(0o755)
    (tmp_path / FILE_NAME).chmod(0o644)
    assert Logbook(tmp_path).sessions()
    assert (mode(tmp_path), mode(tmp_path / FILE_NAME)) == (0o700, 0o600)


@pytest.mark.parametrize("version", range(SCHEMA_VERSION + 1))
def test_a_store_of_each_earlier_version_opens(tmp_path: Path, version: int) -> None:
    old = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    for script in MIGRATIONS[:version]:
        old.executescript(script)
    if version:
        old.execute("PRAGMA application_id = 0x62726561")
        old.execute(f"PRAGMA user_version = {version}")
    old.close()
    connection = connect(tmp_path, wait_s=0.0)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.close()
    assert Logbook(tmp_path).sessions() == []


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    connect(tmp_path, wait_s=0.0).execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(LogbookError, match="newer breathsync"):
        Logbook(tmp_path).sessions()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("CREATE TABLE song (title TEXT)")
    other.close()
    with pytest.raises(LogbookError, match="another program's"):
        Logbook(tmp_path).sessions()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database, but long enough to look like one " * 100)
    with pytest.raises(LogbookError, match="is not a logbook, or is damaged"):
        Logbook(tmp_path).sessions()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogbookError, match="cannot be opened"):
        Logbook(tmp_path / "file").sessions()


def test_the_folder_is_the_one_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREATHSYNC_LOGBOOK", str(tmp_path / "elsewhere"))
    assert open_logbook().folder == tmp_path / "elsewhere"


def test_nothing_of_a_deleted_session_is_left(tmp_path: Path) -> None:
    book = logbook_with_session(tmp_path, note="A very private sentence.")
    log = book.find("last")
    assert any(b"very private" in path.read_bytes() for path in tmp_path.iterdir())
    before = sum(path.stat().st_size for path in tmp_path.iterdir())
    book.delete(log.id)
    assert not any(b"very private" in path.read_bytes() for path in tmp_path.iterdir())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < before / 3
    for table in ("session", "record", "samples", "note"):
        assert book.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    with pytest.raises(LogbookError, match="empty"):
        book.find("last")


def test_a_session_being_recorded_is_neither_deleted_nor_marked(tmp_path: Path) -> None:
    writer = Logbook(tmp_path).begin(info=INFO, routine=ROUTINE, settings=Settings())
    writer.put(Said(t_s=0.0, word=Word.GO_ON))
    other = Logbook(tmp_path)
    assert other.sessions()[0].ended is None
    with pytest.raises(LogbookError, match="being recorded now"):
        other.delete(writer.id)
    writer.close(Ended(t_s=1.0, how=EndKind.FINISHED))
    assert other.sessions()[0].ended == Ended(t_s=1.0, how=EndKind.FINISHED)


def test_a_session_cut_short_is_found_and_marked(tmp_path: Path) -> None:
    writer = Logbook(tmp_path).begin(info=INFO, routine=ROUTINE, settings=Settings())
    writer.put(Said(t_s=7.0, word=Word.GO_ON))
    lease = writer._lease
    assert lease is not None
    lease.close()  # as the system does when a process dies
    (session,) = Logbook(tmp_path).sessions()
    assert session.ended is not None
    assert (session.ended.how, session.ended.t_s) == (EndKind.INTERRUPTED, 7.0)


def test_two_programs_write_at_once(tmp_path: Path) -> None:
    book = Logbook(tmp_path)
    one = book.begin(info=INFO, routine=ROUTINE, settings=Settings(), started_at=STARTED_AT)
    later = STARTED_AT + timedelta(hours=1)
    two = Logbook(tmp_path).begin(info=INFO, routine=ROUTINE, settings=Settings(), started_at=later)
    for n in range(50):
        one.put(Said(t_s=float(n), word=Word.GO_ON))
        two.put(Said(t_s=float(n), word=Word.PAUSE))
    assert (one.trouble, two.trouble) == ("", "")
    one.close(Ended(t_s=50.0, how=EndKind.FINISHED))
    two.close(Ended(t_s=50.0, how=EndKind.FINISHED))
    assert [len(list(book.find(s.id).entries())) for s in book.sessions()] == [50, 50]
    assert [s.id for s in book.sessions()] == [two.id, one.id]


def test_a_busy_store_is_said_to_who_wants_to_delete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("breathsync.logbook.store.WAIT_S", 0.0)
    book = logbook_with_session(tmp_path)
    session = book.find("last").id
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogbookError, match="Another program is using the logbook"):
        book.delete(session)
    other.close()
    assert book.find("last").id == session


def test_a_session_is_found_by_the_beginning_of_its_name(logbook: Logbook) -> None:
    assert logbook.find("2026").id == logbook.find("last").id == logbook.find("20261122-101500").id
    with pytest.raises(LogbookError, match="There is no session '1999'"):
        logbook.find("1999")


def test_the_summary_counts_what_was_passed_and_how(logbook: Logbook) -> None:
    (listed,) = logbook.sessions()
    summary = listed.summary
    assert summary.points == {Side.LEFT: Points(), Side.RIGHT: Points(measured=1, by_hand=1)}
    assert (summary.breaths, summary.deep_breaths, summary.opened, summary.refused) == (20, 8, 1, 1)
    assert summary.refused_by == {"G5": 1}
    assert (summary.before, summary.after) == ({"back": 6}, {"back": 4})
    assert listed.simulated


@pytest.mark.parametrize(
    ("before", "after", "eased"),
    [
        ({"back": 6, "hips": 0, "shoulders": 0}, {"close_right": 4, "close_left": 3}, 2.5),
        ({"back": 2}, {"close_back": 3}, -1.0),
        ({"hips": 6}, {"close_right": 4}, None),
        ({"back": 6}, {}, None),
    ],
)
def test_only_the_back_is_compared_with_the_back(
    logbook: Logbook, before: dict[str, int], after: dict[str, int], eased: float | None
) -> None:
    (listed,) = logbook.sessions()
    assert ease(replace(listed.summary, before=before, after=after)) == eased


def test_a_trend_has_every_day_and_no_simulated_person(logbook: Logbook) -> None:
    (simulated,) = logbook.sessions()
    lived = type(simulated)(
        **{name: getattr(simulated, name) for name in simulated.__slots__} | {"simulated": False}
    )
    days = trend([simulated, lived], days=7, today=STARTED_AT + timedelta(days=2))
    assert [day.sessions for day in days] == [0, 0, 0, 0, 1, 0, 0]
    assert days[4].measured[Side.RIGHT] == 1
    assert days[4].by_hand[Side.RIGHT] == 1
    assert days[4].eased == 2.0
