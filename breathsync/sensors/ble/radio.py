"""Which radio straps are reached by: the system's Bluetooth, or a simulated one in another process."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from breathsync.errors import BreathsyncError, UsageError
from breathsync.sensors.ble.link import Radio

VARIABLE = "BREATHSYNC_RADIO"
"""`tcp:PORT` or `tcp:HOST:PORT`: what `breathsync simulate strap ... --tcp PORT` offers."""


@asynccontextmanager
async def open_radio() -> AsyncIterator[Radio]:
    """The radio named by `BREATHSYNC_RADIO`, or the system's.

    Raises UsageError for a value that is no address, BreathsyncError when nobody listens there.
    """
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        yield Radio()
        return
    kind, _, address = wanted.partition(":")
    host, _, port = address.rpartition(":")
    if kind != "tcp" or not port.isdigit():
        raise UsageError(f"{VARIABLE}={wanted} is no radio.", advice="Write tcp:PORT, or leave it out.")
    try:
        # On use, so that the program does not need its simulators to run.
        from breathsync_simulators.air.bumble_bleak import radio_over  # noqa: PLC0415
    except ImportError as error:
        raise BreathsyncError(
            "Simulated radios need Bumble.", advice="Install it: pip install 'breathsync[radio]'."
        ) from error
    opening = radio_over(f"tcp-client:{host or '127.0.0.1'}:{port}")
    try:
        radio = await opening.__aenter__()
    except (OSError, asyncio.IncompleteReadError) as error:
        raise BreathsyncError(
            f"Nobody listens at {wanted}.", advice="Start breathsync simulate strap ... --tcp PORT first."
        ) from error
    try:
        yield radio
    finally:
        await opening.__aexit__(None, None, None)
