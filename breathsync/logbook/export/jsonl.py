"""JSON Lines: the whole log, one thing a line; `log import` takes it back.

The first line is the head, then come the entries in their order, then the notes, and last a line that says how the
session ended: a file without it is not whole. Numbers read back to the same bits; NaN and the infinities are written
as `{"float": "nan"}`.
"""

from collections.abc import Callable
from pathlib import Path

from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import encode_plain, kind_of, plain
from breathsync.samples import Samples

FORMAT = "breathsync-log"
VERSION = 1


def write(log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None:
    """Write one session to the file `target`. `progress` hears seconds done."""
    with target.open("wb") as file:

        def line(**fields: object) -> None:
            file.write(encode_plain(fields) + b"\n")

        line(format=FORMAT, version=VERSION, id=log.id, header=plain(log.header))
        for entry in log.entries():
            item = entry.item
            if isinstance(item, Samples):
                line(
                    seq=entry.seq,
                    samples=str(item.stream),
                    t_s=item.t_s.tolist(),
                    values=item.values.tolist(),
                )
                if len(item):
                    progress(float(item.t_s[-1]))
            else:
                line(seq=entry.seq, kind=kind_of(item), data=plain(item))
        for note in log.notes():
            line(note=note.text, written_at=note.written_at.isoformat())
        line(ended=None if log.ended is None else plain(log.ended))
