"""Changes a person's settings file a setting at a time; what they wrote there themselves stays as it is."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from breathsync import strict_files
from breathsync.errors import SettingsError
from breathsync.settings import Settings
from breathsync.settings_file import load_settings, settings_path


def keep_setting(group: str, name: str, value: float | None, *, path: Path | None = None) -> Settings:
    """Keep one setting (`gate`, `low_quiet`, 2.5) in the person's own file, or take it out with None.

    The setting's default is taken out too, so that the file says only what somebody chose. Returns all settings as
    they are now. Raises SettingsError for a value outside its bounds, a file that cannot be read or written; the file
    is then as it was.
    """
    path = path or settings_path()
    document = _read(path)
    table = document.get(group)
    if value is None or value == getattr(getattr(Settings(), group), name):
        if table is not None and name in table:
            del table[name]
            if not table and not str(table.as_string()).strip():
                del document[group]
    else:
        if table is None:
            table = document[group] = tomlkit.table()
        table[name] = value
    return _write(document, path)


def reset_settings(*, path: Path | None = None) -> Settings:
    """Take every setting out of the person's own file; comments stay. Raises SettingsError as `keep_setting`."""
    path = path or settings_path()
    document = _read(path)
    for group in fields(Settings):
        for name in list(document.get(group.name, {})):
            del document[group.name][name]
    return _write(document, path)


def _read(path: Path) -> Any:
    if not path.exists():
        return tomlkit.document()
    load_settings(path)  # a file with a mistake in it is the person's to mend, not ours to write over
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except TOMLKitError as error:
        raise SettingsError(f"{path} cannot be changed here: {error}.", advice="Change it by hand.") from None


def _write(document: Any, path: Path) -> Settings:
    text = tomlkit.dumps(document)
    settings = strict_files.parse(text, Settings, name=str(path), error=SettingsError)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}.",
            advice="Check the rights and the room on the disk.",
        ) from None
    return settings
