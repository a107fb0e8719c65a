"""What the guide says, by key and language. English is complete; a key missing elsewhere falls back to it."""

from breathsync.guide.events import Side
from breathsync.guide.phrases import de, en

PHRASES = {"en": en.PHRASES, "de": de.PHRASES}
SIDES = {"en": en.SIDES, "de": de.SIDES}
"""How `{side}` and `{other}` read in a routine's texts."""


def phrase(key: str, language: str = "en", **values: object) -> str:
    """The sentence of `key` in `language`, with `values` in its braces. Raises KeyError for a key nobody knows."""
    return PHRASES.get(language, en.PHRASES).get(key, en.PHRASES[key]).format(**values)


def mirrored(text: str, side: Side, language: str = "en") -> str:
    """A routine's text with `{side}` and `{other}` filled in."""
    words = SIDES.get(language, en.SIDES)
    other = Side.LEFT if side is Side.RIGHT else Side.RIGHT
    return text.format(side=words[side], other=words[other])
