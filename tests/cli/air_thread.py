"""A simulated air in a thread of its own, so that commands with their own event loop find it."""

import asyncio
import threading
from types import TracebackType

from breathsync_simulators.straps.peripheral import Strap


class AirThread:
    """`with AirThread(strap, ...) as air`: `air.address` is the private D-Bus until the block ends."""

    def __init__(self, *straps: Strap) -> None:
        self.straps = straps
        self.address = ""
        self._ready = threading.Event()
        self._enough: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))

    def __enter__(self) -> "AirThread":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None
        assert self._enough is not None
        self._loop.call_soon_threadsafe(self._enough.set)
        self._thread.join(10)

    async def _live(self) -> None:
        from breathsync_simulators.air.bluez import FakeBluez
        from breathsync_simulators.air.bus import PrivateBus

        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        async with PrivateBus() as bus, FakeBluez(address=bus.address, straps=self.straps):
            self.address = bus.address
            self._ready.set()
            await self._enough.wait()
