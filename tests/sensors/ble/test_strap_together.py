"""Two straps at once: the breath from a belt, the heart from an H10."""

import asyncio

import numpy as np
import pytest
from breathsync_simulators.straps import go_direct, polar_h10
from breathsync_simulators.straps.quirks import Quirks

from breathsync.clock import SessionClock
from breathsync.errors import SensorError
from breathsync.samples import SensorState, Stream
from breathsync.sensors.together import Together
from breathsync.sources import open_source
from tests.sensors.ble.bodies import RR_MS, Heard, SineBody, listen, until
from tests.sensors.ble.conftest import OpenAir

pytestmark = pytest.mark.radio


async def test_breath_from_the_belt_and_heart_from_the_h10(open_air: OpenAir) -> None:
    belt = go_direct.strap(SineBody(Stream.FORCE))
    h10 = polar_h10.strap(SineBody(), Quirks(hang_up_after_s=2.5))
    await open_air(belt, h10)
    sensor = open_source("ble:go-direct-belt+ble:polar-h10", clock=SessionClock())
    assert isinstance(sensor, Together)
    heard = Heard()
    await sensor.connect()
    listening = asyncio.create_task(listen(sensor, heard))
    await until(lambda: len(heard.blocks(Stream.RR)) >= 4 and len(heard.blocks(Stream.FORCE)) >= 20)
    await sensor.close()
    await listening

    assert sensor.info.breath_stream is Stream.FORCE
    assert Stream.ACCELERATION not in sensor.info.streams
    assert not heard.blocks(Stream.ACCELERATION)
    np.testing.assert_allclose(heard.values(Stream.RR), RR_MS)
    lost = [change for change in heard.changes if "lost" in change.why]
    assert lost
    assert all(change.state is SensorState.STREAMING for change in lost)  # the breath goes on
    assert not belt.is_connected
    assert not h10.is_connected


async def test_when_one_cannot_be_reached_the_other_is_let_go(open_air: OpenAir) -> None:
    belt = go_direct.strap(SineBody(Stream.FORCE))
    await open_air(belt, polar_h10.strap(SineBody(), Quirks(pairing=True, refuse_pairing=True)))
    sensor = open_source("ble:go-direct-belt+ble:polar-h10", clock=SessionClock())
    with pytest.raises(SensorError):
        await sensor.connect()
    assert not belt.is_connected
