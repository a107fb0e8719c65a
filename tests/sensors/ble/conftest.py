"""The simulated air: a fake BlueZ on a private D-Bus, reached through bleak's own BlueZ backend."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from breathsync_simulators.straps.peripheral import Strap

OpenAir = Callable[..., Awaitable[object]]


@pytest.fixture
async def open_air(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAir]:
    """`await open_air(strap, ..., faults=Faults())` puts straps on the air until the test ends.

    `lockstep`: bodies live as fast as the product can follow, not by the wall.
    """
    if sys.platform != "linux":
        pytest.skip("the fake BlueZ needs D-Bus (Linux)")
    from breathsync_simulators.air.bluez import FakeBluez, Faults
    from breathsync_simulators.air.bus import PrivateBus, missing

    if reason := missing():
        pytest.skip(reason)
    async with AsyncExitStack() as stack:

        async def put_on_air(
            *straps: Strap, faults: Faults | None = None, lockstep: bool = False
        ) -> FakeBluez:
            bus = await stack.enter_async_context(PrivateBus())
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
            air = FakeBluez(address=bus.address, straps=straps, faults=faults, lockstep=lockstep)
            await stack.enter_async_context(air)
            return air

        yield put_on_air
