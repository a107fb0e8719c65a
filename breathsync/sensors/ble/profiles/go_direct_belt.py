"""The Go Direct respiration belt on one connection: start sequence, pieces put together, force out.

Codecs are in `go_direct`. The belt tells no time, so samples carry only their age within a packet. Its force
sags as the wearer's posture changes: only the wave means anything, which is the follower's business.
"""

import struct

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import fail, unpack
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    Connection,
    Facts,
    Heard,
    Script,
    Subscribe,
    block,
)
from breathsync.sensors.ble.profiles.go_direct import (
    INIT_PAYLOAD,
    MEASUREMENT_HEAD,
    STOP_PAYLOAD,
    Command,
    DeviceInfo,
    DeviceStatus,
    Measurement,
    Op,
    SensorInfo,
    bits,
    checksum,
)
from breathsync.sensors.ble.profiles.go_direct import Answer as BeltAnswer

SERVICE = "d91714ef-28b9-4f91-ba16-f0d9a604f112"
COMMAND = "f4bf14a6-c7d5-4b6d-8aa8-df1a7c83adcb"
RESPONSE = "b41e6675-a329-40e0-aa01-44d2f444babe"

PIECE = 20
PERIOD_US = 100_000
"""10 Hz, the belt's typical rate and Vernier's own default."""
SHORTEST = 5
LOW_BATTERY_PERCENT = 15


class GoDirect:
    """Force in N from a Go Direct belt."""

    def __init__(self) -> None:
        self._counter = 0xFF
        self._asked: Op | None = None
        self._pieces = b""
        self._force: int | None = None
        self._period_s = PERIOD_US / 1e6
        self._started = False

    def start(self, connection: Connection) -> Script[Facts]:
        """Initialise, read who it is, find the sensor that measures newtons, set 100 ms, start.

        Raises SensorError when none of its sensors measures force.
        """
        if RESPONSE not in connection.characteristics or Stream.FORCE not in connection.wanted:
            return Facts()
        yield Subscribe(characteristic=RESPONSE)
        yield from self._ask(Op.INIT, INIT_PAYLOAD)
        status = DeviceStatus.from_bytes((yield from self._ask(Op.GET_STATUS)))
        info = DeviceInfo.from_bytes((yield from self._ask(Op.GET_DEVICE_INFO)))
        (mask,) = unpack("I", (yield from self._ask(Op.GET_SENSOR_MASK)), 0, "Go Direct sensor mask")
        sensors: list[SensorInfo] = []
        for number in bits(mask):
            sensors.append(SensorInfo.from_bytes((yield from self._ask(Op.GET_SENSOR_INFO, bytes([number])))))
        force = next((sensor for sensor in sensors if sensor.unit == "N" and sensor.sensor_id), None)
        if force is None:
            names = ", ".join(sensor.description for sensor in sensors) or "nothing"
            raise SensorError(
                f"This Go Direct sensor measures {names}; no force.",
                trouble=SensorTrouble.UNSUPPORTED,
                advice="The breath needs the Go Direct Respiration Belt (GDX-RB).",
            )
        period_us = max(PERIOD_US, force.min_period_us)
        yield from self._ask(Op.SET_PERIOD, struct.pack("<BBI4x", 0xFF, 0, period_us))
        self._force, self._period_s, self._started = force.number, period_us / 1e6, True
        yield from self._ask(Op.START, struct.pack("<BBI8x", 0xFF, 1, 1 << force.number))
        low = status.battery_percent < LOW_BATTERY_PERCENT
        return Facts(
            streams=(Stream.FORCE,),
            rates_hz={Stream.FORCE: 1e6 / period_us},
            manufacturer="Vernier",
            model=info.order_code or info.name,
            serial=info.serial,
            firmware=".".join(str(part) for part in status.main_version),
            battery_percent=status.battery_percent,
            notes=(f"The belt's battery is at {status.battery_percent} %.",) if low else (),
        )

    def stop(self) -> Script[None]:
        """Stop measuring and say good-bye, so that the belt may sleep."""
        if self._started:
            self._started = False
            for op, payload in ((Op.STOP, STOP_PAYLOAD), (Op.DISCONNECT, b"")):
                yield self._step(op, payload, optional=True)

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Put pieces together; force from measurements, answers to whoever asked."""
        if characteristic != RESPONSE:
            return []
        packet = self._whole(data)
        if packet is None:
            return []
        if packet[0] != MEASUREMENT_HEAD:
            answer = BeltAnswer.from_bytes(packet)
            return [Answer(data=packet)] if answer.op == self._asked else []
        measurement = Measurement.from_bytes(packet)
        values = [(value,) for value in measurement.of(self._force)] if self._force is not None else []
        return [block(Stream.FORCE, values, spacing_s=self._period_s)] if values else []

    def _whole(self, data: bytes) -> bytes | None:
        """The packet that `data` completes, or None. A lost piece costs at most the packets it was glued to."""
        if _is_whole_measurement(data):
            self._pieces = b""
            return data
        pieces, self._pieces = self._pieces + data, b""
        if len(pieces) >= 2:
            length = pieces[1]
            if length < SHORTEST or len(pieces) > length:
                raise fail("Go Direct packet", f"{len(pieces)} bytes where {length} were announced", pieces)
            if len(pieces) == length:
                return pieces
        self._pieces = pieces
        return None

    def _ask(self, op: Op, payload: bytes = b"") -> Script[bytes]:
        """Send a command and return its answer's payload."""
        reply = yield self._step(op, payload)
        if reply is None:
            raise DecodeError(f"Go Direct answer: none to {op.name}.")
        return BeltAnswer.from_bytes(reply).payload

    def _step(self, op: Op, payload: bytes, *, optional: bool = False) -> Ask:
        self._counter = (self._counter - 1) & 0xFF
        self._asked = op
        return Ask(
            characteristic=COMMAND,
            data=Command(op=op, counter=self._counter, payload=payload).to_bytes(),
            response=False,
            chunk=PIECE,
            within_s=2.0 if optional else 5.0,
            optional=optional,
        )


def _is_whole_measurement(data: bytes) -> bool:
    return (
        len(data) >= SHORTEST
        and data[0] == MEASUREMENT_HEAD
        and data[1] == len(data)
        and checksum(data) == data[3]
    )
