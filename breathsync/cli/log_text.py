"""What the `log` commands print."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from breathsync.cli.table import table
from breathsync.guide.events import Side, Verdict
from breathsync.logbook.history import Day, Listed, Points, list_one, trend
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.words import answers_in_words, clock, ended, in_words, number, points

if TYPE_CHECKING:
    from breathsync.logbook.replay import Changed  # it brings scipy with it


def session_lines(sessions: Sequence[Listed]) -> Iterator[str]:
    """`log list`."""
    head = ("id", "date", "routine", "sensor", "length", "left", "right", "deep", "before", "after", "ended")
    return table(head, [_listed(session) for session in sessions])


def _listed(session: Listed) -> tuple[str, ...]:
    summary = session.summary
    return (
        session.id,
        f"{session.started_at:%Y-%m-%d %H:%M}",
        session.routine,
        session.sensor + (" (simulated)" if session.simulated else ""),
        clock(summary.duration_s),
        points(summary.points.get(Side.LEFT, Points())),
        points(summary.points.get(Side.RIGHT, Points())),
        str(summary.deep_breaths),
        _comfort(summary.before),
        _comfort(summary.after),
        ended(session),
    )


def _comfort(answers: dict[str, int]) -> str:
    return "/".join(map(str, answers.values())) or "-"


def show_lines(log: SessionLog) -> Iterator[str]:
    """`log show`."""
    listed = list_one(log)
    head = log.header
    # A simulated sensor's name says its model already.
    model = head.info.model if head.info.model not in head.info.name else ""
    sensor = " ".join(filter(None, (head.info.name, model, head.info.firmware)))
    yield f"Session {log.id}{'  SIMULATED' if head.info.simulated else ''}"
    length = clock(listed.summary.duration_s)
    yield f"{head.started_at:%A %d %B %Y, %H:%M} ({head.started_at:%z}), {length}, {ended(listed)}"
    yield f"Routine {head.routine_name or '-'}; sensor {sensor}"
    for span in log.streams():
        yield f"  {span.stream}: {span.n} samples, {span.rate_hz:.4g} a second"
    missing = log.missing()
    if missing:
        yield f"  {missing} entries were lost: the store could not be written and memory was full."
    yield ""
    yield from in_words(listed.summary)
    for what, answers in (("before", listed.summary.before), ("after", listed.summary.after)):
        if answers:
            yield f"How it felt {what} (0-10): {answers_in_words(answers)}"
    verdicts = list(log.records(Verdict))
    if verdicts:
        yield ""
        yield from table(
            ("verdict", "at", "gate", "decided", "breath", "said"),
            [_verdict(n, v) for n, v in enumerate(verdicts, 1)],
        )
        yield f"`breathsync log show {log.id} --why left1` explains a gate, `--why 1` a verdict."
    for note in log.notes():
        yield f"Note of {note.written_at:%Y-%m-%d %H:%M}: {note.text}"


def _verdict(n: int, verdict: Verdict) -> tuple[str, ...]:
    where = f"{verdict.side}{verdict.point}" if verdict.side else str(verdict.point)
    decided = "opened" if verdict.opened else f"shut: {', '.join(verdict.refused_by)}"
    size = "" if verdict.amplitude_quiet is None else f"{number(verdict.amplitude_quiet)} quiet breaths"
    return str(n), clock(verdict.decided_s), where, decided, size, verdict.sentence


def as_json_line(value: object) -> str:
    """A value of ours as one line of JSON; what is no number is null."""
    return msgspec.json.encode(value).decode()


def shown_as_json(log: SessionLog) -> str:
    """`log show --json`: what `log list --json` says of it, its verdicts with every number, and its notes."""
    listed: dict[str, object] = msgspec.to_builtins(list_one(log))
    return as_json_line(listed | {"verdicts": list(log.records(Verdict)), "notes": list(log.notes())})


def trend_lines(sessions: Sequence[Listed], *, today: datetime, plot: bool) -> Iterator[str]:
    """`log trends`."""
    rows = [_span(f"last {days} days", trend(sessions, days=days, today=today)) for days in (7, 60)]
    yield from table(("", "sessions", "left", "right", "by hand", "deep breaths", "back easier by"), rows)
    if plot:
        yield ""
        yield from _bars(
            trend(sessions, days=60, today=today), width=shutil.get_terminal_size((80, 24)).columns
        )


def _span(name: str, days: Sequence[Day]) -> tuple[str, ...]:
    eased = [day.eased for day in days if day.eased is not None]
    return (
        name,
        str(sum(day.sessions for day in days)),
        str(sum(day.measured[Side.LEFT] for day in days)),
        str(sum(day.measured[Side.RIGHT] for day in days)),
        str(sum(sum(day.by_hand.values()) for day in days)),
        str(sum(day.deep_breaths for day in days)),
        number(sum(eased) / len(eased)) if eased else "-",
    )


_BLOCKS = " ▁▂▃▄▅▆▇█"


def _bars(days: Sequence[Day], *, width: int) -> Iterator[str]:
    """Points passed by a measured breath, a bar a day; left and right under one another."""
    shown = days[-max(1, width - 14) :]
    top = max([day.measured[side] for day in shown for side in Side] + [1])
    for side in Side:
        heights = [-(-day.measured[side] * 8 // top) for day in shown]
        yield f"{side.value:<6}{''.join(_BLOCKS[h] for h in heights)}  max {max(day.measured[side] for day in shown)}"
    yield f"      {shown[0].day:%d %b}{'':{max(1, len(shown) - 12)}}{shown[-1].day:%d %b}"


def what_if_lines(changes: Sequence["Changed"]) -> Iterator[str]:
    """`log replay --settings`."""
    if not changes:
        yield "No breath was judged, then or now."
        return
    rows = [
        (clock(c.decided_s), c.where, c.then, c.now, "" if c.then == c.now else "<- differs") for c in changes
    ]
    yield from table(("at", "gate", "then", "with these settings", ""), rows)
