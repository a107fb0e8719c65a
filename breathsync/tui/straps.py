"""Straps as the screen sees them: what is in the air, one reached to be tried, one remembered under a name."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from breathsync.plan import Plan
from breathsync.samples import SensorInfo
from breathsync.sensors.base import Sensor

LISTEN_S = 4.0
FIRST_ROUTINE = "first-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A strap in the air: its name, its strength, and what it can and cannot tell, in words."""

    name: str
    address: str
    key: str
    rssi_dbm: int | None
    sees_breath: bool
    tells: str


async def look(hear: Callable[[Sequence[Found]], None]) -> None:
    """Listen again and again for a few seconds each, until cancelled."""
    pairing, radio_module = await _bluetooth("breathsync.sensors.ble.pairing", "breathsync.sensors.ble.radio")
    async with radio_module.open_radio() as radio:
        seen: dict[str, Found] = {}
        while True:

            def new(candidate: Any) -> None:
                seen[candidate.found.address] = _found(candidate)
                hear(tuple(seen.values()))

            for candidate in await pairing.look(radio, seconds=LISTEN_S, on_new=new):
                new(candidate)


async def reach(strap: Found) -> Sensor:
    """The strap as a sensor, not yet connected; it opens the radio for as long as it lives."""
    modules = await _bluetooth(
        "breathsync.sensors.ble.strap",
        "breathsync.sensors.ble.target",
        "breathsync.sensors.ble.catalog",
        "breathsync.sensors.ble.radio",
        "breathsync.clock",
    )
    strap_module, target, catalog, radio, clock = modules
    sensor: Sensor = strap_module.StrapSensor(
        target=target.Target(
            label=strap.name,
            is_it=lambda other: other.address == strap.address,
            known=next((known for known in catalog.CATALOG if known.key == strap.key), None),
        ),
        clock=clock.SessionClock(),
        open_radio=radio.open_radio,
    )
    return sensor


def name_of(strap: Found) -> str:
    """The name to offer: the one it is known by, or what it calls itself."""
    known = import_module("breathsync.sensors.known_straps").KnownStraps().all()
    return next((one.name for one in known if one.address == strap.address), strap.name)


def remember(strap: Found, *, name: str, info: SensorInfo, paired: bool) -> Plan:
    """Into the list of straps. Raises SettingsError where another strap has the name, or it cannot be written."""
    module = import_module("breathsync.sensors.known_straps")
    known = module.KnownStraps()
    known.keep_free(name, address=strap.address, advertised=strap.name)
    known.remember(
        module.Remembered(
            name=name,
            address=strap.address,
            advertised=strap.name,
            key=strap.key,
            serial=info.serial,
            firmware=info.firmware,
            paired=paired,
        )
    )
    return Plan(routine=FIRST_ROUTINE, source=f"ble:{name}")


async def _bluetooth(*names: str) -> list[Any]:
    """Modules that load bleak, imported in a thread so that keys still act."""
    return [await asyncio.to_thread(import_module, name) for name in names]


def _found(candidate: Any) -> Found:
    known, found = candidate.known, candidate.found
    tells = f"can tell {known.can}; not {known.cannot}" if known.cannot else f"can tell {known.can}"
    return Found(
        name=candidate.name,
        address=found.address,
        key=known.key,
        rssi_dbm=found.rssi_dbm,
        sees_breath=known.sees_breath,
        tells=f"{known.title}: {tells}",
    )
