"""`breathsync analyze --gate`: what an armed gate would have said of each breath of a recording."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from breathsync.errors import UsageError

if TYPE_CHECKING:
    from breathsync.analysis import Inhale
    from breathsync.gate_analysis import GateAnalysis, Judged
    from breathsync.sensors.recording import Recording

_DECIMALS = 3
QUIET_S = 60.0
"""Six quiet breaths fit in, down to 6 breaths a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWish:
    """What was asked for with `--gate`."""

    quiet_s: float
    full_cues: "tuple[Inhale, ...]"
    full_level: Callable[[float], float] | None

    @classmethod
    def checked(
        cls, calibrate: float | None, full_cues: Path | None, full_amplitude: str | None
    ) -> "GateWish":
        """Raises UsageError for a wish that cannot be meant, RecordingError for cues that cannot be read."""
        from breathsync.analysis import read_inhales

        if full_cues and full_amplitude:
            raise UsageError(
                "--full-cues and --full-amplitude exclude each other.", advice="Leave one of them out."
            )
        if calibrate is not None and not calibrate > 0:
            raise UsageError(
                f"--calibrate {calibrate:g} is no span.", advice="Say how many seconds are quiet."
            )
        cues = read_inhales(full_cues, within_s=float("inf")) if full_cues else []
        return cls(
            quiet_s=QUIET_S if calibrate is None else calibrate,
            full_cues=tuple(sorted(cues, key=lambda cue: cue.start_s)),
            full_level=_full_level(full_amplitude) if full_amplitude else None,
        )

    def run(self, path: Path, recording: "Recording", *, inhales: "Sequence[Inhale]", as_json: bool) -> None:
        """Judge one recording and print its verdicts."""
        from breathsync.gate_analysis import Teaching, judge_recording

        teaching = Teaching(
            quiet_s=self.quiet_s, full_cues=self.full_cues, full_level=self.full_level, inhales=inhales
        )
        found = judge_recording(recording, teaching=teaching)
        print(f"breathsync: {path}: {_calibration(found, recording.unit)}", file=sys.stderr)
        if as_json:
            for judged in found.judged:
                print(json.dumps(_row(path, judged)))
        else:
            _print_table(path, found, unit=recording.unit)


def _full_level(text: str) -> Callable[[float], float]:
    times = text.endswith(("x", "×"))
    try:
        value = float(text.rstrip("x×"))
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise UsageError(
            f"--full-amplitude {text} is no level.",
            advice="Write a number in the recording's unit, or 2.5x for 2.5 quiet breaths.",
        )
    return (lambda a_quiet: value * a_quiet) if times else (lambda a_quiet: value)


def _calibration(found: "GateAnalysis", unit: str) -> str:
    if found.calibrated is not None:
        learned = found.calibrated.calibration
        return (
            f"calibrated at {found.calibrated.t_s:.1f} s: usual {learned.a_quiet:.4g} {unit}, "
            f"full {learned.a_full:.4g} {unit}."
        )
    if found.refused is not None:
        return f"not calibrated, the gate stays shut ({found.refused.reason}). {found.refused.sentence}"
    return "not calibrated, the gate stays shut. Name a full level: --full-cues or --full-amplitude."


def _row(path: Path, judged: "Judged") -> dict[str, object]:
    verdict = judged.verdict
    end_s = judged.exhale_end_s
    return {
        "file": str(path),
        "inhale_start_s": round(verdict.inhale_start_s, _DECIMALS),
        "inhale_peak_s": round(verdict.inhale_peak_s, _DECIMALS),
        "exhale_end_s": None if end_s is None else round(end_s, _DECIMALS),
        "decided_s": round(verdict.decided_s, _DECIMALS),
        "opened": verdict.opened,
        "amplitude": float(f"{verdict.amplitude:.6g}"),
        "clauses": {
            clause.clause: {"ok": clause.ok, "value": _number(clause.value), "limit": _number(clause.limit)}
            for clause in verdict.clauses
        },
        "sentence": verdict.sentence,
    }


def _number(value: float | None) -> float | None:
    """JSON has no NaN and no infinity; what is unknown is null."""
    return None if value is None or value != value or abs(value) == float("inf") else float(f"{value:.6g}")


def _print_table(path: Path, found: "GateAnalysis", *, unit: str) -> None:
    print(f"{path}  ({len(found.judged)} verdicts)")
    print(f"{'inhale':>9} {'peak':>9} {'decided':>9} {'amplitude ' + unit:>14}  gate")
    for judged in found.judged:
        verdict = judged.verdict
        times = f"{verdict.inhale_start_s:9.2f} {verdict.inhale_peak_s:9.2f} {verdict.decided_s:9.2f}"
        said = "OPENED" if verdict.opened else f"shut ({', '.join(verdict.refused_by)})"
        print(f"{times} {verdict.amplitude:14.4g}  {said}  {verdict.sentence}")
    refusals = Counter(clause for judged in found.judged for clause in judged.verdict.refused_by)
    opened = sum(judged.verdict.opened for judged in found.judged)
    counts = ", ".join(f"{clause} {count}" for clause, count in sorted(refusals.items())) or "none"
    print(f"opened {opened} of {len(found.judged)}; refusals by clause: {counts}\n")
