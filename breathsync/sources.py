"""Names of sources, as one types them: `sim:PERSON[@SENSOR]`, `file:RECORDING.csv`, `ble:NAME`."""

from collections.abc import Callable
from pathlib import Path

from breathsync.clock import SessionClock
from breathsync.errors import UnknownNameError, UsageError
from breathsync.sensors.base import Sensor


def open_source(source: str, *, clock: SessionClock, seed: int | None = None) -> Sensor:
    """The sensor a source names, not yet connected.

    Raises UnknownNameError for a kind, person or sensor there is not, UsageError for a name left out.
    """
    kind, colon, name = source.partition(":")
    if kind not in _KINDS:
        raise UnknownNameError("kind of source", kind, _KINDS)
    if not colon or not name:
        raise UsageError(f"{source!r} lacks a name.", advice=f"Write {_EXAMPLES[kind]}.")
    if clock.speed != 1 and kind not in ("sim", "file"):
        raise UsageError("A real sensor runs at the speed of life.", advice="Leave --speed out.")
    return _KINDS[kind](name, clock, seed)


def _simulated(name: str, clock: SessionClock, seed: int | None) -> Sensor:
    # On use, so that the program does not need its simulators to run.
    from breathsync_simulators.source import SimulatedSensor

    person, _, sensor = name.partition("@")
    return SimulatedSensor(person=person, sensor=sensor or "h10", seed=seed or 0, clock=clock)


def _recorded(name: str, clock: SessionClock, seed: int | None) -> Sensor:
    from breathsync.sensors.recording import RecordingSensor  # numpy only when needed

    return RecordingSensor(path=Path(name), clock=clock)


def _bluetooth(name: str, clock: SessionClock, seed: int | None) -> Sensor:
    from breathsync.sensors.ble.strap import StrapSensor  # bleak only when needed

    return StrapSensor(name=name, clock=clock)


_KINDS: dict[str, Callable[[str, SessionClock, int | None], Sensor]] = {
    "sim": _simulated,
    "file": _recorded,
    "ble": _bluetooth,
}
_EXAMPLES = {
    "sim": "sim:steady or sim:steady@belt",
    "file": "file:recording.csv",
    "ble": "ble:NAME, as `breathsync pair` shows it",
}
