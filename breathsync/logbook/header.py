"""What stands once at the head of a session: who, what, when, under which settings and versions."""

import platform
import sys
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from breathsync import __version__
from breathsync.errors import LogbookError
from breathsync.guide.routine import Routine
from breathsync.logbook.records import decode_plain, encode_plain, plain
from breathsync.samples import SensorInfo
from breathsync.settings import Settings, as_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of a session's log.

    `started_at`: wall time with UTC offset at which the session's axis (`t_s`) is zero. `routine` and `settings`: the
    whole of them, as plain values. `options`: what else the guide was made with (language, screening).
    `versions`: of breathsync and of what computes with it.
    """

    started_at: datetime
    info: SensorInfo
    routine: dict[str, Any]
    settings: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() is None:
            raise ValueError("started_at needs a UTC offset")

    @property
    def routine_name(self) -> str:
        """The routine's name, or an empty string."""
        return str(self.routine.get("name", ""))


def make_header(
    *,
    info: SensorInfo,
    routine: Routine,
    settings: Settings,
    started_at: datetime | None = None,
    **options: Any,
) -> Header:
    """The head of a session that begins at `started_at` (now, unless given)."""
    return Header(
        started_at=started_at or datetime.now().astimezone(),
        info=info,
        routine=plain(routine),
        settings=as_dict(settings),
        options=plain(options),
        versions=versions_now(),
    )


def versions_now() -> dict[str, str]:
    """The versions in force in this process. Nothing is imported for it."""
    found = {"breathsync": __version__, "python": platform.python_version(), "system": sys.platform}
    for package in ("numpy", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def encode_header(header: Header) -> bytes:
    """A header as JSON."""
    return encode_plain(plain(header))


def decode_header(body: bytes | str) -> Header:
    """The header that `encode_header` wrote. Raises LogbookError where it cannot be understood."""
    try:
        return msgspec.convert(decode_plain(body.encode() if isinstance(body, str) else body), Header)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise LogbookError(f"The head of a session cannot be read: {error}.") from error
