"""G15: the same again, bit for bit; and a difference is found and named."""

from pathlib import Path

import msgspec
import pytest

from breathsync.errors import LogbookError
from breathsync.guide.events import EndKind
from breathsync.logbook.packing import pack, unpack
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.replay import replay, what_if
from breathsync.logbook.store import Logbook
from breathsync.samples import Samples, Stream
from breathsync.settings import GateSettings, Settings


@pytest.fixture
def copy(simulated: SessionLog, tmp_path: Path) -> Logbook:
    """The conducted session in a store of its own, to be tampered with."""
    book = Logbook(tmp_path / "copy")
    simulated.connection.backup(book.connection)
    return book


def change(book: Logbook, statement: str, *values: object) -> None:
    assert book.connection.execute(statement, values).rowcount == 1


def test_g15_a_session_replays_to_the_same_outcomes(simulated: SessionLog) -> None:
    result = replay(simulated)
    assert result.difference is None, result.sentence
    assert result.outcomes > 100
    assert result.inputs == sum(entry.is_input for entry in simulated.entries())


def test_g15_a_changed_outcome_is_the_first_difference(copy: Logbook) -> None:
    seq, body = copy.connection.execute("SELECT seq, body FROM record WHERE kind = 'Step' LIMIT 1").fetchone()
    step = msgspec.json.decode(body)
    change(
        copy,
        "UPDATE record SET body = ? WHERE seq = ?",
        msgspec.json.encode(step | {"t_s": 1e9}).decode(),
        seq,
    )
    result = replay(copy.find("last"))
    assert not result.identical
    assert f"At {seq}, Step.t_s was 1000000000.0 and is now {step['t_s']!r}" in result.sentence


def test_g15_a_changed_sample_changes_what_follows(copy: Logbook) -> None:
    query = "SELECT seq, stream, data FROM samples WHERE t0_s > 40 ORDER BY seq LIMIT 4"
    for seq, stream, data in copy.connection.execute(query).fetchall():
        block = unpack(Stream(stream), data)
        taller = Samples(stream=block.stream, t_s=block.t_s, values=block.values + 3.0)
        change(copy, "UPDATE samples SET data = ? WHERE seq = ?", pack([taller]), seq)
    assert not replay(copy.find("last")).identical


def test_g15_an_outcome_left_out_is_noticed(copy: Logbook) -> None:
    (last,) = copy.connection.execute("SELECT max(seq) FROM record").fetchone()
    change(copy, "DELETE FROM record WHERE seq = ?", last)
    result = replay(copy.find("last"))
    assert not result.identical
    assert "only the replay says" in result.sentence


def test_a_session_cut_short_replays_up_to_where_it_goes(copy: Logbook) -> None:
    rows = copy.connection.execute("SELECT blocks FROM samples ORDER BY seq").fetchall()
    last = msgspec.json.decode(rows[len(rows) // 2][0])[-1][0]  # where a commit ended, as after a kill
    copy.connection.execute("DELETE FROM record WHERE seq > ?", (last,))
    copy.connection.execute("DELETE FROM samples WHERE seq > ?", (last,))
    copy.connection.execute("UPDATE session SET ended = NULL, summary = NULL")
    copy.close()
    log = copy.find("last")
    assert log.ended is not None
    assert log.ended.how is EndKind.INTERRUPTED
    assert log.missing() == 0
    assert replay(log).identical


def test_a_session_with_lost_entries_is_not_replayed(copy: Logbook) -> None:
    change(copy, "DELETE FROM samples WHERE seq = (SELECT min(seq) FROM samples)")
    with pytest.raises(LogbookError, match="were lost"):
        replay(copy.find("last"))


def test_settings_that_do_not_fit_are_said(copy: Logbook) -> None:
    header = msgspec.json.decode(copy.connection.execute("SELECT header FROM session").fetchone()[0])
    header["settings"]["gate"]["gap_s"] = 99
    change(copy, "UPDATE session SET header = ?", msgspec.json.encode(header).decode())
    with pytest.raises(LogbookError, match="gap_s = 99"):
        replay(copy.find("last"))


def test_an_unknown_option_of_the_guide_is_said(copy: Logbook) -> None:
    header = msgspec.json.decode(copy.connection.execute("SELECT header FROM session").fetchone()[0])
    header["options"]["trapdoor"] = True
    change(copy, "UPDATE session SET header = ?", msgspec.json.encode(header).decode())
    with pytest.raises(LogbookError, match="trapdoor"):
        replay(copy.find("last"))


def test_what_if_the_settings_are_the_same_nothing_differs(simulated: SessionLog) -> None:
    assert all(row.then == row.now for row in what_if(simulated, settings=Settings()))


def test_what_if_a_breath_must_be_slower_some_verdicts_differ(simulated: SessionLog) -> None:
    strict = Settings(gate=GateSettings(inhale_s=4.0, whole_s=10.0))
    rows = what_if(simulated, settings=strict)
    assert any(row.then != row.now for row in rows)
