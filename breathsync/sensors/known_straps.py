"""Straps that were paired once, by the name the person gave them, in the user's config folder."""

import os
from pathlib import Path

import msgspec

from breathsync.errors import SettingsError, UnknownNameError
from breathsync.paths import config_folder

FILE = "straps.json"


class Remembered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """One strap. `address` is a UUID of this computer on macOS, so the advertised name counts there too."""

    name: str
    address: str
    advertised: str
    key: str
    serial: str = ""
    firmware: str = ""
    paired: bool = False
    """The system was asked to pair, so forgetting must unpair."""


class _File(msgspec.Struct, kw_only=True):
    version: int = 1
    straps: list[Remembered] = []


class KnownStraps:
    """The list, read anew at each call and written whole, so that two programs do not tread on each other."""

    def __init__(self, *, folder: Path | None = None) -> None:
        self.path = (folder or config_folder()) / FILE

    def all(self) -> list[Remembered]:
        """All straps, by name. Raises SettingsError for a file that cannot be read."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be read: {error.strerror}.") from error
        try:
            straps = msgspec.json.decode(data, type=_File).straps
        except msgspec.MsgspecError as error:
            raise SettingsError(
                f"{self.path} is not a list of straps: {error}.", advice="Move it away and pair again."
            ) from error
        return sorted(straps, key=lambda strap: strap.name.casefold())

    def get(self, name: str) -> Remembered | None:
        """The strap with this name, whatever the case."""
        return next((strap for strap in self.all() if strap.name.casefold() == name.casefold()), None)

    def find(self, name: str) -> Remembered:
        """The strap with this name. Raises UnknownNameError with the nearest names."""
        if strap := self.get(name):
            return strap
        raise UnknownNameError("strap", name, [strap.name for strap in self.all()])

    def keep_free(self, name: str, *, address: str, advertised: str) -> None:
        """Raises SettingsError when `name` is another strap's than the one at `address` or called `advertised`."""
        taken = self.get(name)
        if taken and address != taken.address and advertised != taken.advertised:
            raise SettingsError(
                f"Another strap is called {taken.name!r} already.", advice="Choose another name for this one."
            )

    def remember(self, strap: Remembered) -> None:
        """Add a strap; one of the same name or address is replaced."""
        others = [
            other
            for other in self.all()
            if other.name.casefold() != strap.name.casefold() and other.address != strap.address
        ]
        self._write([*others, strap])

    def rename(self, name: str, new: str) -> None:
        """Give a strap another name. Raises UnknownNameError, or SettingsError when the name is taken."""
        strap = self.find(name)
        if not new.strip():
            raise SettingsError("A strap needs a name.")
        if (taken := self.get(new)) and taken.address != strap.address:
            raise SettingsError(
                f"Another strap is called {taken.name!r} already.", advice="Choose another name."
            )
        others = [other for other in self.all() if other.address != strap.address]
        self._write([*others, msgspec.structs.replace(strap, name=new.strip())])

    def forget(self, name: str) -> Remembered:
        """Take a strap off the list and return it. Raises UnknownNameError."""
        strap = self.find(name)
        self._write([other for other in self.all() if other.address != strap.address])
        return strap

    def _write(self, straps: list[Remembered]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            whole = self.path.with_suffix(".new")
            whole.write_bytes(
                msgspec.json.format(msgspec.json.encode(_File(straps=straps)), indent=2) + b"\n"
            )
            os.replace(whole, self.path)  # whole or not at all
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be written: {error.strerror}.") from error
