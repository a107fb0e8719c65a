"""A BIDS dataset of one session: physiological recordings, what happened, and what it all means.

Specification: Brain Imaging Data Structure 1.10, "Physiological recordings" and "Task events". BIDS wants even
clocks, so each stream lies on its own; missing samples are `n/a`. The beats' intervals (RR) are not in it: BIDS has
no place for what comes unevenly; CSV and XDF have them. A belt's force stands in `respiratory` alone.
"""

import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from breathsync import __version__
from breathsync.logbook.export.breath_signal import breath_signal
from breathsync.logbook.export.describe import DISCLAIMER
from breathsync.logbook.export.even import Even, even, nominal_rate_hz
from breathsync.logbook.export.marks import Mark, marks
from breathsync.logbook.reader import SessionLog
from breathsync.samples import COLUMNS, UNITS, Stream

BIDS_VERSION = "1.10.0"
_UNITS = {**UNITS, Stream.IMPEDANCE: "arbitrary"}
_INSTRUCTIONS = (
    "Turn only to slight restriction, sit straight up there, take one slow full breath, then ease on."
)
_TASK = "Breath-paced seated mobility session: the guide advances only after a full breath that was measured."


def write(log: SessionLog, folder: Path, *, progress: Callable[[float], None]) -> None:
    """Write the dataset into `folder`, which is there and empty. `progress` hears seconds done."""
    session, task = f"{log.header.started_at:%Y%m%dT%H%M%S}", _label(log.header.routine_name) or "session"
    beh = folder / "sub-01" / f"ses-{session}" / "beh"
    beh.mkdir(parents=True)
    _write_head(folder, log)
    stem = f"sub-01_ses-{session}_task-{task}"
    happened = [mark for mark in marks(log) if np.isfinite(mark.t_s)]
    _write_events(beh / f"{stem}_events", happened)
    seconds = ceil(log.duration_s())
    about = {
        "TaskName": log.header.routine_name or "session",
        "TaskDescription": _TASK,
        "Instructions": _INSTRUCTIONS,
    }
    taken = breath_signal(log, seconds=seconds)
    if taken is not None:
        level = Even(rate_hz=taken.rate_hz, values=taken.level[:, None], valid=taken.valid)
        unseen = [
            Mark(t_s=at_s, duration_s=length_s, kind="sensor", text=text)
            for text, spans in (("signal lost", taken.lost), ("movement", taken.moved))
            for at_s, length_s in spans
        ]
        columns = {"respiratory": _column("The breath; up is in.", _UNITS[taken.stream])}
        out = beh / f"{stem}_recording-respiratory"
        _write_physio(out, level, columns, log, about)
        _write_physioevents(out, sorted(happened + unseen, key=lambda mark: mark.t_s))
    for span in log.streams():
        if span.stream in (Stream.RR, Stream.HEART_RATE, Stream.FORCE, Stream.IMPEDANCE):
            continue
        found = even(
            log, span.stream, rate_hz=nominal_rate_hz(log, span.stream), seconds=seconds, progress=progress
        )
        named = ("cardiac",) if span.stream is Stream.ECG else COLUMNS[span.stream]
        columns = {
            name: _column(f"{span.stream}, as the sensor sent it.", _UNITS[span.stream]) for name in named
        }
        _write_physio(beh / f"{stem}_recording-{_label(span.stream)}", found, columns, log, about)


def _write_head(folder: Path, log: SessionLog) -> None:
    name = f"breathsync session {log.id}"
    _write_json(
        folder / "dataset_description.json",
        {
            "Name": name,
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "License": "n/a",
            "Authors": ["n/a"],
            "GeneratedBy": [{"Name": "breathsync", "Version": __version__}],
        },
    )
    sensor = " ".join(filter(None, (log.header.info.kind, log.header.info.model)))
    simulated = "This person is simulated." if log.header.info.simulated else ""
    text = f"# {name}\n\n{_TASK} Sensor: {sensor}. {simulated}\n\n{_INSTRUCTIONS}\n\n{DISCLAIMER}\n"
    (folder / "README").write_text(text, encoding="utf-8")
    (folder / "participants.tsv").write_text("participant_id\nsub-01\n", encoding="utf-8")


def _write_events(path: Path, happened: Sequence[Mark]) -> None:
    rows = ["onset\tduration\ttrial_type\tmessage", *map(_event, happened)]
    path.with_name(f"{path.name}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    _write_json(
        path.with_name(f"{path.name}.json"),
        {
            "trial_type": {"Description": "What sort of thing happened.", "Levels": _levels(happened)},
            "message": {"Description": "What happened, in a few words."},
        },
    )


def _event(mark: Mark) -> str:
    return f"{mark.t_s:.6f}\t{mark.duration_s:.6f}\t{mark.kind}\t{mark.text or 'n/a'}"


def _levels(happened: Sequence[Mark]) -> dict[str, str]:
    return {mark.kind: f"A {mark.kind} of the session." for mark in happened}


def _write_physio(
    path: Path, found: Even, columns: dict[str, Any], log: SessionLog, about: dict[str, str]
) -> None:
    info = log.header.info
    head = {
        "SamplingFrequency": found.rate_hz,
        "StartTime": 0,
        "Columns": ["timestamp", *columns],
        "PhysioType": "generic",
        "Manufacturer": info.kind,
        "ManufacturersModelName": info.model or info.kind,
        "SoftwareVersions": info.firmware or "n/a",
        **about,
        "timestamp": _column("Seconds since the session's zero.", "s"),
        **columns,
    }
    if info.serial:
        head["DeviceSerialNumber"] = info.serial
    _write_json(path.with_name(f"{path.name}_physio.json"), head)
    _write_gzip(path.with_name(f"{path.name}_physio.tsv.gz"), _rows(found))


_ROWS_AT_ONCE = 10_000


def _rows(found: Even) -> Iterator[bytes]:
    for start in range(0, len(found.valid), _ROWS_AT_ONCE):
        values = found.values[start : start + _ROWS_AT_ONCE].tolist()
        valid = found.valid[start : start + _ROWS_AT_ONCE].tolist()
        missing = "\tn/a" * found.values.shape[1]
        yield "".join(
            f"{(start + n) / found.rate_hz:.6f}"
            + ("".join(f"\t{value:.6g}" for value in row) if ok else missing)
            + "\n"
            for n, (row, ok) in enumerate(zip(values, valid, strict=True))
        ).encode()


def _write_physioevents(path: Path, happened: Sequence[Mark]) -> None:
    head = {
        "Columns": ["onset", "duration", "trial_type", "message"],
        "OnsetSource": "timestamp",
        "Description": "What happened during the recording.",
        "trial_type": {"Description": "What sort of thing happened.", "Levels": _levels(happened)},
        "message": {"Description": "What happened, in a few words."},
    }
    _write_json(path.with_name(f"{path.name}_physioevents.json"), head)
    _write_gzip(
        path.with_name(f"{path.name}_physioevents.tsv.gz"), (f"{_event(m)}\n".encode() for m in happened)
    )


def _write_gzip(path: Path, chunks: Iterator[bytes]) -> None:
    # Without a time and a name in its head the file tells nothing of the machine, and is the same each time.
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
        for chunk in chunks:
            file.write(chunk)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def _column(what: str, unit: str) -> dict[str, str]:
    return {"Description": what, "Units": unit}


def _label(name: str) -> str:
    """BIDS labels hold letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]", "", name)
