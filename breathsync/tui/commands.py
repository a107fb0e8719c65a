"""The command palette: every action that makes sense just now."""

from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from breathsync.guide.events import Word
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.messages import Go, Spoken

PLACES = {
    "choose": ("Choose a routine and a sensor", "Then start it."),
    "pair": ("Pair a strap", "Look for straps near by."),
    "history": ("History", "Past sessions."),
    "settings": ("Settings", "Colours, motion, sound."),
    "targets": ("What a full breath is, and its limits", "Numbers of the gate, each within its bounds."),
    "help": ("Help", "What this screen shows, and every key."),
    "leave": ("Leave", "A running session is stopped and saved first."),
}


class Actions(Provider):
    """Words while a session runs, places otherwise."""

    def _all(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        in_session = getattr(self.app, "running", None) is not None
        if in_session:
            for word in Word:
                yield t(word.replace("_", " ").capitalize()), t(words.WHAT_WORDS_DO[word]), self._say(word)
        for place, (title, about) in PLACES.items():
            if not in_session or place in ("help", "leave"):
                yield t(title), t(about), self._go(place)

    def _say(self, word: Word) -> IgnoreReturnCallbackType:
        return lambda: self.app.post_message(Spoken(word))

    def _go(self, place: str) -> IgnoreReturnCallbackType:
        return lambda: self.app.post_message(Go(place))

    async def discover(self) -> Hits:
        """All of them."""
        for title, about, act in self._all():
            yield DiscoveryHit(title, act, help=about)

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed."""
        matcher = self.matcher(query)
        for title, about, act in self._all():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), act, help=about)
