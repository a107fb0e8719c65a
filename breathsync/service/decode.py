"""What the service says, read back into the classes it was made from: for clients in Python."""

from typing import Any, get_args

import msgspec

from breathsync.errors import DecodeError
from breathsync.outcome import Outcome
from breathsync.service.messages import (
    Command,
    Said,
    event_type,
    outcome_types,
)

_OWN: dict[str, type] = {str(kind.__struct_config__.tag): kind for kind in get_args(Said)}
_DECODERS: dict[str, "msgspec.json.Decoder[Any]"] = {
    name: msgspec.json.Decoder(kind)
    for name, kind in [*_OWN.items(), *((event_type(kind), kind) for kind in outcome_types())]
}


class _Tagged(msgspec.Struct):
    type: str


_tag = msgspec.json.Decoder(_Tagged)
_encoder = msgspec.json.Encoder()


def parse_message(text: str | bytes) -> Said | Outcome:
    """One message of the service. Raises DecodeError for anything else, with the path to what is wrong."""
    try:
        kind = _tag.decode(text).type
        message: Said | Outcome = _DECODERS[kind].decode(text)
    except KeyError as error:
        raise DecodeError(f"The service sent a message of the unknown type {error}.") from None
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise DecodeError(f"The service sent what is no message: {error}.") from None
    return message


def command(wanted: Command) -> str:
    """A command as the service understands it."""
    return _encoder.encode(wanted).decode()
