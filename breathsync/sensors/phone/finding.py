"""Which phones can be found, and what to do with the others: for `breathsync pair --phone`.

Source: SensorServer (umer0586/SensorServer, `WebsocketService.kt`): with its setting "discoverable" it registers the
name "SensorServer" as `_websocket._tcp` by DNS-SD; a second phone gets a number behind the name. The other apps cannot
be found; their address is typed.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from breathsync.errors import UsageError

SERVICE = "_websocket._tcp.local."
NAME = "SensorServer"
LISTEN_S = 4.0
RESOLVE_MS = 1500

WAYS = (
    "No app: breathsync session --source phone:   shows a code; point the phone's camera at it.",
    "phyphox (Android, iOS): open «Acceleration with g», allow remote access, then --source phyphox:ADDRESS.",
    "SensorServer (Android): start it and make it discoverable in its settings, or --source sensorserver:ADDRESS.",
    "Sensor Logger (Android, iOS): switch on Accelerometer, Gravity and Gyroscope, push to "
    "http://THIS-COMPUTER:8000/data, then --source sensorlogger:.",
)
"""What a person can do with a phone that was not found, one sentence a way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPhone:
    """A phone in the local network: the name it announces, and the source to type."""

    name: str
    source: str


async def find_phones(*, seconds: float = LISTEN_S, interfaces: Any = None) -> list[FoundPhone]:
    """Listen for phones that announce themselves, by name.

    Raises UsageError where the extra `phone` is missing. `interfaces`: as zeroconf takes them; all where left out.
    """
    try:
        from zeroconf import InterfaceChoice, IPVersion  # noqa: PLC0415  (on use: an extra)
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "Finding phones needs the extra `phone`.", advice="pip install 'breathsync[phone]'"
        ) from None
    seen: set[str] = set()

    def changed(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        seen.add(name)

    found = []
    async with AsyncZeroconf(
        interfaces=interfaces or InterfaceChoice.All, ip_version=IPVersion.V4Only
    ) as here:
        browser = AsyncServiceBrowser(here.zeroconf, SERVICE, handlers=[changed])
        try:
            await asyncio.sleep(seconds)
        finally:
            await browser.async_cancel()
        for full_name in sorted(name for name in seen if name.startswith(NAME)):
            info = await here.async_get_service_info(SERVICE, full_name, timeout=RESOLVE_MS)
            addresses = info.parsed_addresses(IPVersion.V4Only) if info else []
            if info and addresses:
                name = full_name.removesuffix(f".{SERVICE}")
                found.append(FoundPhone(name=name, source=f"sensorserver:{addresses[0]}:{info.port}"))
    return found
