"""What JSON Lines took out comes back the same; what is not whole is refused whole."""

from pathlib import Path

import pytest

from breathsync.errors import LogbookError
from breathsync.logbook.export import jsonl
from breathsync.logbook.importing import import_file
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.store import Logbook


@pytest.fixture(scope="module")
def exported(log: SessionLog, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("jsonl") / "session.jsonl"
    jsonl.write(log, path, progress=lambda _: None)
    return path.read_bytes()


def refuse(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "broken.jsonl"
    file.write_bytes(content)
    book = Logbook(tmp_path / "book")
    with pytest.raises(LogbookError) as caught:
        import_file(book, file)
    assert book.sessions() == [], "nothing of it was imported"
    assert "Nothing was imported" in str(caught.value)
    return str(caught.value)


def test_a_session_goes_out_and_comes_back_identical(
    tmp_path: Path, logbook: Logbook, exported: bytes
) -> None:
    file = tmp_path / "session.jsonl"
    file.write_bytes(exported)
    other = Logbook(tmp_path / "other")
    assert import_file(other, file) == "20261122-101500"
    again = tmp_path / "again.jsonl"
    jsonl.write(other.find("last"), again, progress=lambda _: None)
    assert again.read_bytes() == exported
    assert other.sessions() == logbook.sessions()


def test_a_session_that_is_there_already_is_refused(tmp_path: Path, exported: bytes) -> None:
    file = tmp_path / "session.jsonl"
    file.write_bytes(exported)
    book = Logbook(tmp_path / "book")
    import_file(book, file)
    with pytest.raises(LogbookError, match="in the logbook already"):
        import_file(book, file)
    assert len(book.sessions()) == 1


def test_a_file_cut_short_is_refused(tmp_path: Path, exported: bytes) -> None:
    lines = exported.splitlines(keepends=True)
    assert f"not whole: it ends at line {len(lines) - 1}" in refuse(tmp_path, b"".join(lines[:-1]))


def test_half_a_line_is_refused_with_its_number(tmp_path: Path, exported: bytes) -> None:
    lines = exported.splitlines(keepends=True)
    assert "line 10:" in refuse(tmp_path, b"".join(lines[:9]) + lines[9][:20])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not whole"),
        (b"not json\n", "line 1:"),
        (b"[1, 2]\n", "line 1:"),
        (b'{"format": "other"}\n', "this is no log of breathsync"),
        (b'{"format": "breathsync-log", "version": 99}\n', "a newer breathsync"),
        (b'{"format": "breathsync-log", "version": 1, "id": "x", "header": {}}\n', "line 1:"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refuse(tmp_path, content)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"seq": 0, "kind": "Sneeze", "data": {}}', "Sneeze"),
        (b'{"seq": 0, "kind": "Said", "data": {"t_s": 1.0, "word": "abracadabra"}}', "Said cannot be read"),
        (b'{"seq": 0, "samples": "force", "t_s": [1.0], "values": [[1.0, 2.0]]}', "force wants"),
        (b'{"seq": 0, "samples": "smell", "t_s": [], "values": []}', "smell"),
        (b'{"what": "is this"}', "nothing is known"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(
    tmp_path: Path, exported: bytes, line: bytes, says: str
) -> None:
    head = exported.splitlines(keepends=True)[0]
    sentence = refuse(tmp_path, head + line + b"\n")
    assert "line 2:" in sentence
    assert says in sentence


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogbookError, match=r"nowhere\.jsonl cannot be read"):
        import_file(Logbook(tmp_path / "book"), tmp_path / "nowhere.jsonl")
