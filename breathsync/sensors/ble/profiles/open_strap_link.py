"""The open strap profile on one connection: over its own characteristics, or framed over the Nordic UART."""

from dataclasses import dataclass

import numpy as np

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    BatteryLevel,
    Connection,
    Contact,
    DeviceBlock,
    Facts,
    Heard,
    Read,
    Script,
    Subscribe,
)
from breathsync.sensors.ble.profiles.heart_rate import battery_percent
from breathsync.sensors.ble.profiles.nordic_uart import RX, TX, Frames, UartFrame
from breathsync.sensors.ble.profiles.open_strap import (
    CAPABILITIES,
    CHANNEL_BATTERY,
    CHANNEL_CAPABILITIES,
    CHANNEL_CONTROL,
    CHANNEL_DATA,
    CONTROL,
    DATA,
    STREAMS,
    TICK_NS,
    VERSION,
    Capabilities,
    Command,
    ControlAnswer,
    DataFrame,
    Kind,
    Op,
    Status,
    StreamCapability,
)

BEST_PERIOD_US = 20_000
"""50 Hz: well above a breath, and 25 notifications a second at the smallest MTU."""
PIECE = 20


@dataclass
class _Running:
    """A stream that flows."""

    scale: float
    period_us: int
    last: tuple[int, int] | None = None
    """Sequence and tick of the last frame."""
    wraps: int = 0


class OpenStrap:
    """Acceleration, gyroscope, force and stretch of a strap that speaks the open profile."""

    def __init__(self) -> None:
        self._uart: Frames | None = None
        self._capabilities = Capabilities(streams=())
        self._running: dict[Kind, _Running] = {}
        self._worn: bool | None = None

    def start(self, connection: Connection) -> Script[Facts]:
        """Read the capabilities and start every wanted stream.

        Raises SensorError for a later major version, and when no breath stream can be had.
        """
        if CAPABILITIES in connection.characteristics:
            data = (yield Read(characteristic=CAPABILITIES)) or b""
            yield Subscribe(characteristic=CONTROL)
            yield Subscribe(characteristic=DATA)
        elif TX in connection.characteristics:
            self._uart = Frames()
            yield Subscribe(characteristic=TX)
            data = (yield self._write(CHANNEL_CAPABILITIES, b"")) or b""
        else:
            return Facts()
        self._capabilities = Capabilities.from_bytes(data)
        if self._capabilities.version[0] != VERSION[0]:
            raise SensorError(
                f"The strap speaks version {self._capabilities.version[0]} of the open strap profile.",
                trouble=SensorTrouble.UNSUPPORTED,
                advice=f"This program knows version {VERSION[0]}: update it, or the strap's firmware.",
            )
        facts = Facts()
        for capability in self._capabilities.streams:
            stream = STREAMS.get(Kind(capability.kind)) if capability.kind in STREAMS else None
            if stream is not None and stream in connection.wanted:
                facts = facts.with_((yield from self._start(capability, stream)))
        return facts

    def stop(self) -> Script[None]:
        """Stop all streams."""
        if self._running:
            self._running.clear()
            yield self._write(CHANNEL_CONTROL, Command(op=Op.STOP, kind=0).to_bytes(), optional=True)

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Frames, answers, and over the UART the battery."""
        if characteristic == DATA:
            return self._frame(data)
        if characteristic == CONTROL:
            return [Answer(data=data)]
        if characteristic != TX or self._uart is None:
            return []
        heard: list[Heard] = []
        for frame in self._uart.feed(data):
            if frame.channel == CHANNEL_DATA:
                heard += self._frame(frame.payload)
            elif frame.channel in (CHANNEL_CONTROL, CHANNEL_CAPABILITIES):
                heard.append(Answer(data=frame.payload))
            elif frame.channel == CHANNEL_BATTERY:
                heard.append(BatteryLevel(percent=battery_percent(frame.payload)))
        return heard

    def _start(self, capability: StreamCapability, stream: Stream) -> Script[Facts]:
        kind = Kind(capability.kind)
        period_us = min(capability.periods_us, key=lambda offered: abs(offered - BEST_PERIOD_US))
        self._running[kind] = _Running(scale=capability.scale, period_us=period_us)
        command = Command(op=Op.START, kind=kind, period_us=period_us)
        answer = ControlAnswer.from_bytes((yield self._write(CHANNEL_CONTROL, command.to_bytes())) or b"")
        if (answer.op, answer.kind) != (Op.START, kind):
            raise DecodeError(f"Open strap answer: to command {answer.op}, stream {answer.kind}; not asked.")
        if answer.status is not Status.OK:
            del self._running[kind]
            why = answer.status.name.replace("_", " ").lower()
            return Facts(notes=(f"The strap does not send {stream}: {why}.",))
        self._running[kind].period_us = answer.period_us
        return Facts(streams=(stream,), rates_hz={stream: 1e6 / answer.period_us})

    def _write(self, channel: int, data: bytes, *, optional: bool = False) -> Ask:
        if self._uart is None:
            return Ask(
                characteristic=CONTROL, data=data, optional=optional, within_s=2.0 if optional else 5.0
            )
        framed = UartFrame(channel=channel, payload=data).to_bytes()
        return Ask(
            characteristic=RX, data=framed, chunk=PIECE, optional=optional, within_s=2.0 if optional else 5.0
        )

    def _frame(self, data: bytes) -> list[Heard]:
        frame = DataFrame.from_bytes(data)
        running = self._running.get(frame.kind)
        if running is None or running.last == (frame.sequence, frame.first_tick):
            return []  # not asked for, or a notification doubled
        if running.last is not None and running.last[1] - frame.first_tick > 0x80000000:
            running.wraps += 1
        running.last = (frame.sequence, frame.first_tick)
        first_ns = (frame.first_tick + (running.wraps << 32)) * TICK_NS
        steps_ns = np.arange(len(frame.samples), dtype=np.int64) * (running.period_us * 1000)
        heard: list[Heard] = []
        if self._capabilities.feels_skin and frame.worn != self._worn:
            self._worn = frame.worn
            heard.append(Contact(worn=frame.worn))
        heard.append(
            DeviceBlock(
                stream=STREAMS[frame.kind],
                values=frame.values(running.scale),
                device_time_ns=first_ns + steps_ns,
            )
        )
        return heard
