"""Polar Measurement Data, the control point: features, settings, start, stop and their answers.

Source: Polar's PMD specification; layouts as in polar-ble-sdk 8.0.0 (facts; no code).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack

FEATURES_HEAD, ANSWER_HEAD, STOPPED_HEAD = 0x0F, 0xF0, 0x01
_TYPE_MASK = 0x3F


class Measurement(IntEnum):
    """What PMD can measure; the number is also the bit in the features."""

    ECG = 0
    PPG = 1
    ACC = 2
    PPI = 3
    GYRO = 5
    MAG = 6
    SKIN_TEMPERATURE = 7
    SDK_MODE = 9
    LOCATION = 10
    PRESSURE = 11
    TEMPERATURE = 12
    OFFLINE_RECORDING = 13
    OFFLINE_HR = 14


class Op(IntEnum):
    """Commands to the control point."""

    GET_SETTINGS = 1
    START = 2
    STOP = 3
    GET_SDK_SETTINGS = 4
    GET_STATUS = 5
    GET_SDK_STATUS = 6


class Status(IntEnum):
    """What an answer says of its command."""

    OK = 0
    INVALID_OP = 1
    INVALID_MEASUREMENT = 2
    NOT_SUPPORTED = 3
    INVALID_LENGTH = 4
    INVALID_PARAMETER = 5
    ALREADY_IN_STATE = 6
    INVALID_RESOLUTION = 7
    INVALID_SAMPLE_RATE = 8
    INVALID_RANGE = 9
    INVALID_MTU = 10
    INVALID_CHANNELS = 11
    INVALID_STATE = 12
    IN_CHARGER = 13
    DISK_FULL = 14


class Setting(IntEnum):
    """Settings of a measurement."""

    SAMPLE_RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5
    SECURITY = 6


_WIDTH = {
    Setting.SAMPLE_RATE_HZ: 2,
    Setting.RESOLUTION_BITS: 2,
    Setting.RANGE: 2,
    Setting.RANGE_MILLI: 4,
    Setting.CHANNELS: 1,
    Setting.FACTOR: 4,
    Setting.SECURITY: 16,
}


def _measurement(number: int, what: str, data: bytes) -> Measurement:
    try:
        return Measurement(number & _TYPE_MASK)
    except ValueError:
        raise fail(what, f"no measurement has the number {number}", data) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What reading the control point gives: a mask of measurements (17 bytes on an H10)."""

    mask: int
    length: int = 17

    def __post_init__(self) -> None:
        check_range("Polar features", "length", self.length, 2, 64)
        check_range("Polar features", "mask", self.mask, 0, (1 << (8 * (self.length - 1))) - 1)

    @classmethod
    def of(cls, *measurements: Measurement) -> "Features":
        """The features of a device that offers `measurements`."""
        return cls(mask=sum(1 << m for m in set(measurements)))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Features":
        """Decode. Raises DecodeError unless it begins with 0x0F and holds at least one byte of mask."""
        if len(data) < 2 or len(data) > 64 or data[0] != FEATURES_HEAD:
            raise fail("Polar features", "0f and a mask expected", data)
        return cls(mask=int.from_bytes(data[1:], "little"), length=len(data))

    def to_bytes(self) -> bytes:
        """Encode."""
        return bytes([FEATURES_HEAD]) + self.mask.to_bytes(self.length - 1, "little")

    def __contains__(self, measurement: Measurement) -> bool:
        return bool(self.mask >> measurement & 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Setting → values, in the order sent: those offered, or the one chosen of each. FACTOR is a float."""

    values: tuple[tuple[Setting, tuple[float, ...]], ...] = ()

    def __post_init__(self) -> None:
        for setting, values in self.values:
            check_range(f"Polar setting {setting.name}", "number of values", len(values), 1, 255)
            bits = 8 * _WIDTH[setting]
            low, high = (
                (-(1 << 31), (1 << 31) - 1) if setting is Setting.RANGE_MILLI else (0, (1 << bits) - 1)
            )
            for value in values:
                if setting is not Setting.FACTOR:
                    check_range("Polar setting", setting.name, value, low, high)

    def of(self, setting: Setting) -> tuple[float, ...]:
        """All values of one setting; () when it is not there."""
        return dict(self.values).get(setting, ())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Settings":
        """Decode `id count values…`. Raises DecodeError for unknown ids, a count of 0, or cut values."""
        what = "Polar settings"
        found: list[tuple[Setting, tuple[float, ...]]] = []
        at = 0
        while at < len(data):
            number, count = unpack("BB", data, at, what)
            at += 2
            if number not in _WIDTH or not count:
                raise fail(what, f"setting {number} with {count} values", data)
            setting = Setting(number)
            size = _WIDTH[setting]
            unpack(f"{size * count}x", data, at, what)
            if setting is Setting.FACTOR:
                values = struct.unpack_from(f"<{count}f", data, at)
            else:
                signed = setting is Setting.RANGE_MILLI
                values = tuple(
                    int.from_bytes(data[i : i + size], "little", signed=signed)
                    for i in range(at, at + size * count, size)
                )
            found.append((setting, values))
            at += size * count
        return cls(values=tuple(found))

    def to_bytes(self) -> bytes:
        """Encode."""
        out = b""
        for setting, values in self.values:
            out += bytes((setting, len(values)))
            for value in values:
                out += (
                    struct.pack("<f", value)
                    if setting is Setting.FACTOR
                    else int(value).to_bytes(_WIDTH[setting], "little", signed=setting is Setting.RANGE_MILLI)
                )
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A write to the control point: an op, a measurement, and for START the settings chosen."""

    op: Op
    measurement: Measurement
    settings: Settings = Settings()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Command":
        """Decode (the simulated strap's side). Raises DecodeError for an unknown op or measurement."""
        what = "Polar command"
        op, measurement = unpack("BB", data, 0, what)
        if op not in Op.__members__.values():
            raise fail(what, f"no command has the number {op}", data)
        return cls(
            op=Op(op),
            measurement=_measurement(measurement, what, data),
            settings=Settings.from_bytes(data[2:]),
        )

    def to_bytes(self) -> bytes:
        """Encode."""
        return bytes((self.op, self.measurement)) + self.settings.to_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """An indication from the control point. `parameters` are there only when the status is OK.

    `more`: further indications with the rest of the parameters follow. Old firmware leaves the `more` byte
    out, so that parameters begin at byte 4 and not at 5: `settings` finds which.
    """

    op: Op
    measurement: Measurement
    status: Status
    more: bool = False
    parameters: bytes = b""
    without_more_byte: bool = False

    @classmethod
    def from_bytes(cls, data: bytes, *, continues: bool = False) -> "ControlAnswer":
        """Decode. Raises DecodeError unless it is `F0 op type status …` with known numbers.

        `continues`: it goes on with an answer that had its `more` byte, so this one has it too; its parameters
        may begin anywhere, and guessing would go wrong.
        """
        what = "Polar answer"
        head, op, measurement, status = unpack("BBBB", data, 0, what)
        if head != ANSWER_HEAD or op not in Op.__members__.values():
            raise fail(what, f"begins {head:02x} {op:02x}", data)
        if status not in Status.__members__.values():
            raise fail(what, f"no status has the number {status}", data)
        with_more_byte = len(data) > 4 and (
            continues
            or not (
                status == Status.OK
                and len(data) > 5
                and not _reads_as_settings(data[5:])
                and _reads_as_settings(data[4:])
            )
        )
        return cls(
            op=Op(op),
            measurement=_measurement(measurement, what, data),
            status=Status(status),
            more=with_more_byte and data[4] != 0,
            parameters=data[5:] if with_more_byte else data[4:],
            without_more_byte=not with_more_byte,
        )

    def to_bytes(self) -> bytes:
        """Encode."""
        more = b"" if self.without_more_byte else bytes([self.more])
        return bytes((ANSWER_HEAD, self.op, self.measurement, self.status)) + more + self.parameters

    @property
    def settings(self) -> Settings:
        """The parameters as settings. Raises DecodeError when they are not."""
        return Settings.from_bytes(self.parameters)


def _reads_as_settings(data: bytes) -> bool:
    """Whether `data` is settings to its last byte, with at least one."""
    at = 0
    while at + 2 <= len(data):
        number, count = data[at], data[at + 1]
        if number not in _WIDTH or not count:
            return False
        at += 2 + _WIDTH[Setting(number)] * count
    return bool(data) and at == len(data)


def stopped(data: bytes) -> tuple[Measurement, ...]:
    """The measurements a device ended by itself: `01 type…`. Raises DecodeError for anything else."""
    if len(data) < 2 or data[0] != STOPPED_HEAD:
        raise fail("Polar stop notice", "01 and measurements expected", data)
    return tuple(_measurement(number, "Polar stop notice", data) for number in data[1:])
