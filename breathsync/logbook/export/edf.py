"""EDF+C: every stream on its even clock, the breath, where it is valid, and annotations.

Never EDF+D, which most readers refuse: a gap is filled with the last value, `Valid` is 0 there, and an annotation
says "signal lost" with its length; where the person moved, `Valid` is 0 too and an annotation says "movement". EDF
knows no zone and no parts of a second in its start: an annotation at 0 does.
The beats' intervals (RR) are not in it; CSV, BIDS and XDF have them.

Specification: Kemp & Olivan 2003, "European data format 'plus' (EDF+)", doi:10.1016/S1388-2457(03)00123-8.
"""

from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path

import numpy as np
from edfio import Edf, EdfAnnotation, EdfSignal, Patient, Recording
from numpy.typing import NDArray

from breathsync.logbook.export.breath_signal import BreathSignal, breath_signal, breath_stream
from breathsync.logbook.export.even import GAP_S, Even, even, nominal_rate_hz
from breathsync.logbook.export.marks import marks
from breathsync.logbook.reader import SessionLog
from breathsync.samples import COLUMNS, UNITS, Stream

_DIGITAL = (-32768, 32767)
_AT_ONCE = 100_000
_HEART_GAP_S = 10.0
_UNITS = {Stream.HEART_RATE: "bpm", Stream.IMPEDANCE: ""}


def write(log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None:
    """Write one session to the file `target`. `progress` hears seconds done."""
    seconds = max(1, ceil(log.duration_s()))
    carrier = breath_stream(log)
    signals: list[EdfSignal] = []
    taken: BreathSignal | None = None
    for stream in _streams(log):
        found = _even(log, stream, seconds, progress)
        signals += _signals(found, stream)
        if stream is carrier:
            taken = breath_signal(log, seconds=seconds, fine=found)
        del found  # before the next is read
    annotations = [EdfAnnotation(0.0, None, f"session zero {log.header.started_at.isoformat()}")]
    if taken is not None:
        signals.append(_signal(taken.level, taken.rate_hz, label="Resp", unit=UNITS[taken.stream]))
        valid = taken.valid.astype(np.float64)
        signals.append(
            EdfSignal(valid, taken.rate_hz, label="Valid", physical_range=(0, 1), digital_range=(0, 1))
        )
        for text, spans in (("signal lost", taken.lost), ("movement", taken.moved)):
            annotations += [EdfAnnotation(at_s, length_s, text) for at_s, length_s in spans]
    annotations += [
        EdfAnnotation(max(0.0, mark.t_s), mark.duration_s or None, mark.text)
        for mark in marks(log)
        if np.isfinite(mark.t_s)
    ]
    start = log.header.started_at
    Edf(
        signals,
        patient=Patient(),
        recording=Recording(startdate=start.date(), equipment_code="breathsync"),
        starttime=start.time().replace(microsecond=0, tzinfo=None),
        data_record_duration=1,
        annotations=annotations,
    ).write(target)


def _streams(log: SessionLog) -> Iterator[Stream]:
    return (span.stream for span in log.streams() if span.stream is not Stream.RR)


def _even(log: SessionLog, stream: Stream, seconds: float, progress: Callable[[float], None]) -> Even:
    # A heart rate comes with each beat or each second; between two of them it is no gap.
    gap_s = _HEART_GAP_S if stream is Stream.HEART_RATE else GAP_S
    rate_hz = nominal_rate_hz(log, stream)
    return even(log, stream, rate_hz=rate_hz, seconds=seconds, gap_s=gap_s, progress=progress)


def _signals(found: Even, stream: Stream) -> Iterator[EdfSignal]:
    unit = _UNITS.get(stream, UNITS[stream])
    for column, name in enumerate(COLUMNS[stream]):
        label = name.removesuffix(f"_{unit.lower()}")[:16]
        yield _signal(found.values[:, column], found.rate_hz, label=label, unit=unit)


def _signal(values: NDArray[np.float32], rate_hz: float, *, label: str, unit: str) -> EdfSignal:
    """A signal in 16 bits over the range it has; whole numbers within 16 bits are kept as they are."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    parts = range(0, len(values), _AT_ONCE)
    small = low >= _DIGITAL[0] and high <= _DIGITAL[1]
    if small and all(np.array_equal(v, np.round(v)) for v in (values[i : i + _AT_ONCE] for i in parts)):
        low, high = _DIGITAL
    elif low == high:
        high = low + 1.0
    # EDF has eight characters for each end of the range.
    low, high = _eight(low, down=True), _eight(high, down=False)
    step = (high - low) / (_DIGITAL[1] - _DIGITAL[0])
    digital = np.empty(len(values), dtype=np.int16)
    for i in parts:  # piece by piece, so that a night needs no second copy in floats
        scaled = np.round((values[i : i + _AT_ONCE] - low) / step + _DIGITAL[0])
        digital[i : i + _AT_ONCE] = np.clip(scaled, *_DIGITAL)
    return EdfSignal.from_digital(
        digital,
        rate_hz,
        label=label,
        physical_dimension=unit,
        physical_range=(low, high),
        digital_range=_DIGITAL,
    )


def _eight(value: float, *, down: bool) -> float:
    """The nearest number of at most eight characters that is not inside the range."""
    for decimals in range(6, -1, -1):
        factor = 10.0**decimals
        rounded = (np.floor if down else np.ceil)(value * factor) / factor
        if len(f"{rounded:.{decimals}f}".rstrip("0").rstrip(".")) <= 8:
            return float(rounded)
    raise ValueError(f"{value} does not fit into an EDF header")
