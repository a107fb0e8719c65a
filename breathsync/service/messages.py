"""What the service says and understands, as plain JSON objects. Each has a `type`; times are seconds.

Outcomes of the session keep the names of their classes in snake case (`verdict`, `breath_ended`) and of their
fields. The version counts up when a field changes its meaning or goes.
"""

import json
import re
from typing import Any

import msgspec

from breathsync import __version__
from breathsync.errors import UsageError
from breathsync.guide.events import Word
from breathsync.outcome import Outcome, View

VERSION = 1
LONGEST_COMMAND = 4096


def hello(view: View) -> dict[str, Any]:
    """The first message to each client: versions, the sensor, where the session stands."""
    return {
        "type": "hello",
        "version": VERSION,
        "breathsync": __version__,
        "sensor": msgspec.to_builtins(view.info, str_keys=True),
        "step": msgspec.to_builtins(view.guide.step),
    }


def event(outcome: Outcome) -> dict[str, Any]:
    """One outcome of the session."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(outcome).__name__).lower()
    fields: dict[str, Any] = msgspec.to_builtins(outcome, str_keys=True)
    return {"type": name, **fields}


def live(view: View) -> dict[str, Any]:
    """The breath at this moment."""
    return {"type": "live", **msgspec.to_builtins(view.live)}


def parse_command(text: str | bytes) -> Word:
    """The person's word in a client's message `{"type": "word", "word": "pause"}`.

    Raises UsageError that says what is allowed, for anything else.
    """
    allowed = f'Send {{"type": "word", "word": ...}} with one of {", ".join(Word)}.'
    if len(text) > LONGEST_COMMAND:
        raise UsageError(f"The message is longer than {LONGEST_COMMAND} bytes.", advice=allowed)
    try:
        message = json.loads(text)
    except ValueError:
        raise UsageError("The message is not JSON.", advice=allowed) from None
    if (
        not isinstance(message, dict)
        or message.get("type") != "word"
        or message.get("word") not in list(Word)
    ):
        raise UsageError("The message is not a word.", advice=allowed)
    return Word(message["word"])
