"""What can be paired: devices in the air, sorted so that those which see the breath come first."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from breathsync.sensors.ble.catalog import SCAN_SERVICES, Known
from breathsync.sensors.ble.link import Found, Radio
from breathsync.sensors.ble.target import known_of

LOOK_S = 6.0
"""An H10 advertises ten times a second, a belt less often; all are heard in this time."""
BARS = "▂▄▆█"
BAR_FROM_DBM = (-90, -78, -67, -56)
"""From about across the house to beside the adapter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A device that breathsync knows how to use."""

    found: Found
    known: Known

    @property
    def name(self) -> str:
        """What it calls itself."""
        return self.found.name or self.found.address

    @property
    def order(self) -> tuple[bool, int]:
        """Breath first, then the strongest."""
        return (not self.known.sees_breath, -(self.found.rssi_dbm or -200))


def bar(rssi_dbm: int | None) -> str:
    """Signal strength as a bar of four, with the number beside it: no shape or colour alone carries it."""
    if rssi_dbm is None:
        return "connected"
    full = sum(rssi_dbm >= dbm for dbm in BAR_FROM_DBM)
    return f"{BARS[:full]:<4} {rssi_dbm} dBm"


async def look(
    radio: Radio, *, seconds: float = LOOK_S, on_new: Callable[[Candidate], None] = lambda _: None
) -> list[Candidate]:
    """Listen for `seconds` and return what can be used, best first; devices of this computer included.

    Raises SensorError when the computer cannot listen.
    """
    seen: dict[str, Candidate] = {}

    def hear(found: Found) -> None:
        known = known_of(found)
        if known is None:
            return
        candidate = Candidate(found=found, known=known)
        if found.address not in seen:
            on_new(candidate)
        seen[found.address] = candidate

    for held in await radio.connected(SCAN_SERVICES):
        hear(held)
    scan = radio.scan(services=SCAN_SERVICES)
    try:
        async with asyncio.timeout(seconds):
            async for found in scan:
                hear(found)
    except TimeoutError:
        pass
    finally:
        await scan.aclose()
    return sorted(seen.values(), key=lambda candidate: candidate.order)
