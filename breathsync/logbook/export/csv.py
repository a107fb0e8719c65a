"""CSV: a folder of tables with a data dictionary beside them.

The samples' times and values are numbers that read back to the same bits, and nothing else, so that `file:` sources
accept them; their wall time is the `started_at` of the dictionary plus `t_s`. The other tables have wall times, in
ISO 8601 with UTC offset. Free text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from breathsync.logbook.export.describe import about
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.tables import TABLES, Cell, Column, samples_columns
from breathsync.samples import Samples, Stream

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(log: SessionLog, folder: Path, *, progress: Callable[[float], None]) -> None:
    """Write the tables and the dictionary into `folder`, which is there and empty. `progress` hears seconds done."""
    described = {}
    for table in TABLES:
        described[table.name] = _described(f"{table.name}.csv", table.what, table.columns)
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            write_table(file, table.columns, table.rows(log))
    for span in log.streams():
        name, columns = f"samples_{span.stream}", samples_columns(span.stream)
        described[name] = _described(f"{name}.csv", f"Every sample of {span.stream}, as it came.", columns)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            write_samples(file, log, span.stream, progress=progress)
    dictionary = {"session": about(log), "tables": described}
    (folder / "dictionary.json").write_bytes(msgspec.json.format(msgspec.json.encode(dictionary)) + b"\n")


def write_table(file: TextIO, columns: Sequence[Column], rows: Iterator[tuple[Cell, ...]]) -> None:
    """Write one table with its head."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow([column.name for column in columns])
    out.writerows([_cell(cell) for cell in row] for row in rows)


def write_samples(
    file: TextIO, log: SessionLog, stream: Stream, *, progress: Callable[[float], None]
) -> None:
    """Write one stream's samples with their head, a second at a time."""
    file.write(",".join(column.name for column in samples_columns(stream)) + "\n")
    for block in log.blocks(stream):
        file.write(_lines(block))
        if len(block):
            progress(float(block.t_s[-1]))


def _lines(block: Samples) -> str:
    # The fields are joined by hand: the csv module takes three times as long, and numbers need no quotes.
    columns = [[repr(v) for v in column] for column in (block.t_s.tolist(), *block.values.T.tolist())]
    return "".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True))


def _cell(cell: Cell) -> str | float | int:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _described(file: str, what: str, columns: Sequence[Column]) -> dict[str, object]:
    return {
        "file": file,
        "what": what,
        "columns": [{"name": c.name, "type": c.kind, "unit": c.unit, "what": c.what} for c in columns],
    }
