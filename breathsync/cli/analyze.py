"""`breathsync analyze FILE...`: the live chain over recordings, as JSON Lines, a table or a picture."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.errors import BreathsyncError, UsageError

if TYPE_CHECKING:
    from breathsync.analysis import FoundBreath

_DECIMALS = 3


def analyze(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV recordings.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, one object a breath.")] = False,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="HZ", help="Even rate of the samples.")
    ] = None,
    time_column: Annotated[
        str | None, typer.Option("--time-column", metavar="NAME", help="Column with seconds, even or not.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="A,B,C", help="The column, or the three axes.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="force, impedance or acceleration.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="g, mg, m/s2 or n.")] = None,
    inhale_cues: Annotated[
        Path | None,
        typer.Option(
            "--inhale-cues",
            metavar="FILE.csv",
            help="Prompted inhales (inhale_start_s,inhale_end_s) that teach a motion sensor which way is in.",
        ),
    ] = None,
    calibrate: Annotated[
        float | None,
        typer.Option("--calibrate", metavar="SECONDS", help="Use the cues of these first seconds alone."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="OUT.png", help="Draw a picture (.png, .svg, .pdf).")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Name coughs, talk and movement too; without it, breaths alone.")
    ] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Judge each breath as an armed gate would, and say each verdict.")
    ] = False,
    full_cues: Annotated[
        Path | None,
        typer.Option(
            "--full-cues",
            metavar="FILE.csv",
            help="With --gate: prompted full breaths (inhale_start_s,inhale_end_s) that teach the full level.",
        ),
    ] = None,
    full_amplitude: Annotated[
        str | None,
        typer.Option(
            "--full-amplitude",
            metavar="A",
            help="With --gate: the full level in the recording's unit (mg, N, ...), or 2.5x for 2.5 quiet breaths.",
        ),
    ] = None,
) -> None:
    """Find the breaths of recordings, as the live program would have seen them.

    Times are seconds from a file's first sample; peak_decided_s is the sample at which the peak was known.
    """
    from breathsync.analysis import analyze_recording, read_inhales
    from breathsync.cli.analyze_gate import GateWish
    from breathsync.sensors.recording import read_recording

    if inhale_cues is not None and calibrate is None:
        raise UsageError(
            "--inhale-cues needs --calibrate SECONDS.", advice="Nothing after that span is used."
        )
    if not gate and (full_cues or full_amplitude):
        raise UsageError("--full-cues and --full-amplitude go with --gate.")
    wish = GateWish.checked(calibrate, full_cues, full_amplitude) if gate else None
    inhales = read_inhales(inhale_cues, within_s=calibrate or 0.0) if inhale_cues else []
    names = [name.strip() for name in columns.split(",")] if columns else []
    failed = False
    for path in files:
        try:
            recording = read_recording(
                path, rate_hz=rate, time_column=time_column, columns=names, kind=kind, unit=unit
            )
            for note in recording.notes:
                print(f"breathsync: {note}", file=sys.stderr)
            if wish is not None:
                wish.run(path, recording, inhales=inhales, as_json=as_json)
                if plot is None:
                    continue
            analysis = analyze_recording(recording, inhales=inhales)
            rows = [_row(path, b) for b in analysis.breaths if b.counts or everything]
            if wish is None and as_json:
                for row in rows:
                    print(json.dumps(row))
            elif wish is None:
                _print_table(path, rows, unit=recording.unit, seconds=recording.seconds)
            if plot is not None:
                from breathsync.plot import plot_analysis

                plot_analysis(analysis, _picture(plot, path, many=len(files) > 1))
        except UsageError:
            raise
        except BreathsyncError as error:
            print(f"breathsync: {error}", file=sys.stderr)
            failed = True
    if failed:
        raise typer.Exit(1)


def _row(path: Path, breath: "FoundBreath") -> dict[str, object]:
    end_s = breath.exhale_end_s
    return {
        "file": str(path),
        # Dated back by the filters' delay, a first breath may seem to have begun before the recording.
        "inhale_start_s": max(0.0, round(breath.inhale_start_s, _DECIMALS)),
        "inhale_peak_s": round(breath.inhale_peak_s, _DECIMALS),
        "peak_decided_s": round(breath.peak_decided_s, _DECIMALS),
        "exhale_end_s": None if end_s is None else round(end_s, _DECIMALS),
        "amplitude": float(f"{breath.amplitude:.6g}"),
        "quality": round(breath.quality, _DECIMALS),
        "kind": breath.kind.value,
        "doubts": [doubt.value for doubt in breath.doubts],
    }


def _print_table(path: Path, rows: Sequence[dict[str, object]], *, unit: str, seconds: float) -> None:
    title = f"{path}  ({seconds:.0f} s, {len(rows)} found)"
    print(title)
    print(
        f"{'inhale':>9} {'peak':>9} {'known':>9} {'exhaled':>9} {'amplitude ' + unit:>14} {'quality':>8}  kind"
    )
    for row in rows:
        times = [row[k] for k in ("inhale_start_s", "inhale_peak_s", "peak_decided_s", "exhale_end_s")]
        shown = " ".join(f"{'-':>9}" if t is None else f"{t:9.2f}" for t in times)
        print(f"{shown} {row['amplitude']:14.4g} {row['quality']:8.2f}  {row['kind']}")
    print()


def _picture(plot: Path, recording: Path, *, many: bool) -> Path:
    return plot.with_name(f"{plot.stem}-{recording.stem}{plot.suffix}") if many else plot
