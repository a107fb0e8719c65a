"""XDF 1.0: every stream with its own times, and the marks; for the tools of the Lab Streaming Layer.

Specification: the XDF file format, https://github.com/sccn/xdf/wiki/Specifications. Each stream is float32 or
double64 with a time stamp a sample (seconds since the session's zero), so nothing is put on an even clock.
"""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

import numpy as np

from breathsync.logbook.export.marks import marks
from breathsync.logbook.reader import SessionLog
from breathsync.samples import COLUMNS, UNITS, FloatArray, Stream

_FILE_HEADER, _STREAM_HEADER, _SAMPLES, _CLOCK_OFFSET, _STREAM_FOOTER = 1, 2, 3, 4, 6
_TYPES = {
    Stream.FORCE: "Respiration",
    Stream.IMPEDANCE: "Respiration",
    Stream.ACCELERATION: "Accelerometer",
    Stream.GYROSCOPE: "Gyroscope",
    Stream.ECG: "ECG",
    Stream.RR: "RR",
    Stream.HEART_RATE: "HeartRate",
}


def write(log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None:
    """Write one session to the file `target`. `progress` hears seconds done."""
    with target.open("wb") as file:
        file.write(b"XDF:")
        zero = log.header.started_at.isoformat()
        _chunk(file, _FILE_HEADER, f"<info><version>1.0</version><datetime>{zero}</datetime></info>".encode())
        for number, span in enumerate(log.streams(), start=1):
            _head(file, number, log, span.stream)
            for block in log.blocks(span.stream):
                if len(block):
                    _numbers(file, number, block.t_s, block.values)
                    progress(float(block.t_s[-1]))
            _foot(file, number, span.first_s, span.last_s, span.n)
        _markers(file, len(log.streams()) + 1, log)


def _head(file: BinaryIO, number: int, log: SessionLog, stream: Stream) -> None:
    rate_hz = log.header.info.rates_hz.get(stream, 0.0)
    channels = "".join(
        f"<channel><label>{name}</label><unit>{UNITS[stream]}</unit><type>{_TYPES[stream]}</type></channel>"
        for name in COLUMNS[stream]
    )
    _stream_header(file, number, log, name=stream.value, kind=_TYPES[stream], count=len(COLUMNS[stream]),
                   rate_hz=rate_hz, form="double64", channels=channels)  # fmt: skip


def _stream_header(
    file: BinaryIO,
    number: int,
    log: SessionLog,
    *,
    name: str,
    kind: str,
    count: int,
    rate_hz: float,
    form: str,
    channels: str,
) -> None:
    source = escape(f"breathsync-{log.id}")
    xml = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>{kind}</type><channel_count>{count}</channel_count>"
        f"<nominal_srate>{rate_hz:g}</nominal_srate><channel_format>{form}</channel_format>"
        f"<source_id>{source}</source_id><created_at>0</created_at>"
        f"<desc><channels>{channels}</channels></desc></info>"
    )
    _chunk(file, _STREAM_HEADER, struct.pack("<I", number) + xml.encode())


def _numbers(file: BinaryIO, number: int, t_s: FloatArray, values: FloatArray) -> None:
    row = np.dtype([("stamped", "u1"), ("t_s", "<f8"), ("values", "<f8", (values.shape[1],))])
    samples = np.empty(len(t_s), dtype=row)
    samples["stamped"], samples["t_s"], samples["values"] = 8, t_s, values
    _chunk(file, _SAMPLES, struct.pack("<I", number) + _length(len(t_s)) + samples.tobytes())


def _markers(file: BinaryIO, number: int, log: SessionLog) -> None:
    _stream_header(
        file, number, log, name="markers", kind="Markers", count=1, rate_hz=0.0, form="string", channels=""
    )
    found = [mark for mark in marks(log) if np.isfinite(mark.t_s)]
    for mark in found:
        text = f"{mark.kind}: {mark.text}".encode()
        content = struct.pack("<Bd", 8, mark.t_s) + _length(len(text)) + text
        _chunk(file, _SAMPLES, struct.pack("<I", number) + _length(1) + content)
    times: Sequence[float] = [mark.t_s for mark in found] or [0.0]
    _foot(file, number, times[0], times[-1], len(found))


def _foot(file: BinaryIO, number: int, first_s: float, last_s: float, n: int) -> None:
    for at_s in (first_s, last_s):  # all streams are on one clock
        _chunk(file, _CLOCK_OFFSET, struct.pack("<Idd", number, at_s, 0.0))
    xml = (
        f"<?xml version='1.0'?><info><first_timestamp>{first_s!r}</first_timestamp>"
        f"<last_timestamp>{last_s!r}</last_timestamp><sample_count>{n}</sample_count></info>"
    )
    _chunk(file, _STREAM_FOOTER, struct.pack("<I", number) + xml.encode())


def _chunk(file: BinaryIO, tag: int, content: bytes) -> None:
    file.write(_length(len(content) + 2) + struct.pack("<H", tag) + content)


def _length(value: int) -> bytes:
    """A number as XDF's variable length integer: how many bytes it takes (1, 4 or 8), and they."""
    if value < 1 << 8:
        return struct.pack("<BB", 1, value)
    if value < 1 << 32:
        return struct.pack("<BI", 4, value)
    return struct.pack("<BQ", 8, value)
