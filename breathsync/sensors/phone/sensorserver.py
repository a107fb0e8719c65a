"""SensorServer (Android): one WebSocket, a JSON message a sample.

Source: umer0586/SensorServer README: `ws://HOST:8080/sensors/connect?types=[...]` sends
`{"type": "android.sensor.accelerometer", "accuracy": 2, "timestamp": ns since boot, "values": [x, y, z]}`; Android's
accelerometer has gravity in it (m/s²), its gyroscope says rad/s.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import SensorInfo, Stream
from breathsync.sensors.base import Clock
from breathsync.sensors.phone.base import PhoneEvent, PhoneSensor
from breathsync.sensors.phone.units import PhoneBlock, acceleration, gyroscope

DEFAULT_PORT = 8080
CONNECT_WITHIN_S = 5.0
CLOSE_WITHIN_S = 1.0
PING_S = 5.0
"""A phone that has left the network says no good-bye."""
GATHER_S = 0.05
"""Samples are handed on in blocks of this length: a message each would cost more than it tells."""
LONGEST_MESSAGE = 4096

TYPES = {"android.sensor.gyroscope": Stream.GYROSCOPE, "android.sensor.accelerometer": Stream.ACCELERATION}


class SensorServerSensor(PhoneSensor):
    """A phone that runs SensorServer, at `host` and `port`."""

    silent = "SensorServer is connected and sends nothing: unlock the phone, and see that its sensors are on."

    def __init__(self, *, host: str, port: int = DEFAULT_PORT, clock: Clock) -> None:
        streams = tuple(TYPES.values())
        super().__init__(
            info=SensorInfo(name=f"SensorServer {host}", kind="sensorserver", streams=streams), clock=clock
        )
        self._address = f"ws://{host}:{port}/sensors/connect?types={quote(json.dumps(list(TYPES)))}"
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def _reach(self) -> SensorInfo:
        await self._leave()
        self._http = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                self._socket = await self._http.ws_connect(
                    URL(self._address, encoded=True),
                    max_msg_size=LONGEST_MESSAGE,
                    heartbeat=PING_S,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN_S),
                )
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            await self._leave()
            raise SensorError(
                f"SensorServer does not answer ({type(error).__name__}).",
                trouble=SensorTrouble.NOT_FOUND,
                advice="Start it on the phone and use the address it shows; phone and computer in the same network.",
            ) from None
        return self.info

    async def _stream(self) -> AsyncGenerator[PhoneEvent, None]:
        assert self._socket is not None
        gathered: dict[Stream, list[tuple[int, list[float]]]] = defaultdict(list)
        since_s = self._clock.now_s()
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            sample = _parse(message.data)
            if sample is None:
                continue
            stream, time_ns, values = sample
            gathered[stream].append((time_ns, values))
            if self._clock.now_s() - since_s >= GATHER_S * self._clock.speed:
                for block in _blocks(gathered):
                    yield block
                gathered.clear()
                since_s = self._clock.now_s()
        for block in _blocks(gathered):
            yield block
        if self._open:
            raise SensorError(
                "SensorServer ended the connection.",
                trouble=SensorTrouble.LOST,
                advice="Is the phone locked or the app closed? Keep it in front.",
            )

    async def _leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._http is not None:
            await self._http.close()
            self._http = None


def _parse(text: str) -> tuple[Stream, int, list[float]] | None:
    """One sample, or None for a message that is not one (a sensor not asked for, an error, nonsense)."""
    try:
        message: Any = json.loads(text)
        stream = TYPES[message["type"]]
        x, y, z = (float(value) for value in message["values"][:3])
        return stream, int(message["timestamp"]), [x, y, z]
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _blocks(gathered: dict[Stream, list[tuple[int, list[float]]]]) -> list[PhoneBlock]:
    blocks = []
    for stream in TYPES.values():
        if rows := gathered.get(stream):
            make = acceleration if stream is Stream.ACCELERATION else gyroscope
            blocks.append(make([time_ns for time_ns, _ in rows], [values for _, values in rows]))
    return blocks
