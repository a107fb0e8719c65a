"""`lsl:NAME`: a stream of the Lab Streaming Layer as a sensor.

NAME is a stream's name, or what the names of several begin with (`lsl:breathsync` takes `breathsync force` and
`breathsync rr`). What a stream holds is read from its channels' labels and units or, for one channel, its type; what
cannot be told is refused. Stamps are LSL's, corrected for the other machine's clock.
"""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import numpy as np

from breathsync.errors import SensorError, SensorTrouble, UsageError
from breathsync.samples import (
    COLUMNS,
    FloatArray,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Clock
from breathsync.sensors.clock import in_order

RESOLVE_S = 4.0
POLL_S = 0.05
CORRECT_EVERY_S = 20.0
MOST_STREAMS = 8
BREATH_TYPES = ("respiration", "resp", "breath", "breathing")
MG_PER_UNIT = {
    "mg": 1.0,
    "g": 1000.0,
    "m/s2": 1000 / 9.80665,
    "m/s^2": 1000 / 9.80665,
    "m/s²": 1000 / 9.80665,
}
NEWTONS = ("n", "newton", "newtons")


class LslSensor:
    """All streams in the network whose names begin with `name` and that we understand."""

    def __init__(self, *, name: str, clock: Clock) -> None:
        if any(mark in name for mark in "'\"<>&"):
            raise UsageError(
                f"{name!r} is no name of a stream.", advice="Leave quotes and angle brackets out."
            )
        self.info = SensorInfo(name=name, kind="lsl", streams=())
        self._clock = clock
        self._inlets: list[_Inlet] = []
        self._open = False

    async def connect(self) -> None:
        """Find the streams and open them. Raises SensorError that says what is there instead."""
        try:
            lsl = import_module("pylsl")
        except ImportError:
            raise UsageError("LSL needs the extra `lsl`.", advice="pip install 'breathsync[lsl]'") from None
        found, others = await asyncio.to_thread(_look, lsl, self.info.name)
        if not found:
            raise SensorError(
                f"No stream's name begins with {self.info.name!r}.",
                trouble=SensorTrouble.NOT_FOUND,
                advice=f"Streams here: {', '.join(others[:8])}."
                if others
                else "No stream of LSL is to be seen: same network? Is a firewall in between?",
            )
        inlets = await asyncio.to_thread(_open_all, lsl, found[:MOST_STREAMS])
        self._inlets = list({inlet.stream: inlet for inlet in inlets}.values())
        streams = tuple(inlet.stream for inlet in self._inlets)
        rates = {inlet.stream: inlet.rate_hz for inlet in self._inlets if inlet.rate_hz > 0}
        self.info = SensorInfo(name=self.info.name, kind="lsl", streams=streams, rates_hz=rates)
        if self.info.breath_stream is None:
            names = ", ".join(stream.name() for stream in found)
            await self.close()
            raise SensorError(
                f"In {names} no breath can be seen.",
                trouble=SensorTrouble.UNSUPPORTED,
                advice="Wanted: one channel of the type Respiration (unit N for force), or three of acceleration "
                "labelled ax_mg, ay_mg, az_mg.",
            )
        self._open = True

    async def events(self) -> AsyncIterator[SensorEvent]:
        """Samples as they come, until `close`. A stream that stops and comes again is taken up by LSL itself."""
        zero_s = import_module("pylsl").local_clock() - self._clock.now_s()
        yield SensorChange(t_s=self._clock.now_s(), state=SensorState.STREAMING)
        corrected_s = self._clock.now_s()
        while self._open:
            for inlet in list(self._inlets):
                block = inlet.pull(zero_s)
                if block is not None:
                    yield block
            if self._clock.now_s() - corrected_s > CORRECT_EVERY_S:
                corrected_s = self._clock.now_s()
                for inlet in list(self._inlets):
                    await asyncio.to_thread(inlet.correct)
            await self._clock.sleep_until(self._clock.now_s() + POLL_S)

    async def close(self) -> None:
        """Let go of the streams."""
        self._open = False
        for inlet in self._inlets:
            inlet.close()
        self._inlets = []


class _Inlet:
    """One stream that we understand."""

    def __init__(self, lsl: Any, info: Any, stream: Stream, scale: float) -> None:
        self.stream = stream
        self.rate_hz = float(info.nominal_srate())
        self._lost = lsl.util.LostError
        self._inlet = lsl.StreamInlet(info, max_buflen=30, recover=True)
        self._inlet.open_stream(timeout=RESOLVE_S)
        self._scale = scale
        self._correction_s = 0.0
        self._newest_s = -np.inf
        self.correct()

    def correct(self) -> None:
        """Ask how far the other machine's clock is from ours; where it does not say, the last answer holds."""
        try:
            self._correction_s = float(self._inlet.time_correction(timeout=1.0))
        except (TimeoutError, self._lost, RuntimeError):
            return

    def pull(self, zero_s: float) -> Samples | None:
        """What has come since the last call; `zero_s` is the session's zero on LSL's clock."""
        rows, stamps = self._inlet.pull_chunk(timeout=0.0, max_samples=4096)
        if not stamps:
            return None
        stamped: FloatArray = np.asarray(stamps, dtype=np.float64) + self._correction_s - zero_s
        t_s = in_order(stamped, after_s=self._newest_s)
        self._newest_s = float(t_s[-1])
        values = np.asarray(rows, dtype=np.float64).reshape(len(t_s), -1) * self._scale
        return Samples(stream=self.stream, t_s=t_s, values=values)

    def close(self) -> None:
        """Let go."""
        self._inlet.close_stream()


def _look(lsl: Any, name: str) -> tuple[list[Any], list[str]]:
    """The streams whose names begin with `name`, and the names of all others: a short look, then a longer one."""
    others: list[str] = []
    for seconds in (RESOLVE_S / 4, RESOLVE_S):
        streams = lsl.resolve_streams(seconds)
        found = [stream for stream in streams if stream.name().startswith(name)]
        others = sorted({stream.name() for stream in streams} - {stream.name() for stream in found})
        if found:
            return found, others
    return [], others


def _open_all(lsl: Any, found: list[Any]) -> list[_Inlet]:
    inlets = []
    for short in found:
        probe = lsl.StreamInlet(short, recover=False)
        try:
            info = probe.info(timeout=RESOLVE_S)  # the short form has no channels
        except (TimeoutError, lsl.util.LostError):
            continue
        meant = meaning(
            kind=info.type(), labels=_of_channels(info, "label"), units=_of_channels(info, "unit")
        )
        if meant is not None:
            inlets.append(_Inlet(lsl, short, *meant))
    return inlets


def meaning(*, kind: str, labels: list[str], units: list[str]) -> tuple[Stream, float] | None:
    """Which stream of ours this is, and what to multiply it with; None where that cannot be told."""
    for stream, columns in COLUMNS.items():
        if tuple(labels) == columns:
            return stream, 1.0
    unit = units[0].strip().lower() if units and len(set(units)) == 1 else ""
    if len(labels) == 1 and kind.strip().lower() in BREATH_TYPES:
        return (Stream.FORCE if unit in NEWTONS else Stream.IMPEDANCE), 1.0
    if len(labels) == 3 and kind.strip().lower().startswith("acc") and unit in MG_PER_UNIT:
        return Stream.ACCELERATION, MG_PER_UNIT[unit]
    return None


def _of_channels(info: Any, name: str) -> list[str]:
    """A field of each channel's description, empty where it is not said."""
    channel = info.desc().child("channels").child("channel")
    told = []
    for _ in range(info.channel_count()):
        told.append(channel.child_value(name))
        channel = channel.next_sibling()
    return told
