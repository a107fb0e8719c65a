"""What a report tells, gathered once for the page and for the pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import msgspec
import numpy as np

from breathsync.breath.events import Breath, BreathEnded, BreathKind, Calibrated, Posture
from breathsync.errors import SettingsError
from breathsync.guide.events import Bar, Place, PointPassed, Side, Step, Verdict
from breathsync.guide.gate import bar_for
from breathsync.logbook.export.breath_signal import BreathSignal, breath_signal
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

    `t_s`, `level`: the breath on an even clock, from where each breath began, in `unit`, NaN in `gaps`; empty where no
    stream carries a breath. `twists`: the times in a twist, by side. `armed`: the times an armed gate waited. `gaps`:
    no signal, or movement. `bands`: for each verdict its bar.
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
    breaths = tuple(event.breath for event in log.records(BreathEnded))
    t_s, level, unit, gaps = _trace(log, breaths)
    steps = list(log.records(Step))
    verdicts = tuple(log.records(Verdict))
    end_s = listed.summary.duration_s
    return Told(
        log=log,
        listed=listed,
        t_s=t_s,
        level=level,
        unit=unit,
        breaths=breaths,
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


def _trace(
    log: SessionLog, breaths: Sequence[Breath]
) -> tuple[FloatArray, FloatArray, str, tuple[Stretch, ...]]:
    taken = breath_signal(log, seconds=ceil(log.duration_s()))
    if taken is None:
        return np.empty(0), np.empty(0), "", ()
    t_s = np.arange(len(taken.level)) / taken.rate_hz
    level = taken.level.astype(np.float64) - _baseline(taken, t_s, breaths)
    level[~taken.valid] = np.nan
    every = max(1, ceil(len(level) / MOST_POINTS))
    unseen = [("no signal", span) for span in taken.lost] + [("movement", span) for span in taken.moved]
    gaps = (Stretch(start_s=at_s, end_s=at_s + length_s, label=label) for label, (at_s, length_s) in unseen)
    return t_s[::every], level[::every], UNITS[taken.stream], tuple(sorted(gaps, key=lambda gap: gap.start_s))


def _baseline(taken: BreathSignal, t_s: FloatArray, breaths: Sequence[Breath]) -> FloatArray:
    """The level from which each breath began, drawn straight between: posture drifts by more than a breath is tall."""
    onsets = sorted(b.inhale_start_s for b in breaths if b.kind is not BreathKind.MOVEMENT)
    seen = [s for s in onsets if 0 <= s < len(t_s) / taken.rate_hz and taken.valid[int(s * taken.rate_hz)]]
    if not seen:
        return np.full(
            len(t_s), float(np.percentile(taken.level[taken.valid], 5)) if taken.valid.any() else 0.0
        )
    return np.interp(t_s, seen, taken.level[[int(s * taken.rate_hz) for s in seen]])


def reach(told: Told) -> tuple[float, float]:
    """Lowest and highest level worth showing, the same for the whole session, with some room."""
    known = told.level[np.isfinite(told.level)]
    if not len(known):
        return (0.0, 1.0)
    low, high = np.percentile(known, [1.0, 99.5])
    high = max([high, *(v.amplitude for v in told.verdicts)])
    room = 0.15 * (high - low) or 1.0
    return float(low - room), float(high + room)


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
