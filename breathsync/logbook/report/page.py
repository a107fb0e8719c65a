"""The report as one HTML page that needs nothing else: no server, no network."""

from collections.abc import Iterator
from html import escape

from breathsync.guide.events import ConfirmedBy
from breathsync.logbook.export.describe import DISCLAIMER
from breathsync.logbook.report import still, zoom
from breathsync.logbook.report.collect import Told, sides
from breathsync.logbook.words import (
    clause_in_words,
    clock,
    ended,
    in_words,
    number,
    routine_title,
)

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; background: #fff; color: #1d2b3a;
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0; }
.under, footer, .hint { color: #55646f; }
.simulated { border: 2px solid; border-radius: .3rem; font-size: .8rem; font-weight: 700; padding: .1rem .4rem;
  vertical-align: middle; white-space: nowrap; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); margin-top: 1.2rem; }
.card { background: #f3f6f9; border-radius: .6rem; padding: .9rem 1.1rem; }
.card h2 { margin: 0 0 .4rem; }
.beads { font-size: 1.15rem; letter-spacing: .05em; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #dde4ea; padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; }
.wide { overflow-x: auto; }
.wide > svg, .wide > table { min-width: 34rem; }
td { white-space: nowrap; }
td:last-child { white-space: normal; }
summary { cursor: pointer; color: #24557d; }
details ul { margin: .3rem 0 .3rem 1rem; padding: 0; font-size: .9rem; }
svg { height: auto; max-width: 100%; }
.still { display: none; }
footer { border-top: 1px solid #dde4ea; font-size: .85rem; margin-top: 2.5rem; padding-top: .8rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .zoom, .hint { display: none; }
  .still { display: block; }
  .card { background: none; border: 1px solid #b8c4cd; }
  .card, tr, .still svg, h2 { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""


def page(told: Told) -> str:
    """The whole page."""
    listed = told.listed
    title = f"{routine_title(told.log)}, {listed.started_at:%d %B %Y, %H:%M}"
    has_trace = len(told.t_s) > 0
    zoomable = (
        f'<p class="hint">Turn the wheel to zoom, drag to move, or drag the window below. {_LEGEND}</p>'
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style>",
            "<noscript><style>.zoom, .hint { display: none } .still { display: block }</style></noscript>",
            zoom.script() if has_trace else "",
            "</head><body>",
            *_head(told, title),
            *_cards(told),
            "<h2>The breath</h2>"
            if has_trace
            else "<p>No stream of this sensor carries a breath to draw.</p>",
            f'{zoomable}<div class="zoom">{zoom.trace(told)}</div>' if has_trace else "",
            f'<div class="still"><p>{_LEGEND}</p>{still.trace_svg(told)}</div>' if has_trace else "",
            *_verdicts(told),
            *_notes(told),
            *_foot(told),
            "</body></html>",
        ]
    )


_LEGEND = (
    "▲ the gate opened, × it stayed shut. Pale blue: in the twist; darker: the gate waits; "
    "hatched: no signal, or movement."
)


def _head(told: Told, title: str) -> Iterator[str]:
    listed = told.listed
    simulated = ' <span class="simulated">SIMULATED</span>' if listed.simulated else ""
    yield f"<header><h1>{escape(title)}{simulated}</h1>"
    under = f"{clock(listed.summary.duration_s)}, {ended(listed)}. Sensor: {listed.sensor}."
    yield f'<p class="under">{escape(under)}</p></header>'
    yield "".join(f"<p>{escape(sentence)}</p>" for sentence in in_words(listed.summary))


def _cards(told: Told) -> Iterator[str]:
    summary = told.listed.summary
    yield '<div class="cards">'
    for side, points in sides(told):
        beads = " ".join("✓" if p.confirmed_by is ConfirmedBy.BREATH else "✋" for p in points) or "–"
        by_hand = sum(p.confirmed_by is ConfirmedBy.HAND for p in points)
        said = f"{len(points) - by_hand} by a measured breath" + (f", {by_hand} by hand" if by_hand else "")
        gained = [f"{p.gained_deg:.0f}°" for p in points if p.gained_deg is not None]
        turned = f"<p>Turn gained: {', '.join(gained)}</p>" if gained else ""
        yield (
            f'<section class="card"><h2>{side.value.capitalize()} side</h2><p class="beads">{beads}</p>'
            f"<p>{said if points else 'no point passed'}</p>{turned}</section>"
        )
    if summary.before or summary.after:
        yield '<section class="card"><h2>How it felt, 0 to 10</h2><table>'
        for when, answers in (("before", summary.before), ("after", summary.after)):
            told_ = (
                ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in answers.items())
                or "not asked"
            )
            yield f"<tr><th>{when}</th><td>{escape(told_)}</td></tr>"
        yield "</table></section>"
    yield "</div>"


def _verdicts(told: Told) -> Iterator[str]:
    if not told.verdicts:
        return
    yield "<h2>Each judged breath against the band</h2>"
    yield f'<div class="wide">{still.levels_svg(told)}</div>'
    head = "".join(f"<th>{name}</th>" for name in ("", "at", "gate", "decided", "breath", "said"))
    yield f'<div class="wide"><table><tr>{head}</tr>'
    for n, verdict in enumerate(told.verdicts, start=1):
        where = f"{verdict.side} {verdict.point}" if verdict.side else str(verdict.point)
        decided = "✓ opened" if verdict.opened else f"× stayed shut ({', '.join(verdict.refused_by)})"
        size = "" if verdict.amplitude_quiet is None else f"{number(verdict.amplitude_quiet)} usual"
        clauses = "".join(f"<li>{escape(clause_in_words(c))}</li>" for c in verdict.clauses)
        said = f"<details><summary>{escape(verdict.sentence or 'why')}</summary><ul>{clauses}</ul></details>"
        cells = (str(n), clock(verdict.decided_s), where, decided, size)
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f"<td>{said}</td></tr>"
    yield "</table></div>"


def _notes(told: Told) -> Iterator[str]:
    if told.notes:
        yield "<h2>Notes</h2>"
    for note in told.notes:
        yield f"<p>{note.written_at:%d %B %Y, %H:%M}: {escape(note.text)}</p>"


def _foot(told: Told) -> Iterator[str]:
    head = told.log.header
    versions = ", ".join(f"{name} {version}" for name, version in head.versions.items())
    yield f"<footer><p>{escape(DISCLAIMER)}</p><p>Session {escape(told.log.id)}. {escape(versions)}.</p></footer>"
