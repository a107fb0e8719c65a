"""Sensor Logger (iOS, Android): the app pushes batches to us by HTTP POST.

Source: tszheichoi/awesome-sensor-logger, PUSHING.md and UNITS.md: `{"messageId", "sessionId", "deviceId",
"payload": [{"name", "time": Unix ns, "values": {"x", "y", "z"}}, ...]}`. `accelerometer` is without gravity (m/s²),
`gravity` is the rest; Android also has both in one, `totalAcceleration`. Some versions send x, y, z flat beside the
name.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.sensors.base import Clock
from breathsync.sensors.phone.base import PhoneEvent, PhoneSensor
from breathsync.sensors.phone.units import PhoneBlock, acceleration, gyroscope

DEFAULT_PORT = 8000
LONGEST_BATCH = 1_000_000
"""Bytes; a second of all its sensors at 200 Hz is a tenth of that."""
EVERY_ADDRESS = "0.0.0.0"
"""The phone comes over the local network, so loopback would not do."""
SAME_INSTANT_NS = 5_000_000
GRAVITY_ADVICE = (
    "In Sensor Logger switch on Gravity beside Accelerometer (or Total Acceleration): "
    "the chest's tilt is in it."
)


class SensorLoggerSensor(PhoneSensor):
    """Waits on `port`, on all addresses of this machine, for the app to push to `http://THIS-MACHINE:PORT/data`."""

    silent = "Sensor Logger pushes nothing: is it recording, the phone unlocked, the batch period a second at most?"

    def __init__(self, *, port: int = DEFAULT_PORT, clock: Clock) -> None:
        streams = (Stream.GYROSCOPE, Stream.ACCELERATION)
        super().__init__(
            info=SensorInfo(name=f"Sensor Logger :{port}", kind="sensorlogger", streams=streams), clock=clock
        )
        self.port = port
        self._batches: asyncio.Queue[list[Any]] = asyncio.Queue(64)
        self._runner: web.AppRunner | None = None

    async def _reach(self) -> SensorInfo:
        if self._runner is not None:
            return self.info
        app = web.Application(client_max_size=LONGEST_BATCH)
        app.router.add_post("/{anything:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, EVERY_ADDRESS, self.port)
            await site.start()
        except OSError as error:
            await self._leave()
            raise SensorError(
                f"Port {self.port} cannot be had ({error.strerror}).",
                trouble=SensorTrouble.UNKNOWN,
                advice="Choose another: sensorlogger:PORT, and the same in the app.",
            ) from None
        self.port = self._runner.addresses[0][1]
        return self.info

    async def _stream(self) -> AsyncGenerator[PhoneEvent, None]:
        without_gravity = False
        while self._open:
            payload = await self._batches.get()
            blocks, lacks_gravity = read_batch(payload)
            if lacks_gravity and not without_gravity:
                yield SensorChange(t_s=self._clock.now_s(), state=SensorState.STALE, why=GRAVITY_ADVICE)
            without_gravity = lacks_gravity
            for block in blocks:
                yield block

    async def _leave(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            payload = (await request.json())["payload"]
            self._batches.put_nowait(payload)
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400, text="This is not a Sensor Logger batch.\n")
        except asyncio.QueueFull:
            return web.Response(status=503, text="Too fast: a longer batch period, please.\n")
        return web.Response()


def read_batch(payload: list[Any]) -> tuple[list[PhoneBlock], bool]:
    """The blocks in a batch, and whether it has movement without the gravity that is needed to make use of it.

    Entries that are not samples of a sensor we use are passed over.
    """
    rows: dict[str, list[tuple[int, list[float]]]] = {}
    for entry in payload if isinstance(payload, list) else []:
        if (sample := _sample(entry)) is not None:
            name, time_ns, values = sample
            rows.setdefault(name, []).append((time_ns, values))
    for samples in rows.values():
        samples.sort(key=lambda sample: sample[0])
    total = rows.get("totalAcceleration") or _together(rows.get("gravity", []), rows.get("accelerometer", []))
    blocks = []
    if turning := rows.get("gyroscope"):
        blocks.append(gyroscope([t for t, _ in turning], [v for _, v in turning]))
    if total:
        blocks.append(acceleration([t for t, _ in total], [v for _, v in total]))
    return blocks, bool(rows.get("accelerometer")) and not total


def _sample(entry: Any) -> tuple[str, int, list[float]] | None:
    try:
        values = entry.get("values", entry)
        return str(entry["name"]), int(entry["time"]), [float(values[axis]) for axis in "xyz"]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _together(
    gravity: list[tuple[int, list[float]]], movement: list[tuple[int, list[float]]]
) -> list[tuple[int, list[float]]]:
    """Gravity and movement of the same instant added up. Where the app sends gravity alone, gravity will do."""
    if not movement:
        return gravity
    total, at = [], 0
    for time_ns, values in gravity:
        while at + 1 < len(movement) and movement[at + 1][0] <= time_ns + SAME_INSTANT_NS:
            at += 1
        if abs(movement[at][0] - time_ns) <= SAME_INSTANT_NS:
            total.append((time_ns, [g + m for g, m in zip(values, movement[at][1], strict=True)]))
    return total
