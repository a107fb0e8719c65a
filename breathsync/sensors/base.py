"""The one protocol behind which a strap, a phone, a file and a simulated person are equals."""

from collections.abc import AsyncIterator
from typing import Protocol

from breathsync.samples import SensorEvent, SensorInfo


class Clock(Protocol):
    """The session's time axis. A simulated or replayed source may run it faster than the wall."""

    @property
    def speed(self) -> float:
        """Seconds on this axis for each second of the wall."""
        ...

    def now_s(self) -> float:
        """Seconds since the session's zero."""
        ...

    async def sleep_until(self, t_s: float) -> None:
        """Return when the axis has reached `t_s`."""
        ...


class Sensor(Protocol):
    """Something that yields samples. Use it as `connect`, then `events`, then `close` in a `finally`."""

    @property
    def info(self) -> SensorInfo:
        """Who the sensor is; complete after `connect`."""
        ...

    async def connect(self) -> None:
        """Reach the sensor and start its streams. Raises SensorError with a `trouble` and advice."""
        ...

    def events(self) -> AsyncIterator[SensorEvent]:
        """Samples and changes of state, in order of arrival, until the source ends or `close`.

        A sensor that reconnects does so in here and says so by `SensorChange`; it never raises for a lost link.
        """
        ...

    async def close(self) -> None:
        """Stop the streams and let go of the sensor. Safe to call twice, and after a failure."""
        ...
