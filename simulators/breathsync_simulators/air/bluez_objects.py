"""The objects of a stand-in for BlueZ: adapter, devices, services and characteristics as D-Bus properties.

Names and types follow doc/org.bluez.*.rst in BlueZ, as far as a central reads them.
"""

import asyncio
from dataclasses import dataclass, field

from dbus_fast import Variant

from breathsync_simulators.air.bluez_faults import Faults
from breathsync_simulators.straps.peripheral import Strap

ADAPTER = "/org/bluez/hci0"
RSSI_DBM = -58


class Interface:
    """Names of D-Bus interfaces."""

    ADAPTER = "org.bluez.Adapter1"
    DEVICE = "org.bluez.Device1"
    SERVICE = "org.bluez.GattService1"
    CHARACTERISTIC = "org.bluez.GattCharacteristic1"
    PROPERTIES = "org.freedesktop.DBus.Properties"
    OBJECTS = "org.freedesktop.DBus.ObjectManager"


Properties = dict[str, Variant]
Interfaces = dict[str, Properties]


@dataclass(slots=True)
class ShownDevice:
    """One strap as BlueZ shows it."""

    strap: Strap
    path: str
    shown: bool = False
    connected: bool = False
    resolved: bool = False
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client ends a Connect that is not answered."""
    listeners: dict[str, set[str]] = field(default_factory=dict)
    """Path of a characteristic → bus names that have called StartNotify."""
    uuid_of: dict[str, str] = field(default_factory=dict)
    path_of: dict[str, str] = field(default_factory=dict)


def adapter_properties(*, faults: Faults, discovering: bool) -> Properties:
    """The adapter as it shows itself."""
    return {
        "Address": Variant("s", "02:00:00:00:00:01"),
        "AddressType": Variant("s", "public"),
        "Name": Variant("s", "simulated"),
        "Alias": Variant("s", "simulated"),
        "Powered": Variant("b", not faults.adapter_off),
        "Discovering": Variant("b", discovering),
        "Roles": Variant("as", ["peripheral"] if faults.no_central_role else ["central", "peripheral"]),
        "UUIDs": Variant("as", []),
    }


def device_properties(device: ShownDevice) -> Properties:
    """A strap as a device; its services are known once it is connected."""
    identity = device.strap.identity
    uuids = [s.uuid for s in device.strap.services] if device.connected else list(identity.advertised)
    properties = {
        "Address": Variant("s", identity.address),
        "AddressType": Variant("s", "random"),
        "Name": Variant("s", identity.name),
        "Alias": Variant("s", identity.name),
        "Adapter": Variant("o", ADAPTER),
        "UUIDs": Variant("as", uuids),
        "Connected": Variant("b", device.connected),
        "Paired": Variant("b", device.strap.bonded),
        "Bonded": Variant("b", device.strap.bonded),
        "Trusted": Variant("b", False),
        "ServicesResolved": Variant("b", device.resolved),
    }
    if device.strap.advertises:
        properties["RSSI"] = Variant("n", RSSI_DBM)
    if identity.company is not None:
        properties["ManufacturerData"] = Variant(
            "a{qv}", {identity.company: Variant("ay", identity.company_data)}
        )
    return properties


def attribute_objects(device: ShownDevice) -> dict[str, Interfaces]:
    """The strap's services and characteristics by object path; fills the device's two tables of paths."""
    objects: dict[str, Interfaces] = {}
    handle = 1
    for service in device.strap.services:
        service_path = f"{device.path}/service{handle:04x}"
        objects[service_path] = {
            Interface.SERVICE: {
                "UUID": Variant("s", service.uuid),
                "Device": Variant("o", device.path),
                "Primary": Variant("b", True),
                "Includes": Variant("ao", []),
            }
        }
        for characteristic in service.characteristics:
            handle += 1
            path = f"{service_path}/char{handle:04x}"
            device.uuid_of[path] = characteristic.uuid
            device.path_of[characteristic.uuid] = path
            objects[path] = {
                Interface.CHARACTERISTIC: {
                    "UUID": Variant("s", characteristic.uuid),
                    "Service": Variant("o", service_path),
                    "Value": Variant("ay", b""),
                    "Notifying": Variant("b", False),
                    "Flags": Variant("as", list(characteristic.properties)),
                    "MTU": Variant("q", device.strap.mtu),
                }
            }
            handle += 2
        handle += 1
    return objects
