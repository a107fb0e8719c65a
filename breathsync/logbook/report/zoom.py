"""The trace to zoom into, by Bokeh: its script goes into the page whole, so the page opens offline.

Bokeh is chosen for its size: 1.3 MB in each page, where Plotly puts in 4.8 MB.
"""

from bokeh.embed import components
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, CustomJSTickFormatter, HoverTool, Range1d, RangeTool
from bokeh.plotting import figure
from bokeh.resources import Resources

from breathsync.logbook.report.collect import Stretch, Told, level_at, reach
from breathsync.logbook.report.still import INK, OPENED, QUIET, SHUT
from breathsync.logbook.words import clause_in_words, clock, number

_CLOCK = "const s = Math.round(tick); return Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');"
_FIRST_S = 90.0
"""How much the page shows at first: some twenty breaths."""


def script() -> str:
    """Bokeh's own script, to stand in the page once."""
    inline: str = Resources(mode="inline", components=["bokeh"]).render()
    return inline


def trace(told: Told) -> str:
    """The trace with its overview, as HTML that needs `script` in the same page."""
    length_s = max(told.listed.summary.duration_s, 1.0)
    start_s = max(0.0, (told.armed[0].start_s if told.armed else 0.0) - 30.0)
    low, high = reach(told)
    main = figure(
        height=340,
        sizing_mode="stretch_width",
        x_range=Range1d(start=start_s, end=min(length_s, start_s + _FIRST_S), bounds=(0, length_s)),
        tools="xpan,xwheel_zoom,xzoom_in,xzoom_out,reset",
        active_scroll="xwheel_zoom",
        y_range=Range1d(start=low, end=high),
        y_axis_label=told.unit,
        output_backend="canvas",
    )
    overview = figure(
        height=80,
        sizing_mode="stretch_width",
        x_range=Range1d(start=0, end=length_s),
        y_range=main.y_range,
        tools="",
        toolbar_location=None,
    )
    for plot in (main, overview):
        plot.xaxis.formatter = CustomJSTickFormatter(code=_CLOCK)
        plot.grid.visible = False
        plot.outline_line_color = None
        plot.line(told.t_s, told.level, color=INK, line_width=1.4 if plot is main else 0.7)
    overview.yaxis.visible = False
    overview.add_tools(RangeTool(x_range=main.x_range))
    _shade(main, told.twists, colour="#e8eef4", hatch=" ", label_at=high)
    _shade(main, told.armed, colour="#b9d0e4", hatch=" ")
    _shade(main, told.gaps, colour="#ffffff", hatch="right_diagonal_line")
    _mark_breaths(main, told)
    _mark_verdicts(main, told)
    parts = components(column(main, overview, sizing_mode="stretch_width"))
    return "".join(parts)


def _shade(
    plot: figure, stretches: tuple[Stretch, ...], *, colour: str, hatch: str, label_at: float | None = None
) -> None:
    if not stretches:
        return
    left, right = [s.start_s for s in stretches], [s.end_s for s in stretches]
    plot.vstrip(
        x0=left, x1=right, fill_color=colour, fill_alpha=0.55, line_alpha=0, hatch_pattern=hatch, hatch_alpha=0.3,
        level="underlay",
    )  # fmt: skip
    if label_at is not None:
        plot.text(
            x=left, y=[label_at] * len(left), text=[s.label for s in stretches], text_font_size="11px",
            text_color=QUIET, text_baseline="top", x_offset=3, y_offset=3,
        )  # fmt: skip


def _mark_breaths(plot: figure, told: Told) -> None:
    source = ColumnDataSource(
        {
            "x": [b.inhale_peak_s for b in told.breaths],
            "y": [level_at(told, b.inhale_peak_s) for b in told.breaths],
            "what": [str(b.kind).replace("_", " ") for b in told.breaths],
            "at": [clock(b.inhale_peak_s) for b in told.breaths],
            "size": [f"{number(b.amplitude)} {b.unit}" for b in told.breaths],
            "in_": [f"{b.ti_s:.1f} s" for b in told.breaths],
        }
    )
    marks = plot.scatter(
        "x", "y", source=source, size=5, marker="circle", line_color=QUIET, fill_color="white"
    )
    tips = [("", "@what at @at"), ("size", "@size"), ("in", "@in_")]
    plot.add_tools(HoverTool(renderers=[marks], tooltips=tips, visible=False))


def _mark_verdicts(plot: figure, told: Told) -> None:
    for opened, marker, colour in ((True, "triangle", OPENED), (False, "x", SHUT)):
        chosen = [(n, v) for n, v in enumerate(told.verdicts, start=1) if v.opened is opened]
        source = ColumnDataSource(
            {
                "x": [v.inhale_peak_s for _, v in chosen],
                "y": [level_at(told, v.inhale_peak_s) for _, v in chosen],
                "what": [f"{n}: {'opened' if opened else 'stayed shut'}" for n, v in chosen],
                "said": [v.sentence for _, v in chosen],
                "why": [
                    "\n".join(clause_in_words(c) for c in v.clauses if opened or not c.ok) for _, v in chosen
                ],
            }
        )
        marks = plot.scatter(
            "x",
            "y",
            source=source,
            size=13,
            marker=marker,
            line_color=colour,
            fill_color=colour,
            line_width=3,
        )
        tips = [("verdict", "@what"), ("", "@said"), ("", "@why")]
        plot.add_tools(HoverTool(renderers=[marks], tooltips=tips, visible=False))
