"""The devices breathsync knows: how each is recognised, what it can tell, and which profiles drive it.

One entry a device, the most telling first. `recognise` looks at what a device advertises; nothing here connects.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from breathsync.errors import UnknownNameError
from breathsync.samples import BREATH_STREAMS, Stream
from breathsync.sensors.ble.profiles import (
    go_direct_belt,
    heart_rate,
    infinitime,
    microbit,
    movesense,
    open_strap,
    polar_pmd,
)
from breathsync.sensors.ble.profiles.bangle import Bangle
from breathsync.sensors.ble.profiles.base import Device, Profile
from breathsync.sensors.ble.profiles.device_info import DeviceInformation
from breathsync.sensors.ble.profiles.go_direct_belt import GoDirect
from breathsync.sensors.ble.profiles.heart_rate import BatteryService, HeartRate
from breathsync.sensors.ble.profiles.infinitime import InfiniTime
from breathsync.sensors.ble.profiles.microbit import Microbit
from breathsync.sensors.ble.profiles.movesense_link import Movesense
from breathsync.sensors.ble.profiles.open_strap_link import OpenStrap
from breathsync.sensors.ble.profiles.polar_pmd import PolarPmd

_ACC, _GYRO, _FORCE, _STRETCH = Stream.ACCELERATION, Stream.GYROSCOPE, Stream.FORCE, Stream.IMPEDANCE
_RR, _HR, _ECG = Stream.RR, Stream.HEART_RATE, Stream.ECG


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A device of the catalog.

    `names` are beginnings of the advertised name, `services` advertised UUIDs that settle it alone. `cannot` says
    what it cannot tell. `device` makes its profiles afresh for a connection. `page` lies in `firmware-notes/`.
    """

    key: str
    title: str
    kind: str
    can: str
    cannot: str
    streams: tuple[Stream, ...]
    device: Callable[[], Device]
    page: str
    names: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def sees_breath(self) -> bool:
        """Whether it can open the gate at all."""
        return any(stream in self.streams for stream in BREATH_STREAMS)


def _with(*own: Callable[[], Profile]) -> Callable[[], Device]:
    """A device with the standard services, where it has them, around its own protocol."""
    return lambda: Device(DeviceInformation(), BatteryService(), *(part() for part in own), HeartRate())


CATALOG: tuple[Known, ...] = (
    Known(
        key="polar-h10",
        title="Polar H10",
        kind="chest strap",
        can="breath by acceleration (200 Hz), heart rate, RR intervals, ECG",
        cannot="degrees of turn",
        streams=(_ACC, _ECG, _RR, _HR),
        device=_with(PolarPmd),
        page="polar-h10.md",
        names=("Polar H10",),
    ),
    Known(
        key="polar-verity-sense",
        title="Polar Verity Sense",
        kind="optical sensor, worn under a chest strap or belt",
        can="breath by acceleration (52 Hz), heart rate",
        cannot="RR intervals by the heart rate service; degrees of turn, unless it offers its gyroscope",
        streams=(_ACC, _GYRO, _HR),
        device=_with(PolarPmd),
        page="polar-verity-sense.md",
        names=("Polar Sense", "Polar Verity"),
    ),
    Known(
        key="polar-heart-only",
        title="Polar H9, H7 or OH1",
        kind="heart rate sensor",
        can="heart rate, RR intervals (H9, H7)",
        cannot="the breath's depth: the gate stays shut",
        streams=(_RR, _HR),
        device=_with(),
        page="polar-heart-only.md",
        names=("Polar H9", "Polar H7", "Polar OH1", "Polar H6"),
    ),
    Known(
        key="go-direct-belt",
        title="Vernier Go Direct Respiration Belt",
        kind="respiration belt",
        can="breath by force (10 Hz)",
        cannot="heart; posture and turn",
        streams=(_FORCE,),
        device=_with(GoDirect),
        page="go-direct-belt.md",
        names=("GDX-RB",),
        services=(go_direct_belt.SERVICE,),
    ),
    Known(
        key="movesense",
        title="Movesense",
        kind="motion and heart sensor on a chest strap",
        can="breath by acceleration (52 Hz), degrees of turn by its gyroscope, heart rate, RR intervals",
        cannot="anything, unless its firmware has GATT SensorData (2.3 or newer)",
        streams=(_ACC, _GYRO, _RR, _HR),
        device=_with(Movesense),
        page="movesense.md",
        names=("Movesense",),
        services=(movesense.ADVERTISED, movesense.SERVICE),
    ),
    Known(
        key="open-strap",
        title="Open strap",
        kind="home-built strap",
        can="what its builder gave it: acceleration, gyroscope, force, stretch",
        cannot="what its builder left out",
        streams=(_FORCE, _STRETCH, _ACC, _GYRO, _RR, _HR),
        device=_with(OpenStrap),
        page="open-strap-profile.md",
        names=(open_strap.NAME,),
        services=(open_strap.SERVICE,),
    ),
    Known(
        key="infinitime",
        title="PineTime with InfiniTime",
        kind="watch, tucked under a strap",
        can="breath by acceleration (about 10 Hz, uneven), heart rate",
        cannot="RR intervals; degrees of turn; a value that stays the same is not sent",
        streams=(_ACC, _HR),
        device=_with(InfiniTime),
        page="infinitime.md",
        names=("InfiniTime", "Pinetime"),
        services=(infinitime.SERVICE,),
    ),
    Known(
        key="bangle",
        title="Bangle.js",
        kind="watch, tucked under a strap",
        can="breath by acceleration (12.5 Hz)",
        cannot="degrees of turn",
        streams=(_ACC,),
        device=_with(Bangle),
        page="bangle.md",
        names=("Bangle.js",),
    ),
    Known(
        key="microbit",
        title="BBC micro:bit",
        kind="board, tucked under a strap",
        can="breath by acceleration (50 Hz), coarse: its sensor resolves 1 to 4 mg",
        cannot="quiet breaths of some people; degrees of turn; battery",
        streams=(_ACC,),
        device=_with(Microbit),
        page="microbit.md",
        names=("BBC micro:bit",),
        services=(microbit.SERVICE,),
    ),
    Known(
        key="heart-rate-strap",
        title="Heart rate strap",
        kind="heart rate sensor",
        can="heart rate, RR intervals where it sends them",
        cannot="the breath's depth: the gate stays shut",
        streams=(_RR, _HR),
        device=_with(),
        page="heart-rate-straps.md",
        services=(heart_rate.SERVICE,),
    ),
)


def recognise(*, name: str | None, services: Iterable[str] = ()) -> Known | None:
    """The catalog's entry for what a device advertises, or None: by name first, then by service."""
    for known in CATALOG:
        if name and name.lower().startswith(tuple(n.lower() for n in known.names)):
            return known
    offered = {service.lower() for service in services}
    return next((known for known in CATALOG if offered & set(known.services)), None)


def known(key: str) -> Known:
    """The entry with this key. Raises UnknownNameError with the nearest keys."""
    for entry in CATALOG:
        if entry.key == key:
            return entry
    raise UnknownNameError("device", key, [entry.key for entry in CATALOG])


SCAN_SERVICES = tuple(
    dict.fromkeys([heart_rate.SERVICE, polar_pmd.SERVICE, *(s for known in CATALOG for s in known.services)])
)
"""Service UUIDs to scan for where a system wants them named (macOS 12.0 to 12.2)."""
