"""Every input and outcome of a session as one line of JSON, and back, without losing a bit.

A record is a kind (the name of its class) and a body (its fields). Floats go through JSON's shortest form, which
reads back to the same bits; NaN and the infinities, which JSON lacks, are written as `{"float": "nan"}`.
Blocks of samples are not records: `packing.py` keeps them.
"""

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from breathsync.breath.events import (
    BreathEnded,
    BreathReturned,
    Calibrated,
    CalibrationProgress,
    CalibrationRefused,
    InhaleBegan,
    MotionChanged,
    PeakSeen,
    SignalChanged,
    Tapped,
    TurnSeen,
)
from breathsync.errors import LogbookError
from breathsync.guide.events import Answered, Cue, Ended, Offer, PointPassed, Question, Said, Step, Verdict
from breathsync.samples import Battery, Heartbeat, SensorChange, SensorInfo

Record = (
    SensorInfo
    | SensorChange
    | Battery
    | Heartbeat
    | Said
    | Answered
    | InhaleBegan
    | PeakSeen
    | BreathReturned
    | BreathEnded
    | MotionChanged
    | SignalChanged
    | Tapped
    | CalibrationProgress
    | CalibrationRefused
    | Calibrated
    | TurnSeen
    | Step
    | Cue
    | Verdict
    | PointPassed
    | Question
    | Offer
    | Ended
)
"""All that a session puts in or says, but for the blocks of samples."""

KINDS: dict[str, type] = {kind.__name__: kind for kind in Record.__args__}
"""Record classes by the name they bear in the store."""

INPUTS = (SensorInfo, Battery, Heartbeat, Said, Answered)
"""Records that went into the conductor. A SensorChange may be either; `reader.py` tells which."""

_TAG = "float"


def kind_of(record: Record) -> str:
    """The name of a record's class."""
    return type(record).__name__


def time_of(record: Record) -> float | None:
    """When a record holds, in seconds on the session's axis; a breath's is its inhale, a verdict's its decision."""
    match record:
        case SensorInfo():
            return None
        case BreathReturned() | BreathEnded():
            return record.breath.inhale_start_s
        case Verdict():
            return record.decided_s
        case _:
            return record.t_s


def encode(record: Record) -> bytes:
    """One record's body as JSON."""
    return encode_plain(plain(record))


def decode(kind: str, body: bytes) -> Record:
    """The record that `encode` wrote. Raises LogbookError for a kind or a body that cannot be understood."""
    if kind not in KINDS:
        raise LogbookError(
            f"The log holds a record of the kind {kind!r}, which this version does not know.",
            advice="A newer breathsync wrote it; update this one.",
        )
    try:
        record: Record = msgspec.convert(decode_plain(body), KINDS[kind])
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise LogbookError(f"A record of the kind {kind} cannot be read: {error}.") from error
    return record


def plain(thing: Any) -> Any:
    """Dataclasses and enums as dictionaries and strings."""
    return msgspec.to_builtins(thing, enc_hook=_numpy_number)


def encode_plain(value: Any) -> bytes:
    """Plain values as JSON, non-finite floats tagged."""
    return msgspec.json.encode(_tagged(value) if any(_odd_floats(value)) else value)


def decode_plain(body: bytes) -> Any:
    """Plain values from what `encode_plain` wrote."""
    value = msgspec.json.decode(body)
    return _untagged(value) if b'{"' + _TAG.encode() + b'":' in body else value


def _numpy_number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"A record holds a {type(value).__name__}.")


def _odd_floats(value: Any) -> Iterator[bool]:
    if isinstance(value, float):
        if not math.isfinite(value):
            yield True
    elif isinstance(value, dict):
        for item in value.values():
            yield from _odd_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _odd_floats(item)


def _tagged(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {_TAG: str(value)}
    if isinstance(value, dict):
        return {key: _tagged(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tagged(item) for item in value]
    return value


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TAG}:
            return float(value[_TAG])
        return {key: _untagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    return value
