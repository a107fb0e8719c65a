"""Takes back what `log export --format jsonl` wrote: the session in the store is then the same, bit for bit."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from breathsync.errors import LogbookError
from breathsync.logbook.export.jsonl import FORMAT, VERSION
from breathsync.logbook.header import Header, encode_header
from breathsync.logbook.history import store_summary
from breathsync.logbook.records import KINDS, decode, decode_plain, encode, encode_plain, time_of
from breathsync.logbook.store import Logbook
from breathsync.logbook.writer import COMMIT_S, INSERT_RECORD, INSERT_SAMPLES, samples_row
from breathsync.samples import COLUMNS, Samples, Stream


def import_file(logbook: Logbook, path: Path, *, progress: Callable[[float], None] = lambda _: None) -> str:
    """Import the session in a file; returns its id. All of it or nothing. `progress` hears how much is done, 0..1.

    Raises LogbookError where the file cannot be read (with its line), is not whole, or the session is there already.
    """
    connection = logbook.connection
    try:
        with path.open("rb") as file:
            lines = enumerate(_counted(file, path.stat().st_size, progress), start=1)
            connection.execute("BEGIN IMMEDIATE")
            try:
                session = _import(connection, path, lines)
                store_summary(connection, session)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except OSError as error:
        raise LogbookError(f"{path} cannot be read: {error.strerror or error}.") from error
    except sqlite3.IntegrityError as error:
        raise LogbookError(
            f"The session in {path} is in the logbook already.", advice="Delete it there first."
        ) from error
    except sqlite3.Error as error:
        raise LogbookError(f"{path} could not be imported: {error}.") from error
    return session


def _counted(file: Iterable[bytes], size: int, progress: Callable[[float], None]) -> Iterator[bytes]:
    done = 0
    for line in file:
        done += len(line)
        progress(done / size)
        yield line


def _import(connection: sqlite3.Connection, path: Path, lines: Iterator[tuple[int, bytes]]) -> str:
    session = ""
    number, ended = 1, False
    gathered: dict[Stream, list[tuple[int, Samples]]] = {}

    def flush() -> None:
        for stream, blocks in gathered.items():
            connection.execute(INSERT_SAMPLES, (session, *samples_row(stream, blocks)))
        gathered.clear()

    try:
        for number, line in lines:
            value: dict[str, Any] = decode_plain(line)
            if number == 1:
                session = _begin(connection, value)
            elif ended:
                raise ValueError("there is more after the end")
            elif "samples" in value:
                block = _block(value)
                blocks = gathered.setdefault(block.stream, [])
                blocks.append((int(value["seq"]), block))
                if _has_gathered(blocks):
                    flush()
            elif "kind" in value:
                _record(connection, session, value)
            elif "note" in value:
                connection.execute(
                    "INSERT INTO note (session, written_at, text) VALUES (?, ?, ?)",
                    (session, value["written_at"], value["note"]),
                )
            elif "ended" in value:
                flush()
                body = None if value["ended"] is None else encode_plain(value["ended"])
                if body is not None:
                    decode("Ended", body)
                connection.execute(
                    "UPDATE session SET ended = ? WHERE id = ?",
                    (None if body is None else body.decode(), session),
                )
                ended = True
            else:
                raise ValueError("nothing is known of such a line")
    except (ValueError, TypeError, KeyError, AttributeError, LogbookError, msgspec.MsgspecError) as error:
        reason = error.message if isinstance(error, LogbookError) else f"{str(error).rstrip('.')}."
        raise LogbookError(f"{path}, line {number}: {reason}", advice="Nothing was imported.") from error
    if not ended:
        raise LogbookError(f"{path} is not whole: it ends at line {number}.", advice="Nothing was imported.")
    return session


def _begin(connection: sqlite3.Connection, value: dict[str, Any]) -> str:
    if value.get("format") != FORMAT:
        raise ValueError("this is no log of breathsync")
    if value["version"] > VERSION:
        raise ValueError(f"a newer breathsync wrote it (version {value['version']}, known is {VERSION})")
    header = msgspec.convert(value["header"], Header)
    session = str(value["id"])
    connection.execute(
        "INSERT INTO session (id, started_at, header) VALUES (?, ?, ?)",
        (session, header.started_at.isoformat(), encode_header(header).decode()),
    )
    return session


def _record(connection: sqlite3.Connection, session: str, value: dict[str, Any]) -> None:
    kind = value["kind"]
    record = decode(kind, encode_plain(value["data"])) if kind in KINDS else decode(kind, b"")
    connection.execute(
        INSERT_RECORD, (session, int(value["seq"]), kind, time_of(record), encode(record).decode())
    )


def _block(value: dict[str, Any]) -> Samples:
    stream = Stream(value["samples"])
    return Samples(
        stream=stream,
        t_s=np.array(value["t_s"], dtype=np.float64),
        values=np.array(value["values"], dtype=np.float64).reshape(-1, len(COLUMNS[stream])),
    )


def _has_gathered(blocks: list[tuple[int, Samples]]) -> bool:
    filled = [block for _, block in blocks if len(block)]
    return bool(filled) and not 0 <= filled[-1].t_s[-1] - filled[0].t_s[0] < COMMIT_S
