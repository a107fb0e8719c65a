"""A strap on trial: what it has shown so far, as words and as a picture. Fed with its events, it decides nothing."""

import numpy as np

from breathsync.samples import UNITS, Battery, Samples, SensorChange, SensorEvent, SensorInfo, SensorState
from breathsync.sensors.meter import BreathMeter
from breathsync.tongue import t
from breathsync.tui import words
from breathsync.tui.draw.trace_rows import Frame
from breathsync.tui.picture import TRACE_S, Stretch

ROOM = 0.1
"""Above and below the breath, of its travel."""
SEEN = {
    "wait": "listening: breathe as usual for a few breaths",
    "good": "yes, your breath is seen well",
    "fair": "your breath is seen, but not well: a little tighter, or a little lower?",
    "not seen": "I cannot see your breath: a little tighter, or a little lower?",
}
"""By the meter's word."""


class Trial:
    """Grows with each event of the strap."""

    def __init__(self) -> None:
        self.info: SensorInfo | None = None
        self.state = SensorState.OFF
        self._why = ""
        self._battery: int | None = None
        self._meter = BreathMeter()

    def take(self, event: SensorEvent) -> None:
        """Take in one event."""
        match event:
            case SensorInfo():
                self.info = event
            case Battery():
                self._battery = event.percent
            case SensorChange():
                self.state, self._why = event.state, event.why
            case Samples() if len(event):
                self._meter.push(event)
            case _:
                pass

    @property
    def strap_words(self) -> str:
        """Who it is: state, model, firmware, battery, and what it says of itself."""
        if self.info is None:
            return ""
        parts = [words.SENSOR_STATES[self.state], self.info.model or self.info.kind]
        parts.append(f"firmware {self.info.firmware or 'unknown'}")
        parts.append("battery unknown" if self._battery is None else f"battery {self._battery} %")
        if self.info.simulated:
            parts.append("SIMULATED")
        return " · ".join(parts) + (f"\n{self._why}" if self._why else "")

    @property
    def seen_words(self) -> str:
        """How well the breath is seen, and how far it moves the sensor."""
        stream = self.info.breath_stream if self.info else None
        if stream is None:
            return (
                "" if self.info is None else "It sends no breath: it can give the pace, the gate stays shut."
            )
        if self._meter.word in ("wait", "not seen"):
            return SEEN[self._meter.word]
        return f"{t(SEEN[self._meter.word])}   {self._meter.travel:.3g} {UNITS[stream]}"

    @property
    def frame(self) -> Frame | None:
        """The breath of the last seconds, None before there is one; which way is in, nobody knows yet."""
        t_s, line = self._meter.t_s, self._meter.line
        if not len(line):
            return None
        low, high = float(np.min(line)), float(np.max(line))
        room = ROOM * (high - low) or 1.0
        return Frame(
            window=Stretch(t_s=t_s, level=line, moving=np.zeros(len(line), dtype=bool)),
            now_s=float(t_s[-1]),
            seconds=TRACE_S,
            low=low - room,
            high=high + room,
        )
