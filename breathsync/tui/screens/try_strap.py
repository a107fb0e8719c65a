"""A strap on trial: reach it, see oneself breathe, keep it under a name. Leaving always lets the strap go."""

from collections.abc import Iterable
from typing import ClassVar

from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from breathsync.errors import BreathsyncError
from breathsync.plan import Plan
from breathsync.samples import SensorEvent, SensorInfo
from breathsync.tongue import t
from breathsync.tui.house import House
from breathsync.tui.messages import Begin, Go
from breathsync.tui.screens.page import Page
from breathsync.tui.straps import Found
from breathsync.tui.trial import Trial
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.trace import BreathTrace

ASK = "Breathe: do you see yourself?"
LEAVE, KEEP = "leave", "keep"


class TryStrapScreen(Page):
    """One strap, live, until it is kept or left."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "try_strap.tcss"]
    HEADING = "Pair a strap"
    KEYS = "Enter keep it under this name   ESC back, not this one"
    HELP_TEXT = (
        "The line is your breath as the strap feels it; which way is in is learned later. Move the strap about until "
        "it is seen well. Enter remembers it under the name in the field; ESC lets it go. Nothing is recorded here."
    )

    def __init__(self, strap: Found, *, house: House) -> None:
        super().__init__()
        self._strap, self._house = strap, house
        self._trial = Trial()
        self._paired = False
        self._worker: Worker[None] | None = None
        self._then = ""
        self._plan: Plan | None = None

    def compose_content(self) -> Iterable[Widget]:
        """Who it is, what it shows, its name, and what to do next."""
        yield Line(t("Connecting to {name} ...", name=self._strap.name), id="doing")
        yield Line(id="strap")
        yield Line(id="seen")
        yield BreathTrace(id="trace", gutter=False)
        yield Line("Keep it as", id="ask-name", classes="quiet")
        yield Input(id="name")
        yield OptionList(
            Option(t("▸  Start a first session with it"), id="start"), Option(t("Home"), id="home"), id="next"
        )

    def on_mount(self) -> None:
        """Reach the strap at once; what needs it stays hidden until it is there."""
        for hidden in ("#trace", "#ask-name", "#name", "#next"):
            self.query_one(hidden).display = False
        self._worker = self.run_worker(self._try())

    async def _try(self) -> None:
        try:
            sensor = await self._house.reach(self._strap)
            try:
                await sensor.connect()
                self._reached(sensor.info)
                async for event in sensor.events():
                    self._paired = bool(getattr(sensor, "paired", False))
                    self._take(event)
            finally:
                await sensor.close()
        except BreathsyncError as error:
            self._failed(error)
        except Exception as error:  # a fault of ours: leave the terminal whole, whoever started us reports it
            self.app.exit(error)

    def _reached(self, info: SensorInfo) -> None:
        self._trial.take(info)
        field = self.query_one("#name", Input)
        field.value = self._house.name_of(self._strap)
        self._show("#ask-name", "#name")
        field.focus()
        if info.breath_stream is not None:
            self.query_one("#doing", Line).say(ASK)
            self._show("#trace")
        else:
            self.query_one("#doing", Line).say(t("Connected to {name}.", name=self._strap.name))
        self._draw()

    def _take(self, event: SensorEvent) -> None:
        self._trial.take(event)
        if not self._then:
            self._draw()

    def _draw(self) -> None:
        self.query_one("#strap", Line).say(self._trial.strap_words)
        self.query_one("#seen", Line).say(self._trial.seen_words)
        frame = self._trial.frame
        if frame is not None:
            self.query_one(BreathTrace).show(frame)

    def _show(self, *names: str) -> None:
        for name in names:
            self.query_one(name).display = True

    def _failed(self, error: BreathsyncError) -> None:
        """What happened and what to try, in place of the picture."""
        for hidden in ("#trace", "#ask-name", "#name"):
            self.query_one(hidden).display = False
        self.query_one("#doing", Line).say(error.message)
        self.query_one("#strap", Line).say(error.advice)
        self.query_one("#seen", Line).say("")
        self.query_one("#keys", Line).say("ESC back")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Remember the strap, and let it go: a session reaches it anew."""
        info = self._trial.info
        if info is None or self._then:
            return
        try:
            self._plan = self._house.remember(
                self._strap, name=event.value.strip() or self._strap.name, info=info, paired=self._paired
            )
        except BreathsyncError as error:
            self.query_one("#ask-name", Line).say(str(error))
            return
        self._let_go(KEEP)

    def action_back(self) -> None:
        """Let the strap go, then leave the page."""
        if self._plan is not None and not self._then:
            self.app.post_message(Go("home"))
        else:
            self._let_go(LEAVE)

    def _let_go(self, then: str) -> None:
        """Cancel the trial; what comes then waits until the strap is closed."""
        self._then = then
        if self._worker is None or self._worker.is_finished:
            self._gone()
        else:
            self.query_one("#doing", Line).say("Letting the strap go ...")
            self._worker.cancel()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The strap is closed."""
        if event.state is WorkerState.CANCELLED and event.worker is self._worker:
            self._gone()

    def _gone(self) -> None:
        then, self._then = self._then, ""
        if then == LEAVE:
            self.app.pop_screen()
        elif then == KEEP and self._plan is not None:
            for hidden in ("#trace", "#ask-name", "#name", "#strap", "#seen"):
                self.query_one(hidden).display = False
            self.query_one("#doing", Line).say(
                t("Remembered as {name}.", name=self._plan.source.partition(":")[2])
            )
            self.query_one("#keys", Line).say("↑ ↓ choose   Enter   ESC home")
            self._show("#next")
            self.query_one("#next").focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Home, or the first session."""
        if event.option.id == "start" and self._plan is not None:
            self.app.post_message(Begin(self._plan))
        else:
            self.app.post_message(Go("home"))
