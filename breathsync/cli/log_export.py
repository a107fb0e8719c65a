"""Which sessions an export takes, its progress, and its way to stdout."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import typer

from breathsync.errors import LogbookError, UsageError
from breathsync.logbook.anonymous import anonymised
from breathsync.logbook.export.formats import FORMATS, Format, Progress
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.store import Logbook

PATIENCE_S = 2.0
"""Work that takes longer shows its progress."""


def chosen(logbook: Logbook, session: str, *, every: bool, since: str, anonymous: bool) -> list[SessionLog]:
    """The sessions meant. Raises UsageError for a contradiction, LogbookError where there are none."""
    if sum((bool(session), every, bool(since))) != 1:
        raise UsageError("Which sessions?", advice="Give one of: an ID (or `last`), --all, --since DATE.")
    if session:
        logs = [logbook.find(session)]
    else:
        first = _day(since) if since else date.min
        logs = [logbook.find(s.id) for s in reversed(logbook.sessions()) if s.started_at.date() >= first]
    if not logs:
        raise LogbookError("There are no such sessions.", advice="`breathsync log list` shows all.")
    return anonymised(logs) if anonymous else logs


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", advice="Write it as 2026-11-22.") from None


def to_stdout(logs: Sequence[SessionLog], form: Format) -> None:
    """Write one session to stdout, whole or not at all. Raises UsageError for a format of several files."""
    if not form.to_stdout:
        allowed = ", ".join(f.name for f in FORMATS.values() if f.to_stdout)
        raise UsageError(f"{form.name} cannot go to stdout.", advice=f"These can: {allowed}.")
    if len(logs) != 1:
        raise UsageError("Only one session can go to stdout.", advice="Name a folder with -o.")
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "session"
        form.module().write(logs[0], part, progress=lambda _: None)
        with part.open("rb") as file:
            while chunk := file.read(1 << 20):
                sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


@contextmanager
def bar(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr that hears how much is done, 0..1; it shows once the work has taken longer than `PATIENCE_S`."""
    started_s = time.monotonic()
    with ExitStack() as stack:
        shown = None

        def progress(done: float) -> None:
            nonlocal shown
            if time.monotonic() - started_s < PATIENCE_S:
                return
            if shown is None:
                shown = stack.enter_context(typer.progressbar(length=1000, label=label, file=sys.stderr))
            reached = int(1000 * min(1.0, done))
            if reached > shown.pos:
                shown.update(reached - shown.pos)

        yield progress


@contextmanager
def export_bar(logs: Sequence[SessionLog]) -> Iterator[Progress]:
    """A bar over several sessions."""
    lengths_s = [log.duration_s() for log in logs]
    before_s = dict(zip((log.id for log in logs), _running(lengths_s), strict=True))
    whole_s = sum(lengths_s) or 1.0
    with bar("Exporting") as progress:
        yield lambda log, done_s: progress((before_s[log.id] + done_s) / whole_s)


def _running(durations: Sequence[float]) -> Iterator[float]:
    sum_s = 0.0
    for duration in durations:
        yield sum_s
        sum_s += duration
