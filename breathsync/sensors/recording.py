"""A recording is a sensor like any other: read a CSV, play it as if live on any clock."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

import numpy as np

from breathsync.errors import RecordingError, UsageError
from breathsync.samples import (
    COLUMNS,
    FloatArray,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Clock

KINDS = {stream.value: stream for stream in (Stream.FORCE, Stream.IMPEDANCE, Stream.ACCELERATION)}
MG_PER_UNIT = {"mg": 1.0, "g": 1000.0, "m/s2": 1000.0 / 9.80665}
SECONDS_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
GAP_S = 0.5
"""A longer silence is told of (G2)."""
EVEN_WITHIN = 0.02
"""Stamps whose first intervals all lie this near to their median are an even clock."""
EVEN_LOOK = 32
"""How many intervals are looked at for that; nothing can be said of a breath as early as this."""

_TIME_NAME = re.compile(r"(?:t|time|timestamp|seconds|sec)(?:[_ ]?\(?(s|ms|us|ns)\)?)?", re.IGNORECASE)
_AXIS_NAME = re.compile(r"(?:a|acc|accel|acceleration)_?([xyz])(?:_\(?(g|mg|m/?_?s2)\)?)?", re.IGNORECASE)
_FORCE_NAME = re.compile(r"force(_n)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What a file holds: one breath stream with times in seconds from its first sample.

    `t_s` (n,), `values` (n, columns of the stream), in the stream's unit; NaN where the file has an empty cell.
    `rate_hz`: the even rate, or None when the stamps come unevenly.
    """

    path: Path
    stream: Stream
    t_s: FloatArray
    values: FloatArray
    rate_hz: float | None
    unit: str
    notes: tuple[str, ...] = ()
    """What is missing in it, each with file, row and column."""

    @property
    def seconds(self) -> float:
        """From the first sample to the last."""
        return float(self.t_s[-1] - self.t_s[0])

    @property
    def info(self) -> SensorInfo:
        """The recording as a sensor; the rate of an uneven clock is what its first samples suggest."""
        steps_s = np.diff(self.t_s[: EVEN_LOOK + 1])
        middle_s = float(np.median(steps_s)) if len(steps_s) == EVEN_LOOK else 0.0
        about_hz = self.rate_hz or (1.0 / middle_s if middle_s > 0 else None)
        rates = {self.stream: about_hz} if about_hz else {}
        return SensorInfo(name=self.path.name, kind="recording", streams=(self.stream,), rates_hz=rates)


def read_recording(
    path: Path,
    *,
    rate_hz: float | None = None,
    time_column: str | None = None,
    columns: Sequence[str] = (),
    kind: str | None = None,
    unit: str | None = None,
) -> Recording:
    """Read a CSV (comma, semicolon or tab; UTF-8; a header row) of one breath signal or three axes.

    Give `rate_hz`, or `time_column`, or neither when the file has a column with a plain name (`t_s`, `time_ms`).
    What names leave open must be said: which `columns`, which `kind`, which `unit`. Empty cells and NaN become
    NaN. Raises RecordingError naming file, row and column, and UsageError for a request that cannot be meant.
    """
    text = _text_of(path)
    delimiter = next((mark for mark in ";\t" if mark in text.partition("\n")[0]), ",")
    header, cells = _cells_of(path, text, delimiter)
    if rate_hz is not None and time_column is not None:
        raise UsageError("A recording has either --rate or --time-column, not both.")
    if rate_hz is not None and not 1 <= rate_hz <= 100_000:
        raise UsageError(f"--rate {rate_hz:g} is outside 1..100000 Hz.")
    clock = _time_column(path, header, time_column) if rate_hz is None else None
    names = [_known(path, header, name) for name in columns] or _value_columns(path, header, clock)
    stream = _stream_of(path, names, kind, unit)
    values = np.column_stack([cells[:, header.index(name)] for name in names])
    if stream is Stream.ACCELERATION:
        values *= _mg_per_unit(path, names, unit)
    if clock is None:
        t_s = np.arange(len(values)) / float(rate_hz or 1.0)
    else:
        t_s = _times(path, clock, cells[:, header.index(clock)])
        rate_hz = _even_rate(t_s)
    shown = "mg" if stream is Stream.ACCELERATION else "N" if stream is Stream.FORCE else "1"
    notes = (*_cells_missing(path, names, values), *(_gaps(path, clock, t_s) if clock else ()))
    return Recording(
        path=path, stream=stream, t_s=t_s, values=values, rate_hz=rate_hz, unit=shown, notes=notes
    )


