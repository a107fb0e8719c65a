"""Runs the live chain over whole recordings: the same Follower that a strap feeds, fed from a file.

Nothing here looks ahead. All that is said of a breath, except the end of its exhale, is said at the moment its
peak is known and stands as it was said then: had the file ended there, the same breath would be found.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.events import (
    BreathEnded,
    BreathKind,
    Doubt,
    FollowerEvent,
    PeakSeen,
    SignalChanged,
)
from breathsync.breath.follower import Follower
from breathsync.errors import RecordingError
from breathsync.samples import FloatArray, Samples
from breathsync.sensors.recording import Recording
from breathsync.settings import Settings

BLOCK_S = 60.0
NOT_BREATHS = frozenset({BreathKind.TALK, BreathKind.COUGH, BreathKind.MOVEMENT})
"""Kinds that are named but not counted as breaths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhale:
    """A prompted inhale: seconds from the first sample."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBreath:
    """One breath of a recording, in seconds from its first sample.

    `peak_decided_s`: the sample at which the peak was known; all fields but `exhale_end_s` were final then.
    `exhale_end_s`: None when the file ended before it was known. `amplitude`: trough to peak, in the
    recording's unit (acceleration: mg along the breath's axis).
    """

    inhale_start_s: float
    inhale_peak_s: float
    peak_decided_s: float
    exhale_end_s: float | None
    amplitude: float
    quality: float
    kind: BreathKind
    doubts: tuple[Doubt, ...]

    @property
    def counts(self) -> bool:
        """Whether this is a breath, not a cough, talk or movement."""
        return self.kind not in NOT_BREATHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of the recording in which the signal as a whole was in doubt."""

    start_s: float
    end_s: float
    doubts: tuple[Doubt, ...]


@dataclass(slots=True, eq=False)
class Analysis:
    """What the live chain said of one recording; `t_s`, `level`, `moving` are its trace at the working rate."""

    recording: Recording
    breaths: list[FoundBreath] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    t_s: FloatArray = field(default_factory=lambda: np.empty(0))
    level: FloatArray = field(default_factory=lambda: np.empty(0))
    moving: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))


def analyze_recording(
    recording: Recording, *, settings: Settings | None = None, inhales: Sequence[Inhale] = ()
) -> Analysis:
    """Push the recording through a Follower; `inhales` are prompted ones that teach a motion sensor its axis."""
    follower = Follower(info=recording.info, settings=settings or Settings())
    events: list[FollowerEvent] = []
    pieces: list[tuple[FloatArray, FloatArray, NDArray[np.bool_]]] = []
    cuts = np.arange(BLOCK_S, recording.t_s[-1] + BLOCK_S, BLOCK_S)
    ends = np.searchsorted(recording.t_s, cuts)
    first = 0
    for inhale in inhales:
        follower.teach_inhale(start_s=inhale.start_s, end_s=inhale.end_s)
    for last in [*ends.tolist(), len(recording.t_s)]:
        if last <= first:
            continue
        block = slice(first, last)
        events += follower.push(
            Samples(stream=recording.stream, t_s=recording.t_s[block], values=recording.values[block])
        )
        window = follower.trace.window(2 * BLOCK_S)
        new = window.t_s > (pieces[-1][0][-1] if pieces and len(pieces[-1][0]) else -np.inf)
        pieces.append((window.t_s[new], window.level[new], window.moving[new]))
        first = last
    return Analysis(
        recording=recording,
        breaths=_breaths(events),
        spells=_spells(events, recording.seconds),
        t_s=np.concatenate([p[0] for p in pieces]),
        level=np.concatenate([p[1] for p in pieces]),
        moving=np.concatenate([p[2] for p in pieces]),
    )


def _breaths(events: Sequence[FollowerEvent]) -> list[FoundBreath]:
    ends = {e.breath.peak_decided_s: e.breath.exhale_end_s for e in events if isinstance(e, BreathEnded)}
    return [
        FoundBreath(
            inhale_start_s=peak.inhale_start_s,
            inhale_peak_s=peak.t_s,
            peak_decided_s=peak.decided_s,
            exhale_end_s=ends.get(peak.decided_s),
            amplitude=peak.amplitude,
            quality=peak.quality,
            kind=peak.kind,
            doubts=peak.doubts,
        )
        for peak in events
        if isinstance(peak, PeakSeen)
    ]


def _spells(events: Sequence[FollowerEvent], until_s: float) -> list[Spell]:
    spells: list[Spell] = []
    changes = [e for e in events if isinstance(e, SignalChanged)]
    for change, after in pairwise([*changes, None]):
        if change is not None and change.doubts:
            end_s = until_s if after is None else after.t_s
            spells.append(Spell(start_s=change.t_s, end_s=end_s, doubts=change.doubts))
    return spells


def read_inhales(path: Path, *, within_s: float) -> list[Inhale]:
    """Prompted inhales of a CSV with columns inhale_start_s,inhale_end_s; those that end by `within_s` seconds.

    Raises RecordingError naming file, row and column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            names = lines.fieldnames or []
            for wanted in ("inhale_start_s", "inhale_end_s"):
                if wanted not in names:
                    raise RecordingError(
                        f"{path}: row 1 has no column called {wanted!r}.",
                        advice="Cues have the columns inhale_start_s,inhale_end_s.",
                    )
            inhales = [_inhale(path, lines.line_num, row) for row in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(f"{path}: the cues cannot be read ({error}).") from None
    inhales = [i for i in inhales if i.end_s <= within_s]
    if not inhales:
        raise RecordingError(
            f"{path}: no inhale ends within the first {within_s:g} s.", advice="See --calibrate."
        )
    return inhales


def _inhale(path: Path, row_number: int, row: dict[str, str]) -> Inhale:
    times = []
    for name in ("inhale_start_s", "inhale_end_s"):
        try:
            times.append(float(row[name]))
        except (TypeError, ValueError):
            raise RecordingError(
                f"{path}: row {row_number}, column {name!r}: {row[name]!r} is not a number."
            ) from None
    if not 0 <= times[0] < times[1]:
        raise RecordingError(f"{path}: row {row_number}: the inhale ends before it starts.")
    return Inhale(start_s=times[0], end_s=times[1])
