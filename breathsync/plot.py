"""A picture of an analysed recording: the trace, its breaths, the band they move in, movement and quality."""

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from breathsync.analysis import Analysis, FoundBreath
from breathsync.errors import UsageError

FORMATS = (".png", ".svg", ".pdf")
ROW_S = 60.0
MOST_ROWS = 12
BAND_BREATHS = 5


def plot_analysis(analysis: Analysis, path: Path) -> None:
    """Draw the analysis into `path` (.png, .svg or .pdf), a row a minute (longer rows for long recordings).

    Raises UsageError for another ending, and when matplotlib (the extra `report`) is not installed.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"--plot {path.name}: pictures end in {', '.join(FORMATS)}.")
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise UsageError(
            "Pictures need matplotlib.", advice="Install it: pip install 'breathsync[report]'."
        ) from None
    seconds = max(analysis.recording.seconds, 1.0)
    row_s = max(ROW_S, ceil(seconds / MOST_ROWS / 10) * 10.0)
    rows = ceil(seconds / row_s)
    figure = Figure(figsize=(16, 1.2 + 1.9 * rows), layout="constrained")
    all_axes = figure.subplots(rows, 1, squeeze=False)[:, 0]
    for row, axes in enumerate(all_axes):
        _draw_row(axes, analysis, row * row_s, (row + 1) * row_s)
    figure.suptitle(f"{analysis.recording.path.name}: {sum(b.counts for b in analysis.breaths)} breaths")
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=7, fontsize="small")
    figure.supylabel(f"breath signal ({analysis.recording.unit})", fontsize="small")
    figure.savefig(path, dpi=80)


def _draw_row(axes: Any, analysis: Analysis, start_s: float, end_s: float) -> None:
    inside = (analysis.t_s >= start_s) & (analysis.t_s < end_s)
    t_s, level = analysis.t_s[inside], analysis.level[inside]
    axes.set_xlim(start_s, end_s)
    axes.margins(y=0.1)
    if len(t_s) > 1:
        bottom, top = axes.get_xaxis_transform(), analysis.moving[inside]
        axes.fill_between(
            t_s, 0, 1, where=top, transform=bottom, color="tab:orange", alpha=0.25, lw=0, label="movement"
        )
    for index, spell in enumerate(analysis.spells):
        label = "signal in doubt" if index == 0 else None
        if spell.end_s > start_s and spell.start_s < end_s:
            axes.axvspan(
                spell.start_s, spell.end_s, color="tab:red", alpha=0.12, lw=0, label=label, hatch="//"
            )
    axes.plot(t_s, level, color="tab:blue", lw=1.0, label="level")
    breaths = [b for b in analysis.breaths if start_s <= b.inhale_peak_s < end_s]
    _draw_band(axes, analysis, breaths)
    _marks(
        axes, t_s, level, [b.inhale_start_s for b in breaths if b.counts], "^", "tab:green", "inhale onset"
    )
    _marks(axes, t_s, level, [b.inhale_peak_s for b in breaths if b.counts], "v", "black", "peak")
    _marks(axes, t_s, level, [b.peak_decided_s for b in breaths if b.counts], "|", "tab:purple", "peak known")
    ends = [b.exhale_end_s for b in breaths if b.exhale_end_s is not None]
    _marks(axes, t_s, level, ends, ".", "tab:brown", "exhale end")
    for breath in breaths:
        said = [breath.kind.value] if breath.kind.value != "breath" else []
        said += [f"{breath.quality:.1f}"] if breath.quality < 0.95 else []
        if said:
            axes.annotate(
                " ".join(said), (breath.inhale_peak_s, 1), xycoords=("data", "axes fraction"),
                fontsize=6, ha="center", va="top",
            )  # fmt: skip


def _draw_band(axes: Any, analysis: Analysis, shown: list[FoundBreath]) -> None:
    """From the level at each onset up: what a breath of this person has reached of late."""
    every = analysis.breaths
    for index, breath in enumerate(shown):
        at = every.index(breath)
        height = float(np.median([b.amplitude for b in every[max(0, at - BAND_BREATHS) : at + 1]]))
        low = float(np.interp(breath.inhale_start_s, analysis.t_s, analysis.level))
        end_s = breath.exhale_end_s or breath.peak_decided_s
        axes.fill_between(
            [breath.inhale_start_s, end_s], low, low + height,
            color="tab:green", alpha=0.1, lw=0, label="recent breaths" if index == 0 else None,
        )  # fmt: skip


def _marks(axes: Any, t_s: Any, level: Any, at_s: list[float], mark: str, color: str, label: str) -> None:
    if at_s and len(t_s):
        axes.plot(at_s, np.interp(at_s, t_s, level), mark, color=color, ms=5, label=label, ls="none")
