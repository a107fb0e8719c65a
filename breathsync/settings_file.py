"""A person's own settings: a TOML file over the defaults of `settings.py`, within the same bounds."""

from pathlib import Path

from breathsync import strict_files
from breathsync.errors import SettingsError
from breathsync.paths import config_folder
from breathsync.settings import Settings


def settings_path() -> Path:
    """Where a person's settings are, if there are any."""
    return config_folder() / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """The settings in `path`, or the person's own; the defaults where there is no file of their own.

    Raises SettingsError with the file, the path of the field and what is allowed.
    """
    if path is None:
        path = settings_path()
        if not path.exists():
            return Settings()
    return strict_files.read(path, Settings, error=SettingsError)
