"""Files and folders that are there whole or not at all, and never written over unasked."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from breathsync.errors import LogbookError, UsageError


@contextmanager
def whole(target: Path, *, folder: bool, force: bool) -> Iterator[Path]:
    """A path to write to that becomes `target` once all is written, and vanishes when anything fails.

    It lies beside the target, so that the last step is a rename. Raises UsageError where the target is there and
    `force` is not, LogbookError where it cannot be written.
    """
    refuse_existing(target, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _cannot(target, error) from error
    try:
        part = workshop / target.name
        if folder:
            part.mkdir()
        yield part
        if not folder:
            _flush(part)
        if force and target.exists():
            os.replace(target, workshop / "before")
        os.rename(part, target)
    except OSError as error:
        raise _cannot(target, error) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def refuse_existing(target: Path, *, force: bool) -> None:
    """Raise UsageError where `target` is there and may not be replaced."""
    if target.exists() and not force:
        raise UsageError(
            f"{target} is already there.", advice="Name another with -o, or add --force to replace it."
        )


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _cannot(target: Path, error: OSError) -> LogbookError:
    reason = error.strerror or str(error)
    return LogbookError(
        f"{target} cannot be written: {reason}.", advice="Check the folder's permissions and free space."
    )
