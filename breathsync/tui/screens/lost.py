"""Lost or paused: the whole screen, calm; nothing goes on by itself."""

from collections.abc import Iterable

from textual.containers import Middle, Vertical
from textual.widget import Widget

from breathsync.guide.events import Place
from breathsync.samples import SensorState
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.picture import Picture
from breathsync.tui.screens.live import LiveScreen
from breathsync.tui.widgets.lines import Line
from breathsync.tui.widgets.verb import Verb


class LostScreen(LiveScreen):
    """One word, what to do, what the program does meanwhile."""

    CSS_PATH = "lost.tcss"
    HELP_TEXT = (
        "Stay where it is comfortable, or come back to the middle. When the signal is back, it goes on only at your "
        "word (space), at the last point passed."
    )

    def compose_content(self) -> Iterable[Widget]:
        """Everything in the middle of the screen."""
        with Middle(), Vertical(id="calm"):
            yield Verb(id="verb", centred=True)
            yield Line(id="sentence")
            yield Line(id="sensor")

    def show(self, picture: Picture) -> None:
        """Draw this moment."""
        super().show(picture)
        step = picture.view.guide.step
        self.query_one(Verb).word = t(step.verb)
        self.query_one("#sentence", Line).say(step.sentence)
        self.query_one("#sensor", Line).say(sensor_words(picture))


def sensor_words(picture: Picture) -> str:
    """What the sensor is doing, and what is waited for."""
    sensor = picture.view.sensor
    if sensor.state is SensorState.STREAMING:
        if picture.view.guide.step.place is Place.LOST:
            return "It is back. Space goes on, when you are ready."
        return "Space goes on, when you are ready."
    tries = f" ({picture.tries})" if picture.tries else ""
    state = f"{picture.view.info.name}: {t(words.SENSOR_STATES[sensor.state])}{tries}."
    return f"{state} {sensor.why}".strip()
