"""Campaigns that add up: each run is one JSON line in a file, with its command; the sum is read back from it."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from breathsync.errors import RecordingError, UsageError
from breathsync_simulators.campaign import Campaign
from breathsync_simulators.score import FalseOpen, Tally


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file."""

    command: str
    version: str
    routine: str
    seed: int
    sessions: int
    took_s: float
    workers: int
    tallies: dict[str, dict[str, Any]]
    """By `person@sensor`."""


def check_new(path: Path, *, seed: int, routine: str, names: Iterable[str]) -> None:
    """Raise UsageError when this seed is already there for one of `names` (`person@sensor`): it would count twice."""
    there = (
        {(run.seed, run.routine, name) for run in runs(path) for name in run.tallies}
        if path.exists()
        else set()
    )
    again = sorted(name for name in names if (seed, routine, name) in there)
    if again:
        raise UsageError(
            f"{path} already holds seed {seed} of {again[0]}: its sessions would count twice.",
            advice="Take another --seed.",
        )


def add(campaign: Campaign, path: Path, *, command: Sequence[str]) -> None:
    """Append a run. Raises UsageError as `check_new` does."""
    tallies = {f"{person}@{sensor}": tally for (person, sensor), tally in campaign.tallies.items()}
    check_new(path, seed=campaign.seed, routine=campaign.routine, names=tallies)
    run = Run(
        command=shlex.join(command),
        version=version("breathsync"),
        routine=campaign.routine,
        seed=campaign.seed,
        sessions=campaign.total.sessions,
        took_s=round(campaign.took_s, 1),
        workers=campaign.workers,
        tallies={name: _plain(tally) for name, tally in sorted(tallies.items())},
    )
    with path.open("ab") as file:
        file.write(msgspec.json.encode(run) + b"\n")


def runs(path: Path) -> list[Run]:
    """All runs in a file. Raises RecordingError with the line that cannot be read."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(msgspec.json.decode(line, type=Run))
        except msgspec.DecodeError as error:
            raise RecordingError(f"{path}, line {number}: {error}.") from None
    return found


def summed(path: Path) -> Campaign:
    """Everything in a file as one campaign."""
    everything = runs(path)
    if not everything:
        raise RecordingError(f"{path} holds no campaign.")
    routines = sorted({run.routine for run in everything})
    campaign = Campaign(
        routine=", ".join(routines),
        seed=everything[0].seed,
        took_s=sum(run.took_s for run in everything),
        workers=max(run.workers for run in everything),
    )
    for run in everything:
        for name, counts in run.tallies.items():
            person, _, sensor = name.rpartition("@")
            campaign.tallies.setdefault((person, sensor), Tally()).add(_tally(counts))
    return campaign


def _plain(tally: Tally) -> dict[str, Any]:
    values = {field.name: getattr(tally, field.name) for field in fields(Tally)}
    values["worst"] = [asdict(one) for one in tally.worst]
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in values.items()}


def _tally(counts: dict[str, Any]) -> Tally:
    tally = Tally()
    for field in fields(Tally):
        value = counts.get(field.name, getattr(tally, field.name))
        if isinstance(getattr(tally, field.name), Counter):
            value = Counter(value)
        elif field.name == "worst":
            value = [FalseOpen(**{**one, "moves": tuple(one["moves"])}) for one in value]
        setattr(tally, field.name, value)
    return tally
