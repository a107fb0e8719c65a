"""History: the list of sessions with 7 and 60 days by side; a session opens to be looked at."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from breathsync.guide.events import Side
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.messages import Go
from breathsync.tui.screens.page import Page
from breathsync.tui.widgets.lines import Line

if TYPE_CHECKING:  # the logbook is opened on use
    from breathsync.logbook.history import Listed

SPANS_DAYS = (7, 60)


class HistoryScreen(Page):
    """All sessions, the latest first."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "history.tcss"]
    HEADING = "History"
    KEYS = "↑ ↓ choose   Enter look   e export   ESC back"
    HELP_TEXT = (
        "Each line is a session: when, which routine and sensor, points passed right and left (◇ by hand). Simulated "
        "ones say so and do not count in the sums above."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("e", "export", "export", show=False)]

    def __init__(self, *, sessions: "Sequence[Listed]", now: datetime) -> None:
        super().__init__()
        self._sessions, self._now = sessions, now

    def compose_content(self) -> Iterable[Widget]:
        """Sums, then the list."""
        for days in SPANS_DAYS:
            yield Line(sum_words(self._sessions, days=days, now=self._now), classes="sum")
        if self._sessions:
            yield OptionList(*(Option(line_of(s), id=s.id) for s in self._sessions), id="sessions")
        else:
            yield Line("Nothing here yet. Try it now on the home screen records a first session.")

    def on_mount(self) -> None:
        """Keys act on the list at once."""
        for lines in self.query(OptionList):
            lines.highlighted = 0
            lines.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Look at a session."""
        self.app.post_message(Go(f"past:{event.option.id}"))

    def action_export(self) -> None:
        """Export the marked session."""
        lines = self.query_one_optional(OptionList)
        if lines is not None and lines.highlighted is not None:
            self.app.post_message(Go(f"export:{self._sessions[lines.highlighted].id}"))


def line_of(session: "Listed") -> str:
    """A session in two lines."""
    sides = "   ".join(
        f"{t(side)} {words.BEADS_MEASURED * points.measured}{words.BEADS_BY_HAND * points.by_hand}"
        for side, points in session.summary.points.items()
        if points.measured or points.by_hand
    )
    mark = f"   {t('SIMULATED')}" if session.simulated else ""
    how = f"   {t(session.ended.how)}" if session.ended else f"   {t('running')}"
    when = session.started_at.strftime("%Y-%m-%d %H:%M")
    length = words.clock_words(session.summary.duration_s)
    first = f"{when}   {words.routine_words(session.routine)}   {session.sensor}{mark}"
    return f"{first}\n{length:>16}   {sides or t('no point passed')}{how}"


def sum_words(sessions: "Sequence[Listed]", *, days: int, now: datetime) -> str:
    """What the last days came to, by side; simulated sessions left out."""
    recent = [s for s in sessions if not s.simulated and s.started_at > now - timedelta(days=days)]
    parts = []
    for side in Side:
        measured = sum(s.summary.points[side].measured for s in recent if side in s.summary.points)
        by_hand = sum(s.summary.points[side].by_hand for s in recent if side in s.summary.points)
        parts.append(f"{t(side)} {measured} ✓ {by_hand} ◇")
    number = t("1 session") if len(recent) == 1 else t("{number} sessions", number=len(recent))
    return f"{t('last {days} days', days=f'{days:>2}')}   {number:<12} " + "   ".join(parts)
