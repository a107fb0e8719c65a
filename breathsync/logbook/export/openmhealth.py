"""Open mHealth: the quiet breathing rate as a data point of respiratory-rate 2.0 under header 1.2."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from breathsync import __version__
from breathsync.logbook.export.quiet import quiet_rate
from breathsync.logbook.reader import SessionLog


def write(log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None:
    """Write one data point. Raises LogbookError where the session holds no quiet rate."""
    rate = quiet_rate(log)
    point = {
        "header": {
            "id": rate.id,
            "creation_date_time": rate.end.isoformat(),
            "schema_id": {"namespace": "omh", "name": "respiratory-rate", "version": "2.0"},
            "acquisition_provenance": {
                "source_name": f"breathsync {__version__}{' (simulated person)' if rate.simulated else ''}",
                "modality": "sensed",
            },
        },
        "body": {
            "respiratory_rate": {"value": rate.rate_per_min, "unit": "breaths/min"},
            "effective_time_frame": {
                "time_interval": {
                    "start_date_time": rate.start.isoformat(),
                    "end_date_time": rate.end.isoformat(),
                }
            },
            "descriptive_statistic": "average",
            "temporal_relationship_to_physical_activity": "at rest",
        },
    }
    target.write_bytes(msgspec.json.format(msgspec.json.encode(point)) + b"\n")
    progress(log.duration_s())
