"""Where a person's data and settings lie."""

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from breathsync.errors import SettingsError

LOGBOOK_VARIABLE = "BREATHSYNC_LOGBOOK"


def data_folder() -> Path:
    """The folder of the logbook and of what must stay on this machine; `BREATHSYNC_LOGBOOK` overrides it.

    Raises SettingsError where nobody's home is known, as `config_folder` does.
    """
    override = os.environ.get(LOGBOOK_VARIABLE)
    return Path(override) if override else _own(platformdirs.user_data_dir)


def config_folder() -> Path:
    """The folder of a person's settings, routines and straps."""
    return _own(platformdirs.user_config_dir)


def _own(folder: Callable[..., str]) -> Path:
    try:
        return Path(folder("breathsync", appauthor=False))
    except RuntimeError:  # neither HOME nor an entry in the system's list of users
        raise SettingsError(
            "Nobody's home folder is known here, so there is no place for a logbook and settings.",
            advice="Set HOME to a folder of yours.",
        ) from None
