"""The answers to the safety questions, kept on this machine for its owner only, so that they are asked once."""

import os
from pathlib import Path

import msgspec

from breathsync.guide.checkin import Screening
from breathsync.guide.events import Place, Step
from breathsync.guide.guide import Guide
from breathsync.outcome import Outcome, View

FILE = "screening.json"


def load_screening(folder: Path) -> Screening | None:
    """The answers of an earlier session, or None: not asked yet, or not readable, and then they are asked again."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Screening)
    except (OSError, msgspec.DecodeError):
        return None


def save_screening(folder: Path, screening: Screening) -> None:
    """Keep the answers. A folder that cannot be written is no error: the questions are asked again next time."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(screening))
    except OSError:
        return


class ScreeningKeeper:
    """A `Face` that keeps the answers once the check-in is over."""

    def __init__(self, *, guide: Guide, folder: Path) -> None:
        self._guide = guide
        self._folder = folder
        self._kept = False

    def hear(self, outcome: Outcome, view: View) -> None:
        """Save when the first step after the check-in begins."""
        if self._kept or not isinstance(outcome, Step) or outcome.place is Place.CHECK_IN:
            return
        self._kept = True
        if self._guide.screening is not None:
            save_screening(self._folder, self._guide.screening)
