"""Vernier Go Direct over Bluetooth: the respiration belt's force sensor.

    command      58 len counter checksum cmd payload…      written without response, at most 20 bytes a piece
    answer       head len counter checksum cmd counter-of-the-command payload…
    measurement  20 len counter checksum type …            both may come in pieces; `len` counts all bytes

The checksum is the sum of all bytes but itself, modulo 256. Source: Vernier's godirect-py and godirect-js, read
for their facts (GPLv3 and BSD; no code taken).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from breathsync.sensors.ble.profiles._bytes import c_string, check_range, fail, unpack

MEASUREMENT_HEAD = 0x20
COMMAND_HEAD = 0x58
ANSWER_HEAD = 0x98
"""What our simulated belt puts in front of answers. Of a real one only is known that it is not 0x20."""

_ANSWER_PAYLOAD = 6


class Op(IntEnum):
    """Commands."""

    GET_STATUS = 0x10
    START = 0x18
    STOP = 0x19
    INIT = 0x1A
    SET_PERIOD = 0x1B
    GET_SENSOR_INFO = 0x50
    GET_SENSOR_MASK = 0x51
    DISCONNECT = 0x54
    GET_DEVICE_INFO = 0x55
    GET_DEFAULT_MASK = 0x56


INIT_PAYLOAD = bytes.fromhex("a54a06490748084709460a450b440c430d420e41")
STOP_PAYLOAD = bytes.fromhex("ff00ffffffff")


class Kind(IntEnum):
    """Types of measurement packets."""

    NORMAL_REAL32 = 0x06
    WIDE_REAL32 = 0x07
    SINGLE_REAL32 = 0x08
    SINGLE_INT32 = 0x09
    APERIODIC_REAL32 = 0x0A
    APERIODIC_INT32 = 0x0B
    START_TIME = 0x0C
    DROPPED = 0x0D
    PERIOD = 0x0E


_MASKED = {Kind.NORMAL_REAL32: (2, 9), Kind.WIDE_REAL32: (4, 11)}
_INTEGERS = (Kind.SINGLE_INT32, Kind.APERIODIC_INT32)
_NOTICES = (Kind.START_TIME, Kind.DROPPED, Kind.PERIOD)


def checksum(packet: bytes) -> int:
    """Sum of all bytes but the fourth, modulo 256."""
    return (sum(packet) - packet[3]) & 0xFF


def _sealed(packet: bytes) -> bytes:
    return packet[:3] + bytes([checksum(packet)]) + packet[4:]


def _opened(data: bytes, what: str, *, least: int) -> None:
    if len(data) < least or len(data) != data[1]:
        raise fail(what, f"{len(data)} bytes do not make a whole packet", data)


def bits(mask: int) -> tuple[int, ...]:
    """The numbers of the bits that are set, upwards."""
    return tuple(i for i in range(mask.bit_length()) if mask >> i & 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; `counter` starts at 0xFF and is lowered before each use."""

    op: Op
    counter: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        check_range("Go Direct command", "counter", self.counter, 0, 255)
        check_range("Go Direct command", "length", len(self.payload) + 5, 5, 255)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Command":
        """Decode (the simulated belt's side). Raises DecodeError for a wrong length, checksum or number."""
        what = "Go Direct command"
        _opened(data, what, least=5)
        if data[0] != COMMAND_HEAD or checksum(data) != data[3]:
            raise fail(what, "head 58 and a right checksum expected", data)
        if data[4] not in Op.__members__.values():
            raise fail(what, f"no command has the number {data[4]:#04x}", data)
        return cls(op=Op(data[4]), counter=data[2], payload=data[5:])

    def to_bytes(self) -> bytes:
        """Encode."""
        return _sealed(bytes((COMMAND_HEAD, 5 + len(self.payload), self.counter, 0, self.op)) + self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a command. Its checksum is not looked at: nobody else's reader does, so it may be unused."""

    op: int
    command_counter: int
    payload: bytes = b""
    counter: int = 0
    head: int = ANSWER_HEAD

    def __post_init__(self) -> None:
        check_range("Go Direct answer", "length", len(self.payload) + _ANSWER_PAYLOAD, _ANSWER_PAYLOAD, 255)
        if self.head == MEASUREMENT_HEAD:
            raise ValueError("an answer does not begin with 0x20: that is a measurement")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Answer":
        """Decode. Raises DecodeError for a wrong length."""
        what = "Go Direct answer"
        _opened(data, what, least=5)
        if data[0] == MEASUREMENT_HEAD:
            raise fail(what, "this is a measurement", data)
        return cls(
            op=data[4],
            command_counter=data[5] if len(data) > 5 else 0,
            payload=data[_ANSWER_PAYLOAD:],
            counter=data[2],
            head=data[0],
        )

    def to_bytes(self) -> bytes:
        """Encode."""
        length = _ANSWER_PAYLOAD + len(self.payload)
        return _sealed(
            bytes((self.head, length, self.counter, 0, self.op, self.command_counter)) + self.payload
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement packet: for each sample (row) a value of each sensor, sensors upwards.

    Values are NaN where the belt does not know yet (respiration rate in the first half minute). `spare` is the
    byte before the values. START_TIME, DROPPED and PERIOD have no rows; their bytes are in `notice`.
    """

    kind: Kind
    sensors: tuple[int, ...] = ()
    rows: tuple[tuple[float, ...], ...] = ()
    counter: int = 0
    spare: int = 0
    notice: bytes = b""

    def __post_init__(self) -> None:
        what = "Go Direct measurement"
        if self.kind in _NOTICES:
            return
        if self.kind not in _MASKED and len(self.sensors) != 1:
            raise ValueError(f"{what}: {self.kind.name} carries one sensor, got {self.sensors}")
        highest = 255 if self.kind not in _MASKED else 8 * _MASKED[self.kind][0] - 1
        for sensor in self.sensors:
            check_range(what, "sensor", sensor, 0, highest)
        if list(self.sensors) != sorted(set(self.sensors)):
            raise ValueError(f"{what}: sensors go upwards, got {self.sensors}")
        if any(len(row) != len(self.sensors) for row in self.rows):
            raise ValueError(f"{what}: every row has {len(self.sensors)} values")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Measurement":
        """Decode. Raises DecodeError for a wrong length, checksum or type."""
        what = "Go Direct measurement"
        _opened(data, what, least=5)
        if data[0] != MEASUREMENT_HEAD:
            raise fail(what, "head 20 expected", data)
        if checksum(data) != data[3]:
            raise fail(what, f"the checksum is {checksum(data):#04x}, not {data[3]:#04x}", data)
        if data[4] not in Kind.__members__.values():
            raise fail(what, f"no measurement has the type {data[4]:#04x}", data)
        kind = Kind(data[4])
        if kind in _NOTICES:
            return cls(kind=kind, counter=data[2], notice=data[5:])
        if kind in _MASKED:
            width, start = _MASKED[kind]
            unpack(f"{start}x", data, 0, what)
            sensors = bits(int.from_bytes(data[5 : 5 + width], "little"))
            count, spare = data[5 + width], data[start - 1]
        else:
            spare, sensor, count = unpack("BBB", data, 5, what)
            sensors, start = (sensor,), 8
        if len(data) - start != 4 * count * len(sensors):
            raise fail(what, f"{count} samples of {len(sensors)} sensors do not fill it", data)
        each = (
            struct.iter_unpack(f"<{len(sensors)}{'i' if kind in _INTEGERS else 'f'}", data[start:])
            if sensors
            else ()
        )
        return cls(kind=kind, sensors=sensors, rows=tuple(each), counter=data[2], spare=spare)

    def to_bytes(self) -> bytes:
        """Encode. Raises ValueError when it would be longer than 255 bytes."""
        if self.kind in _NOTICES:
            body = self.notice
        else:
            count = len(self.rows)
            if self.kind in _MASKED:
                width, _ = _MASKED[self.kind]
                mask = sum(1 << sensor for sensor in self.sensors)
                body = mask.to_bytes(width, "little") + bytes((count, self.spare))
            else:
                body = bytes((self.spare, self.sensors[0], count))
            if self.kind in _INTEGERS:
                values = [int(value) for row in self.rows for value in row]
                body += struct.pack(f"<{len(values)}i", *values)
            else:
                floats = [value for row in self.rows for value in row]
                body += struct.pack(f"<{len(floats)}f", *floats)
        check_range("Go Direct measurement", "length", 5 + len(body), 5, 255)
        return _sealed(bytes((MEASUREMENT_HEAD, 5 + len(body), self.counter, 0, self.kind)) + body)

    def of(self, sensor: int) -> Iterator[float]:
        """The values of one sensor, oldest first; nothing when the packet is not about it."""
        if sensor in self.sensors:
            at = self.sensors.index(sensor)
            for row in self.rows:
                yield row[at]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """Payload of the answer to GET_STATUS. `charger`: 0 idle, 1 charging, 2 full, 3 error."""

    battery_percent: int
    charger: int
    main_version: tuple[int, int, int] = (0, 0, 0)
    second_version: tuple[int, int, int] = (0, 0, 0)
    status: int = 0

    @classmethod
    def from_bytes(cls, payload: bytes) -> "DeviceStatus":
        """Decode. Raises DecodeError when it is cut or the battery is over 100 %."""
        status, _, a, b, c, d, e, f, percent, charger = unpack("BBBBHBBHBB", payload, 0, "Go Direct status")
        if percent > 100:
            raise fail("Go Direct status", f"a battery of {percent} %", payload)
        return cls(
            battery_percent=percent,
            charger=charger,
            main_version=(a, b, c),
            second_version=(d, e, f),
            status=status,
        )

    def to_bytes(self) -> bytes:
        """Encode."""
        return struct.pack(
            "<BBBBHBBHBB",
            self.status,
            0,
            *self.main_version,
            *self.second_version,
            self.battery_percent,
            self.charger,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """Payload of the answer to GET_DEVICE_INFO, as far as it is used here."""

    order_code: str
    serial: str
    name: str
    firmware: tuple[int, int, int] = (0, 0, 0)
    description: str = ""

    @classmethod
    def from_bytes(cls, payload: bytes) -> "DeviceInfo":
        """Decode. Raises DecodeError when it is cut."""
        fields = unpack("16s16s32sHHBBBBHBBH6BI64s", payload, 0, "Go Direct device information")
        order_code, serial, name = (c_string(text) for text in fields[:3])
        return cls(
            order_code=order_code,
            serial=serial,
            name=name,
            firmware=(fields[7], fields[8], fields[9]),
            description=c_string(fields[-1]),
        )

    def to_bytes(self) -> bytes:
        """Encode; texts longer than their field are cut."""
        return struct.pack(
            "<16s16s32sHHBBBBHBBH6BI64s",
            self.order_code.encode(),
            self.serial.encode(),
            self.name.encode(),
            *(0, 0, 0, 0),
            *self.firmware,
            *([0] * 10),
            self.description.encode(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorInfo:
    """Payload of the answer to GET_SENSOR_INFO: one channel of the device. Periods are in µs."""

    number: int
    description: str
    unit: str
    typical_period_us: int
    min_period_us: int = 0
    low: float = 0.0
    high: float = 0.0
    sensor_id: int = 1
    exclusion_mask: int = 0

    @classmethod
    def from_bytes(cls, payload: bytes) -> "SensorInfo":
        """Decode. Raises DecodeError when it is cut."""
        fields = unpack("BBIBB60s32sdddIQIII", payload, 0, "Go Direct sensor information")
        number, _, sensor_id, _, _, description, unit, _, low, high, least, _, typical, _, exclusion = fields
        return cls(
            number=number,
            description=c_string(description),
            unit=c_string(unit),
            typical_period_us=typical,
            min_period_us=least,
            low=low,
            high=high,
            sensor_id=sensor_id,
            exclusion_mask=exclusion,
        )

    def to_bytes(self) -> bytes:
        """Encode; texts longer than their field are cut."""
        return struct.pack(
            "<BBIBB60s32sdddIQIII",
            self.number,
            0,
            self.sensor_id,
            0,
            0,
            self.description.encode(),
            self.unit.encode(),
            0.0,
            self.low,
            self.high,
            self.min_period_us,
            0xFFFFFFFF,
            self.typical_period_us,
            1,
            self.exclusion_mask,
        )
