"""The product over Bumble: real ATT bytes on a virtual link, in this process and behind a TCP port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from breathsync_simulators.straps import polar_h10
from breathsync_simulators.straps.peripheral import Strap
from breathsync_simulators.straps.quirks import Quirks

from breathsync.samples import SensorState, Stream
from breathsync.sensors.ble.link import Radio
from breathsync.sensors.ble.strap import StrapSensor
from tests.sensors.ble.bodies import Heard, SineBody, WallClock, listen, until

pytest.importorskip("bumble")
pytestmark = pytest.mark.radio


@asynccontextmanager
async def in_process(strap: Strap) -> AsyncIterator[Radio]:
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


@pytest.mark.parametrize("air", [in_process, over_tcp])
async def test_h10_streams_and_comes_back(air) -> None:
    strap = polar_h10.strap(SineBody(), Quirks(hang_up_after_s=1.2))
    async with air(strap) as radio:
        sensor, heard = StrapSensor(name="polar-h10", clock=WallClock(), radio=radio), Heard()
        await sensor.connect()
        listening = asyncio.create_task(listen(sensor, heard))
        await until(
            lambda: heard.states.count(SensorState.STREAMING) >= 2 and len(heard.blocks(Stream.RR)) >= 2
        )
        await sensor.close()
        await listening
        assert not strap.is_connected
        assert not strap.streaming
    assert np.all(np.diff(heard.times(Stream.ACCELERATION)) > 0)
    assert sensor.info.simulated
    assert {Stream.ACCELERATION, Stream.ECG} <= set(sensor.info.streams)
