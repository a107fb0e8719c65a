"""Bangle.js over its Nordic UART console: a few lines of JavaScript, then a line a sample.

    BS,1732280000123,0.0123,-0.9988,0.0444      milliseconds, then x, y, z in g

Source: Espruino's Bangle.js reference (`Bangle.on('accel')`, `setPollInterval`, `setOptions`). Not checked on a
watch here.
"""

import math
from dataclasses import dataclass

import numpy as np

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import fail
from breathsync.sensors.ble.profiles.base import (
    Connection,
    DeviceBlock,
    Facts,
    Heard,
    Script,
    Subscribe,
    Write,
)
from breathsync.sensors.ble.profiles.nordic_uart import RX, TX, Lines

PERIOD_MS = 80
"""The watch's own period; its sensor measures at 12.5 Hz unless its registers are written."""
PIECE = 20
HIGHEST_G = 16.0
HIGHEST_MS = 4_000_000_000_000

# Ctrl-C clears a half-typed line, Ctrl-P keeps the console from echoing this one. Without powerSave:false the
# watch reads its sensor only once in 0.8 s while its wearer sits still.
START = (
    "\x03\x10Bangle.setOptions({powerSave:false});Bangle.setPollInterval(80);"
    "global.bs=a=>Bluetooth.println('BS,'+Math.round(getTime()*1000)+','"
    "+a.x.toFixed(4)+','+a.y.toFixed(4)+','+a.z.toFixed(4));Bangle.on('accel',bs);\n"
)
STOP = "\x03\x10Bangle.removeListener('accel',global.bs);Bangle.setOptions({powerSave:true});\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line: the watch's time in ms and acceleration in g."""

    time_ms: int
    x_g: float
    y_g: float
    z_g: float

    @classmethod
    def from_bytes(cls, line: bytes) -> "Sample":
        """Decode a line that begins with `BS,`. Raises DecodeError for other fields or values no watch measures."""
        what = "Bangle.js line"
        fields = line.split(b",")
        if len(fields) != 5 or fields[0] != b"BS":
            raise fail(what, "BS, a time and three values expected", line)
        try:
            time_ms, (x_g, y_g, z_g) = int(fields[1]), map(float, fields[2:])
        except ValueError:
            raise fail(what, "a field is not a number", line) from None
        if not 0 <= time_ms <= HIGHEST_MS:
            raise fail(what, f"a time of {time_ms} ms", line)
        if not all(math.isfinite(v) and abs(v) <= HIGHEST_G for v in (x_g, y_g, z_g)):
            raise fail(what, f"a value beyond {HIGHEST_G:g} g", line)
        return cls(time_ms=time_ms, x_g=x_g, y_g=y_g, z_g=z_g)

    def to_bytes(self) -> bytes:
        """Encode, without the end of line."""
        return f"BS,{self.time_ms},{self.x_g:.4f},{self.y_g:.4f},{self.z_g:.4f}".encode()


class Bangle:
    """Acceleration of a Bangle.js."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._started = False
        self._last_ms = -1

    def start(self, connection: Connection) -> Script[Facts]:
        """Subscribe and have the watch print its acceleration."""
        if TX not in connection.characteristics or Stream.ACCELERATION not in connection.wanted:
            return Facts()
        yield Subscribe(characteristic=TX)
        self._started = True
        yield Write(characteristic=RX, data=START.encode(), chunk=PIECE)
        return Facts(streams=(Stream.ACCELERATION,), rates_hz={Stream.ACCELERATION: 1000 / PERIOD_MS})

    def stop(self) -> Script[None]:
        """Have the watch stop printing and save power again."""
        if self._started:
            self._started = False
            yield Write(characteristic=RX, data=STOP.encode(), chunk=PIECE, optional=True)

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """The samples that are whole; what else the console prints is not for us."""
        if characteristic != TX:
            return []
        samples = [Sample.from_bytes(line) for line in self._lines.feed(data) if line.startswith(b"BS,")]
        samples = [sample for sample in samples if sample.time_ms != self._last_ms]
        if not samples:
            return []
        self._last_ms = samples[-1].time_ms
        return [
            DeviceBlock(
                stream=Stream.ACCELERATION,
                values=np.array([(s.x_g, s.y_g, s.z_g) for s in samples]) * 1000,
                device_time_ns=np.array([s.time_ms * 1_000_000 for s in samples], dtype=np.int64),
            )
        ]
