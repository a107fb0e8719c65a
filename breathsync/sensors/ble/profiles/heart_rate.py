"""Heart Rate Service 0x180D and battery 0x180F: any chest strap, watch or armband that speaks them.

Source: Bluetooth SIG, Heart Rate Service 1.0 (measurement 0x2A37) and Battery Service 1.0 (0x2A19).
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from breathsync.errors import DecodeError
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import check_range, fail, unpack
from breathsync.sensors.ble.profiles.base import (
    BatteryLevel,
    Connection,
    Contact,
    DeviceBlock,
    Facts,
    Heard,
    Read,
    Script,
    Subscribe,
    block,
    uuid16,
)

SERVICE = uuid16(0x180D)
MEASUREMENT = uuid16(0x2A37)
BODY_LOCATION = uuid16(0x2A38)
BATTERY_SERVICE = uuid16(0x180F)
BATTERY = uuid16(0x2A19)

RR_LOW_MS, RR_HIGH_MS = 273.0, 2048.0
"""220 and 29 beats/min: what no resting heart leaves."""
RR_NEAR = 1.75
"""An RR more than this many times longer or shorter than 60000/heart rate is not one beat of this heart: a beat
missed doubles it, and some straps append leftovers (a Garmin HRM-Dual was seen to send 1044 and 52). The rate is an
average over seconds, and breathing moves RR by up to a third, so the band is wide."""

_U16, _CONTACT, _CONTACT_KNOWN, _ENERGY, _RR = 1, 2, 4, 8, 16
_RESERVED = 0xE0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartRateMeasurement:
    """One notification of 0x2A37.

    `rr` are intervals in 1/1024 s, oldest first. `contact` is None when the strap cannot feel skin.
    `wide` says that the heart rate travels as 16 bits (always so above 255).
    """

    heart_rate_bpm: int
    rr: tuple[int, ...] = ()
    contact: bool | None = None
    energy_kj: int | None = None
    wide: bool = False

    def __post_init__(self) -> None:
        what = "heart rate measurement"
        check_range(what, "heart_rate_bpm", self.heart_rate_bpm, 0, 0xFFFF if self.wide else 0xFF)
        for rr in self.rr:
            check_range(what, "rr", rr, 0, 0xFFFF)
        if self.energy_kj is not None:
            check_range(what, "energy_kj", self.energy_kj, 0, 0xFFFF)

    @classmethod
    def from_bytes(cls, data: bytes) -> "HeartRateMeasurement":
        """Decode a notification. Raises DecodeError when it is cut or half an RR is left over."""
        what = "heart rate measurement"
        (flags,) = unpack("B", data, 0, what)
        if flags & _RESERVED:
            raise fail(what, f"flags {flags:#04x} use reserved bits", data)
        wide = bool(flags & _U16)
        (heart_rate_bpm,) = unpack("H" if wide else "B", data, 1, what)
        at = 3 if wide else 2
        energy_kj = None
        if flags & _ENERGY:
            (energy_kj,) = unpack("H", data, at, what)
            at += 2
        rest = data[at:]
        if rest and (not flags & _RR or len(rest) % 2):
            raise fail(what, f"{len(rest)} bytes left over", data)
        return cls(
            heart_rate_bpm=heart_rate_bpm,
            rr=struct.unpack(f"<{len(rest) // 2}H", rest),
            contact=bool(flags & _CONTACT) if flags & _CONTACT_KNOWN else None,
            energy_kj=energy_kj,
            wide=wide,
        )

    def to_bytes(self) -> bytes:
        """Encode as a strap would."""
        flags = (
            (_U16 if self.wide else 0)
            | (0 if self.contact is None else _CONTACT_KNOWN)
            | (_CONTACT if self.contact else 0)
            | (0 if self.energy_kj is None else _ENERGY)
            | (_RR if self.rr else 0)
        )
        energy = b"" if self.energy_kj is None else struct.pack("<H", self.energy_kj)
        head = struct.pack("<BH" if self.wide else "<BB", flags, self.heart_rate_bpm)
        return head + energy + struct.pack(f"<{len(self.rr)}H", *self.rr)

    @property
    def rr_ms(self) -> tuple[float, ...]:
        """All intervals in ms, oldest first, bogus ones too."""
        return tuple(rr * 1000 / 1024 for rr in self.rr)

    @property
    def believable_rr_ms(self) -> tuple[float, ...]:
        """Those of `rr_ms` a heart can have made."""
        return believable(self.rr_ms, heart_rate_bpm=self.heart_rate_bpm)


def believable(rr_ms: Iterable[float], *, heart_rate_bpm: float) -> tuple[float, ...]:
    """The intervals a heart can have made: 273..2048 ms, and near 60000 / heart rate where that is known."""
    expected_ms = 60000 / heart_rate_bpm if heart_rate_bpm else None
    return tuple(
        rr
        for rr in rr_ms
        if RR_LOW_MS <= rr <= RR_HIGH_MS
        and (expected_ms is None or expected_ms / RR_NEAR <= rr <= expected_ms * RR_NEAR)
    )


def beats(rr_ms: tuple[float, ...]) -> DeviceBlock:
    """RR intervals of one notification as a block: the last beat on arrival, the others before it.

    A strap sends once a second, so the last beat is up to a second older than its arrival; the service tells
    no more than that.
    """
    ages_s = np.concatenate([np.cumsum(np.asarray(rr_ms)[:0:-1])[::-1], [0.0]]) / 1000
    values = np.asarray(rr_ms, dtype=np.float64).reshape(-1, 1)
    return DeviceBlock(stream=Stream.RR, values=values, age_s=ages_s)


def battery_percent(data: bytes) -> int:
    """Battery level 0..100. Raises DecodeError for anything else."""
    if len(data) != 1 or data[0] > 100:
        raise fail("battery level", "one byte of 0..100 expected", data)
    return data[0]


class HeartRate:
    """Heart rate, RR intervals and contact."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Subscribe, when heart or RR are wanted and the service is there."""
        streams = tuple(s for s in (Stream.RR, Stream.HEART_RATE) if s in connection.wanted)
        if MEASUREMENT not in connection.characteristics or not streams:
            return Facts()
        yield Subscribe(characteristic=MEASUREMENT)
        return Facts(streams=streams)

    def stop(self) -> Script[None]:
        """Nothing to write: unsubscribing is the link's."""
        yield from ()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Heart rate, believable RR intervals, and contact where the strap can tell."""
        if characteristic != MEASUREMENT:
            return []
        heard: list[Heard] = []
        measurement = HeartRateMeasurement.from_bytes(data)
        if measurement.contact is not None:
            heard.append(Contact(worn=measurement.contact))
        if measurement.heart_rate_bpm:
            heard.append(block(Stream.HEART_RATE, [(measurement.heart_rate_bpm,)]))
        if rr_ms := measurement.believable_rr_ms:
            heard.append(beats(rr_ms))
        return heard


class BatteryService:
    """The battery level, read once and then heard of."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Read the level and subscribe to its changes; a device that refuses either is none the worse."""
        if BATTERY not in connection.characteristics:
            return Facts()
        reply = yield Read(characteristic=BATTERY, optional=True)
        yield Subscribe(characteristic=BATTERY, optional=True)
        try:
            return Facts(battery_percent=None if reply is None else battery_percent(reply))
        except DecodeError:
            return Facts()

    def stop(self) -> Script[None]:
        """Nothing to write."""
        yield from ()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """A new level."""
        return [BatteryLevel(percent=battery_percent(data))] if characteristic == BATTERY else []
