"""Writes a session as it happens: what the session needs of a recorder.

Everything gets a running number `seq` in the order in which it was put. What has been put is committed before
`COMMIT_S` of signal have gathered, and before `put` returns for all that is announced to a person; so the store
always holds the session from its beginning up to some `seq`, without holes.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from breathsync.breath.events import Calibrated
from breathsync.errors import LogbookError
from breathsync.guide.events import Answered, Ended, PointPassed, Said, Step, Verdict
from breathsync.logbook.header import Header, encode_header
from breathsync.logbook.packing import pack
from breathsync.logbook.records import Record, encode, kind_of, time_of
from breathsync.logbook.schema import Lease, connect, take_lease
from breathsync.samples import Samples, SensorChange, Stream

COMMIT_S = 0.75
"""Signal or waiting time after which what has gathered is committed; with the block that arrives then, it stays
under the one second that may be lost."""

DECISIONS = (Verdict, PointPassed, Ended)
"""Forced to the disk, not only handed to the system."""

ANNOUNCED = (*DECISIONS, Step, Said, Answered, SensorChange, Calibrated)
"""Committed before `put` returns."""

LOCK_WAIT_S = 1.0
"""How long a commit waits for another program that is writing; then it keeps and tries again."""

RETRY_S = 1.0

MEMORY_LIMIT_BYTES = 64 * 2**20
"""What is kept for later while the store cannot be written: some hours of a strap's samples."""

KEPT = "It is kept in memory until it can be written."

Row = tuple[str, tuple[object, ...], int]
"""An SQL statement, its values without the session's id, and its size in bytes."""

