"""TOML files read strictly into frozen dataclasses: every error names the file, the path of the field, what is allowed.

A dataclass of `guide/` or `settings.py` stays free of msgspec; from its annotations and `Bound`s this makes the
msgspec type that refuses what it does not know, and the JSON Schema an editor can use.
"""

import re
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from breathsync.errors import BreathsyncError
from breathsync.settings import Bound

T = TypeVar("T")
MISSING_FIELD = "is missing"
NAMES = {
    "str": "a text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""How a person calls what msgspec calls a type."""


def read(path: Path, kind: type[T], *, error: type[BreathsyncError]) -> T:
    """The file at `path` as a `kind`. Raises `error` for no file, no TOML, or what is not allowed."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as reason:
        raise error(
            f"{path} cannot be read: {reason.strerror}.", advice="Check the name and the rights."
        ) from None
    except UnicodeDecodeError as reason:
        raise error(f"{path} is not UTF-8 text (byte {reason.start}).") from None
    return parse(text, kind, name=str(path), error=error)


def parse(text: str, kind: type[T], *, name: str, error: type[BreathsyncError]) -> T:
    """TOML text as a `kind`; `name` stands for the file in errors."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise error(f"{name} is not valid TOML: {reason}.") from None
    strict: Any = _strict(kind)  # type: ignore[arg-type]
    try:
        return cast(T, made(msgspec.convert(data, strict), kind))
    except msgspec.ValidationError as reason:
        field_path, message = _in_words(str(reason), kind)
        field_path = _with_key(field_path, data, kind)
        colon = "" if message == MISSING_FIELD else ":"
        said = f"`{field_path}`{colon} {message}" if field_path else message
        raise error(f"{name}: {said}.") from None
    except BreathsyncError as reason:
        raise error(f"{name}: {reason.message}", advice=reason.advice) from None


def schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of files of this kind."""
    return msgspec.json.schema(_strict(kind))


def made(value: Any, kind: Any) -> Any:
    """A strict msgspec object as the frozen dataclass it stands for."""
    kind = _plain(kind)
    if value is None:
        return None
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{f.name: made(getattr(value, f.name), hints[f.name]) for f in fields(kind)})
    if get_origin(kind) is dict:
        return {key: made(item, get_args(kind)[1]) for key, item in value.items()}
    return value


def _plain(kind: Any) -> Any:
    """A type without its None and its annotation."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (UnionType, Union):
        return (
            _plain(next(a for a in get_args(kind) if a is not type(None)))
            if None.__class__ in get_args(kind)
            else kind
        )
    return kind


@cache
def _strict(kind: Any) -> Any:
    """The msgspec type for a dataclass: the same fields and bounds, and nothing else allowed."""
    hints = get_type_hints(kind, include_extras=True)
    members: list[Any] = []
    for f in fields(kind):
        translated = _translated(hints[f.name])
        if f.default is not MISSING:
            members.append((f.name, translated, f.default))
        elif f.default_factory is not MISSING:
            inner = _plain(hints[f.name])
            factory: Any = (
                _strict(inner) if isinstance(inner, type) and is_dataclass(inner) else f.default_factory
            )
            members.append((f.name, translated, msgspec.field(default_factory=factory)))
        else:
            members.append((f.name, translated))
    namespace = {"__doc__": kind.__doc__}
    return msgspec.defstruct(
        kind.__name__, members, namespace=namespace, forbid_unknown_fields=True, kw_only=True
    )


def _translated(hint: Any) -> Any:
    """A field's type with its `Bound` as a msgspec constraint."""
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        bound = next((note for note in notes if isinstance(note, Bound)), None)
        if bound is None:
            return _translated(inner)
        base = _plain(inner)
        meta = msgspec.Meta(
            ge=base(bound.low), le=base(bound.high), description=f"{bound.unit} {bound.clause}".strip()
        )
        bounded: Any = Annotated[base, meta]
        return bounded | None if type(None) in get_args(inner) else bounded
    if get_origin(hint) in (UnionType, Union):
        return Union[tuple(_translated(a) for a in get_args(hint))]  # noqa: UP007 - made at run time
    if get_origin(hint) is dict:
        return dict[get_args(hint)[0], _translated(get_args(hint)[1])]  # type: ignore[misc]
    if isinstance(hint, type) and is_dataclass(hint):
        return _strict(hint)
    return hint


def _in_words(said: str, kind: type) -> tuple[str, str]:
    """msgspec's message as the path of the field and what is allowed there."""
    message, _, path = said.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    here, hint = _at_path(kind, path)
    if message.startswith("Object contains unknown field"):
        wrong = message.split("`")[1]
        known = [f.name for f in fields(here)] if is_dataclass(here) else []
        nearest = get_close_matches(wrong, known, n=1)
        meant = f"did you mean `{nearest[0]}`? " if nearest else ""
        return f"{path}.{wrong}".lstrip("."), f"there is no such field; {meant}allowed are {', '.join(known)}"
    if message.startswith("Object missing required field"):
        return f"{path}.{message.split('`')[1]}".lstrip("."), MISSING_FIELD
    bound = next((n for n in getattr(hint, "__metadata__", ()) if isinstance(n, Bound)), None)
    if bound is not None:
        whole = "a whole number" if _plain(hint) is int else "a number"
        return path, f"allowed is {whole} from {bound.low:g} to {bound.high:g} {bound.unit}".rstrip()
    if isinstance(here, type) and issubclass(here, Enum):
        return path, f"allowed is one of {', '.join(str(e.value) for e in here)}"
    expected = re.match(r"Expected `(.+)`, got `(.+)`", message)
    if expected:
        wanted, got = (
            " or ".join(NAMES.get(name, name) for name in group.split(" | ")) for group in expected.groups()
        )
        return path, f"allowed is {wanted}, not {got}"
    return path, message[:1].lower() + message[1:]


def _with_key(path: str, data: Any, kind: Any) -> str:
    """The path with the table's own key for `[...]`: the first one whose value is refused."""
    before, found, after = path.partition("[...]")
    if not found:
        return path
    for part in _parts(before):
        data = data[int(part[1:-1])] if part.startswith("[") else data[part]
    inner = _translated(get_args(_at_path(kind, before)[0])[1])
    for key, value in data.items():
        try:
            msgspec.convert(value, inner)
        except msgspec.ValidationError:
            return f"{before}.{key}{after}"
    return path


def _parts(path: str) -> list[str]:
    """A path like `texts[...].set_up[0]` in its parts."""
    return re.findall(r"\[[^]]*\]|[^.\[]+", path)


def _at_path(kind: Any, path: str) -> tuple[Any, Any]:
    """The type at a path like `sides.points` or `texts[...].set_up[0]`, plain and as annotated."""
    hint: Any = kind
    for part in _parts(path):
        plain = _plain(hint)
        if part.startswith("["):
            args = get_args(plain)
            hint = (args[1] if get_origin(plain) is dict else args[0]) if args else plain
        elif is_dataclass(plain) and isinstance(plain, type):
            hint = get_type_hints(plain, include_extras=True).get(part, Any)
    return _plain(hint), hint
