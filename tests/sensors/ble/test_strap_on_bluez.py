"""The product on bleak's real BlueZ backend: a simulated H10 on a fake org.bluez, nothing else changed."""

import asyncio

import numpy as np
import pytest
from breathsync_simulators.straps import polar_h10
from breathsync_simulators.straps.quirks import Quirks

from breathsync.samples import SensorState, Stream
from breathsync.sensors.ble.strap import StrapSensor
from breathsync.sensors.ble.target import Target
from tests.sensors.ble.bodies import RR_MS, Heard, SineBody, WallClock, listen, until, wave
from tests.sensors.ble.conftest import OpenAir

pytestmark = pytest.mark.radio

H10 = Target(label="my strap", is_it=lambda found: found.name.startswith("Polar H10"))


def frames_of_wave(heard: Heard, stream: Stream, rate_hz: float) -> int:
    """Assert that what was heard is an unbroken run of the body's wave; the number of its first sample."""
    values = heard.values(stream)
    longest = wave(stream, np.arange(60 * rate_hz), rate_hz)
    for first in range(len(longest) - len(values)):
        if np.array_equal(longest[first : first + len(values)], values):
            return first
    raise AssertionError("what was heard is not what the body did")


async def test_h10_streams_what_the_body_did(open_air: OpenAir) -> None:
    strap = polar_h10.strap(SineBody())
    await open_air(strap)
    sensor, heard = StrapSensor(target=H10, clock=WallClock()), Heard()
    await sensor.connect()
    listening = asyncio.create_task(listen(sensor, heard))
    await until(lambda: len(heard.blocks(Stream.ACCELERATION)) >= 10 and len(heard.blocks(Stream.RR)) >= 2)
    assert strap.streaming
    await sensor.close()
    await listening

    assert not strap.streaming
    assert not strap.is_connected
    frames_of_wave(heard, Stream.ACCELERATION, 200)
    frames_of_wave(heard, Stream.ECG, 130)
    np.testing.assert_allclose(heard.values(Stream.RR), RR_MS)
    assert heard.batteries == [90]
    assert sensor.info.firmware == "3.3.1"
    assert sensor.info.serial == polar_h10.SERIAL
    assert sensor.info.rates_hz[Stream.ACCELERATION] == 200
    assert heard.states == [
        SensorState.SEARCHING,
        SensorState.CONNECTING,
        SensorState.STARTING,
        SensorState.STREAMING,
        SensorState.OFF,
    ]
    times = heard.times(Stream.ACCELERATION)
    assert np.all(np.diff(times) > 0)
    np.testing.assert_allclose(np.diff(times), 0.005, atol=0.0005)


async def test_a_dropped_link_comes_back_and_streams_again(open_air: OpenAir) -> None:
    strap = polar_h10.strap(SineBody(), Quirks(hang_up_after_s=1.0))
    await open_air(strap)
    sensor, heard = StrapSensor(target=H10, clock=WallClock()), Heard()
    await sensor.connect()
    listening = asyncio.create_task(listen(sensor, heard))
    await until(lambda: heard.states.count(SensorState.STREAMING) >= 3)
    await sensor.close()
    await listening

    held = heard.states[3:9]
    assert held == [SensorState.STREAMING, SensorState.LOST, SensorState.RECONNECTING] * 2
    assert np.all(np.diff(heard.times(Stream.ACCELERATION)) > 0)
