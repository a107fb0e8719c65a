"""What a session came to in a few numbers, kept beside it so that a list of thousands is quick; and trends."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from breathsync.breath.events import BreathEnded, BreathKind
from breathsync.errors import LogbookError
from breathsync.guide.events import (
    Answered,
    ConfirmedBy,
    Ended,
    EndKind,
    Place,
    PointPassed,
    Side,
    Step,
    Verdict,
)
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import encode_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Restriction points passed on one side: measured, and by hand (which never counts as measured)."""

    measured: int = 0
    by_hand: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A session in a few numbers.

    `breaths`: all of them; `deep_breaths`: at least `gate.low_quiet` quiet breaths. `refused_by`: verdicts that
    refused, counted by clause (a verdict may be refused by several). `before`, `after`: the answers 0..10 of the
    check-in and of the close, by question.
    """

    duration_s: float
    points: dict[Side, Points]
    breaths: int
    deep_breaths: int
    opened: int
    refused: int
    refused_by: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of `log list`. `ended` is None while the session is being recorded."""

    id: str
    started_at: datetime
    routine: str
    sensor: str
    simulated: bool
    ended: Ended | None
    summary: Summary


def summarise(log: SessionLog) -> Summary:
    """Count what a session came to."""
    passed = Counter((point.side, point.confirmed_by) for point in log.records(PointPassed))
    verdicts = list(log.records(Verdict))
    breaths = [e.breath for e in log.records(BreathEnded) if e.breath.kind is not BreathKind.MOVEMENT]
    deep_quiet = log.header.settings.get("gate", {}).get("low_quiet", 2.0)
    before, after = _answers(log)
    return Summary(
        duration_s=log.duration_s(),
        points={
            side: Points(measured=passed[side, ConfirmedBy.BREATH], by_hand=passed[side, ConfirmedBy.HAND])
            for side in Side
        },
        breaths=len(breaths),
        deep_breaths=sum(b.amplitude_quiet is not None and b.amplitude_quiet >= deep_quiet for b in breaths),
        opened=sum(v.opened for v in verdicts),
        refused=sum(not v.opened for v in verdicts),
        refused_by=dict(
            Counter(clause for v in verdicts if not v.opened for clause in dict.fromkeys(v.refused_by))
        ),
        before=before,
        after=after,
    )


def store_summary(connection: sqlite3.Connection, session: str) -> Summary:
    """Count a session and keep the result beside it."""
    summary = summarise(SessionLog(connection, session))
    connection.execute(
        "UPDATE session SET summary = ? WHERE id = ?",
        (encode_plain(msgspec.to_builtins(summary)).decode(), session),
    )
    return summary


def list_sessions(connection: sqlite3.Connection) -> list[Listed]:
    """All sessions, the latest first."""
    rows = connection.execute(
        "SELECT id, started_at, json_extract(header, '$.routine.name'), json_extract(header, '$.info.name'),"
        " json_extract(header, '$.info.simulated'), ended, summary FROM session"
    ).fetchall()
    ended = msgspec.json.Decoder(Ended)
    summaries = msgspec.json.Decoder(Summary)
    listed = [
        Listed(
            id=session,
            started_at=datetime.fromisoformat(started_at),
            routine=routine or "",
            sensor=sensor or "",
            simulated=bool(simulated),
            ended=None if end is None else ended.decode(end),
            summary=summarise(SessionLog(connection, session))
            if summary is None
            else summaries.decode(summary),
        )
        for session, started_at, routine, sensor, simulated, end, summary in rows
    ]
    return sorted(listed, key=lambda session: (session.started_at, session.id), reverse=True)


def list_one(log: SessionLog) -> Listed:
    """One session's line."""
    info = log.header.info
    return Listed(
        id=log.id,
        started_at=log.header.started_at,
        routine=log.header.routine_name,
        sensor=info.name,
        simulated=info.simulated,
        ended=log.ended,
        summary=summarise(log) if log.summary is None else msgspec.json.decode(log.summary, type=Summary),
    )


def mark_interrupted(connection: sqlite3.Connection, session: str) -> None:
    """Close a session that was cut short: its program died before it could."""
    log = SessionLog(connection, session)
    ended = Ended(
        t_s=log.duration_s(), how=EndKind.INTERRUPTED, why="The program ended before the session did."
    )
    body = encode_plain(msgspec.to_builtins(ended)).decode()
    connection.execute("UPDATE session SET ended = ? WHERE id = ? AND ended IS NULL", (body, session))
    store_summary(connection, session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a trend. `eased`: see `ease`, averaged; above 0 is easier."""

    day: datetime
    sessions: int
    measured: dict[Side, int]
    by_hand: dict[Side, int]
    deep_breaths: int
    eased: float | None


def trend(sessions: Iterable[Listed], *, days: int, today: datetime) -> list[Day]:
    """The last `days` days, oldest first, days without a session left in with zeros. Simulated ones do not count."""
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - timedelta(days=days - 1)
    by_day: dict[object, list[Listed]] = {}
    for session in sessions:
        if not session.simulated:
            by_day.setdefault(session.started_at.date(), []).append(session)
    every = [first + timedelta(days=n) for n in range(days)]
    return [_day(day, by_day.get(day.date(), [])) for day in every]


def _day(day: datetime, sessions: Sequence[Listed]) -> Day:
    summaries = [session.summary for session in sessions]
    eased = [e for e in map(ease, summaries) if e is not None]
    return Day(
        day=day,
        sessions=len(sessions),
        measured={side: sum(s.points.get(side, Points()).measured for s in summaries) for side in Side},
        by_hand={side: sum(s.points.get(side, Points()).by_hand for s in summaries) for side in Side},
        deep_breaths=sum(s.deep_breaths for s in summaries),
        eased=sum(eased) / len(eased) if eased else None,
    )


def ease(summary: Summary) -> float | None:
    """By how much the back felt easier afterwards (0..10): the back before, minus its sides (or the back) afterwards.

    Hips and shoulders are not asked again, so they do not count. None where the back was not asked twice.
    """
    before, after = summary.before.get("back"), summary.after.values()
    return None if before is None or not after else before - sum(after) / len(after)


def find_session(ids: Sequence[str], wanted: str) -> str:
    """The session somebody means: its id, the beginning of it, or `last`. Raises LogbookError with what there is."""
    if not ids:
        raise LogbookError("The logbook is empty.", advice="`breathsync demo` records a first session.")
    if wanted == "last":
        return ids[0]
    if wanted in ids:
        return wanted
    found = [session for session in ids if wanted and session.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise LogbookError(
            f"{wanted!r} may be any of {len(found)} sessions: {', '.join(found[:5])}.",
            advice="Write more of it.",
        )
    raise LogbookError(
        f"There is no session {wanted!r}.", advice=f"The latest is {ids[0]}; `breathsync log list` shows all."
    )


def _answers(log: SessionLog) -> tuple[dict[str, int], dict[str, int]]:
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    place = Place.CHECK_IN
    for entry in log.only(Step, Answered):
        if isinstance(entry, Step):
            place = entry.place
        elif isinstance(entry, Answered) and type(entry.value) is int:  # not a yes or no
            (after if place is Place.CLOSE else before)[entry.question] = entry.value
    return before, after
