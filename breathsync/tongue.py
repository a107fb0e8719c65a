"""The words of the screen and of plain lines in the person's language; what the guide says is in `guide/phrases`.

An English text is its own key; one that a table lacks stays English. One face speaks one language at a time, so that
is kept here and not handed through every widget.
"""

from collections.abc import Mapping

from breathsync.german import GERMAN

TABLES: Mapping[str, Mapping[str, str]] = {"en": {}, "de": GERMAN}
"""Words by language."""

_spoken = {"language": "en"}


def speak(language: str) -> None:
    """From now on words come in this language; one we do not have is English."""
    _spoken["language"] = language if language in TABLES else "en"


def spoken() -> str:
    """The language in use."""
    return _spoken["language"]


def t(text: str, **values: object) -> str:
    """A text in the language in use, with `values` in its braces where there are any."""
    said = TABLES[spoken()].get(text, text)
    return said.format(**values) if values else said
