"""Reading and writing little-endian fields so that nothing but a DecodeError can come out of bad bytes."""

import struct
from typing import Any

from breathsync.errors import DecodeError


def show(data: bytes) -> str:
    """The first bytes as hex, for a message."""
    return data[:24].hex(" ") + (" …" if len(data) > 24 else "") if data else "nothing"


def fail(what: str, why: str, data: bytes) -> DecodeError:
    """The error for `data` that should have been a `what`."""
    return DecodeError(f"{what}: {why} ({show(data)}).")


def unpack(layout: str, data: bytes, offset: int, what: str) -> tuple[Any, ...]:
    """`struct.unpack_from`, little endian, or DecodeError when the bytes run out."""
    fields = struct.Struct("<" + layout)
    if offset + fields.size > len(data):
        raise fail(what, f"{offset + fields.size} bytes needed, {len(data)} there", data)
    return fields.unpack_from(data, offset)


def check_range(what: str, name: str, value: float, low: float, high: float) -> None:
    """ValueError, naming value and range, when a field cannot be put into its bytes."""
    if not low <= value <= high:
        raise ValueError(f"{what}: {name} = {value} is outside {low:g}..{high:g}")


def c_string(data: bytes) -> str:
    """Text up to the first zero byte. What cannot be printed is left out: it would reach somebody's terminal."""
    text = data.split(b"\0", 1)[0].decode("utf-8", errors="replace")
    return "".join(letter for letter in text if letter.isprintable()).strip()
