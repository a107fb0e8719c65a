"""What an export says of the session as a whole."""

from typing import Any

from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import plain

DISCLAIMER = "A breath-paced seated mobility session. Not a medical device; it does not diagnose or treat."


def about(log: SessionLog) -> dict[str, Any]:
    """The session's head as plain values: start, routine, sensor, settings, versions, how it ended."""
    header = log.header
    return {
        "id": log.id,
        "started_at": header.started_at.isoformat(),
        "duration_s": log.duration_s(),
        "routine": header.routine_name,
        "sensor": plain(header.info),
        "simulated": header.info.simulated,
        "settings": header.settings,
        "options": header.options,
        "versions": header.versions,
        "ended": None if log.ended is None else plain(log.ended),
        "missing_records": log.missing(),
        "disclaimer": DISCLAIMER,
    }
