"""FHIR R4: the quiet breathing rate as a vital-signs Observation.

Profile: http://hl7.org/fhir/R4/resprate.html (LOINC 9279-1, UCUM /min).
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from breathsync.logbook.export.quiet import quiet_rate
from breathsync.logbook.reader import SessionLog

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def write(log: SessionLog, target: Path, *, progress: Callable[[float], None]) -> None:
    """Write one Observation. Raises LogbookError where the session holds no quiet rate."""
    rate = quiet_rate(log)
    observation = {
        "resourceType": "Observation",
        "id": rate.id,
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/resprate"]},
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs", "display": "Vital Signs"}]}],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "9279-1", "display": "Respiratory rate"}],
            "text": "Respiratory rate",
        },
        "subject": {"display": "simulated person" if rate.simulated else "the person of this logbook"},
        "effectivePeriod": {"start": _instant(rate.start), "end": _instant(rate.end)},
        "valueQuantity": {
            "value": rate.rate_per_min,
            "unit": "breaths/minute",
            "system": "http://unitsofmeasure.org",
            "code": "/min",
        },
        "note": [{"text": f"Seated, breathing as usual; {rate.breaths} breaths. Not from a medical device."}],
    }
    target.write_bytes(msgspec.json.format(msgspec.json.encode(observation)) + b"\n")
    progress(log.duration_s())


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
