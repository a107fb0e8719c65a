"""A session out of the logbook, made ready to be looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from breathsync.breath.events import Calibrated, MotionChanged
from breathsync.guide.events import Verdict
from breathsync.samples import FloatArray, Stream
from breathsync.tui.draw.trace_rows import OPENED, REFUSED
from breathsync.tui.picture import Stretch

if TYPE_CHECKING:  # the logbook is opened on use
    from breathsync.logbook.reader import SessionLog

DRAWN_HZ = 20.0
"""Enough for a breath on a screen; 20 min are 24 000 points."""
BASELINE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """A session of the logbook. `stretch` holds the breath signal as drawn, `unit` its unit."""

    id: str
    started_at: datetime
    routine: str
    sensor: str
    simulated: bool
    duration_s: float
    stretch: Stretch
    unit: str
    quiet: float | None
    enough: float | None
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """The gates on the way, for the row beneath the trace."""
        return tuple((v.inhale_peak_s, OPENED if v.opened else REFUSED) for v in self.verdicts)

    @property
    def range(self) -> tuple[float, float]:
        """The levels to draw between."""
        level = self.stretch.level
        if not len(level):
            return 0.0, 1.0
        low, high = (float(edge) for edge in np.nanpercentile(level, [1, 99.5]))
        high = max(high, 1.2 * (self.enough or 0.0))
        return min(low, -0.1 * high), 1.15 * high if high > 0 else 1.0


def read_past(log: "SessionLog") -> Past:
    """Read a session. The signal is the raw one along the breath's axis, thinned out, above its own exhales."""
    calibrations = list(log.records(Calibrated))
    calibration = calibrations[-1].calibration if calibrations else None
    stream = log.header.info.breath_stream
    axis = np.array(calibration.axis) if calibration and calibration.axis else None
    t_s, level = _signal(log, stream, axis) if stream else (np.zeros(0), np.zeros(0))
    gate = log.header.settings.get("gate", {})
    quiet = calibration.a_quiet if calibration else None
    enough = None
    if calibration:
        asked = max(
            gate.get("low_quiet", 2.0) * calibration.a_quiet, gate.get("low_full", 0.7) * calibration.a_full
        )
        enough = min(asked, gate.get("cap_full", 0.9) * calibration.a_full)
    return Past(
        id=log.id,
        started_at=log.header.started_at,
        routine=log.header.routine_name,
        sensor=log.header.info.name,
        simulated=log.header.info.simulated,
        duration_s=log.duration_s(),
        stretch=Stretch(t_s=t_s, level=level, moving=_moving(log, t_s)),
        unit=calibration.unit if calibration else "",
        quiet=quiet,
        enough=enough,
        verdicts=tuple(log.records(Verdict)),
        notes=tuple(note.text for note in log.notes()),
    )


def _signal(log: "SessionLog", stream: Stream, axis: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    times: list[FloatArray] = [np.zeros(0)]
    levels: list[FloatArray] = [np.zeros(0)]
    for block in log.blocks(stream):
        if block.values.shape[1] == 1:
            values = block.values[:, 0]
        elif axis is None:
            continue
        else:
            values = block.values @ axis
        good = np.isfinite(block.t_s) & np.isfinite(values)
        cells, inside = np.unique(np.floor(block.t_s[good] * DRAWN_HZ), return_inverse=True)
        if len(cells):
            times.append((cells + 0.5) / DRAWN_HZ)
            levels.append(np.bincount(inside, weights=values[good]) / np.bincount(inside))
    t_s, level = np.concatenate(times), np.concatenate(levels)
    return t_s, level - exhales(t_s, level)


def exhales(t_s: FloatArray, level: FloatArray) -> FloatArray:
    """The level of the exhales round each moment: a low percentile of each stretch, joined by lines."""
    if not len(t_s):
        return level
    edges = np.arange(t_s[0], t_s[-1] + BASELINE_S, BASELINE_S)
    inside = np.digitize(t_s, edges) - 1
    cells = np.unique(inside)
    low = np.array([np.percentile(level[inside == cell], 10) for cell in cells])
    return np.asarray(np.interp(t_s, edges[cells] + BASELINE_S / 2, low), dtype=np.float64)


def _moving(log: "SessionLog", t_s: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    moving = np.zeros(len(t_s), dtype=bool)
    for change in log.records(MotionChanged):
        moving[t_s >= change.t_s] = not change.still
    return moving