def _text_of(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.csv")], n=2, cutoff=0.6)
        advice = f"Did you mean {' or '.join(near)}?" if near else "Check the path."
        raise RecordingError(f"{path}: there is no such file.", advice=advice) from None
    except IsADirectoryError:
        raise RecordingError(f"{path}: this is a folder.", advice="Name the CSV files in it.") from None
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise RecordingError(
            f"{path}: row {row} is not UTF-8 text.", advice="Save the recording as CSV in UTF-8."
        ) from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from None
    if not text.strip():
        raise RecordingError(f"{path}: the file is empty.", advice="Record again, or name another file.")
    return text


def _cells_of(path: Path, text: str, delimiter: str) -> tuple[list[str], FloatArray]:
    header = [name.strip() for name in next(csv.reader([text.partition("\n")[0]], delimiter=delimiter))]
    if all(_number(name) is not None for name in header):
        raise RecordingError(
            f"{path}: row 1 holds numbers, not the names of the columns.",
            advice="Put a row of names on top, for example t_s,force_n.",
        )
    doubled = next((name for name in header if header.count(name) > 1), None)
    if doubled is not None:
        raise RecordingError(
            f"{path}: row 1 names the column {doubled!r} twice.", advice="Rename one of them."
        )
    if not text.partition("\n")[2].strip():
        raise RecordingError(f"{path}: no rows of samples below the names.", advice="Record again.")
    try:
        cells = np.loadtxt(io.StringIO(text), delimiter=delimiter, skiprows=1, ndmin=2, comments=None)
        fits = cells.shape[1] == len(header)
    except ValueError:
        fits = False
    if not fits:
        cells = _cells_one_by_one(path, text, delimiter, header)
    return header, cells


def _cells_one_by_one(path: Path, text: str, delimiter: str, header: list[str]) -> FloatArray:
    """The slow way, for files with empty cells, and to find the cell that is wrong."""
    rows: list[list[float]] = []
    for row in islice(lines := csv.reader(io.StringIO(text), delimiter=delimiter), 1, None):
        if not row:
            continue
        if len(row) != len(header):
            raise RecordingError(
                f"{path}: row {lines.line_num} has {len(row)} cells, the names in row 1 are {len(header)}.",
                advice="Mend or remove that row.",
            )
        numbers = [_number(cell) for cell in row]
        if None in numbers:
            at = numbers.index(None)
            raise RecordingError(
                f"{path}: row {lines.line_num}, column {header[at]!r}: {row[at][:40]!r} is not a number.",
                advice="Mend the cell, or leave it empty where nothing was measured.",
            )
        rows.append([n for n in numbers if n is not None])
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(header))


def _number(cell: str) -> float | None:
    cell = cell.strip()
    if not cell:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return None


