"""How fast and how light the logbook is. `python -m tests.benchmarks.logbook` prints a table.

Each row runs in a process of its own, so that its peak memory is its own. `--hours` and `--sessions` make it shorter.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from breathsync.breath.events import BreathEnded
from breathsync.cli.log_text import session_lines
from breathsync.guide.events import Ended, EndKind, Side
from breathsync.logbook.export.formats import export, find_format
from breathsync.logbook.export.jsonl import write as write_jsonl
from breathsync.logbook.importing import import_file
from breathsync.logbook.store import Logbook
from breathsync.samples import Samples, Stream
from breathsync.settings import Settings
from tests.logbook.synthetic import (
    ECG_HZ,
    INFO,
    RATE_HZ,
    ROUTINE,
    STARTED_AT,
    a_breath,
    a_verdict,
    acceleration,
    logbook_with_session,
)

BARS = {
    "commit of a second of data, p50": "",
    "commit of a second of data, p99": "5 ms",
    "commit of a decision (forced to disk), p50": "",
    "commit of a decision (forced to disk), p99": "",
    "record: peak memory": "150 MB",
    "record: size on disk": "",
    "csv: time": "60 s",
    "csv: peak memory": "",
    "edf: time": "5 s",
    "edf: peak memory": "",
    "log show: time, start-up included": "1 s",
    "log list, start-up included": "0.5 s after imports",
    "log list, after imports": "0.5 s",
}


def main() -> None:
    """Run all, or with `--part` one, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    if args.part:
        PARTS[args.part](args)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(f"{args.hours:g} h of a Polar H10 (200 Hz, 3 axes, ECG at 130 Hz); {args.sessions} sessions\n")
        print(f"{'what':<46}{'measured':>14}  bar")
        for part in PARTS:
            given = [
                "--part",
                part,
                "--folder",
                folder,
                "--hours",
                str(args.hours),
                "--sessions",
                str(args.sessions),
            ]
            done = subprocess.run(
                [sys.executable, "-m", __spec__.name, *given], check=True, capture_output=True, text=True
            )
            for line in done.stdout.splitlines():
                what, measured = line.split("\t")
                print(f"{what:<46}{measured:>14}  {BARS.get(what, '')}")


def say(what: str, measured: str) -> None:
    """One row, for the parent."""
    print(f"{what}\t{measured}")


def peak_mb() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def record(args: argparse.Namespace) -> None:
    """Record a night, as fast as it goes."""
    writer = Logbook(args.folder / "night").begin(
        info=INFO, routine=ROUTINE, settings=Settings(), started_at=STARTED_AT
    )
    seconds: list[float] = []
    decisions: list[float] = []
    for second in range(int(args.hours * 3600)):
        t_s = second + np.arange(int(RATE_HZ)) / RATE_HZ
        ecg_s = second + np.arange(int(ECG_HZ)) / ECG_HZ
        items: list[Samples] = [acceleration(t_s[a : a + 40]) for a in range(0, 200, 40)]
        ecg = np.round(100 * np.random.default_rng(second).normal(size=(len(ecg_s), 1)))
        items.insert(2, Samples(stream=Stream.ECG, t_s=ecg_s[:73], values=ecg[:73]))
        items.append(Samples(stream=Stream.ECG, t_s=ecg_s[73:], values=ecg[73:]))
        began = time.perf_counter()
        for item in items:
            writer.put(item)
        seconds.append(time.perf_counter() - began)
        if second % 5 == 4:
            writer.put(BreathEnded(breath=a_breath(second - 2.5, amplitude=10.0, period_s=5.0)))
        if second % 20 == 19:
            breath = a_breath(second - 5.0, amplitude=26.0, period_s=8.0)
            began = time.perf_counter()
            writer.put(a_verdict(breath, side=Side.LEFT, point=1, opened=True))
            decisions.append(time.perf_counter() - began)
    peak = peak_mb()
    writer.close(Ended(t_s=args.hours * 3600, how=EndKind.FINISHED))
    for what, took in (("a second of data", seconds), ("a decision (forced to disk)", decisions)):
        for q in (50, 99):
            say(f"commit of {what}, p{q}", f"{1000 * np.percentile(took, q):.2f} ms")
    say("record: peak memory", f"{peak:.0f} MB")
    size = sum(path.stat().st_size for path in (args.folder / "night").iterdir())
    say("record: size on disk", f"{size / 1e6:.0f} MB")


def exported(name: str) -> Callable[[argparse.Namespace], None]:
    """Export the night."""

    def part(args: argparse.Namespace) -> None:
        log = Logbook(args.folder / "night").find("last")
        form = find_format(name)
        form.module()
        began = time.perf_counter()
        export([log], form, args.folder / f"out-{name}", force=True, many=False, progress=lambda *_: None)
        say(f"{name}: time", f"{time.perf_counter() - began:.1f} s")
        say(f"{name}: peak memory", f"{peak_mb():.0f} MB")

    return part


def show(args: argparse.Namespace) -> None:
    """`log show` of the night, in a process of its own."""
    say("log show: time, start-up included", f"{_command(args.folder / 'night', 'show', 'last'):.2f} s")


def many(args: argparse.Namespace) -> None:
    """`log list` with thousands of sessions, made by importing one under many names."""
    source = logbook_with_session(args.folder / "one")
    file = args.folder / "one.jsonl"
    write_jsonl(source.find("last"), file, progress=lambda _: None)
    book = Logbook(args.folder / "many")
    import_file(book, file)
    book.connection.execute("BEGIN")
    row = book.connection.execute("SELECT header, ended, summary FROM session").fetchone()
    for n in range(1, args.sessions):
        started_at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n)
        book.connection.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?)", (f"s{n}", started_at.isoformat(), *row)
        )
    book.connection.execute("COMMIT")
    book.close()
    say("log list, start-up included", f"{_command(args.folder / 'many', 'list', '--limit', '0'):.2f} s")
    began = time.perf_counter()
    lines = list(session_lines(Logbook(args.folder / "many").sessions()))
    took = time.perf_counter() - began
    assert len(lines) == args.sessions + 1
    say("log list, after imports", f"{took:.2f} s")


def _command(folder: Path, *words: str) -> float:
    code = "from breathsync.cli.log import app; app()"
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, *words],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "BREATHSYNC_LOGBOOK": str(folder)},
    )
    return time.perf_counter() - began


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "record": record,
    "csv": exported("csv"),
    "edf": exported("edf"),
    "show": show,
    "many": many,
}


if __name__ == "__main__":
    main()
