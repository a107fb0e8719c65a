"""What a report tells, gathered once for the page and for the pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import msgspec
import numpy as np

from breathsync.breath.events import Breath, BreathEnded, Calibrated, Posture
from breathsync.errors import SettingsError
from breathsync.guide.events import Bar, Place, PointPassed, Side, Step, Verdict
from breathsync.guide.gate import bar_for
from breathsync.logbook.export.even import breath as even_breath
from breathsync.logbook.history import Listed, list_one
from breathsync.logbook.reader import Note, SessionLog
from breathsync.samples import UNITS, FloatArray
from breathsync.settings import Settings

MOST_POINTS = 40_000
"""A longer trace is thinned to this, so that the page stays light."""

_TWISTED = (Place.EASE, Place.LENGTHEN, Place.SETTLE, Place.BREATHE, Place.REST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to when something held, in seconds."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """A session as a report tells it.

    `t_s`, `level`: the breath on an even clock, NaN in gaps, in `unit`; empty where no stream carries a breath.
    `twists`: the times in a twist, by side. `armed`: the times an armed gate waited. `bands`: for each verdict its bar.
    """

    log: SessionLog
    listed: Listed
    t_s: FloatArray
    level: FloatArray
    unit: str
    breaths: tuple[Breath, ...]
    verdicts: tuple[Verdict, ...]
    bands: tuple[Bar | None, ...]
    passed: tuple[PointPassed, ...]
    twists: tuple[Stretch, ...]
    armed: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]
    notes: tuple[Note, ...]


def collect(log: SessionLog) -> Told:
    """Gather what a report tells of a session."""
    listed = list_one(log)
    t_s, level, unit, gaps = _trace(log)
    steps = list(log.records(Step))
    verdicts = tuple(log.records(Verdict))
    end_s = listed.summary.duration_s
    return Told(
        log=log,
        listed=listed,
        t_s=t_s,
        level=level,
        unit=unit,
        breaths=tuple(event.breath for event in log.records(BreathEnded)),
        verdicts=verdicts,
        bands=tuple(_bands(log, verdicts)),
        passed=tuple(log.records(PointPassed)),
        twists=tuple(
            _stretches(steps, end_s, lambda s: f"turned {s.side}" if s.side and s.place in _TWISTED else "")
        ),
        armed=tuple(
            _stretches(steps, end_s, lambda s: f"gate {s.point}" if s.place is Place.BREATHE else "")
        ),
        gaps=gaps,
        notes=log.notes(),
    )


def level_at(told: Told, t_s: float) -> float:
    """The trace's height at a moment; 0 where it has none."""
    if not len(told.t_s):
        return 0.0
    found = float(told.level[min(len(told.level) - 1, int(np.searchsorted(told.t_s, t_s)))])
    return found if np.isfinite(found) else 0.0


def _trace(log: SessionLog) -> tuple[FloatArray, FloatArray, str, tuple[Stretch, ...]]:
    taken = even_breath(log, seconds=ceil(log.duration_s()))
    if taken is None:
        return np.empty(0), np.empty(0), "", ()
    found, stream = taken
    level = found.values[:, 0].astype(np.float64)
    # From where a quiet exhale ends, as nearly as one number for all can say.
    level -= np.percentile(level[found.valid], 5) if found.valid.any() else 0.0
    level[~found.valid] = np.nan
    every = max(1, ceil(len(level) / MOST_POINTS))
    t_s = np.arange(len(level)) / found.rate_hz
    gaps = tuple(
        Stretch(start_s=at_s, end_s=at_s + length_s, label="no signal") for at_s, length_s in found.gaps()
    )
    return t_s[::every], level[::every], UNITS[stream], gaps


def _stretches(steps: Sequence[Step], end_s: float, label: Callable[[Step], str]) -> Iterator[Stretch]:
    """Steps that follow one another under the same label, as one."""
    open_: Stretch | None = None
    for step, until_s in zip(steps, [*(s.t_s for s in steps[1:]), end_s], strict=False):
        name = label(step)
        if open_ is not None and name == open_.label:
            open_ = Stretch(start_s=open_.start_s, end_s=until_s, label=name)
            continue
        if open_ is not None and open_.label:
            yield open_
        open_ = Stretch(start_s=step.t_s, end_s=until_s, label=name)
    if open_ is not None and open_.label:
        yield open_


def _bands(log: SessionLog, verdicts: Sequence[Verdict]) -> Iterator[Bar | None]:
    try:
        settings = msgspec.convert(log.header.settings, Settings)
    except (msgspec.ValidationError, SettingsError):
        settings = Settings()  # of an older version: the bar asked for still stands in each verdict
    learned = list(log.records(Calibrated))
    for verdict in verdicts:
        known = [c.calibration for c in learned if c.t_s <= verdict.decided_s]
        posture = Posture.UPRIGHT if verdict.side is None else verdict.side.posture
        bar = bar_for(known[-1] if known else None, posture, settings=settings, smaller=False)
        asked = next((c.limit for c in verdict.clauses if c.clause == "G5" and c.limit is not None), None)
        yield bar if bar is None or asked is None else Bar(quiet=bar.quiet, low=asked, plenty=bar.plenty)


def sides(told: Told) -> list[tuple[Side, list[PointPassed]]]:
    """The points passed by side, each once, in their order."""
    return [(side, list({p.point: p for p in told.passed if p.side is side}.values())) for side in Side]
