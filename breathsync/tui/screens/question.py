"""A question of the check-in: yes or no, or nought to ten. One key answers."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Middle, Vertical
from textual.content import Content
from textual.widget import Widget

from breathsync.guide.events import Question, QuestionKind
from breathsync.tongue import t
from breathsync.tui.messages import Replied
from breathsync.tui.picture import Picture
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.lines import Line

SCALE_END = 10


class QuestionScreen(LiveScreen):
    """Asks what the guide asks. Its keys mean answers here, not words."""

    CSS_PATH = "question.tcss"
    HELP_TEXT = (
        "Yes or no: y or n. Nought to ten: the arrow keys or a digit, then Enter; 0 is not at all, 10 is as stiff or "
        "sore as it gets. x leaves a question out. Your answers stay on this machine."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "reply(True)", "yes", show=False),
        Binding("n", "reply(False)", "no", show=False),
        Binding("x", "reply(None)", "leave out", show=False),
        Binding("left,down", "less_or_more(-1)", "less", show=False),
        Binding("right,up", "less_or_more(1)", "more", show=False),
        Binding("space,enter", "take", "take this", show=False),
        *[Binding(str(digit), f"set({digit})", str(digit), show=False) for digit in range(10)],
    ]

    def __init__(self) -> None:
        super().__init__()
        self._question: Question | None = None
        self._value = 0

    def compose_content(self) -> Iterable[Widget]:
        """The question, the ways to answer, the keys."""
        with Middle(), Vertical(id="calm"):
            yield Line(id="text")
            yield Line(id="choices")
            yield Line(id="how")

    def show(self, picture: Picture) -> None:
        """Draw this moment; a new question starts at nought."""
        super().show(picture)
        question = picture.view.guide.question
        if question is not None and question != self._question:
            self._question, self._value = question, 0
            self._draw()

    def _draw(self) -> None:
        question = self._question
        if question is None:
            return
        self.query_one("#text", Line).say(question.text)
        choices, how = self.query_one("#choices", Line), self.query_one("#how", Line)
        if question.kind is QuestionKind.YES_NO:
            yes = Content.from_markup("[@click=screen.reply(True)][b]y[/b]  " + t("yes") + "[/]")
            no = Content.from_markup("[@click=screen.reply(False)][b]n[/b]  " + t("no") + "[/]")
            choices.content = Content.assemble(yes, "          ", no)
            how.say("x leaves it out")
            return
        numbers = [
            Content.from_markup(f"[@click=screen.set({n})]{f'▸{n}◂' if n == self._value else f' {n} '}[/]")
            for n in range(SCALE_END + 1)
        ]
        choices.content = Content(" ").join(numbers)
        how.say("0 not at all, 10 the most\n← → or a digit, then Enter   ·   x leaves it out")

    def action_reply(self, value: bool | None) -> None:
        """Answer a yes or no, or leave the question out."""
        question = self._question
        if question is not None and (value is None or question.kind is QuestionKind.YES_NO):
            self.app.post_message(Replied(question.question, value))

    def action_less_or_more(self, by: int) -> None:
        """Move along the scale."""
        self._value = min(SCALE_END, max(0, self._value + by))
        self._draw()

    def action_set(self, digit: int) -> None:
        """Set a number; a nought after a one makes ten."""
        self._value = SCALE_END if digit == 0 and self._value == 1 else digit
        self._draw()

    def action_take(self) -> None:
        """Take the number shown."""
        question = self._question
        if question is not None and question.kind is QuestionKind.SCALE:
            self.app.post_message(Replied(question.question, self._value))
