"""Vernier Go Direct Respiration Belt: commands, answers and measurements of force, 10 Hz, in pieces.

Channels of the belt (Vernier): 1 force in N, 2 respiration rate, 4 steps, 5 step rate.
"""

import struct

from breathsync.errors import DecodeError
from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles.go_direct import (
    Answer,
    Command,
    DeviceInfo,
    DeviceStatus,
    Kind,
    Measurement,
    Op,
    SensorInfo,
)
from breathsync.sensors.ble.profiles.go_direct_belt import COMMAND, RESPONSE, SERVICE
from breathsync_simulators.straps.peripheral import Att, AttError, Characteristic, Identity, Service, Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "go-direct"
SENSOR = "belt"
SERIAL = "0K2001A1"
FORCE = 1
CHANNELS = (
    SensorInfo(number=FORCE, description="Force", unit="N", typical_period_us=100_000, low=0, high=50),
    SensorInfo(number=2, description="Respiration Rate", unit="bpm", typical_period_us=10_000_000),
    SensorInfo(number=4, description="Steps", unit="steps", typical_period_us=10_000_000),
    SensorInfo(number=5, description="Step Rate", unit="spm", typical_period_us=10_000_000),
)
PIECE = 20
"""Answers come in pieces of so many bytes where the MTU is small."""


class GoDirectBelt(Strap):
    """Answers commands in order and measures while started."""

    protected = frozenset({COMMAND, RESPONSE})

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self._pieces = b""
        self._counter = 0
        self._initialised = False
        self.sensors: tuple[int, ...] = ()

    @property
    def streaming(self) -> bool:
        """Whether it measures."""
        return bool(self.sensors)

    def own_services(self) -> tuple[Service, ...]:
        """One service: commands in, answers and measurements out."""
        return (
            Service(
                SERVICE,
                (
                    Characteristic(COMMAND, ("write-without-response", "write")),
                    Characteristic(RESPONSE, ("notify",)),
                ),
            ),
        )

    def own_reset(self) -> None:
        """A new link starts with nothing."""
        self._pieces = b""
        self._initialised = False
        self.sensors = ()

    def own_write(self, uuid: str, data: bytes) -> None:
        """A piece of a command."""
        if uuid != COMMAND:
            raise AttError(Att.WRITE_NOT_PERMITTED)
        self._pieces += data
        if len(self._pieces) < 2 or len(self._pieces) < self._pieces[1]:
            return
        whole, self._pieces = self._pieces, b""
        try:
            command = Command.from_bytes(whole)
        except DecodeError:
            return  # a real belt says nothing to nonsense
        if command.op is Op.INIT:
            self._initialised = True
        if self._initialised:
            self._answer(command)

    def measured(self, samples: Samples) -> None:
        """A packet a sample: force, and the other channels where they were asked for (not known: NaN)."""
        if samples.stream is not Stream.FORCE or not self.sensors:
            return
        for force_n in samples.values[:, 0].tolist():
            row = tuple(force_n if sensor == FORCE else float("nan") for sensor in self.sensors)
            self._counter = (self._counter + 1) & 0xFF
            packet = Measurement(
                kind=Kind.NORMAL_REAL32, sensors=self.sensors, rows=(row,), counter=self._counter
            )
            self.send_frame(RESPONSE, packet.to_bytes())

    def _answer(self, command: Command) -> None:
        self._counter = (self._counter + 1) & 0xFF
        packet = Answer(
            op=command.op,
            command_counter=command.counter,
            payload=self._obey(command),
            counter=self._counter,
        ).to_bytes()
        piece = min(self.mtu - 3, 255)
        for start in range(0, len(packet), piece):
            self.send(RESPONSE, packet[start : start + piece])

    def _obey(self, command: Command) -> bytes:
        match command.op:
            case Op.GET_STATUS:
                return DeviceStatus(
                    battery_percent=self.battery_percent, charger=0, main_version=(1, 3, 5)
                ).to_bytes()
            case Op.GET_DEVICE_INFO:
                name = self.identity.name
                return DeviceInfo(order_code="GDX-RB", serial=SERIAL, name=name).to_bytes()
            case Op.GET_SENSOR_MASK:
                return struct.pack("<I", sum(1 << channel.number for channel in CHANNELS))
            case Op.GET_DEFAULT_MASK:
                return struct.pack("<I", 1 << FORCE)
            case Op.GET_SENSOR_INFO:
                number = command.payload[0] if command.payload else 0
                found = [channel for channel in CHANNELS if channel.number == number]
                return found[0].to_bytes() if found else b""
            case Op.START if not self.quirks.refuse_settings:
                (mask,) = struct.unpack_from("<I", command.payload, 2)
                self.sensors = tuple(c.number for c in CHANNELS if mask >> c.number & 1)
            case Op.STOP:
                self.sensors = ()
            case _:
                pass
        return b""


def strap(wearer: Wearer, quirks: Quirks | None = None) -> GoDirectBelt:
    """A belt on this wearer."""
    identity = Identity(
        name=f"GDX-RB {SERIAL}",
        address="D0:16:48:0A:01:A1",
        maker="Vernier (simulated)",
        model="GDX-RB",
        serial=SERIAL,
        firmware="1.3.5",
        advertised=(SERVICE,),
    )
    return GoDirectBelt(identity=identity, wearer=wearer, quirks=quirks)
