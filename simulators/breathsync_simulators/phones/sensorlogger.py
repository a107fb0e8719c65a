"""Sensor Logger: the app pushes batches to the address one types into it."""

from typing import Any

import aiohttp

from breathsync.samples import Stream
from breathsync_simulators.phones.carried import Carried, Motion

GRAVITY_M_S2 = 9.80665


class SensorLogger:
    """The app on a phone. `gravity` is its switch of that name; `flat` writes x, y, z beside the name."""

    def __init__(self, carried: Carried, *, gravity: bool = True, flat: bool = False) -> None:
        self._carried = carried
        self._gravity = gravity
        self._flat = flat
        self._sent = 0

    async def push(self, http: aiohttp.ClientSession, url: str) -> int:
        """Send what was measured since the last push; returns the answer's status."""
        payload = [entry for motion in self._carried.since_last() for entry in self._entries(motion)]
        batch = {
            "messageId": self._sent,
            "sessionId": "simulated",
            "deviceId": "simulated",
            "payload": payload,
        }
        self._sent += 1
        async with http.post(url, json=batch) as answer:
            return answer.status

    def _entries(self, motion: Motion) -> list[dict[str, Any]]:
        if motion.stream is Stream.GYROSCOPE:
            return [self._entry("gyroscope", motion.time_ns, motion.xyz)]
        length = sum(value * value for value in motion.xyz) ** 0.5
        gravity = tuple(value * GRAVITY_M_S2 / length for value in motion.xyz)
        movement = tuple(value - g for value, g in zip(motion.xyz, gravity, strict=True))
        entries = [self._entry("accelerometer", motion.time_ns, movement)]
        return [*entries, self._entry("gravity", motion.time_ns, gravity)] if self._gravity else entries

    def _entry(self, name: str, time_ns: int, xyz: tuple[float, ...]) -> dict[str, Any]:
        values = dict(zip("xyz", xyz, strict=True))
        return {"name": name, "time": time_ns, **(values if self._flat else {"values": values})}
