"""The Bluetooth library, and the only place that knows it: find, connect, read, write, listen, pair.

Everything below raises `SensorError` with a trouble and advice, whatever bleak or the system throws.
A `Link` is one connection: after it is lost, make a new one (a used client repeats notifications, bleak 2002).
"""

import asyncio
import platform
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from breathsync.errors import SensorError, SensorTrouble
from breathsync.sensors.ble.trouble import Doing, explained

CONNECT_WITHIN_S = 15.0
"""Including the discovery of services; a strap that is held elsewhere never answers."""
LET_GO_WITHIN_S = 5.0
BUSY_SCAN_TRIES = 3
BUSY_SCAN_PAUSE_S = 1.0
UNKNOWN_RSSI = -127


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device in the air, or one this computer is connected to already (`rssi_dbm` None: it does not advertise)."""

    name: str
    address: str
    services: frozenset[str]
    companies: frozenset[int]
    rssi_dbm: int | None
    handle: Any
    """What the Bluetooth library connects to; opaque here."""
    connected_already: bool = False


class Radio:
    """The way into the air. Tests and other carriers give their own bleak backends; None is the system's."""

    def __init__(
        self,
        *,
        scanner: type[BaseBleakScanner] | None = None,
        client: type[BaseBleakClient] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._scanner = scanner
        self._client = client
        self._pause = pause

    async def scan(self, *, services: Iterable[str] = ()) -> AsyncGenerator[Found]:
        """Every advertisement heard, for ever; leave the loop to stop scanning.

        `services` is used only where the system shows nothing without (macOS 12.0-12.2, bleak 635).
        """
        heard: asyncio.Queue[Found] = asyncio.Queue()

        def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
            heard.put_nowait(_found(device, data))

        asked = list(services) if _needs_service_filter() else None
        scanner = BleakScanner(on_advertisement, asked, **_backend(self._scanner))
        await self._start(scanner)
        try:
            while True:
                yield await heard.get()
        finally:
            with _explaining(Doing.SCANNING):
                await scanner.stop()

    async def find(
        self, wanted: Callable[[Found], bool], *, within_s: float, services: Iterable[str] = ()
    ) -> Found | None:
        """The first device that is wanted, or None when none was heard in time."""
        scan = self.scan(services=services)
        try:
            async with asyncio.timeout(within_s):
                async for found in scan:
                    if wanted(found):
                        return found
        except TimeoutError:
            pass
        finally:
            await scan.aclose()
        return None

    async def connected(self, services: Iterable[str]) -> list[Found]:
        """Devices with one of `services` that this computer holds already; they do not advertise.

        Empty where the system cannot tell.
        """
        if self._client is not None:
            return []
        with suppress(NotImplementedError), _explaining(Doing.SCANNING):
            adapter = await BleakAdapter.get()
            return [_held(device) for device in await adapter.get_connected_devices(list(services))]
        return []

    async def connect(
        self, found: Found, *, on_lost: Callable[[], None], within_s: float = CONNECT_WITHIN_S
    ) -> "Link":
        """Connect and learn the characteristics. `on_lost` is called once, when the link ends."""
        client = BleakClient(
            found.handle,
            disconnected_callback=lambda _: on_lost(),
            timeout=within_s,
            **_backend(self._client),
        )
        with _explaining(Doing.CONNECTING, strap=found.name):
            async with asyncio.timeout(within_s + LET_GO_WITHIN_S):
                await client.connect()
        return Link(client=client, found=found)

    async def _start(self, scanner: BleakScanner) -> None:
        for left in reversed(range(BUSY_SCAN_TRIES)):
            try:
                with _explaining(Doing.SCANNING):
                    await scanner.start()
                return
            except SensorError as error:
                if error.trouble is not SensorTrouble.BUSY_SCANNING or not left:
                    raise
                await self._pause(BUSY_SCAN_PAUSE_S)


class Link:
    """One connection to one strap."""

    def __init__(self, *, client: BleakClient, found: Found) -> None:
        self.found = found
        self._client = client

    @property
    def is_connected(self) -> bool:
        """Whether the link still stands."""
        return self._client.is_connected

    @property
    def characteristics(self) -> frozenset[str]:
        """UUIDs of all characteristics, lower case."""
        return frozenset(c.uuid.lower() for c in self._client.services.characteristics.values())

    @property
    def mtu(self) -> int:
        """The ATT MTU as far as the system tells (23 where it does not)."""
        sizes = [c.max_write_without_response_size for c in self._client.services.characteristics.values()]
        return max(sizes, default=20) + 3

    async def read(self, characteristic: str) -> bytes:
        """The value of a characteristic."""
        with self._explaining():
            return bytes(await self._client.read_gatt_char(characteristic))

    async def write(
        self, characteristic: str, data: bytes, *, response: bool, chunk: int | None = None
    ) -> None:
        """Write `data`, in pieces of at most `chunk` bytes."""
        size = chunk or len(data) or 1
        with self._explaining():
            for start in range(0, max(len(data), 1), size):
                await self._client.write_gatt_char(
                    characteristic, data[start : start + size], response=response
                )

    async def subscribe(self, characteristic: str, heard: Callable[[str, bytes], None]) -> None:
        """Switch on notifications or indications; `heard` gets the UUID and the bytes of each."""

        def on_notification(_: BleakGATTCharacteristic, data: bytearray) -> None:
            heard(characteristic, bytes(data))

        with self._explaining():
            await self._client.start_notify(characteristic, on_notification)

    async def pair(self) -> None:
        """Pair. On macOS the system does so by itself at the first protected access."""
        with suppress(NotImplementedError), _explaining(Doing.PAIRING, strap=self.found.name):
            await self._client.pair()

    async def unpair(self) -> None:
        """Make the system forget the strap; this ends the link."""
        with suppress(NotImplementedError), _explaining(Doing.PAIRING, strap=self.found.name):
            await self._client.unpair()

    async def close(self) -> None:
        """Let the strap go. Never raises, never takes longer than `LET_GO_WITHIN_S`."""
        with suppress(Exception):
            async with asyncio.timeout(LET_GO_WITHIN_S):
                await self._client.disconnect()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        with _explaining(Doing.USING, strap=self.found.name):
            yield


@contextmanager
def _explaining(doing: Doing, *, strap: str = "the strap") -> Iterator[None]:
    try:
        yield
    except (SensorError, NotImplementedError):
        raise
    except Exception as error:
        raise explained(error, doing=doing, strap=strap) from error


def _backend(kind: type | None) -> dict[str, Any]:
    return {} if kind is None else {"backend": kind}


def _found(device: BLEDevice, data: AdvertisementData) -> Found:
    return Found(
        name=data.local_name or device.name or "",
        address=device.address,
        services=frozenset(uuid.lower() for uuid in data.service_uuids),
        companies=frozenset(data.manufacturer_data),
        rssi_dbm=None if data.rssi <= UNKNOWN_RSSI else data.rssi,
        handle=device,
    )


def _held(device: BLEDevice) -> Found:
    return Found(
        name=device.name or "",
        address=device.address,
        services=frozenset(),
        companies=frozenset(),
        rssi_dbm=None,
        handle=device,
        connected_already=True,
    )


def _needs_service_filter() -> bool:
    version = platform.mac_ver()[0].split(".")[:2]
    return version in (["12", "0"], ["12", "1"], ["12", "2"])
