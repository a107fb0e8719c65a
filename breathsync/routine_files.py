"""Routine files: the ones that ship and the ones a person has made, read, checked and copied."""

from importlib import resources
from pathlib import Path
from typing import Any

from breathsync import strict_files
from breathsync.errors import RoutineError, UnknownNameError, UsageError
from breathsync.guide.routine import Routine
from breathsync.paths import config_folder

SUFFIX = ".toml"


def own_folder() -> Path:
    """Where a person's own routines are."""
    return config_folder() / "routines"


def shipped() -> dict[str, Path]:
    """The routines that came with the program, by name."""
    folder = Path(str(resources.files("breathsync.guide") / "routines"))
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def own() -> dict[str, Path]:
    """A person's own routines, by name."""
    folder = own_folder()
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))} if folder.is_dir() else {}


def routine_names() -> list[str]:
    """The names `load_routine` knows. A person's own comes before a shipped one of the same name."""
    return sorted({**shipped(), **own()})


def routine_path(name_or_path: str | Path) -> Path:
    """The file of a routine. Raises UnknownNameError with the nearest names."""
    text = str(name_or_path)
    if text.endswith(SUFFIX) or "/" in text or "\\" in text:
        return Path(text).expanduser()
    known = {**shipped(), **own()}
    if text not in known:
        raise UnknownNameError("routine", text, known)
    return known[text]


def load_routine(name_or_path: str | Path) -> Routine:
    """The routine of this name, or in this file.

    Raises UnknownNameError for a name nobody knows, RoutineError (file, field, what is allowed) for a wrong file.
    """
    path = routine_path(name_or_path)
    routine = strict_files.read(path, Routine, error=RoutineError)
    if routine.name != path.stem:
        raise RoutineError(
            f"{path}: `name` is {routine.name!r}, the file is called {path.stem!r}; both must be the same."
        )
    return routine


def copy_routine(name_or_path: str | Path, new_name: str) -> Path:
    """Copy a routine into the person's own folder under a new name, ready to be edited. Returns the new file."""
    if not new_name or not all(c.isalnum() or c in "-_" for c in new_name):
        raise UsageError(f"{new_name!r} is no name for a routine.", advice="Use letters, digits and hyphens.")
    source = load_routine(name_or_path)
    target = own_folder() / f"{new_name}{SUFFIX}"
    if target.exists():
        raise UsageError(f"{target} is there already.", advice="Choose another name, or remove it first.")
    text = routine_path(name_or_path).read_text(encoding="utf-8")
    lines = [f'name = "{new_name}"' if line.startswith("name = ") else line for line in text.splitlines()]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if load_routine(target).texts != source.texts:
        raise RoutineError(f"{target} did not come out like {source.name}.")
    return target


def routine_schema() -> dict[str, Any]:
    """The JSON Schema of routine files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A breathsync routine",
        **strict_files.schema(Routine),
    }
