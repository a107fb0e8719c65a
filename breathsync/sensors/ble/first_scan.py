"""A short scan in a process of its own: `python -m breathsync.sensors.ble.first_scan SECONDS`.

On macOS the system ends a program whose terminal has no right to Bluetooth, at once and without an exception
(bleak issues 438, 761, 1221). Done here first, the end of the child is survived and explained.

Prints one JSON object: `{"devices": [...]}` or `{"trouble": ..., "message": ..., "advice": ...}`.
"""

import asyncio
import json
import sys

from breathsync.errors import SensorError


async def scan(seconds: float) -> dict[str, object]:
    """What `doctor` wants to know of a scan."""
    # In here, so that a failure of loading bleak is told.
    from breathsync.sensors.ble.pairing import look  # noqa: PLC0415
    from breathsync.sensors.ble.radio import open_radio  # noqa: PLC0415

    try:
        async with open_radio() as radio:
            candidates = await look(radio, seconds=seconds)
    except SensorError as error:
        return {"trouble": error.trouble.value, "message": error.message, "advice": error.advice}
    return {
        "devices": [
            {
                "name": candidate.name,
                "address": candidate.found.address,
                "kind": candidate.known.title,
                "rssi_dbm": candidate.found.rssi_dbm,
                "connected_already": candidate.found.connected_already,
            }
            for candidate in candidates
        ]
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(scan(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0))))
