"""A bleak backend over Bumble, so that the product reaches simulated straps on any system, by real ATT bytes.

Written against bleak's base classes; BlueZ, WinRT and CoreBluetooth are not touched. What Bumble throws becomes
what bleak's own backends throw.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import hci
from bumble.att import ATT_Error
from bumble.core import AdvertisingData, BaseBumbleError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.transport import open_transport

from breathsync.sensors.ble.link import Radio
from breathsync_simulators.air.bumble_link import Air

WANTED_MTU = 517
CENTRAL_ADDRESS = "F0:F1:F2:F3:F4:01"


class BumbleScanner(BaseBleakScanner):
    """Scans with `central`; a subclass made by `radio_of` holds it."""

    central: ClassVar[Device]
    _scanning: ClassVar[int] = 0

    def __init__(
        self,
        detection_callback: Callable[..., Any] | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        """Listen."""
        self.seen_devices = {}
        self.central.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        type(self)._scanning += 1
        if self._scanning == 1:
            await self.central.start_scanning(legacy=True, active=True, filter_duplicates=False)

    async def stop(self) -> None:
        """Stop listening."""
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        type(self)._scanning -= 1
        if self._scanning == 0:
            await self.central.stop_scanning()

    def _on_advertisement(self, heard: Advertisement) -> None:
        data = heard.data
        kinds = AdvertisingData.Type
        uuids = [
            _full(uuid)
            for kind in (
                kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
                kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            )
            for uuid in (data.get(kind) or [])
        ]
        if not self.is_allowed_uuid(uuids):
            return
        name = data.get(kinds.COMPLETE_LOCAL_NAME)
        company = data.get(kinds.MANUFACTURER_SPECIFIC_DATA)
        address = heard.address.to_string(with_type_qualifier=False)
        advertised = AdvertisementData(
            local_name=name,
            manufacturer_data={} if company is None else {company[0]: company[1]},
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=heard.rssi,
            platform_data=(heard,),
        )
        device = self.create_or_update_device(address, address, name, heard.address, advertised)
        self.call_detection_callbacks(device, advertised)


class BumbleClient(BaseBleakClient):
    """One connection by `central`; a subclass made by `radio_of` holds it."""

    central: ClassVar[Device]
    _connecting: ClassVar[asyncio.Lock]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._connection: Connection | None = None
        self._peer: Peer | None = None

    @property
    def name(self) -> str:
        """The address; a name is only advertised."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """The MTU agreed on."""
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        """Whether the link stands."""
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        """Connect, agree on an MTU, learn the table."""
        address = hci.Address(self.address, hci.Address.RANDOM_DEVICE_ADDRESS)
        async with self._connecting:
            try:
                connection = await self.central.connect(address, timeout=self._timeout)
            except BumbleTimeoutError:
                raise TimeoutError from None
            except asyncio.CancelledError:
                await self.central.cancel_connection()  # type: ignore[no-untyped-call]
                raise
            except BaseBumbleError as error:
                raise BleakError(str(error)) from error
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        try:
            with self._translated():
                self._peer = Peer(connection)
                await self._peer.request_mtu(WANTED_MTU)
                await self._peer.discover_all()  # type: ignore[no-untyped-call]
        except BaseException:
            if self._connection:  # Bumble waits without end for the goodbye of a link that has gone
                await asyncio.shield(connection.disconnect())
            raise
        self.services = self._table(self._peer)
        if pair:
            await self.pair()

    async def disconnect(self) -> None:
        """End the link."""
        if self._connection:
            with self._translated():
                await self._connection.disconnect()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Pair, "just works"."""
        connection = self._linked()
        with self._translated():
            await connection.pair()

    async def unpair(self) -> None:
        """Nothing is stored here."""

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Read by handle."""
        with self._translated():
            return bytearray(await self._peer_now().read_value(characteristic.obj))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write by handle."""
        with self._translated():
            await self._peer_now().write_value(characteristic.obj, bytes(data), with_response=response)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        """Subscribe."""
        with self._translated():
            await self._peer_now().subscribe(characteristic.obj, lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        with self._translated():
            await self._peer_now().unsubscribe(characteristic.obj)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Not needed by anything here."""
        raise BleakError("descriptors are not read over this backend")

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Not needed by anything here."""
        raise BleakError("descriptors are not written over this backend")

    def _table(self, peer: Peer) -> BleakGATTServiceCollection:
        table = BleakGATTServiceCollection()
        for service in peer.services:
            entry = BleakGATTService(service, service.handle, _full(service.uuid))
            table.add_service(entry)
            for found in service.characteristics:
                names = [
                    str(flag.name).lower().replace("_", "-")
                    for flag in Characteristic.Properties
                    if found.properties & flag
                ]
                table.add_characteristic(
                    BleakGATTCharacteristic(
                        found,
                        found.handle,
                        _full(found.uuid),
                        names,  # type: ignore[arg-type]
                        lambda: self.mtu_size - 3,
                        entry,
                    )
                )
        return table

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self._peer = None
        self.services = None
        if self._disconnected_callback:
            self._disconnected_callback()

    def _linked(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    def _peer_now(self) -> Peer:
        if self._peer is None:
            raise BleakError("Not connected")
        return self._peer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except (BumbleTimeoutError, BaseBumbleError) as error:
            raise BleakError(str(error)) from error
        except asyncio.CancelledError:
            # Bumble cancels what waits for an answer when the link goes; our own task was not cancelled then.
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            raise BleakError("disconnected") from None


def radio_of(central: Device) -> Radio:
    """The product's radio on this Bumble device."""
    scanner = type("BumbleScannerOfOne", (BumbleScanner,), {"central": central})
    client = type("BumbleClientOfOne", (BumbleClient,), {"central": central, "_connecting": asyncio.Lock()})
    return Radio(scanner=scanner, client=client)


@asynccontextmanager
async def radio_in(air: Air) -> AsyncIterator[Radio]:
    """A radio among the straps of this process."""
    controller = air.controller("central")
    address = hci.Address(CENTRAL_ADDRESS, hci.Address.RANDOM_DEVICE_ADDRESS)
    central = Device.with_hci("central", address, controller, controller)
    await central.power_on()
    try:
        yield radio_of(central)
    finally:
        air.remove(controller)


@asynccontextmanager
async def radio_over(transport: str) -> AsyncIterator[Radio]:
    """A radio behind a transport of Bumble, such as `tcp-client:127.0.0.1:PORT` for `simulate strap --tcp PORT`."""
    async with await open_transport(transport) as hci_transport:
        address = hci.Address(CENTRAL_ADDRESS, hci.Address.RANDOM_DEVICE_ADDRESS)
        central = Device.with_hci("central", address, hci_transport.source, hci_transport.sink)
        await central.power_on()
        yield radio_of(central)


def _full(uuid: Any) -> str:
    text = uuid.to_hex_str("-").lower()
    return text if len(text) == 36 else f"0000{text}-0000-1000-8000-00805f9b34fb"
