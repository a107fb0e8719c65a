"""Parquet: a folder with the tables of the CSV export, typed, the session's head in each file's metadata."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from breathsync.errors import LogbookError
from breathsync.logbook.export.describe import about
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.tables import TABLES, TIME, Column, samples_columns
from breathsync.samples import Stream

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCKS_AT_ONCE = 60
"""Blocks of about a second that make one row group: a minute."""


def write(log: SessionLog, folder: Path, *, progress: Callable[[float], None]) -> None:
    """Write the tables into `folder`, which is there and empty. Raises LogbookError where pyarrow is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415  (an extra)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise LogbookError(
            "Parquet needs pyarrow, which is not installed.",
            advice="Install it with: pip install 'breathsync[parquet]'.",
        ) from None
    head = {b"breathsync": msgspec.json.encode(about(log))}
    for table in TABLES:
        schema = _schema(table.columns, head)
        rows = list(table.rows(log))
        columns = [_cells(column, [row[n] for row in rows]) for n, column in enumerate(table.columns)]
        arrays = [pa.array(cells, type=field.type) for cells, field in zip(columns, schema, strict=True)]
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / f"{table.name}.parquet")
    for span in log.streams():
        schema = _schema((*samples_columns(span.stream), TIME), head)
        with pq.ParquetWriter(folder / f"samples_{span.stream}.parquet", schema) as out:
            for arrays, last_s in _samples(log, span.stream):
                out.write_table(
                    pa.Table.from_arrays(
                        [pa.array(a).cast(field.type) for a, field in zip(arrays, schema, strict=True)],
                        schema=schema,
                    )
                )
                progress(last_s)


def _samples(log: SessionLog, stream: Stream) -> Iterator[tuple[list[Any], float]]:
    offset = log.header.started_at.utcoffset() or timedelta()
    zero = np.datetime64(log.header.started_at.replace(tzinfo=None) - offset, "us")
    blocks = (block for block in log.blocks(stream) if len(block))
    while part := list(islice(blocks, _BLOCKS_AT_ONCE)):
        t_s = np.concatenate([block.t_s for block in part])
        values = np.concatenate([block.values for block in part])
        finite = np.where(np.isfinite(t_s), t_s, 0.0)
        times = zero + np.round(finite * 1e6).astype("timedelta64[us]")
        yield [t_s, *values.T, times], float(finite[-1])


def _schema(columns: Sequence[Column], head: dict[bytes, bytes]) -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415

    kinds = {
        "number": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "text": pa.string(),
        "datetime": pa.timestamp("us", tz="UTC"),
    }
    fields = [
        pa.field(c.name, kinds[c.kind], metadata={b"unit": c.unit.encode(), b"what": c.what.encode()})
        for c in columns
    ]
    return pa.schema(fields, metadata=head)


def _cells(column: Column, cells: list[Any]) -> list[Any]:
    return [float(c) if column.kind == "number" and c is not None else c for c in cells]
