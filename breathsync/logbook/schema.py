"""The store's tables, their versions, and the way a file on disk becomes a connection.

WAL, so that `log list` reads while a session writes. A commit is written to the system at once and survives the
program's death; it is forced to the disk (`synchronous=FULL`) only for what is announced as decided, because a
forced write each second may hold up a session on a slow card. A power cut may therefore cost what came after the
last decision; it cannot damage the store.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from breathsync.errors import LogbookError

APPLICATION_ID = 0x62726561
"""Stands in the file's header, so that another program's database is not taken for a logbook."""

FILE_NAME = "logbook.db"

MIGRATIONS = (
    """
    CREATE TABLE session (
        id TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,
        header TEXT NOT NULL,
        ended TEXT,
        summary TEXT
    );
    CREATE INDEX session_started_at ON session (started_at);
    CREATE TABLE record (
        session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        t_s REAL,
        body TEXT NOT NULL,
        PRIMARY KEY (session, seq)
    );
    CREATE INDEX record_kind ON record (session, kind);
    CREATE TABLE samples (
        session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        stream TEXT NOT NULL,
        n INTEGER NOT NULL,
        t0_s REAL,
        t1_s REAL,
        blocks TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (session, stream, seq)
    );
    CREATE TABLE note (
        session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        written_at TEXT NOT NULL,
        text TEXT NOT NULL
    );
    CREATE INDEX note_session ON note (session);
    """,
)
"""Script n leads from version n to n + 1. A script that has been released is never edited."""

SCHEMA_VERSION = len(MIGRATIONS)


def connect(folder: Path, *, wait_s: float) -> sqlite3.Connection:
    """Open the store in `folder`, made and migrated where need be, readable by its owner only.

    `wait_s`: how long to wait for another program that is writing. Raises LogbookError where the folder cannot be
    used, the file is not a logbook, or a newer breathsync wrote it.
    """
    path = folder / FILE_NAME
    try:
        _make_private(folder, path)
        connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise LogbookError(
            f"The logbook {path} cannot be opened: {getattr(error, 'strerror', None) or error}.",
            advice="Check the folder's permissions and free space, or name another in BREATHSYNC_LOGBOOK.",
        ) from error
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise LogbookError(f"The logbook {path} cannot be used: {error}.", advice=_advice(error)) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise LogbookError(
            f"{path} is not a logbook, or is damaged: {error}.",
            advice="Move it aside; a new one will be made.",
        ) from error
    except LogbookError:
        connection.close()
        raise
    return connection


def _advice(error: sqlite3.OperationalError) -> str:
    if "locked" in str(error):
        return "Another program is writing to it; try again in a moment."
    return "Check the folder's permissions and free space."


def _make_private(folder: Path, path: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
    if not path.exists():
        # Made by us, so that no moment passes in which others may read it; SQLite gives -wal and -shm the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    if os.name == "posix":
        for thing, mode in ((folder, 0o700), (path, 0o600)):
            if thing.stat().st_mode & 0o077:
                with suppress(PermissionError):
                    thing.chmod(mode)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    version = _version(connection, path)
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise LogbookError(f"{path} lies on a disk that cannot hold a logbook safely (no WAL).")
    if version < SCHEMA_VERSION:
        _migrate(connection, path)
    connection.execute("PRAGMA synchronous = NORMAL")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and (tables or version):
        raise LogbookError(
            f"{path} is another program's database.", advice="Name another folder in BREATHSYNC_LOGBOOK."
        )
    if version > SCHEMA_VERSION:
        raise LogbookError(
            f"{path} was written by a newer breathsync (schema {version}; this one knows {SCHEMA_VERSION}).",
            advice="Update breathsync.",
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another program may have migrated in the meantime.
        for version in range(_version(connection, path), SCHEMA_VERSION):
            for statement in MIGRATIONS[version].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class Lease:
    """A lock that says "this session is being recorded now" and ends with the program, however it ends.

    It is an exclusive transaction on a database of its own, which every system releases when a process dies; so a
    session that was cut short can be told from one that another program is recording.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def close(self) -> None:
        """Let go."""
        self._connection.close()
        with suppress(OSError):
            self._path.unlink()


def take_lease(folder: Path, session: str) -> Lease | None:
    """Take the lease of a session; None where another holds it. Raises sqlite3.Error where the folder is no use."""
    path = folder / f"recording-{session}.lock"
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            return None
        raise
    return Lease(path, connection)


def is_held(folder: Path, session: str) -> bool:
    """Whether some program is recording this session now."""
    try:
        lease = take_lease(folder, session)
    except sqlite3.Error:
        return True  # not for us to say
    if lease is None:
        return True
    lease.close()
    return False
