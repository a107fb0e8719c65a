"""What flows from a sensor: samples with their time, and what the sensor says of itself.

Times (`t_s`) are float64 seconds on the session's own axis: the host's monotonic clock, zero at the start of
the session. A sensor's clock orders its samples, the host dates them (`sensors/clock.py`).
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Stream(StrEnum):
    """What a block of samples holds."""

    FORCE = "force"
    """One column, N."""
    IMPEDANCE = "impedance"
    """One column, any unit, up is in."""
    ACCELERATION = "acceleration"
    """Three columns with gravity, mg, in the sensor's frame."""
    GYROSCOPE = "gyroscope"
    """Three columns, degrees a second, in the sensor's frame."""
    ECG = "ecg"
    """One column, µV."""
    RR = "rr"
    """One column, ms; `t_s` is the beat that ends the interval."""
    HEART_RATE = "heart_rate"
    """One column, beats/min."""


BREATH_STREAMS = (Stream.FORCE, Stream.IMPEDANCE, Stream.ACCELERATION)
"""The streams a breath can be followed in, best first."""

UNITS = {
    Stream.FORCE: "N",
    Stream.IMPEDANCE: "1",
    Stream.ACCELERATION: "mg",
    Stream.GYROSCOPE: "deg/s",
    Stream.ECG: "uV",
    Stream.RR: "ms",
    Stream.HEART_RATE: "1/min",
}

COLUMNS = {
    Stream.FORCE: ("force_n",),
    Stream.IMPEDANCE: ("resp",),
    Stream.ACCELERATION: ("ax_mg", "ay_mg", "az_mg"),
    Stream.GYROSCOPE: ("gx_deg_s", "gy_deg_s", "gz_deg_s"),
    Stream.ECG: ("ecg_uv",),
    Stream.RR: ("rr_ms",),
    Stream.HEART_RATE: ("heart_rate_bpm",),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """A block of one stream: `t_s` of shape (n,), `values` of shape (n, columns of the stream).

    Raises ValueError when the shapes do not fit the stream. Values may be NaN (a sensor said so);
    times may run backwards or repeat (a clock did so): the follower deals with both.
    """

    stream: Stream
    t_s: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        columns = len(COLUMNS[self.stream])
        if self.t_s.ndim != 1 or self.values.shape != (len(self.t_s), columns):
            raise ValueError(
                f"{self.stream} wants t_s (n,) and values (n, {columns}); "
                f"got {self.t_s.shape} and {self.values.shape}"
            )

    def __len__(self) -> int:
        return len(self.t_s)


class SensorState(StrEnum):
    """Where the way from the strap to the program stands, in words a person understands."""

    OFF = "off"
    SEARCHING = "searching"
    CONNECTING = "connecting"
    STARTING = "starting"
    STREAMING = "streaming"
    STALE = "stale"
    """Connected, but nothing new for 2 s."""
    LOST = "lost"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    """A recording has been played to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorChange:
    """The sensor's state changed at `t_s`; `why` is one sentence for a person, empty when nothing is wrong."""

    t_s: float
    state: SensorState
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The sensor's own battery at `t_s`, 0..100 per cent."""

    t_s: float
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """No samples came, and the session's clock stands at `t_s`."""

    t_s: float


MOVED_MOMENT_S = 0.15
"""A seated breath of some mg among heart beat and sway begins, turns and ends when it does give or take so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorInfo:
    """Who the sensor is and what it can tell.

    `rates_hz` holds the nominal rate of each stream; RR and heart rate have none. `simulated` stands in the
    title line and in the log.
    """

    name: str
    kind: str
    streams: tuple[Stream, ...]
    rates_hz: dict[Stream, float] = field(default_factory=dict)
    model: str = ""
    firmware: str = ""
    serial: str = ""
    simulated: bool = False

    @property
    def breath_stream(self) -> Stream | None:
        """The stream to follow the breath in, or None (heart only: the gate stays shut)."""
        return next((s for s in BREATH_STREAMS if s in self.streams), None)

    @property
    def moment_s(self) -> float:
        """How closely a moment of a breath is known: to a sample, on a motion sensor to `MOVED_MOMENT_S` at best."""
        rate_hz = self.rates_hz.get(self.breath_stream) if self.breath_stream else None
        least_s = MOVED_MOMENT_S if self.breath_stream is Stream.ACCELERATION else 0.0
        return max(1.0 / rate_hz if rate_hz else 0.0, least_s)

    @property
    def sees_turn(self) -> bool:
        """Whether degrees of turn can be told at all (needs a gyroscope)."""
        return Stream.GYROSCOPE in self.streams


SensorEvent = Samples | SensorChange | Battery | SensorInfo | Heartbeat
"""What a sensor yields. A `SensorInfo` in mid-stream says what was learned on connecting (firmware, streams); a
`Heartbeat` comes from sources that play on a time of their own, for their silences."""
