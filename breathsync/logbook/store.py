"""The logbook: a folder of a person's own with one SQLite file that holds every session."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from breathsync.errors import LogbookError
from breathsync.guide.routine import Routine
from breathsync.logbook.header import make_header
from breathsync.logbook.history import Listed, find_session, list_sessions, mark_interrupted, store_summary
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.schema import connect, is_held
from breathsync.logbook.writer import SessionWriter
from breathsync.paths import data_folder
from breathsync.samples import SensorInfo
from breathsync.settings import Settings

WAIT_S = 5.0
"""How long a command waits for another program that is writing."""


class Logbook:
    """All sessions of one person on this machine. Nothing is opened before it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: sqlite3.Connection | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """The store, opened. Raises LogbookError where it cannot be."""
        if self._open is None:
            self._open = connect(self.folder, wait_s=WAIT_S)
            self._find_interrupted(self._open)
        return self._open

    def begin(
        self,
        *,
        info: SensorInfo,
        routine: Routine,
        settings: Settings,
        started_at: datetime | None = None,
        on_trouble: Callable[[str], None] | None = None,
        **options: Any,
    ) -> SessionWriter:
        """Begin to record a session whose axis is zero at `started_at` (now, unless given).

        `options`: what else the guide is made with; a replay makes it the same way. Does not raise where the store
        cannot be written: the writer's `trouble` says so, and `on_trouble` hears each change of it.
        """
        header = make_header(info=info, routine=routine, settings=settings, started_at=started_at, **options)
        return SessionWriter(folder=self.folder, header=header, on_trouble=on_trouble)

    def sessions(self) -> list[Listed]:
        """All sessions, the latest first."""
        return list_sessions(self.connection)

    def find(self, wanted: str) -> SessionLog:
        """A session by its id, the beginning of it, or `last`. Raises LogbookError where there is none."""
        rows = self.connection.execute("SELECT id FROM session ORDER BY started_at DESC, id DESC").fetchall()
        return SessionLog(self.connection, find_session([session for (session,) in rows], wanted))

    def note(self, session: str, text: str) -> None:
        """Write a note under a session."""
        with _said("The note could not be written"):
            self.connection.execute(
                "INSERT INTO note (session, written_at, text) VALUES (?, ?, ?)",
                (session, datetime.now().astimezone().isoformat(), text),
            )

    def delete(self, session: str) -> None:
        """Remove a session for good: overwritten with zeros, and the file made anew without it.

        Raises LogbookError for a session that is being recorded, or while another program uses the store.
        """
        if is_held(self.folder, session):
            raise LogbookError(f"Session {session} is being recorded now.", advice="End it first.")
        with _said(f"Session {session} could not be deleted"):
            self.connection.execute("DELETE FROM session WHERE id = ?", (session,))
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the store."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _find_interrupted(self, connection: sqlite3.Connection) -> None:
        cut_short = connection.execute("SELECT id FROM session WHERE ended IS NULL").fetchall()
        uncounted = connection.execute(
            "SELECT id FROM session WHERE ended IS NOT NULL AND summary IS NULL"
        ).fetchall()
        try:
            for (session,) in cut_short:
                if not is_held(self.folder, session):
                    mark_interrupted(connection, session)
            for (session,) in uncounted:
                store_summary(connection, session)
        except sqlite3.OperationalError:
            return  # another program is writing: the next one will do it


class _said:
    """Turns SQLite's errors into the logbook's."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            busy = "locked" in str(error) or "busy" in str(error)
            advice = "Another program is using the logbook; try again when it is done." if busy else ""
            raise LogbookError(f"{self._what}: {error}.", advice=advice) from error


def open_logbook(path: Path | None = None) -> Logbook:
    """The logbook in the folder `path`, or in the person's own. Never raises; its methods do."""
    return Logbook(path or data_folder())
