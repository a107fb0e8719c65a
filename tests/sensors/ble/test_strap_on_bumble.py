"""The product over Bumble: real ATT bytes on a virtual link, in this process and behind a TCP port."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from breathsync_simulators.straps import polar_h10
from breathsync_simulators.straps.peripheral import Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.straps.registry import STRAPS, make_strap

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import SensorState, Stream
from breathsync.sensors.ble.link import Radio
from breathsync.sensors.ble.strap import StrapSensor
from breathsync.sensors.ble.target import known_of
from tests.sensors.ble.bodies import Heard, SineBody, WallClock, listen, until
from tests.sensors.ble.carriers import on_bumble, over_tcp
from tests.simulators.test_straps import body_for

pytest.importorskip("bumble")
pytestmark = pytest.mark.radio


Carrier = Callable[[Strap], AbstractAsyncContextManager[Radio]]


@pytest.mark.parametrize("air", [on_bumble, over_tcp])
async def test_h10_streams_and_comes_back(air: Carrier) -> None:
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


async def hear_some(sensor: StrapSensor) -> Heard:
    """Connect, hear a few blocks, close."""
    heard = Heard()
    await sensor.connect()
    listening = asyncio.create_task(listen(sensor, heard))
    await until(lambda: len(heard.blocks(Stream.ACCELERATION)) >= 3)
    await sensor.close()
    await listening
    return heard


async def test_encryption_that_is_demanded_is_given() -> None:
    strap = polar_h10.strap(SineBody(), Quirks(pairing=True))
    async with on_bumble(strap) as radio:
        sensor = StrapSensor(name="polar-h10", clock=WallClock(), radio=radio)
        await hear_some(sensor)
        assert sensor.paired
        assert strap.bonded


async def test_a_link_that_breaks_in_a_request_is_made_again() -> None:
    strap = polar_h10.strap(SineBody(), Quirks(hang_up_on_request=1))
    async with on_bumble(strap) as radio:
        heard = await hear_some(StrapSensor(name="polar-h10", clock=WallClock(), radio=radio))
        assert heard.states.count(SensorState.CONNECTING) == 2


@pytest.mark.parametrize(
    ("quirks", "trouble"),
    [
        (Quirks(mtu=23), SensorTrouble.REFUSED_SETTINGS),
        (Quirks(refuse_settings=True), SensorTrouble.REFUSED_SETTINGS),
        (Quirks(held=True), SensorTrouble.NOT_FOUND),
    ],
)
async def test_what_cannot_be_started_is_let_go(quirks: Quirks, trouble: SensorTrouble) -> None:
    strap = polar_h10.strap(SineBody(), quirks)
    async with on_bumble(strap) as radio:
        sensor = StrapSensor(name="polar-h10", clock=WallClock(), radio=radio, search_within_s=1.0)
        with pytest.raises(SensorError) as told:
            await sensor.connect()
        assert told.value.trouble is trouble
        assert not strap.is_connected


async def test_a_strap_that_has_gone_is_not_waited_for_for_ever() -> None:
    strap = polar_h10.strap(SineBody())
    async with on_bumble(strap) as radio:
        found = await radio.find(lambda found: found.name.startswith("Polar"), within_s=5.0)
        assert found is not None
        strap.powered = False
        await asyncio.sleep(0.1)
        with pytest.raises(SensorError) as told:
            await radio.connect(found, on_lost=lambda: None, within_s=0.5)
        assert told.value.trouble is SensorTrouble.HELD_ELSEWHERE


@pytest.mark.parametrize("kind", sorted(STRAPS))
async def test_every_strap_is_found_by_its_name_and_services(kind: str) -> None:
    strap = make_strap(kind, body_for(kind))
    async with on_bumble(strap) as radio:
        found = await radio.find(lambda found: bool(found.name), within_s=5.0)
    assert found is not None
    assert found.name == strap.identity.name
    assert found.services == set(strap.identity.advertised)
    assert known_of(found) is not None
