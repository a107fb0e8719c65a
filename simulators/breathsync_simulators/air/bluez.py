"""A stand-in for `org.bluez` on a private D-Bus, with simulated straps as its devices.

Any program that reaches Bluetooth through BlueZ (bleak does) finds the straps when its
`DBUS_SYSTEM_BUS_ADDRESS` names this bus; nothing in the program changes. It speaks the part of the BlueZ
D-Bus API (doc/org.bluez.*.rst in BlueZ) that a BLE central uses: ObjectManager, Properties, Adapter1, Device1,
GattService1, GattCharacteristic1 with ReadValue, WriteValue, StartNotify and StopNotify.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from breathsync_simulators.air.bluez_faults import DBusFault, Faults, att_fault
from breathsync_simulators.air.bluez_objects import (
    ADAPTER,
    RSSI_DBM,
    Interface,
    Interfaces,
    Properties,
    ShownDevice,
    adapter_properties,
    attribute_objects,
    device_properties,
)
from breathsync_simulators.air.pump import by_the_wall, in_lockstep
from breathsync_simulators.straps.peripheral import (
    DEFAULT_MTU,
    Att,
    AttError,
    HangUp,
    HungUp,
    Notification,
    Strap,
)

ADVERTISING_S = 0.1
"""How often a strap advertises; an H10 does so about every 100 ms."""
BACK_PRESSURE = 64
"""After so many signals one round trip to the bus, or the bus throws a flooding sender off."""

__all__ = ["FakeBluez", "Faults"]


class FakeBluez:
    """`async with FakeBluez(address=bus.address, straps=[...])` puts the straps on the air of that bus.

    The straps' bodies live `speed` times as fast as the wall, or in `lockstep` as fast as can be followed.
    """

    def __init__(
        self,
        *,
        address: str,
        straps: Sequence[Strap],
        faults: Faults | None = None,
        speed: float = 1.0,
        lockstep: bool = False,
    ) -> None:
        self.faults = faults or Faults()
        self.notifications_sent = 0
        self.calls: Counter[str] = Counter()
        self._bus = MessageBus(bus_address=address)
        self._devices = [ShownDevice(strap, f"{ADAPTER}/dev_{_underlined(strap)}") for strap in straps]
        self._speed = speed
        self._lockstep = lockstep
        self._scanners: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unconfirmed = 0

    async def __aenter__(self) -> "FakeBluez":
        """Take the name `org.bluez` and let the straps live."""
        await self._bus.connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',member='NameOwnerChanged'"],
            )
        )
        if self.faults.connected_elsewhere:
            for device in self._devices:
                device.shown = True
                await self._connect(device)
        await self._bus.request_name("org.bluez")
        if not self.faults.no_adapter:
            self._added(
                ADAPTER,
                {Interface.ADAPTER: adapter_properties(faults=self.faults, discovering=bool(self._scanners))},
            )
        for device in self._devices:
            self._spawn(self._live(device))
        self._spawn(self._advertise())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop all links and leave the bus."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._bus.connected:
            for device in self._devices:
                if device.connected:
                    self._drop(device)
            with suppress(Exception):
                await self._confirm()
            self._bus.disconnect()
        with suppress(Exception):
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def crash(self) -> None:
        """The Bluetooth service dies."""
        self._bus.disconnect()

    def _managed(self) -> dict[str, Interfaces]:
        if self.faults.no_adapter:
            return {}
        objects: dict[str, Interfaces] = {
            ADAPTER: {
                Interface.ADAPTER: adapter_properties(faults=self.faults, discovering=bool(self._scanners))
            }
        }
        for device in self._devices:
            if device.shown:
                objects[device.path] = {Interface.DEVICE: device_properties(device)}
            if device.resolved:
                objects.update(attribute_objects(device))
        return objects

    # Calls ---------------------------------------------------------------------------------------------------

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._forget_client(name)
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.path is None:
            return None
        if message.interface in ("org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable"):
            return None
        self._spawn(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        self.calls[message.member or ""] += 1
        device = next((d for d in self._devices if (message.path or "").startswith(d.path)), None)
        try:
            signature, body = await self._call(message, device)
        except DBusFault as fault:
            reply = Message.new_error(message, fault.name, fault.text)
        except HungUp:
            assert device is not None
            self._drop(device)
            reply = Message.new_error(message, "org.bluez.Error.Failed", att_fault(Att.UNLIKELY).text)
        else:
            reply = Message.new_method_return(message, signature, body)
        if self._bus.connected:
            await self._bus.send(reply)
        if device is not None:
            await self._carry(device)

    async def _call(self, message: Message, device: ShownDevice | None) -> tuple[str, list[Any]]:
        match message.interface, message.member:
            case (Interface.OBJECTS, "GetManagedObjects"):
                return "a{oa{sa{sv}}}", [self._managed()]
            case (Interface.PROPERTIES, "Set"):
                return "", []
            case (Interface.PROPERTIES, "GetAll"):
                return "a{sv}", [self._managed().get(message.path or "", {}).get(message.body[0], {})]
            case (Interface.PROPERTIES, "Get"):
                interface, name = message.body
                found = self._managed().get(message.path or "", {}).get(interface, {}).get(name)
                if found is None:
                    raise DBusFault("org.freedesktop.DBus.Error.InvalidArgs", f"No property {name}")
                return "v", [found]
            case (Interface.ADAPTER, member) if message.path == ADAPTER and not self.faults.no_adapter:
                return self._adapter_call(member or "", message)
            case (Interface.DEVICE, member) if device is not None and device.shown:
                return await self._device_call(member or "", device)
            case (Interface.CHARACTERISTIC, member) if device is not None and message.path in device.uuid_of:
                return self._characteristic_call(member or "", message, device)
        raise DBusFault(
            "org.freedesktop.DBus.Error.UnknownObject",
            f"Method {message.member} on {message.path} is not there",
        )

    def _adapter_call(self, member: str, message: Message) -> tuple[str, list[Any]]:
        if self.faults.adapter_off:
            raise DBusFault("NotReady", "Resource Not Ready")
        match member:
            case "StartDiscovery":
                if self.faults.start_discovery_busy:
                    self.faults.start_discovery_busy -= 1
                    raise DBusFault("InProgress", "Operation already in progress")
                self._scanners.add(message.sender or "")
            case "StopDiscovery":
                if self.faults.stop_discovery_busy:
                    self.faults.stop_discovery_busy -= 1
                    raise DBusFault("InProgress", "Operation already in progress")
                self._scanners.discard(message.sender or "")
            case "RemoveDevice":
                for device in self._devices:
                    if device.path == message.body[0]:
                        self._remove(device)
                        return "", []
                raise DBusFault("DoesNotExist", "Does Not Exist")
        return "", []

    async def _device_call(self, member: str, device: ShownDevice) -> tuple[str, list[Any]]:
        match member:
            case "Connect":
                await self._connect(device)
            case "Pair":
                await self._connect(device)
                if fault := self.faults.pair_error:
                    raise DBusFault(*fault)
                if device.strap.quirks.refuse_pairing:
                    raise DBusFault("AuthenticationFailed", "Authentication Failed")
                device.strap.paired()
                self._changed(device.path, Interface.DEVICE, {"Paired": Variant("b", True)})
            case "Disconnect":
                device.given_up.set()
                if device.connected:
                    self._drop(device)
        return "", []

    async def _connect(self, device: ShownDevice) -> None:
        if fault := self.faults.connect_error:
            raise DBusFault(*fault)
        if self.faults.connect_silent or not device.strap.answers:
            device.given_up.clear()
            await device.given_up.wait()
            raise DBusFault("Failed", "Operation aborted")
        if device.connected:
            return
        if self.faults.connect_abort:
            self.faults.connect_abort -= 1
            self._changed(device.path, Interface.DEVICE, {"Connected": Variant("b", True)})
            asyncio.get_running_loop().call_soon(
                self._changed, device.path, Interface.DEVICE, {"Connected": Variant("b", False)}
            )
            raise DBusFault("Failed", "le-connection-abort-by-local")
        device.connected = True
        device.strap.connected(mtu=DEFAULT_MTU)
        self._changed(device.path, Interface.DEVICE, {"Connected": Variant("b", True)})
        for path, interfaces in attribute_objects(device).items():
            self._added(path, interfaces)
        device.resolved = True
        uuids = [service.uuid for service in device.strap.services]
        self._changed(
            device.path,
            Interface.DEVICE,
            {"UUIDs": Variant("as", uuids), "ServicesResolved": Variant("b", True)},
        )

    def _characteristic_call(
        self, member: str, message: Message, device: ShownDevice
    ) -> tuple[str, list[Any]]:
        path = message.path or ""
        uuid = device.uuid_of[path]
        if not device.connected:
            raise DBusFault("Failed", "Not connected")
        listeners = device.listeners.setdefault(path, set())
        try:
            match member:
                case "ReadValue":
                    value = device.strap.read(uuid)
                    if listeners:  # BlueZ shows a read value as a change, so subscribers hear it too
                        self._changed(path, Interface.CHARACTERISTIC, {"Value": Variant("ay", value)})
                    return "ay", [value]
                case "WriteValue":
                    if self.faults.write_busy:
                        self.faults.write_busy -= 1
                        raise DBusFault("InProgress", "In Progress")
                    device.strap.write(uuid, bytes(message.body[0]))
                case "StartNotify":
                    if message.sender in listeners:
                        raise DBusFault("InProgress", "In Progress")
                    device.strap.subscribe(uuid, on=True)
                    listeners.add(message.sender or "")
                case "StopNotify":
                    listeners.discard(message.sender or "")
                    if not listeners:
                        device.strap.subscribe(uuid, on=False)
                case _:
                    raise DBusFault("org.freedesktop.DBus.Error.UnknownMethod", f"No method {member}")
        except AttError as error:
            raise att_fault(error.code) from error
        return "", []

    # What the straps do --------------------------------------------------------------------------------------

    async def _live(self, device: ShownDevice) -> None:
        async def sent() -> None:
            await self._carry(device)
            if self._lockstep:
                await self._confirm()

        if self._lockstep:
            await in_lockstep(device.strap, sent)
        else:
            await by_the_wall(device.strap, sent, speed=self._speed)

    async def _carry(self, device: ShownDevice) -> None:
        for item in device.strap.take():
            match item:
                case Notification():
                    self.notifications_sent += 1
                    path = device.path_of[item.uuid]
                    self._changed(path, Interface.CHARACTERISTIC, {"Value": Variant("ay", item.data)})
                    self._unconfirmed += 1
                case HangUp():
                    self._drop(device)
        if self._unconfirmed >= BACK_PRESSURE:
            self._unconfirmed = 0
            await self._confirm()

    async def _confirm(self) -> None:
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="GetId",
            )
        )

    async def _advertise(self) -> None:
        while True:
            for device in self._devices if self._scanners else ():
                if not device.strap.advertises or self.faults.adapter_off:
                    continue
                if device.shown:
                    self._changed(device.path, Interface.DEVICE, {"RSSI": Variant("n", RSSI_DBM)})
                else:
                    device.shown = True
                    self._added(device.path, {Interface.DEVICE: device_properties(device)})
            await asyncio.sleep(ADVERTISING_S)

    def _drop(self, device: ShownDevice) -> None:
        device.strap.disconnected()
        device.connected = device.resolved = False
        device.listeners.clear()
        self._changed(
            device.path,
            Interface.DEVICE,
            {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)},
        )

    def _remove(self, device: ShownDevice) -> None:
        if device.connected:
            self._drop(device)
        device.strap.bonded = False
        device.shown = False
        self._signal("/", Interface.OBJECTS, "InterfacesRemoved", "oas", [device.path, [Interface.DEVICE]])

    def _forget_client(self, name: str) -> None:
        self._scanners.discard(name)
        for device in self._devices:
            for path, listeners in device.listeners.items():
                if name in listeners:
                    listeners.discard(name)
                    if not listeners:
                        device.strap.subscribe(device.uuid_of[path], on=False)

    # Signals -------------------------------------------------------------------------------------------------

    def _changed(self, path: str, interface: str, properties: Properties) -> None:
        self._signal(path, Interface.PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _added(self, path: str, interfaces: Interfaces) -> None:
        self._signal("/", Interface.OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if self._bus.connected:
            self._bus.send(Message.new_signal(path, interface, member, signature, body))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _underlined(strap: Strap) -> str:
    return strap.identity.address.replace(":", "_")
