"""A past session: its trace to scroll and zoom, each gate a stop on the way with its verdict in words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widget import Widget
from textual.worker import get_current_worker

from breathsync.guide.events import ClauseResult, Verdict
from breathsync.guide.phrases import PHRASES
from breathsync.tongue import spoken, t
from breathsync.tui import words
from breathsync.tui.draw.trace_rows import Frame
from breathsync.tui.house import House
from breathsync.tui.messages import Go
from breathsync.tui.past import Past
from breathsync.tui.picture import Stretch
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.trace import BreathTrace

NARROWEST_S = 10.0


class PastScreen(Page):
    """One session of the logbook."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "past.tcss"]
    KEYS = "← → scroll   + − zoom   n next gate   b gate before   e export   ESC back"
    HELP_TEXT = (
        "← → scroll, + and − zoom, n and b go from gate to gate; below stands what was decided and why, clause by "
        "clause. ✓ marks a breath that opened the gate, × one that did not, ▒ movement. At first the trace is the raw "
        "signal; some seconds later it is the level as it stood on the screen then."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scroll(-1)", "back in time", show=False),
        Binding("right", "scroll(1)", "on in time", show=False),
        Binding("plus,equals_sign", "zoom(0.5)", "closer", show=False),
        Binding("minus,hyphen", "zoom(2.0)", "wider", show=False),
        Binding("n", "gate(1)", "next gate", show=False),
        Binding("b", "gate(-1)", "gate before", show=False),
        Binding("e", "export", "export", show=False),
    ]

    def __init__(self, past: Past, *, house: House) -> None:
        super().__init__()
        self._past, self._house = past, house
        self._span_s = max(NARROWEST_S, min(60.0, past.duration_s))
        self._end_s = self._span_s
        self._gate = -1

    def compose_content(self) -> Iterable[Widget]:
        """Trace above, the gate in words below."""
        yield BreathTrace(id="trace")
        yield Line(id="where", classes="quiet")
        with VerticalScroll(id="gate"):
            yield Line(id="verdict")

    def on_mount(self) -> None:
        """Begin at the first gate, or at the beginning."""
        past = self._past
        mark = f"   {t('SIMULATED')}" if past.simulated else ""
        when = past.started_at.strftime("%Y-%m-%d %H:%M")
        self.query_one("#heading", Line).say(
            f"{words.routine_words(past.routine)}   {when}   {past.sensor}{mark}"
        )
        if past.verdicts:
            self.action_gate(1)
        else:
            self._draw()
        self.run_worker(self._follow, thread=True)

    def _follow(self) -> None:
        worker = get_current_worker()
        stretch = self._house.followed(self._past.id, stop=lambda: worker.is_cancelled)
        if stretch is not None and not worker.is_cancelled:
            self.app.call_from_thread(self._take, stretch)

    def _take(self, stretch: Stretch) -> None:
        self._past = replace(self._past, stretch=stretch)
        self._draw()

    def _draw(self) -> None:
        past = self._past
        low, high = past.range
        lines = (("full", past.enough), ("usual", past.quiet))
        self.query_one(BreathTrace).frame = Frame(
            window=past.stretch, now_s=self._end_s, seconds=self._span_s, low=low, high=high,
            lines=tuple((name, level) for name, level in lines if level is not None), marks=past.marks,
        )  # fmt: skip
        start, end, whole = map(words.clock_words, (self._end_s - self._span_s, self._end_s, past.duration_s))
        number = (
            t("gate {number} of {all}", number=self._gate + 1, all=len(past.verdicts))
            if past.verdicts
            else t("no breath was judged")
        )
        seen = t("{start} to {end} of {whole}", start=start, end=end, whole=whole)
        self.query_one("#where", Line).say(f"{seen}   {number}")
        text = verdict_words(past.verdicts[self._gate]) if past.verdicts else Content("\n".join(past.notes))
        self.query_one("#verdict", Line).content = text

    def _look_at(self, middle_s: float) -> None:
        half = self._span_s / 2
        last = max(half, self._past.duration_s - half)
        self._end_s = min(max(middle_s, half), last) + half
        self._draw()

    def action_scroll(self, way: int) -> None:
        """Scroll by a third of what is seen."""
        self._look_at(self._end_s - self._span_s / 2 + way * self._span_s / 3)

    def action_zoom(self, factor: float) -> None:
        """Come closer or step back, round the middle."""
        middle = self._end_s - self._span_s / 2
        self._span_s = min(max(NARROWEST_S, self._past.duration_s), max(NARROWEST_S, self._span_s * factor))
        self._look_at(middle)

    def action_gate(self, way: int) -> None:
        """Go to the next gate, or the one before."""
        if self._past.verdicts:
            self._gate = min(len(self._past.verdicts) - 1, max(0, self._gate + way))
            self._look_at(self._past.verdicts[self._gate].inhale_peak_s)

    def action_export(self) -> None:
        """Export this session."""
        self.app.post_message(Go(f"export:{self._past.id}"))


def verdict_words(verdict: Verdict) -> Content:
    """A verdict clause by clause."""
    mark = t("✓ opened" if verdict.opened else "× not counted")
    side = verdict.side
    place = f", {t('{side} side, point {point}', side=t(side), point=verdict.point)}" if side else ""
    head = Content.assemble(
        (mark, "bold"),
        f"{place} {t('at {time}', time=words.clock_words(verdict.inhale_peak_s))}   “{verdict.sentence}”",
    )
    return Content("\n").join([head, *(Content(clause_words(clause)) for clause in verdict.clauses)])


def clause_words(clause: ClauseResult) -> str:
    """A clause with its number and its limit."""
    mark = "✓" if clause.ok else "×"
    value = "" if clause.value is None else f"  {clause.value:.3g}"
    limit = "" if clause.limit is None else f" ({t('limit {limit}', limit=f'{clause.limit:.3g}')})"
    unit = f" {t(clause.unit)}" if clause.unit and (value or limit) else ""
    why = PHRASES[spoken()].get(clause.why, clause.why)
    return f"  {mark} {clause.clause:<4}{value}{unit}{limit}  {why}".rstrip()
