"""Find the breath: the trace large, breaths counted, and the band that appears round what the person does."""

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from breathsync.tongue import t
from breathsync.tui.picture import Picture
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.column import BreathColumn
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.trace import BreathTrace
from breathsync.tui.widgets.verb import Verb


class FindScreen(LiveScreen):
    """Calibration as the person sees it."""

    CSS_PATH = "find.tcss"
    HELP_TEXT = (
        "First your usual breath is measured: sit upright and breathe as you always do. Then three comfortable full "
        "breaths: slowly in through the nose until you naturally stop. Nothing is assumed: without this the gate "
        "stays shut. Comfortable, not the biggest."
    )

    def compose_content(self) -> Iterable[Widget]:
        """Verb and counts above, the trace large below."""
        with Horizontal(id="main"):
            with Vertical(id="words"):
                yield Verb(id="verb")
                yield Line(id="sentence")
                yield Line(id="counts")
                yield Line(id="found")
            yield BreathColumn(id="column")
        yield BreathTrace(id="trace")

    def show(self, picture: Picture) -> None:
        """Draw this moment."""
        super().show(picture)
        guide = picture.view.guide
        self.query_one(Verb).word = t(guide.step.verb)
        self.query_one("#sentence", Line).say(guide.step.sentence)
        self.query_one("#counts", Line).say(count_words(picture))
        self.query_one("#found", Line).say(found_words(picture))
        self.query_one(BreathColumn).show(picture.level, picture.scale, opened=False)
        self.query_one(BreathTrace).show(picture.frame)


def count_words(picture: Picture) -> str:
    """Usual and full breaths counted so far."""
    guide = picture.view.guide
    parts: list[str] = []
    quiet, full = guide.quiet_counted, guide.full_counted
    if guide.quiet_needed:
        parts.append(t("breathe as usual: {counted} of {needed}", counted=quiet, needed=guide.quiet_needed))
    if guide.full_needed and (full or quiet >= guide.quiet_needed):
        parts.append(t("a slow full breath: {counted} of {needed}", counted=full, needed=guide.full_needed))
    return "     ".join(parts)


def found_words(picture: Picture) -> str:
    """What was found, in the sensor's unit."""
    calibration = picture.view.guide.calibration
    if calibration is None or calibration.a_quiet <= 0:
        return ""
    quiet, full, unit = calibration.a_quiet, calibration.a_full, calibration.unit
    return t(
        "found: usual {quiet} {unit}, full {full} {unit}, {times} times",
        quiet=f"{quiet:.3g}", full=f"{full:.3g}", unit=unit, times=f"{full / quiet:.1f}",
    )  # fmt: skip
