"""What is put is on disk before it is announced, in its order; and a store that cannot be written loses nothing."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from breathsync.breath.events import InhaleBegan
from breathsync.guide.events import ConfirmedBy, Ended, EndKind, PointPassed, Side
from breathsync.logbook.header import make_header
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import Record
from breathsync.logbook.schema import FILE_NAME, connect
from breathsync.logbook.store import Logbook
from breathsync.logbook.writer import SessionWriter
from breathsync.samples import Heartbeat, Samples, SensorChange, SensorState, Stream
from breathsync.settings import Settings
from tests.logbook.synthetic import INFO, ROUTINE, STARTED_AT, acceleration, items

ENDED = Ended(t_s=9.0, how=EndKind.FINISHED)
PASSED = PointPassed(t_s=1.0, side=Side.LEFT, point=1, confirmed_by=ConfirmedBy.BREATH)


class Wall:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def begin(folder: Path, *, now_s: Wall | None = None, **options: int) -> tuple[SessionWriter, list[str]]:
    heard: list[str] = []
    header = make_header(info=INFO, routine=ROUTINE, settings=Settings(), started_at=STARTED_AT)
    writer = SessionWriter(
        folder=folder, header=header, on_trouble=heard.append, now_s=now_s or Wall(), **options
    )
    return writer, heard


def block(first: int, n: int = 36) -> Samples:
    return acceleration(np.arange(first, first + n) / 200.0)


def on_disk(folder: Path) -> list[Samples | Record]:
    """What another program sees now."""
    connection = connect(folder, wait_s=0.0)
    (session,) = connection.execute("SELECT id FROM session").fetchone()
    found = [entry.item for entry in SessionLog(connection, session).entries()]
    connection.close()
    return found


def same(one: Samples | Record, two: Samples | Record) -> bool:
    if isinstance(one, Samples) and isinstance(two, Samples):
        return (one.stream, one.t_s.tobytes(), one.values.tobytes()) == (
            two.stream,
            two.t_s.tobytes(),
            two.values.tobytes(),
        )
    return repr(one) == repr(two)


def test_everything_comes_back_in_its_order(log: SessionLog) -> None:
    entries = list(log.entries())
    assert [entry.seq for entry in entries] == list(range(len(entries)))
    put = items()
    assert len(put) == len(entries)
    assert all(same(a, e.item) for a, e in zip(put, entries, strict=True))
    assert log.missing() == 0


def test_a_verdict_is_on_disk_when_put_returns(tmp_path: Path) -> None:
    writer, _ = begin(tmp_path)
    sent = [block(0), PASSED]
    for item in sent:
        writer.put(item)
    assert len(on_disk(tmp_path)) == 2
    writer.close(ENDED)


def test_less_than_a_second_of_samples_waits(tmp_path: Path) -> None:
    writer, _ = begin(tmp_path)
    for first in range(0, 2000, 36):
        writer.put(block(first))
        stored = [item for item in on_disk(tmp_path) if isinstance(item, Samples)]
        last_s = stored[-1].t_s[-1] if stored else 0.0
        assert (first + 35) / 200.0 - last_s < 1.0
    writer.close(ENDED)


def test_small_things_wait_no_longer_than_the_clock_allows(tmp_path: Path) -> None:
    wall = Wall()
    writer, _ = begin(tmp_path, now_s=wall)
    writer.put(InhaleBegan(t_s=0.1, decided_s=0.2))
    assert on_disk(tmp_path) == []
    wall.s = 0.8
    writer.put(Heartbeat(t_s=0.8))
    assert len(on_disk(tmp_path)) == 2
    writer.close(ENDED)


@pytest.mark.parametrize("t_s", [[float("nan")] * 3, [5.0, 4.0, 3.0], []])
def test_odd_times_are_kept_as_they_are(tmp_path: Path, t_s: list[float]) -> None:
    writer, _ = begin(tmp_path)
    odd = Samples(stream=Stream.FORCE, t_s=np.array(t_s), values=np.zeros((len(t_s), 1)))
    for item in (odd, odd, PASSED):
        writer.put(item)
    assert [same(odd, item) for item in on_disk(tmp_path)] == [True, True, False]
    writer.close(ENDED)


def test_the_sensors_state_is_told_apart_as_input_and_outcome(tmp_path: Path) -> None:
    streaming = SensorChange(t_s=0.0, state=SensorState.STREAMING)
    stale = SensorChange(t_s=3.0, state=SensorState.STALE)
    writer, _ = begin(tmp_path)
    for item in (streaming, streaming, Heartbeat(t_s=3.0), stale, streaming, streaming):
        writer.put(item)
    writer.close(ENDED)
    entries = list(Logbook(tmp_path).find("last").entries())
    assert [entry.is_input for entry in entries] == [True, False, True, False, True, False]


def test_close_twice_and_put_after_close_do_nothing(tmp_path: Path) -> None:
    writer, _ = begin(tmp_path)
    writer.close(ENDED)
    writer.close(Ended(t_s=1.0, how=EndKind.STOPPED))
    writer.put(PASSED)
    log = Logbook(tmp_path).find("last")
    assert log.ended == ENDED
    assert list(log.entries()) == []


def test_two_sessions_of_the_same_second_have_two_names(tmp_path: Path) -> None:
    one, _ = begin(tmp_path)
    two, _ = begin(tmp_path)
    assert (one.id, two.id) == ("20261122-101500", "20261122-101500-2")
    one.close(ENDED)
    two.close(ENDED)


def test_a_locked_store_is_said_and_caught_up_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("breathsync.logbook.writer.LOCK_WAIT_S", 0.0)
    wall = Wall()
    writer, heard = begin(tmp_path, now_s=wall)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.put(block(0))
    writer.put(PASSED)
    assert "not being recorded" in writer.trouble
    assert "locked" in writer.trouble
    other.execute("ROLLBACK")
    other.close()
    writer.put(PASSED)
    assert writer.trouble, "it does not try again at once"
    wall.s += 1.0
    writer.put(PASSED)
    assert writer.trouble == ""
    assert len(heard) == 2
    assert len(on_disk(tmp_path)) == 4
    writer.close(ENDED)


def test_a_folder_that_cannot_be_written_does_not_stop_the_session(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    wall = Wall()
    writer, heard = begin(blocked, now_s=wall)
    assert "not being recorded" in heard[0]
    for item in items()[:500]:
        writer.put(item)
    blocked.unlink()
    wall.s += 1.0
    writer.put(PASSED)
    assert writer.trouble == ""
    assert len(on_disk(blocked)) == 501
    writer.close(ENDED)


def test_a_full_disk_does_not_stop_the_session(tmp_path: Path) -> None:
    wall = Wall()
    writer, heard = begin(tmp_path, now_s=wall)
    connection = writer._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(
        f"PRAGMA max_page_count = {pages + 10}"
    )  # SQLite then says what it says of a full disk
    for item in items():
        wall.s += 0.01
        writer.put(item)
    assert "full" in writer.trouble
    connection.execute("PRAGMA max_page_count = 1000000")
    writer.close(ENDED)
    assert writer.trouble == ""
    assert heard[-1] == ""
    assert len(on_disk(tmp_path)) == len(items())
    assert Logbook(tmp_path).find("last").missing() == 0


def test_when_memory_is_used_up_samples_go_and_records_stay(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    wall = Wall()
    writer, heard = begin(blocked, now_s=wall, memory_limit_bytes=50_000)
    for item in items():
        wall.s += 0.01
        writer.put(item)
    assert any("oldest samples are being dropped" in sentence for sentence in heard)
    blocked.unlink()
    writer.close(ENDED)
    log = Logbook(blocked).find("last")
    records = [item for item in items() if not isinstance(item, Samples)]
    assert [repr(record) for _, record in log.numbered()] == [repr(record) for record in records]
    assert log.missing() > 0


def test_a_session_that_never_could_be_written_is_rescued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    writer, heard = begin(blocked)
    for item in items():
        writer.put(item)
    writer.close(ENDED)
    assert "not being recorded" in writer.trouble
    (rescued,) = tmp_path.glob("breathsync-*")
    assert str(rescued) in heard[-1]
    log = Logbook(rescued).find("last")
    assert log.ended == ENDED
    assert len(list(log.entries())) == len(items())
