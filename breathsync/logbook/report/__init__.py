"""One page about a session, to look at, print or share."""

from pathlib import Path

from breathsync.errors import LogbookError, UsageError
from breathsync.logbook.reader import SessionLog

ENDINGS = (".html", ".pdf", ".png")


def write_report(log: SessionLog, target: Path) -> None:
    """Write the report to `target`; its ending says as what.

    Raises UsageError for another ending, LogbookError where the extra `report` is not installed.
    """
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"{target.name} has an ending no report has.", advice=f"One of {', '.join(ENDINGS)}."
        )
    try:
        from breathsync.logbook.report.page import page  # noqa: PLC0415  (an extra, and slow to load)
        from breathsync.logbook.report.still import save  # noqa: PLC0415
    except ImportError as error:
        raise LogbookError(
            f"A report needs {error.name}, which is not installed.", advice="pip install 'breathsync[report]'"
        ) from error
    from breathsync.logbook.report.collect import collect  # noqa: PLC0415

    told = collect(log)
    if ending == ".html":
        target.write_text(page(told), encoding="utf-8")
    else:
        save(told, target)
