"""All simulated straps by name."""

from collections.abc import Callable
from typing import Protocol

from breathsync.errors import UnknownNameError
from breathsync_simulators.straps import (
    bangle,
    go_direct,
    heart_only,
    infinitime,
    microbit,
    movesense,
    open_strap,
    polar_h10,
    verity_sense,
)
from breathsync_simulators.straps.peripheral import Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer


class StrapKind(Protocol):
    """What each module of a strap offers. `SENSOR` is what a simulated person wears for it."""

    KIND: str
    SENSOR: str
    strap: Callable[[Wearer, Quirks | None], Strap]


_MODULES = (
    polar_h10,
    verity_sense,
    heart_only,
    go_direct,
    movesense,
    open_strap,
    infinitime,
    bangle,
    microbit,
)
STRAPS = {module.KIND: module for module in _MODULES}
"""Modules by the name `simulate strap` takes."""


def sensor_of(kind: str) -> str:
    """The sensor a simulated person wears for this strap. Raises UnknownNameError."""
    return _module(kind).SENSOR


def make_strap(kind: str, wearer: Wearer, quirks: Quirks | None = None) -> Strap:
    """A strap of this kind on this wearer. Raises UnknownNameError with the nearest names."""
    return _module(kind).strap(wearer, quirks)


def _module(kind: str) -> StrapKind:
    if kind not in STRAPS:
        raise UnknownNameError("simulated strap", kind, STRAPS)
    return STRAPS[kind]
