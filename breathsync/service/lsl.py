"""Lab Streaming Layer: an outlet for each stream of the sensor, and one for what the session says, as markers.

Samples and markers are stamped with the moment of acquisition on LSL's clock, not with that of sending. Meta-data:
a channel's `label`, `unit` and `type`, as the XDF specification wants them. Markers are the service's JSON.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from breathsync.errors import BreathsyncError, UsageError
from breathsync.outcome import Outcome, View
from breathsync.samples import COLUMNS, UNITS, Samples, Stream
from breathsync.service.messages import event
from breathsync.session import Session

NAME = "breathsync"
TYPES = {
    Stream.FORCE: "Respiration",
    Stream.IMPEDANCE: "Respiration",
    Stream.ACCELERATION: "Accelerometer",
    Stream.GYROSCOPE: "Gyroscope",
    Stream.ECG: "ECG",
    Stream.RR: "RR",
    Stream.HEART_RATE: "HeartRate",
}
EVENTS = "events"


def library() -> Any:
    """pylsl. Raises UsageError where the extra is missing, BreathsyncError where its library cannot be loaded."""
    try:
        return import_module("pylsl")
    except ImportError:
        raise UsageError("LSL needs the extra `lsl`.", advice="pip install 'breathsync[lsl]'") from None
    except (OSError, RuntimeError) as error:
        raise BreathsyncError(
            f"The LSL library cannot be loaded ({error}).", advice="Install liblsl for this system."
        ) from None


def when(outcome: Outcome) -> float:
    """The moment an outcome speaks of, in session seconds."""
    breath = getattr(outcome, "breath", None)
    if breath is not None:
        return float(breath.decided_s)
    return float(getattr(outcome, "decided_s", getattr(outcome, "t_s", 0.0)))


class LslSink:
    """Outlets for one session. liblsl sends from threads of its own and drops what nobody fetches."""

    def __init__(self, *, name: str = "") -> None:
        self._name = name or NAME
        self._lsl: Any = None
        self._outlets: dict[Stream, Any] = {}
        self._events: Any = None
        self._to_lsl: Callable[[float], float] = lambda t_s: t_s

    async def reach(self) -> None:
        """The library must be there."""
        self._lsl = library()

    def begin(self, session: Session, *, routine: str) -> None:
        """Open the outlets."""
        zero_s = self._lsl.local_clock() - session.clock.now_s()
        self._to_lsl = lambda t_s: t_s + zero_s
        info = session.sensor.info
        self._outlets = {
            stream: self._outlet(stream, info.rates_hz.get(stream, 0.0), info.name) for stream in info.streams
        }
        marks = self._lsl.StreamInfo(
            f"{self._name} {EVENTS}", "Markers", 1, 0.0, "string", f"{self._name}-{EVENTS}"
        )
        self._events = self._lsl.StreamOutlet(marks)

    def hear(self, outcome: Outcome, view: View) -> None:
        """Push a marker."""
        if self._events is not None:
            self._events.push_sample([event(outcome)], self._to_lsl(when(outcome)))

    def show(self, block: Samples) -> None:
        """Push samples."""
        outlet = self._outlets.get(block.stream)
        if outlet is not None:
            for t_s, row in zip(block.t_s.tolist(), block.values.tolist(), strict=True):
                outlet.push_sample(row, self._to_lsl(t_s))

    async def close(self) -> None:
        """Close the outlets."""
        self._outlets, self._events = {}, None

    def _outlet(self, stream: Stream, rate_hz: float, sensor: str) -> Any:
        labels = COLUMNS[stream]
        info = self._lsl.StreamInfo(
            f"{self._name} {stream}",
            TYPES[stream],
            len(labels),
            rate_hz,
            "double64",
            f"{self._name}-{stream}",
        )
        described = info.desc()
        described.append_child_value("manufacturer", NAME)
        described.append_child_value("sensor", sensor)
        channels = described.append_child("channels")
        for label in labels:
            channel = channels.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", UNITS[stream])
            channel.append_child_value("type", TYPES[stream])
        return self._lsl.StreamOutlet(info)
