"""The page's batches: `{"t": [ms, ...], "a": [[x, y, z], ...], "g": [[alpha, beta, gamma], ...]}`.

Source: W3C DeviceMotionEvent. `t` is the event's own time stamp (ms, the page's clock), `a` is
accelerationIncludingGravity (m/s²), `g` is rotationRate (degrees/s about z, x, y in this order); null where the phone
has no such sensor.
"""

import json
from math import isfinite
from typing import Any

import numpy as np

from breathsync.errors import DecodeError
from breathsync.samples import Stream
from breathsync.sensors.phone.units import PhoneBlock, acceleration

LONGEST_BATCH = 32_768
"""Bytes."""
MOST_SAMPLES = 256
"""In one batch; at ten batches a second that is far beyond any phone."""
LARGEST_M_S2 = 400.0
LARGEST_DEG_S = 4000.0
LARGEST_MS = 1e12


def read_batch(text: str) -> list[PhoneBlock]:
    """The blocks in one batch, turning before acceleration. Raises DecodeError for anything else than a batch."""
    if len(text) > LONGEST_BATCH:
        raise DecodeError(f"a batch of {len(text)} bytes is longer than {LONGEST_BATCH}")
    try:
        batch = json.loads(text)
    except (ValueError, RecursionError):
        raise DecodeError("a batch is not JSON") from None
    if not isinstance(batch, dict) or not isinstance(batch.get("t"), list):
        raise DecodeError("a batch has no times")
    times_ms = batch["t"]
    if not 0 < len(times_ms) <= MOST_SAMPLES:
        raise DecodeError(f"a batch has {len(times_ms)} samples; 1..{MOST_SAMPLES} are allowed")
    time_ns = [round(_number(ms, LARGEST_MS) * 1e6) for ms in times_ms]
    blocks = []
    if batch.get("g") is not None:
        turning = [
            [beta, gamma, alpha] for alpha, beta, gamma in _triples(batch["g"], len(time_ns), LARGEST_DEG_S)
        ]
        blocks.append(
            PhoneBlock(
                stream=Stream.GYROSCOPE,
                device_time_ns=np.asarray(time_ns, dtype=np.int64),
                values=np.asarray(turning, dtype=np.float64).reshape(-1, 3),
            )
        )
    if batch.get("a") is not None:
        blocks.append(acceleration(time_ns, _triples(batch["a"], len(time_ns), LARGEST_M_S2)))
    return blocks


def _triples(rows: Any, wanted: int, largest: float) -> list[list[float]]:
    if not isinstance(rows, list) or len(rows) != wanted:
        raise DecodeError(f"a batch has {wanted} times and not as many rows")
    if not all(isinstance(row, list) and len(row) == 3 for row in rows):
        raise DecodeError("a row is not three numbers")
    return [[_number(value, largest) for value in row] for row in rows]


def _number(value: Any, largest: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not isfinite(value)
        or abs(value) > largest
    ):
        raise DecodeError(f"a value is no number within ±{largest:g}")
    return float(value)