def _known(path: Path, header: list[str], name: str) -> str:
    if name in header:
        return name
    near = get_close_matches(name, header, n=3, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"Its columns: {', '.join(header[:12])}."
    raise RecordingError(f"{path}: row 1 has no column called {name!r}.", advice=advice)


def _time_column(path: Path, header: list[str], asked: str | None) -> str:
    if asked is not None:
        return _known(path, header, asked)
    found = [name for name in header if _TIME_NAME.fullmatch(name)]
    if len(found) == 1:
        return found[0]
    why = "has no time column" if not found else f"has several time columns ({', '.join(found)})"
    raise RecordingError(
        f"{path}: {why}, so its clock is not known.",
        advice=f"Give --rate HZ or --time-column NAME; as a source write file:{path}@HZ.",
    )


def _value_columns(path: Path, header: list[str], clock: str | None) -> list[str]:
    others = [name for name in header if name != clock and not _TIME_NAME.fullmatch(name)]
    axes = {m[1].lower(): name for name in others if (m := _AXIS_NAME.fullmatch(name))}
    if len(others) == 1:
        return others
    if set(axes) == set("xyz") and len(axes) == len([n for n in others if _AXIS_NAME.fullmatch(n)]):
        return [axes[a] for a in "xyz"]
    plain = [name for name in others if _FORCE_NAME.fullmatch(name) or name in COLUMNS[Stream.IMPEDANCE]]
    if len(plain) == 1:
        return plain
    raise RecordingError(
        f"{path}: it is not plain which of its columns is the breath ({', '.join(others[:12]) or 'none'}).",
        advice="Name one, or the three axes, with --columns a,b,c.",
    )


def _stream_of(path: Path, names: list[str], kind: str | None, unit: str | None) -> Stream:
    if kind is not None and kind not in KINDS:
        raise UsageError(f"--kind {kind!r} is not known.", advice=f"Known: {', '.join(KINDS)}.")
    if unit is not None and unit not in (*MG_PER_UNIT, "n"):
        raise UsageError(f"--unit {unit!r} is not known.", advice=f"Known: {', '.join(MG_PER_UNIT)}, n.")
    if kind is not None:
        stream = KINDS[kind]
    elif len(names) == 3:
        stream = Stream.ACCELERATION
    elif unit == "n" or (len(names) == 1 and _FORCE_NAME.fullmatch(names[0])):
        stream = Stream.FORCE
    else:
        stream = Stream.IMPEDANCE
    wanted = len(COLUMNS[stream])
    if len(names) != wanted:
        raise UsageError(
            f"{path}: {stream} wants {wanted} column{'s' * (wanted > 1)}, {len(names)} given "
            f"({', '.join(names)}).",
            advice="Name them with --columns a,b,c.",
        )
    if unit is not None and (unit in MG_PER_UNIT) != (stream is Stream.ACCELERATION):
        raise UsageError(f"{path}: --unit {unit} does not go with {stream}.")
    return stream


def _mg_per_unit(path: Path, names: list[str], unit: str | None) -> float:
    if unit is not None:
        return MG_PER_UNIT[unit]
    said = {(m[2] or "").lower().replace("_", "") for name in names if (m := _AXIS_NAME.fullmatch(name))}
    said = {"m/s2" if s == "ms2" else s for s in said}
    if len(said) == 1 and (named := said.pop()) in MG_PER_UNIT:
        return MG_PER_UNIT[named]
    raise RecordingError(
        f"{path}: the unit of {', '.join(names)} is not known.", advice="Give --unit g, mg or m/s2."
    )


def _times(path: Path, clock: str, stamps: FloatArray) -> FloatArray:
    named = _TIME_NAME.fullmatch(clock)
    unit = (named[1] if named else None) or clock.rpartition("_")[2]
    bad = np.flatnonzero(~np.isfinite(stamps))
    if len(bad):
        raise RecordingError(
            f"{path}: row {bad[0] + 2}, column {clock!r}: a sample without a time.", advice="Remove that row."
        )
    back = np.flatnonzero(np.diff(stamps) < 0)
    if len(back):
        row = int(back[0]) + 3
        raise RecordingError(
            f"{path}: row {row}, column {clock!r}: the clock runs backwards "
            f"({stamps[row - 3]:g} then {stamps[row - 2]:g}).",
            advice="Sort the rows by time, or split the recording there.",
        )
    return np.asarray((stamps - stamps[0]) * SECONDS_PER_UNIT.get(unit.lower(), 1.0))


def _cells_missing(path: Path, names: list[str], values: FloatArray) -> Iterator[str]:
    rows, columns = np.nonzero(np.isnan(values))
    if len(rows):
        where = f"{path}: row {rows[0] + 2}, column {names[columns[0]]!r}"
        yield f"{where}: nothing was measured there; of {len(np.unique(rows))} such rows nothing is guessed."


def _gaps(path: Path, clock: str, t_s: FloatArray) -> Iterator[str]:
    steps_s = np.diff(t_s)
    at = np.flatnonzero(steps_s > GAP_S)
    if len(at):
        where = f"{path}: row {at[0] + 3}, column {clock!r}"
        yield f"{where}: {steps_s[at[0]]:.3g} s after the row before; gaps over {GAP_S:g} s: {len(at)}."


def _even_rate(t_s: FloatArray) -> float | None:
    """The rate of an even clock by its first intervals, None for an uneven one (later rows change nothing)."""
    dt = np.diff(t_s[: EVEN_LOOK + 1])
    if len(dt) < EVEN_LOOK:
        return None
    middle = float(np.median(dt))
    if middle <= 0 or float(np.max(np.abs(dt - middle))) > EVEN_WITHIN * middle:
        return None
    return float(EVEN_LOOK / (t_s[EVEN_LOOK] - t_s[0]))


class RecordingSensor:
    """Plays a recording on a clock as if its samples came just now; a faster clock plays it faster.

    Blocks of `block_s` seconds come when their last sample is due. At the end: SensorState.ENDED.
    """

    def __init__(self, *, recording: Recording, clock: Clock, block_s: float = 0.1) -> None:
        if not 0 < block_s <= 10:
            raise ValueError(f"block_s = {block_s:g} is outside 0..10 s")
        self._recording = recording
        self._clock = clock
        self._block_s = block_s
        self._closed = False

    @property
    def info(self) -> SensorInfo:
        """Name and stream of the file."""
        return self._recording.info

    async def connect(self) -> None:
        """Nothing to reach: the file is read."""

    async def events(self) -> AsyncIterator[SensorEvent]:
        """The recording's samples, block by block, in the clock's time."""
        recording = self._recording
        start_s = self._clock.now_s() - float(recording.t_s[0])
        why = " ".join(self._recording.notes)
        yield SensorChange(t_s=self._clock.now_s(), state=SensorState.STREAMING, why=why)
        ends = np.flatnonzero(np.diff(np.floor(recording.t_s / self._block_s)) > 0) + 1
        first = 0
        for last in [*ends.tolist(), len(recording.t_s)]:
            await self._clock.sleep_until(start_s + float(recording.t_s[last - 1]))
            if self._closed:
                return
            yield Samples(
                stream=recording.stream,
                t_s=recording.t_s[first:last] + start_s,
                values=recording.values[first:last],
            )
            first = last
        yield SensorChange(t_s=self._clock.now_s(), state=SensorState.ENDED, why="The recording is over.")

    async def close(self) -> None:
        """Stop playing."""
        self._closed = True
