"""The two apps that are servers: phyphox over HTTP, SensorServer over a WebSocket. Both on loopback, any port."""

import asyncio
import json
from bisect import bisect_right

from aiohttp import web

from breathsync.samples import Stream
from breathsync_simulators.phones.carried import Carried, Motion

NAMES = {Stream.ACCELERATION: "android.sensor.accelerometer", Stream.GYROSCOPE: "android.sensor.gyroscope"}
PREFIX = {Stream.ACCELERATION: "acc", Stream.GYROSCOPE: "gyr"}
SEND_S = 0.02
HOST = "127.0.0.1"


class _Server:
    def __init__(self, carried: Carried) -> None:
        self._carried = carried
        self._runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    async def start(self) -> int:
        """Begin to listen; returns the port."""
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """The phone is gone."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class Phyphox(_Server):
    """phyphox with «Acceleration with g» (and a gyroscope) open. `paused` is its pause button."""

    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)
        self.paused = False
        self._rows: dict[Stream, list[tuple[float, ...]]] = {stream: [] for stream in PREFIX}

    def routes(self) -> list[web.RouteDef]:
        """Its remote interface."""
        return [
            web.get("/config", self._config),
            web.get("/control", self._control),
            web.get("/get", self._get),
        ]

    async def _config(self, request: web.Request) -> web.Response:
        names = [f"{prefix}{end}" for prefix in PREFIX.values() for end in ("_time", "X", "Y", "Z")]
        return web.json_response({"buffers": [{"name": name, "size": 0} for name in names]})

    async def _control(self, request: web.Request) -> web.Response:
        self.paused = request.query.get("cmd") == "stop"
        return web.json_response({"result": True})

    async def _get(self, request: web.Request) -> web.Response:
        for motion in self._carried.since_last():
            if not self.paused:
                self._rows[motion.stream].append((motion.time_ns * 1e-9, *motion.xyz))
        buffers = {
            name: {"size": 0, "buffer": self._values(name, asked)} for name, asked in request.query.items()
        }
        status = {"session": "simulated", "measuring": not self.paused, "timedRun": False, "countDown": 0}
        return web.json_response({"buffer": buffers, "status": status})

    def _values(self, name: str, asked: str) -> list[float]:
        stream = next(stream for stream, prefix in PREFIX.items() if name.startswith(prefix))
        column = ("time", "X", "Y", "Z").index(name.removeprefix(PREFIX[stream]).lstrip("_"))
        rows = self._rows[stream]
        threshold = asked.partition("|")[0]
        start = 0 if threshold == "full" else bisect_right(rows, float(threshold), key=lambda row: row[0])
        return [row[column] for row in rows[start:]]


class SensorServer(_Server):
    """SensorServer: sends each sample as its own message to whoever asked for its type."""

    def routes(self) -> list[web.RouteDef]:
        """Its one path for several sensors."""
        return [web.get("/sensors/connect", self._connect)]

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        types = json.loads(request.query["types"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sending = asyncio.create_task(self._send(socket, types))
        async for _ in socket:  # nothing is expected; reading is how the client's good-bye is noticed
            pass
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def _send(self, socket: web.WebSocketResponse, types: list[str]) -> None:
        while True:
            for motion in self._carried.since_last():
                if NAMES[motion.stream] in types:
                    await socket.send_json(_message(motion))
            await self._carried.sleep(SEND_S)


def _message(motion: Motion) -> dict[str, object]:
    return {
        "type": NAMES[motion.stream],
        "accuracy": 2,
        "timestamp": motion.time_ns,
        "values": list(motion.xyz),
    }
