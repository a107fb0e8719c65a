"""The ways from a simulated strap to the product's radio. The Bumble ones need Bumble."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from breathsync_simulators.air.bluez import FakeBluez
from breathsync_simulators.air.bus import PrivateBus
from breathsync_simulators.straps.peripheral import Strap

from breathsync.sensors.ble.link import Radio


@asynccontextmanager
async def on_bluez(strap: Strap) -> AsyncIterator[Radio]:
    """bleak's BlueZ backend, fake org.bluez."""
    async with PrivateBus() as bus:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        async with FakeBluez(address=bus.address, straps=[strap]):
            yield Radio()


@asynccontextmanager
async def on_bumble(strap: Strap) -> AsyncIterator[Radio]:
    """Bumble, in this process."""
    from breathsync_simulators.air.bumble_bleak import radio_in
    from breathsync_simulators.air.bumble_link import Air
    from breathsync_simulators.air.bumble_strap import BumbleStrap

    air = Air()
    controller = air.controller("strap")
    async with (
        BumbleStrap(strap=strap, source=controller, sink=controller, controller=controller),
        radio_in(air) as radio,
    ):
        yield radio


@asynccontextmanager
async def over_tcp(strap: Strap) -> AsyncIterator[Radio]:
    """Bumble, HCI over TCP."""
    from breathsync_simulators.air.bumble_bleak import radio_over
    from breathsync_simulators.air.bumble_link import Air, HciServer
    from breathsync_simulators.air.bumble_strap import BumbleStrap

    air = Air()
    controller = air.controller("strap")
    async with (
        BumbleStrap(strap=strap, source=controller, sink=controller, controller=controller),
        HciServer(air=air, port=0) as server,
        radio_over(f"tcp-client:127.0.0.1:{server.port}") as radio,
    ):
        yield radio
