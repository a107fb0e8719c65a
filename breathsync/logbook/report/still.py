"""The session as still pictures by matplotlib: for PDF, PNG, for print, and where a page may run no script."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from breathsync.logbook.export.describe import DISCLAIMER
from breathsync.logbook.report.collect import Stretch, Told, level_at, reach
from breathsync.logbook.words import answers_in_words, clock, ended, in_words, routine_title

INK, QUIET, OPENED, SHUT = "#1d2b3a", "#8594a3", "#1b6e5a", "#a8481c"
_TWIST, _ARMED = "#e8eef4", "#cfdeeb"
_ROW_S = 180.0
"""Seconds of trace in a row of a still picture: twelve usual breaths a minute can be told apart."""
_MOST_ROWS = 8


def save(told: Told, target: Path) -> None:
    """Save the report as PDF or PNG, by the target's ending."""
    figure = _poster(told)
    with mpl.rc_context({"svg.hashsalt": "breathsync"}):
        figure.savefig(target, format=target.suffix[1:], dpi=150)


def trace_svg(told: Told) -> str:
    """The whole trace in rows, as SVG."""
    rows = _rows(told)
    figure = Figure(figsize=(9.5, 1.5 * len(rows) + 0.3), layout="constrained")
    for axes, (start_s, end_s) in zip(figure.subplots(len(rows), squeeze=False)[:, 0], rows, strict=True):
        _draw_trace(axes, told, start_s, end_s)
    return _svg(figure)


def levels_svg(told: Told) -> str:
    """Each judged breath against the band it was held to, as SVG."""
    figure = Figure(figsize=(9.5, 2.8), layout="constrained")
    _draw_levels(figure.subplots(), told)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "breathsync", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)


def _rows(told: Told) -> list[tuple[float, float]]:
    length_s = max(told.listed.summary.duration_s, 1.0)
    row_s = max(_ROW_S, length_s / _MOST_ROWS)
    count = max(1, -(-int(length_s) // int(row_s)))
    return [(n * row_s, (n + 1) * row_s) for n in range(count)]


def _poster(told: Told) -> Figure:
    rows = _rows(told)
    # A4, upright: the words, the trace in rows, the levels.
    figure = Figure(figsize=(8.27, 11.69))
    FigureCanvasAgg(figure)
    listed = told.listed
    title = f"{routine_title(told.log)}, {listed.started_at:%d %B %Y, %H:%M}"
    figure.text(
        0.07, 0.955, title + ("   SIMULATED" if listed.simulated else ""), size=15, color=INK, weight="bold"
    )
    under = f"{clock(listed.summary.duration_s)}, {ended(listed)}; sensor {listed.sensor}"
    lines = [under, "", *in_words(listed.summary), *_points(told)]
    figure.text(0.07, 0.935, "\n".join(lines), size=9, color=INK, va="top", linespacing=1.5)
    heights = [1.0] * len(rows) + [1.6]
    bottom = max(0.075, 0.79 - 0.16 * sum(heights))
    grid = figure.add_gridspec(
        len(heights), 1, left=0.09, right=0.96, top=0.79, bottom=bottom, hspace=0.45, height_ratios=heights
    )
    for n, (start_s, end_s) in enumerate(rows):
        _draw_trace(figure.add_subplot(grid[n]), told, start_s, end_s)
    _draw_levels(figure.add_subplot(grid[len(rows)]), told)
    figure.text(0.07, 0.025, DISCLAIMER, size=7.5, color=QUIET)
    return figure


def _points(told: Told) -> list[str]:
    summary = told.listed.summary
    return [
        f"How it felt {when} (0-10): " + answers_in_words(answers) + "."
        for when, answers in (("before", summary.before), ("after", summary.after))
        if answers
    ]


def _draw_trace(axes: Any, told: Told, start_s: float, end_s: float) -> None:
    inside = (told.t_s >= start_s) & (told.t_s < end_s)
    for stretch in _within(told.twists, start_s, end_s):
        axes.axvspan(stretch.start_s, stretch.end_s, color=_TWIST, lw=0)
        at_s = max(stretch.start_s, start_s)
        axes.annotate(
            stretch.label, (at_s, 1), xycoords=("data", "axes fraction"), xytext=(2, -8), textcoords="offset points",
            size=6.5, color=QUIET,
        )  # fmt: skip
    for stretch in _within(told.armed, start_s, end_s):
        axes.axvspan(stretch.start_s, stretch.end_s, color=_ARMED, lw=0)
    for stretch in _within(told.gaps, start_s, end_s):
        axes.axvspan(stretch.start_s, stretch.end_s, facecolor="none", edgecolor=QUIET, hatch="////", lw=0)
    axes.plot(told.t_s[inside], told.level[inside], color=INK, lw=0.9)
    for number, verdict in enumerate(told.verdicts, start=1):
        if start_s <= verdict.inhale_peak_s < end_s:
            colour, marker = (OPENED, "^") if verdict.opened else (SHUT, "x")
            at = (verdict.inhale_peak_s, level_at(told, verdict.inhale_peak_s))
            axes.plot(*at, marker=marker, color=colour, ms=6, mew=1.6)
            word = f"{number} ✓" if verdict.opened else f"{number}"
            axes.annotate(word, at, xytext=(5, 2), textcoords="offset points", size=7, color=colour)
    axes.set_xlim(start_s, end_s)
    if len(told.level):
        axes.set_ylim(*reach(told))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(seconds)))
    axes.set_ylabel(told.unit, size=7)
    _quiet(axes)


def _draw_levels(axes: Any, told: Told) -> None:
    for number, (verdict, band) in enumerate(zip(told.verdicts, told.bands, strict=True), start=1):
        if band is not None:
            axes.bar(number, band.plenty - band.low, 0.7, bottom=band.low, color=_ARMED, lw=0)
            axes.plot([number - 0.35, number + 0.35], [band.quiet] * 2, color=QUIET, lw=1, ls=":")
        colour, marker = (OPENED, "^") if verdict.opened else (SHUT, "x")
        axes.plot(number, verdict.amplitude, marker=marker, color=colour, ms=7, mew=1.6)
    axes.set_title(
        "Each judged breath: ▲ opened, × stayed shut; the band is a full breath, the dots a usual one",
        size=7.5, color=INK, loc="left",
    )  # fmt: skip
    axes.set_xlim(0.4, max(len(told.verdicts), 6) + 0.6)
    axes.set_xticks(range(1, len(told.verdicts) + 1))
    axes.set_xticklabels([_gate(told, n) for n in range(len(told.verdicts))], size=6)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(told.unit, size=7)
    _quiet(axes)


def _gate(told: Told, index: int) -> str:
    verdict = told.verdicts[index]
    return f"{index + 1}\n{verdict.side} {verdict.point}" if verdict.side else str(index + 1)


def _quiet(axes: Any) -> None:
    axes.tick_params(labelsize=6.5, colors=INK, length=2)
    for name in ("top", "right"):
        axes.spines[name].set_visible(False)


def _within(stretches: Sequence[Stretch], start_s: float, end_s: float) -> list[Stretch]:
    return [s for s in stretches if s.end_s > start_s and s.start_s < end_s]
