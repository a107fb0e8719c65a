"""Somebody who wears a sensor: where simulated straps and the `sim:` source take their samples from."""

from typing import Protocol

from breathsync.outcome import Outcome, View
from breathsync.samples import Samples, SensorInfo


class Wearer(Protocol):
    """A body with a sensor on it. Deterministic for its seed; knows no clock but the one it is asked by."""

    @property
    def info(self) -> SensorInfo:
        """The sensor that is worn, with the streams and nominal rates it gives."""
        ...

    def until(self, t_s: float) -> list[Samples]:
        """All samples since the last call up to `t_s`, as the sensor would measure them (unit, rate, whole mg).

        Times are the body's own seconds; losses, bursts and bent clocks are the strap's and the air's business.
        """
        ...

    def hear(self, outcome: Outcome, view: View) -> None:
        """Hear what the guide says; the person reacts in their own time, or does not."""
        ...
