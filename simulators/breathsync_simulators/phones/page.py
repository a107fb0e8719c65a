"""Our own page on a phone: what its script sends, without a browser."""

import json
from typing import Any

import aiohttp

from breathsync.samples import Stream
from breathsync.sensors.phone.units import DEG_PER_RAD
from breathsync_simulators.phones.carried import Carried, Motion

MS_PER_NS = 1e-6


class Page:
    """The page once it was tapped. `said` holds the sentences it was given to show."""

    def __init__(self, carried: Carried) -> None:
        self._carried = carried
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.said: list[str] = []

    async def open(self, http: aiohttp.ClientSession, url: str) -> None:
        """Open the page's way back; `url` is that of the code, token included."""
        self._socket = await http.ws_connect(
            url + "motion", origin=url.split("/", 3)[0] + "//" + url.split("/")[2]
        )

    async def send(self) -> None:
        """Send what was measured since the last time, as one batch."""
        motions = self._carried.since_last()
        if motions and self._socket is not None:
            await self._socket.send_str(json.dumps(batch(motions)))

    async def listen(self) -> None:
        """Take in sentences until the page is closed."""
        assert self._socket is not None
        async for message in self._socket:
            self.said.append(message.json()["say"])

    async def close(self) -> None:
        """Close the page."""
        if self._socket is not None:
            await self._socket.close()


def batch(motions: list[Motion]) -> dict[str, Any]:
    """What the page's script sends of them: DeviceMotion tells acceleration and turning of an instant in one event."""
    a = [motion for motion in motions if motion.stream is Stream.ACCELERATION]
    g = [motion for motion in motions if motion.stream is Stream.GYROSCOPE]
    turning = [[value * DEG_PER_RAD for value in motion.xyz] for motion in g]
    return {
        "t": [motion.time_ns * MS_PER_NS for motion in a],
        "a": [list(motion.xyz) for motion in a],
        "g": [[z, x, y] for x, y, z in turning] if len(turning) == len(a) else None,
    }
