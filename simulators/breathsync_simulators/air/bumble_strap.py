"""A simulated strap on a Bluetooth controller of Bumble: virtual, behind TCP, or a spare USB or serial adapter."""

import asyncio
import struct
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar

from bumble import hci
from bumble.att import ATT_Error, Attribute, AttributeValue
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportSink, TransportSource

from breathsync_simulators.air.bumble_link import AirController
from breathsync_simulators.air.pump import by_the_wall
from breathsync_simulators.straps.peripheral import Att, AttError, HangUp, HungUp, Notification, Strap

T = TypeVar("T")

ADVERTISING_MS = 60
LARGEST_ADVERTISEMENT = 31
IN_FLIGHT_S = 0.02
IN_FLIGHT_TURNS = 20
"""A dropped link loses nothing that was sent before: the drop waits for it, as it does on the fake BlueZ. In so
many turns of the loop, because a packet takes several, and on a busy machine a turn may take the whole time."""
_TAIL_OF_16_BIT = "-0000-1000-8000-00805f9b34fb"


class BumbleStrap:
    """`async with BumbleStrap(strap=..., source=controller, sink=controller)` stands as a peripheral.

    `controller` is given where it is a virtual one, so that a dropped link is dropped without a goodbye.
    """

    def __init__(
        self,
        *,
        strap: Strap,
        source: TransportSource,
        sink: TransportSink,
        controller: AirController | None = None,
        speed: float = 1.0,
    ) -> None:
        self.strap = strap
        self.notifications_sent = 0
        self._controller = controller
        address = hci.Address(strap.identity.address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self._device = Device.with_hci(strap.identity.name, address, source, sink)
        self._device.gatt_server.max_mtu = strap.largest_mtu
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        self._connection: Connection | None = None
        self._speed = speed
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> "BumbleStrap":
        """Power on and let the strap live."""
        for service in self.strap.services:
            members = [self._characteristic(c.uuid, c.properties) for c in service.characteristics]
            self._device.add_service(Service(_uuid(service.uuid), members))
        self._device.on(Device.EVENT_CONNECTION, self._on_connection)
        await self._device.power_on()
        self._spawn(by_the_wall(self.strap, self._carry, speed=self._speed))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the link and power off."""
        while self._tasks:  # more than once: a command of Bumble that is under way may swallow a cancellation
            for task in list(self._tasks):
                task.cancel()
            await asyncio.wait(list(self._tasks), timeout=0.2)
        await self._hang_up()
        with suppress(Exception):
            async with asyncio.timeout(2.0):
                await self._device.power_off()

    # The table -----------------------------------------------------------------------------------------------

    def _characteristic(self, uuid: str, properties: tuple[str, ...]) -> "Characteristic[bytes]":
        async def read(connection: Connection) -> bytes:
            return self._answered(lambda: self.strap.read(uuid))

        async def write(connection: Connection, value: bytes) -> None:
            try:
                self._answered(lambda: self.strap.write(uuid, value))
            except HungUp:
                await self._hang_up()
                raise ATT_Error(error_code=Att.UNLIKELY) from None
            asyncio.get_running_loop().call_soon(lambda: self._spawn(self._carry()))

        flags = Characteristic.Properties(0)
        for name in properties:
            flags |= Characteristic.Properties[name.upper().replace("-", "_")]
        permissions = Attribute.Permissions.READABLE | Attribute.Permissions.WRITEABLE
        if self.strap.quirks.pairing and uuid in self.strap.protected:
            permissions |= Attribute.Permissions.READ_REQUIRES_ENCRYPTION
            permissions |= Attribute.Permissions.WRITE_REQUIRES_ENCRYPTION
        made: Characteristic[bytes] = Characteristic(
            _uuid(uuid), flags, permissions, AttributeValue(read=read, write=write)
        )

        def on_subscription(_: Connection, notify: bool, indicate: bool) -> None:
            with suppress(AttError):
                self.strap.subscribe(uuid, on=notify or indicate)

        made.on(Characteristic.EVENT_SUBSCRIPTION, on_subscription)
        self._characteristics[uuid] = made
        return made

    @staticmethod
    def _answered(work: Callable[[], T]) -> T:
        try:
            return work()
        except AttError as error:
            raise ATT_Error(error_code=error.code) from error

    # The link ------------------------------------------------------------------------------------------------

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self.strap.connected(mtu=23)
        connection.on(
            Connection.EVENT_CONNECTION_ATT_MTU_UPDATE, lambda: self.strap.mtu_agreed(connection.att_mtu)
        )
        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, self._on_encryption)
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)

    def _on_encryption(self) -> None:
        if self._connection and self._connection.is_encrypted:
            self.strap.paired()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self.strap.disconnected()

    async def _hang_up(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._controller:
            self._controller.lose_links()
        else:
            with suppress(Exception):
                await connection.disconnect()

    async def _carry(self) -> None:
        for item in self.strap.take():
            connection = self._connection
            if connection is None:
                return
            match item:
                case HangUp():
                    for _ in range(IN_FLIGHT_TURNS):
                        await asyncio.sleep(IN_FLIGHT_S / IN_FLIGHT_TURNS)
                    await self._hang_up()
                case Notification():
                    await self._send(connection, item)
        if self.strap.advertises and not self._device.is_advertising:
            await self._advertise()
        elif not self.strap.advertises and self._device.is_advertising and self._connection is None:
            await self._device.stop_advertising()

    async def _send(self, connection: Connection, item: Notification) -> None:
        characteristic = self._characteristics[item.uuid]
        self.notifications_sent += 1
        if characteristic.properties & Characteristic.Properties.INDICATE:
            # Its confirmation takes a round trip, and samples do not wait for it.
            self._spawn(self._device.indicate_subscriber(connection, characteristic, item.data))
        else:
            await self._device.notify_subscriber(connection, characteristic, item.data)

    async def _advertise(self) -> None:
        advertised, answered = advertisement(self.strap)
        await self._device.start_advertising(
            auto_restart=False,
            advertising_data=advertised,
            scan_response_data=answered,
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # an indication nobody confirmed: the link has gone


async def open_adapter(transport: str) -> Transport:
    """A transport of Bumble, such as `usb:0` or `serial:/dev/ttyUSB0`: a spare adapter the system does not use."""
    return await open_transport(transport)


def advertisement(strap: Strap) -> tuple[bytes, bytes]:
    """Advertising data and scan response: flags and services in the first, the name where it fits."""
    identity = strap.identity
    short = [u for u in identity.advertised if u.endswith(_TAIL_OF_16_BIT)]
    long = [u for u in identity.advertised if not u.endswith(_TAIL_OF_16_BIT)]
    kinds = AdvertisingData.Type
    first = _structure(kinds.FLAGS, b"\x06")
    if short:
        numbers = b"".join(struct.pack("<H", int(u[4:8], 16)) for u in short)
        first += _structure(kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, numbers)
    if long:
        first += _structure(kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(long[0])))
    name = _structure(kinds.COMPLETE_LOCAL_NAME, identity.name.encode())
    second = b""
    if identity.company is not None:
        company = struct.pack("<H", identity.company) + identity.company_data
        second = _structure(kinds.MANUFACTURER_SPECIFIC_DATA, company)
    if len(first) + len(name) <= LARGEST_ADVERTISEMENT:
        return first + name, second
    return first, (name + second if len(name) + len(second) <= LARGEST_ADVERTISEMENT else name)


def _structure(kind: int, data: bytes) -> bytes:
    return bytes((len(data) + 1, kind)) + data


def _uuid(uuid: str) -> UUID:
    """Sixteen bits where that is the UUID's form on the air."""
    return UUID(uuid[4:8] if uuid.endswith(_TAIL_OF_16_BIT) and uuid.startswith("0000") else uuid)
