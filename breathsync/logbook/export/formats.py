"""The formats an export may have, and how an export becomes files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from breathsync.errors import UnknownNameError
from breathsync.logbook.export.atomic import refuse_existing, whole
from breathsync.logbook.reader import SessionLog

Progress = Callable[[SessionLog, float], None]
"""Hears the session being written, and how many of its seconds are done."""


class _Module(Protocol):
    def write(self, log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: the ending of its files, whether it is a folder, and whether it may go to stdout."""

    name: str
    suffix: str
    is_folder: bool
    to_stdout: bool
    what: str

    def module(self) -> _Module:
        """The module that writes it, imported on use: some need a package that is slow to load."""
        return import_module(f"breathsync.logbook.export.{self.name}")


FORMATS = {
    f.name: f
    for f in (
        Format(name="csv", suffix="", is_folder=True, to_stdout=False, what="tables with a data dictionary"),
        Format(
            name="jsonl",
            suffix=".jsonl",
            is_folder=False,
            to_stdout=True,
            what="everything; `log import` reads it",
        ),
        Format(name="edf", suffix=".edf", is_folder=False, to_stdout=False, what="EDF+C with annotations"),
        Format(name="bids", suffix="", is_folder=True, to_stdout=False, what="a BIDS physio dataset"),
        Format(name="xdf", suffix=".xdf", is_folder=False, to_stdout=False, what="for LSL's tools"),
        Format(
            name="parquet",
            suffix="",
            is_folder=True,
            to_stdout=False,
            what="tables; needs the extra `parquet`",
        ),
        Format(
            name="fhir", suffix=".fhir.json", is_folder=False, to_stdout=True, what="the quiet breathing rate"
        ),
        Format(
            name="openmhealth",
            suffix=".omh.json",
            is_folder=False,
            to_stdout=True,
            what="the quiet breathing rate",
        ),
    )
}


def find_format(name: str) -> Format:
    """A format by its name. Raises UnknownNameError."""
    if name not in FORMATS:
        raise UnknownNameError("format", name, FORMATS)
    return FORMATS[name]


def export(
    logs: Sequence[SessionLog], form: Format, target: Path, *, force: bool, many: bool, progress: Progress
) -> list[Path]:
    """Write sessions to `target`, or with `many` into the folder `target`, one by one. Returns what was made.

    Nothing is begun when any of it is there already and `force` is not given.
    """
    targets = [target / f"{log.id}{form.suffix}" if many else target for log in logs]
    for path in targets:
        refuse_existing(path, force=force)
    for log, path in zip(logs, targets, strict=True):
        with whole(path, folder=form.is_folder, force=force) as part:
            form.module().write(log, part, progress=lambda done_s, log=log: progress(log, done_s))  # type: ignore[misc]
    return targets