INSERT_RECORD = "INSERT INTO record (session, seq, kind, t_s, body) VALUES (?, ?, ?, ?, ?)"
INSERT_SAMPLES = (
    "INSERT INTO samples (session, seq, stream, n, t0_s, t1_s, blocks, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class SessionWriter:
    """Records one session. `put` and `close` never raise for a store that cannot be written: see `trouble`."""

    def __init__(
        self,
        *,
        folder: Path,
        header: Header,
        on_trouble: Callable[[str], None] | None = None,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = session_id(header.started_at)
        self.header = header
        self.trouble = ""
        """One sentence while the session is not being recorded, else empty."""
        self._folder = folder
        self._on_trouble = on_trouble
        self._limit = memory_limit_bytes
        self._now_s = now_s
        self._connection: sqlite3.Connection | None = None
        self._lease: Lease | None = None
        self._seq = 0
        self._blocks: dict[Stream, list[tuple[int, Samples]]] = {}
        self._first_s: float | None = None
        self._waiting: list[Row] = []
        self._waiting_bytes = 0
        self._dropped = 0
        self._ended = False
        self._committed_at_s = now_s()
        self._failed_at_s = -RETRY_S
        self._commit(durable=False)

    def put(self, item: Samples | Record) -> None:
        """Record one input or outcome, in order."""
        if self._ended:
            return
        seq = self._seq
        self._seq += 1
        if isinstance(item, Samples):
            self._blocks.setdefault(item.stream, []).append((seq, item))
            due = self._has_gathered(item)
        else:
            body = encode(item)
            self._wait(INSERT_RECORD, (seq, kind_of(item), time_of(item), body.decode()), len(body))
            due = isinstance(item, ANNOUNCED)
        if due or self._now_s() - self._committed_at_s >= COMMIT_S:
            self._commit(durable=isinstance(item, DECISIONS))

    def close(self, ended: Ended) -> None:
        """Write what is left and mark how the session ended. Safe to call twice."""
        if self._ended:
            return
        self._ended = True
        self._wait("UPDATE session SET ended = ?2 WHERE id = ?1", (encode(ended).decode(),), 0)
        self._failed_at_s = -RETRY_S  # one last try, at once
        self._commit(durable=True)
        if self.trouble:
            self._rescue()
        elif self._connection is not None:
            self._summarise(self._connection)
        if self._connection is not None:
            self._connection.close()
        if self._lease is not None:
            self._lease.close()

    def _has_gathered(self, block: Samples) -> bool:
        if not len(block):
            return False
        if self._first_s is None:
            self._first_s = float(block.t_s[0])
        # A NaN or a clock that runs backwards compares as "not under", and so commits.
        return not 0 <= float(block.t_s[-1]) - self._first_s < COMMIT_S

    def _wait(self, statement: str, values: tuple[object, ...], size: int) -> None:
        self._waiting.append((statement, values, size))
        self._waiting_bytes += size

    def _pack(self) -> None:
        for stream, blocks in self._blocks.items():
            row = samples_row(stream, blocks)
            self._wait(INSERT_SAMPLES, row, len(row[-1]))
        self._blocks.clear()
        self._first_s = None

    def _commit(self, *, durable: bool) -> None:
        self._pack()
        self._committed_at_s = self._now_s()
        if self.trouble and self._committed_at_s - self._failed_at_s < RETRY_S:
            self._trim()
            return
        try:
            self._write(durable=durable)
        except (sqlite3.Error, OSError, LogbookError) as error:
            self._failed_at_s = self._now_s()
            self._trim()
            self._tell(_sentence(error, dropped=self._dropped))
        else:
            self._waiting.clear()
            self._waiting_bytes = 0
            self._tell("")

    def _write(self, *, durable: bool) -> None:
        connection = self._connection or self._open()
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values, _ in self._waiting:
                connection.execute(statement, (self.id, *values))
        except BaseException:
            if connection.in_transaction:  # a full disk may have rolled it back already
                connection.execute("ROLLBACK")
            raise
        try:
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _open(self) -> sqlite3.Connection:
        """Connect, and take a place in the store under an id that nobody else has."""
        connection = connect(self._folder, wait_s=LOCK_WAIT_S)
        try:
            wanted, number = session_id(self.header.started_at), 1
            while not self._take_place(connection):
                number += 1
                self.id = f"{wanted}-{number}"
        except BaseException:
            connection.close()
            raise
        # The WAL is carried over into the store every 16 MB: each time takes as long as fifty commits.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        self._connection = connection
        return connection

    def _take_place(self, connection: sqlite3.Connection) -> bool:
        lease = take_lease(self._folder, self.id)
        if lease is None:
            return False
        try:
            self._insert_session(connection)
        except sqlite3.IntegrityError:
            lease.close()
            return False
        except BaseException:
            lease.close()
            raise
        self._lease = lease
        return True

    def _trim(self) -> None:
        """Let go of the oldest samples, never of records, when memory is used up."""
        index = 0
        while self._waiting_bytes > self._limit and index < len(self._waiting):
            if self._waiting[index][0] is INSERT_SAMPLES:
                self._waiting_bytes -= self._waiting.pop(index)[2]
                self._dropped += 1
            else:
                index += 1

    def _tell(self, trouble: str) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if self._on_trouble is not None:
            self._on_trouble(trouble)

    def _rescue(self) -> None:
        """Put what could not be written into a logbook of its own, in the system's temporary folder."""
        try:
            folder = Path(tempfile.mkdtemp(prefix="breathsync-"))
            connection = connect(folder, wait_s=LOCK_WAIT_S)
            with closing(connection):
                connection.execute("BEGIN")
                self._insert_session(connection)
                for statement, values, _ in self._waiting:
                    connection.execute(statement, (self.id, *values))
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError, LogbookError):
            return  # the trouble has been told; there is nowhere left to put it
        what = "The session" if self._connection is None else "What is missing of the session"
        why = self.trouble.removesuffix(KEPT)
        self._tell(f"{why}{what} is in {folder} now; name that folder in BREATHSYNC_LOGBOOK to see it.")

    def _insert_session(self, connection: sqlite3.Connection) -> None:
        header = (self.id, self.header.started_at.isoformat(), encode_header(self.header).decode())
        connection.execute("INSERT INTO session (id, started_at, header) VALUES (?, ?, ?)", header)

    def _summarise(self, connection: sqlite3.Connection) -> None:
        from breathsync.logbook.history import store_summary  # noqa: PLC0415  (only at the end of a session)

        try:
            store_summary(connection, self.id)
        except sqlite3.Error:
            return  # the next `log list` makes up for it


def samples_row(
    stream: Stream, blocks: Sequence[tuple[int, Samples]]
) -> tuple[int, str, int, float | None, float | None, str, bytes]:
    """The values of `INSERT_SAMPLES`, without the session's id, for blocks with their `seq`."""
    samples = [block for _, block in blocks]
    filled = [block.t_s for block in samples if len(block)]
    first_s, last_s = (float(filled[0][0]), float(filled[-1][-1])) if filled else (None, None)
    counts = msgspec.json.encode([[seq, len(block)] for seq, block in blocks]).decode()
    return blocks[0][0], str(stream), sum(map(len, samples)), first_s, last_s, counts, pack(samples)


def session_id(started_at: datetime) -> str:
    """A session's name: its local start, to the second."""
    return started_at.strftime("%Y%m%d-%H%M%S")


def _sentence(error: Exception, *, dropped: int) -> str:
    reason = error.message if isinstance(error, LogbookError) else f"{error}".rstrip(".") + "."
    if dropped:
        return f"This session is not being recorded: {reason} Memory is full too; the oldest samples are being dropped."
    return f"This session is not being recorded: {reason} {KEPT}"
