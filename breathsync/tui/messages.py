"""What parts of the app tell each other."""

from textual.message import Message

from breathsync.guide.events import Word
from breathsync.plan import Plan
from breathsync.tui.prefs import Prefs


class Happened(Message):
    """The session said something new: draw now, do not wait for the next frame.

    A slow terminal drops these; nothing is lost, since each picture is drawn from the newest view.
    """

    def can_replace(self, message: Message) -> bool:
        """One waiting notice is enough."""
        return isinstance(message, Happened)


class Spoken(Message):
    """The person said a word by key or click."""

    def __init__(self, word: Word, *, by: str = "key") -> None:
        super().__init__()
        self.word = word
        self.by = by


class Moved(Message):
    """The person moves the simulated body: in, out, turn or lean, by -1 or 1."""

    def __init__(self, what: str, way: int = 0) -> None:
        super().__init__()
        self.what = what
        self.way = way


class Replied(Message):
    """The person answered a question; None leaves it out."""

    def __init__(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        super().__init__()
        self.question = question
        self.value = value
        self.note = note


class Begin(Message):
    """Start a session."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


class Go(Message):
    """Go to a place: choose, pair, history, settings, help."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class Keep(Message):
    """Keep the person's choices for this screen."""

    def __init__(self, prefs: Prefs) -> None:
        super().__init__()
        self.prefs = prefs
