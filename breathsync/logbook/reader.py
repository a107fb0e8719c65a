"""Reads a session back: its head, its records and its samples, in the order in which they were put.

Nothing is held that need not be: a session of a night is read second by second.
"""

import heapq
import itertools
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from breathsync.guide.events import Ended
from breathsync.logbook.header import Header, decode_header
from breathsync.logbook.packing import unpack
from breathsync.logbook.records import INPUTS, Record, decode
from breathsync.samples import COLUMNS, Samples, SensorChange, Stream

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing put into the log. `is_input`: it went into the conductor, rather than came out of it."""

    seq: int
    item: Samples | Record
    is_input: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How much of a stream there is: samples, and the first and last time in seconds."""

    stream: Stream
    n: int
    first_s: float
    last_s: float

    @property
    def rate_hz(self) -> float:
        """Samples a second over the whole span; 0 where it cannot be told."""
        return (
            (self.n - 1) / (self.last_s - self.first_s) if self.n > 1 and self.last_s > self.first_s else 0.0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the person wrote about a session afterwards."""

    written_at: datetime
    text: str


class SessionLog:
    """One session of the store."""

    def __init__(self, connection: sqlite3.Connection, session: str) -> None:
        """Raises KeyError where there is no such session."""
        self.connection = connection
        row = connection.execute(
            "SELECT header, ended, summary FROM session WHERE id = ?", (session,)
        ).fetchone()
        if row is None:
            raise KeyError(session)
        self._key = session
        self.id = session
        self.header: Header = decode_header(row[0])
        self.ended: Ended | None = None if row[1] is None else cast(Ended, decode("Ended", row[1].encode()))
        """How it ended; None while it is being recorded."""
        self.summary: str | None = row[2]
        """What it came to, as `history.Summary` in JSON; None until it has been counted."""
        self._spans: tuple[Span, ...] | None = None

    def at(self, t_s: float) -> datetime:
        """Wall time of a moment of the session; its start for a moment that is no number."""
        return self.header.started_at + timedelta(seconds=t_s if math.isfinite(t_s) else 0.0)

    def entries(self) -> Iterator[Entry]:
        """Everything, in order."""
        numbered: list[Iterable[tuple[int, Samples | Record]]] = [self.numbered()]
        numbered += [self._blocks(span.stream) for span in self.streams()]
        merged: Iterator[tuple[int, Samples | Record]] = heapq.merge(*numbered, key=lambda pair: pair[0])
        return _told_apart(merged)

    def records(self, kind: type[R]) -> Iterator[R]:
        """All records of one kind, in order."""
        rows = self.connection.execute(
            "SELECT kind, body FROM record WHERE session = ? AND kind = ? ORDER BY seq",
            (self._key, kind.__name__),
        )
        return (cast(R, self._decoded(name, body)) for name, body in rows)

    def numbered(self) -> Iterator[tuple[int, Record]]:
        """All records with their place in the log, without samples."""
        rows = self.connection.execute(
            "SELECT seq, kind, body FROM record WHERE session = ? ORDER BY seq", (self._key,)
        )
        return ((seq, self._decoded(kind, body)) for seq, kind, body in rows)

    def only(self, *kinds: type[Record]) -> Iterator[Record]:
        """All records of several kinds, in order."""
        wanted = ", ".join("?" * len(kinds))
        rows = self.connection.execute(
            f"SELECT kind, body FROM record WHERE session = ? AND kind IN ({wanted}) ORDER BY seq",
            (self._key, *(kind.__name__ for kind in kinds)),
        )
        return (self._decoded(name, body) for name, body in rows)

    def blocks(self, stream: Stream) -> Iterator[Samples]:
        """The samples of a stream, about a second at a time."""
        rows = self.connection.execute(
            "SELECT data FROM samples WHERE session = ? AND stream = ? ORDER BY seq", (self._key, str(stream))
        )
        return (unpack(stream, data) for (data,) in rows)

    def samples(self, stream: Stream) -> Samples:
        """All samples of a stream at once (8 h of a Polar H10's acceleration are 184 MB)."""
        blocks = list(self.blocks(stream))
        return Samples(
            stream=stream,
            t_s=np.concatenate([np.empty(0), *(b.t_s for b in blocks)]),
            values=np.concatenate([np.empty((0, len(COLUMNS[stream]))), *(b.values for b in blocks)]),
        )

    def streams(self) -> tuple[Span, ...]:
        """Which streams there are, in the order of `Stream`."""
        if self._spans is not None:
            return self._spans
        rows = self.connection.execute(
            "SELECT stream, sum(n), min(t0_s), max(t1_s) FROM samples WHERE session = ? GROUP BY stream",
            (self._key,),
        )
        found = {
            name: Span(stream=Stream(name), n=n, first_s=first_s or 0.0, last_s=last_s or 0.0)
            for name, n, first_s, last_s in rows
        }
        spans = tuple(found[stream] for stream in Stream if stream in found)
        if self.ended is not None:
            self._spans = spans  # it will not grow any more
        return spans

    def notes(self) -> tuple[Note, ...]:
        """What was written afterwards, oldest first."""
        rows = self.connection.execute(
            "SELECT written_at, text FROM note WHERE session = ? ORDER BY rowid", (self._key,)
        )
        return tuple(Note(written_at=datetime.fromisoformat(at), text=text) for at, text in rows)

    def duration_s(self) -> float:
        """From the session's zero to its last moment."""
        spans = self.streams()
        last: float | None = self.connection.execute(
            "SELECT max(t_s) FROM record WHERE session = ?", (self._key,)
        ).fetchone()[0]
        return max([span.last_s for span in spans] + [last or 0.0])

    def missing(self) -> int:
        """How many entries were lost (memory was full while the store could not be written). Nearly always 0."""
        records, last_record = self.connection.execute(
            "SELECT count(*), max(seq) FROM record WHERE session = ?", (self._key,)
        ).fetchone()
        blocks, last_block = self.connection.execute(
            "SELECT sum(json_array_length(blocks)), max(json_extract(blocks, '$[#-1][0]')) FROM samples"
            " WHERE session = ?",
            (self._key,),
        ).fetchone()
        last = max((seq for seq in (last_record, last_block) if seq is not None), default=-1)
        return int(last + 1 - records - (blocks or 0))

    def _decoded(self, kind: str, body: str) -> Record:
        return decode(kind, body.encode())

    def _blocks(self, stream: Stream) -> Iterator[tuple[int, Samples]]:
        rows = self.connection.execute(
            "SELECT blocks, data FROM samples WHERE session = ? AND stream = ? ORDER BY seq",
            (self._key, str(stream)),
        )
        for counts, data in rows:
            whole = unpack(stream, data)
            start = 0
            for seq, n in cast(list[list[int]], msgspec.json.decode(counts)):
                stop = start + n
                yield seq, Samples(stream=stream, t_s=whole.t_s[start:stop], values=whole.values[start:stop])
                start = stop


def _told_apart(numbered: Iterator[tuple[int, Samples | Record]]) -> Iterator[Entry]:
    """Say which went in and which came out.

    A change of the sensor's state goes in and comes straight out again, so the first of two equal ones is the
    input; one that stands alone was the conductor's own (old data, G13), or the last thing before a crash.
    """
    echo: Any = None
    for (seq, item), following in _with_next(numbered):
        if isinstance(item, SensorChange):
            is_input = item != echo and (following is None or following == item)
            echo = item if is_input else None
        else:
            is_input = isinstance(item, (Samples, *INPUTS))
            echo = None
        yield Entry(seq=seq, item=item, is_input=is_input)


def _with_next(
    numbered: Iterator[tuple[int, Samples | Record]],
) -> Iterator[tuple[tuple[int, Samples | Record], Samples | Record | None]]:
    one, two = itertools.tee(numbered)
    next(two, None)
    for pair, after in itertools.zip_longest(one, two):
        yield pair, None if after is None else after[1]
