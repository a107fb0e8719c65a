"""Lines of text that change seldom: title, sentence, beads, verdict, keys. Each repaints only when its words change."""

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.visual import VisualType
from textual.widget import Widget

from breathsync.guide.events import Bead, BeadState, Verdict, Word
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.messages import Spoken
from breathsync.tui.picture import Picture


class Line(Widget):
    """Some styled words."""

    DEFAULT_CSS = """
    Line { height: auto; width: 1fr; }
    """

    content: reactive[Content] = reactive(Content, layout=True)

    def __init__(
        self, content: Content | str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(Line.content, Content(t(content)) if isinstance(content, str) else content)

    def say(self, text: str) -> None:
        """Show plain words, in the language in use where they are the screen's own."""
        self.content = Content(t(text))

    def render(self) -> VisualType:
        """The words."""
        return self.content


class TitleBar(Widget):
    """What runs, on which side; SIMULATED; the sensor, its battery, the signal, the time."""

    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; color: $quiet; }
    """

    said: reactive[tuple[str, str, tuple[str, ...]]] = reactive(("", "", ()))

    def show(self, picture: Picture) -> None:
        """Take the title from a picture."""
        view = picture.view
        now = view.guide.step.side if view.guide.ended is None else None
        side = f" · {t('{side} side', side=t(now))}" if now else ""
        battery = f" {view.battery_percent} %" if view.battery_percent is not None else ""
        clock = words.clock_words(view.t_s)
        signal = f"{words.signal_words(view.live.doubts)}   {clock}"
        ways = (
            f"● {view.info.name}{battery}   {signal}",
            f"● {view.info.kind}{battery}   {signal}",
            signal,
            clock,
            "",
        )
        self.said = (f"{picture.title}{side}", t("SIMULATED") if view.info.simulated else "", ways)

    def render(self) -> VisualType:
        """One row; what does not fit is said shorter, then left out, SIMULATED last of all."""
        width = self.size.width
        left, simulated, ways = self.said
        right = next((way for way in ways if len(left) + len(simulated) + len(way) + 4 <= width), "")
        if len(left) + len(simulated) + 2 > width:
            left = left[: max(0, width - len(simulated) - 2)]
        room = width - len(left) - len(right)
        middle = simulated.center(room) if room >= len(simulated) else simulated
        return Content.assemble(left, (middle, "bold $simulated"), right)


class Beads(Widget):
    """The restriction points of each side. The shape says how a point was passed."""

    DEFAULT_CSS = """
    Beads { height: auto; width: 1fr; }
    """

    beads: reactive[tuple[Bead, ...]] = reactive((), layout=True)
    turn_deg: reactive[float | None] = reactive(None)
    """Degrees since the middle, shown only when a gyroscope gives them."""

    def __init__(self, *, id: str | None = None, with_place: bool = True) -> None:
        super().__init__(id=id)
        self._with_place = with_place

    def show(self, picture: Picture) -> None:
        """Take the beads, and whole degrees where the sensor can tell them."""
        self.beads = picture.view.guide.beads
        turn = picture.view.live.turn_deg if picture.view.info.sees_turn else None
        self.turn_deg = None if turn is None else float(round(turn))

    def render(self) -> VisualType:
        """A row a side."""
        rows: list[Content] = []
        joint = " ── " if self.size.width >= 40 else " "
        for side in dict.fromkeys(bead.side for bead in self.beads):
            states = [bead.state for bead in self.beads if bead.side is side]
            here = states.index(BeadState.HERE) + 1 if BeadState.HERE in states else 0
            if not self._with_place:
                states = [BeadState.TO_COME if state is BeadState.HERE else state for state in states]
                here = 0
            parts: list[Content | tuple[str, str]] = [(f"{t(side):<7}", "$quiet")]
            for number, state in enumerate(states):
                style = "bold $verb" if state is BeadState.HERE else "$text"
                parts += [(joint if number else "", "$quiet"), (words.BEADS[state], style)]
            if here and joint != " ":
                parts.append(("   " + t("point {here} of {all}", here=here, all=len(states)), "$quiet"))
            if here and self.turn_deg is not None:
                parts.append(("   " + t("turned {deg}°", deg=f"{abs(self.turn_deg):.0f}"), "$text"))
            rows.append(Content.assemble(*parts))
        return Content("\n").join(rows)


class VerdictLine(Line):
    """The last verdict in words, kept until the next one."""

    def show(self, verdict: Verdict | None) -> None:
        """Show a verdict; without one, nothing."""
        if verdict is None:
            self.content = Content("")
            return
        mark, style = (
            (words.BEADS[BeadState.MEASURED], "bold $opened") if verdict.opened else ("×", "bold $refused")
        )
        quiet = verdict.amplitude_quiet
        size = "" if quiet is None else "   " + t("{size} × usual", size=f"{quiet:.1f}")
        self.content = Content.assemble((mark, style), f" “{verdict.sentence}”", (size, "$quiet"))


class KeyBar(Widget):
    """The words that help now with their keys; STOP always at the right edge. A click says a word too."""

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; dock: bottom; }
    """

    allowed: reactive[tuple[Word, ...]] = reactive(())

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[range, Word]] = []

    def render(self) -> VisualType:
        """One row of keys."""
        width = self.size.width
        stop = f" {words.STOP[0]} {words.STOP[1]} "
        gap, keys = _fitting([key for key in words.KEYS if key[0] in self.allowed], width - len(stop) - 1)
        self._spans = [(range(width - len(stop), width), Word.STOP)]
        parts: list[Content | str | tuple[str, str]] = []
        used = 0
        for word, key, text in keys:
            self._spans.append((range(used, used + len(key) + 1 + len(text)), word))
            parts += [(key, "bold"), (f" {text}", "$quiet"), gap]
            used += len(key) + 1 + len(text) + len(gap)
        parts += [" " * max(0, width - used - len(stop)), (stop, "bold $stop-text on $stop")]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Say the word that was clicked."""
        word = next((word for span, word in self._spans if event.x in span), None)
        if word is not None:
            self.app.post_message(Spoken(word, by="tap"))


def _fitting(keys: list[tuple[Word, str, str, str]], room: int) -> tuple[str, list[tuple[Word, str, str]]]:
    """The widest way to write the keys that fits into `room`; where none does, as many as fit."""
    long = [(word, t(key), t(text)) for word, key, text, _ in keys]
    short = [(word, t(key), t(text)) for word, key, _, text in keys]
    for gap, way in (("   ", long), ("  ", long), ("  ", short)):
        if sum(len(key) + 1 + len(text) + len(gap) for _, key, text in way) <= room:
            return gap, way
    while short and sum(len(key) + 3 + len(text) for _, key, text in short) > room:
        short.pop()
    return "  ", short
