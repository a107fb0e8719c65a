"""Where a person's data and settings lie."""

import os
from pathlib import Path

import platformdirs

LOGBOOK_VARIABLE = "BREATHSYNC_LOGBOOK"


def data_folder() -> Path:
    """The folder of the logbook and of what must stay on this machine; `BREATHSYNC_LOGBOOK` overrides it."""
    override = os.environ.get(LOGBOOK_VARIABLE)
    return Path(override) if override else Path(platformdirs.user_data_dir("breathsync", appauthor=False))


def config_folder() -> Path:
    """The folder of a person's settings, routines and straps."""
    return Path(platformdirs.user_config_dir("breathsync", appauthor=False))
