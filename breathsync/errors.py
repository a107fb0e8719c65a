"""One tree of errors. Each has a reason (an enum where there are several) and one sentence of advice.

BreathsyncError
├── UsageError            wrong use: exit 2
│   └── UnknownNameError  no such source, routine, strap; carries the nearest names
├── SettingsError         a settings file or value: file, path, what is allowed
├── RoutineError          a routine file: file, path, what is allowed
├── RecordingError        a recording: file, row, column
├── DecodeError           bytes from a sensor that are not what the protocol says
├── SensorError           a sensor that cannot be reached or held: a `SensorTrouble` and its advice
└── LogbookError          the store or an export
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum


class BreathsyncError(Exception):
    """What went wrong, in one sentence, and what to try, in another."""

    exit_code = 1

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class UsageError(BreathsyncError):
    """The command was called in a way it does not know."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not among the known ones; the nearest are offered."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.known = sorted(known)
        self.nearest = get_close_matches(name, self.known, n=3, cutoff=0.4)
        offered = self.nearest or self.known[:8]
        advice = f"Did you mean {' or '.join(offered)}?" if self.nearest else f"Known: {', '.join(offered)}."
        super().__init__(f"There is no {what} called {name!r}.", advice=advice if offered else "")


class SettingsError(BreathsyncError):
    """A setting outside its bounds, or a settings file that cannot be read."""

    exit_code = 2


class RoutineError(BreathsyncError):
    """A routine file with a wrong field: says file, path and what is allowed."""

    exit_code = 2


class RecordingError(BreathsyncError):
    """A recording that cannot be read: says file, row and column (rows count from 1, header included)."""


class DecodeError(BreathsyncError):
    """Bytes that do not follow the sensor's protocol; the frame is dropped, the link goes on."""


class SensorTrouble(StrEnum):
    """Why a sensor cannot be used just now."""

    NO_ADAPTER = "no_adapter"
    NO_SERVICE = "no_service"
    ADAPTER_OFF = "adapter_off"
    BLOCKED = "blocked"
    NO_PERMISSION = "no_permission"
    STACK_TOO_OLD = "stack_too_old"
    BUSY_SCANNING = "busy_scanning"
    NOT_FOUND = "not_found"
    HELD_ELSEWHERE = "held_elsewhere"
    NEEDS_PAIRING = "needs_pairing"
    PAIRING_REFUSED = "pairing_refused"
    REFUSED_SETTINGS = "refused_settings"
    UNSUPPORTED = "unsupported"
    FIRMWARE = "firmware"
    LOST = "lost"
    WRONG_THREAD = "wrong_thread"
    UNKNOWN = "unknown"


class SensorError(BreathsyncError):
    """A sensor that cannot be reached, started or held."""

    def __init__(self, message: str, *, trouble: SensorTrouble, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.trouble = trouble


class LogbookError(BreathsyncError):
    """The store or an export failed; what was recorded stays."""
