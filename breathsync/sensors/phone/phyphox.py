"""phyphox (Android port 8080, iOS port 80): remote access over HTTP, polled ten times a second.

Source: phyphox remote interface, `GET /config`, `GET /control?cmd=start`, `GET /get?NAME=full|THRESHOLD|REF`: with a
threshold only values of NAME are sent whose partner in REF is above it. The experiment «Acceleration with g» has
the buffers acc_time, accX, accY, accZ (s, m/s²); an experiment of one's own may add gyr_time, gyrX, gyrY, gyrZ (rad/s).
"""

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
from yarl import URL

from breathsync.errors import SensorError, SensorTrouble
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.sensors.base import Clock
from breathsync.sensors.phone.base import PhoneEvent, PhoneSensor
from breathsync.sensors.phone.units import NS_PER_S, PhoneBlock, acceleration, gyroscope

DEFAULT_PORT = 8080
POLL_S = 0.1
ANSWER_WITHIN_S = 3.0

BUFFERS = {
    Stream.GYROSCOPE: ("gyr_time", "gyrX", "gyrY", "gyrZ"),
    Stream.ACCELERATION: ("acc_time", "accX", "accY", "accZ"),
}
"""In the order in which they are handed on: what says more about an instant comes before its breath."""

ADVICE = (
    "In phyphox open «Acceleration with g», switch on «Allow remote access» in its menu, "
    "and use the address it shows."
)


class PhyphoxSensor(PhoneSensor):
    """A phone that runs phyphox with remote access, at `host` and `port`."""

    silent = "phyphox answers and measures nothing new: unlock the phone, and see that the experiment runs."

    def __init__(self, *, host: str, port: int = DEFAULT_PORT, clock: Clock) -> None:
        info = SensorInfo(name=f"phyphox {host}", kind="phyphox", streams=(Stream.ACCELERATION,))
        super().__init__(info=info, clock=clock)
        self._address = f"http://{host}:{port}"
        self._http: aiohttp.ClientSession | None = None
        self._newest = dict.fromkeys(BUFFERS, "")

    async def _reach(self) -> SensorInfo:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S))
        try:
            config = await self._get("/config")
            offered = {buffer.get("name") for buffer in config.get("buffers", [])}
            streams = tuple(stream for stream, names in BUFFERS.items() if offered.issuperset(names))
            if Stream.ACCELERATION not in streams:
                raise SensorError(
                    "The open phyphox experiment does not measure acceleration with gravity.",
                    trouble=SensorTrouble.REFUSED_SETTINGS,
                    advice=ADVICE,
                )
            await self._get("/control?cmd=start")
        except BaseException:
            await self._leave()
            raise
        self._newest = dict.fromkeys(BUFFERS, "")
        return SensorInfo(name=self.info.name, kind="phyphox", streams=streams)

    async def _stream(self) -> AsyncGenerator[PhoneEvent, None]:
        paused = False
        while self._open:
            answer = await self._get(f"/get?{self._query()}")
            was_paused, paused = paused, answer.get("status", {}).get("measuring") is False
            if paused and not was_paused:
                why = "phyphox has been paused: press its play button."
                yield SensorChange(t_s=self._clock.now_s(), state=SensorState.STALE, why=why)
            for stream in self.info.streams:
                if block := self._block(stream, answer.get("buffer", {})):
                    yield block
            await self._clock.sleep_until(self._clock.now_s() + POLL_S)

    async def _leave(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _query(self) -> str:
        parts = []
        for stream in self.info.streams:
            time, *axes = BUFFERS[stream]
            newest = self._newest[stream]
            parts.append(f"{time}={newest or 'full'}")
            parts += [f"{axis}={newest}%7C{time}" if newest else f"{axis}=full" for axis in axes]
        return "&".join(parts)

    def _block(self, stream: Stream, buffers: dict[str, Any]) -> PhoneBlock | None:
        columns = [buffers.get(name, {}).get("buffer", []) for name in BUFFERS[stream]]
        # The buffers are read one after the other while the phone measures: the newest row may lack an axis.
        rows = [row for row in zip(*columns, strict=False) if None not in row]
        if not rows:
            return None
        self._newest[stream] = repr(max(row[0] for row in rows))
        make = acceleration if stream is Stream.ACCELERATION else gyroscope
        return make([round(row[0] * NS_PER_S) for row in rows], [list(row[1:]) for row in rows])

    async def _get(self, path: str) -> dict[str, Any]:
        if self._http is None:
            raise SensorError("phyphox has been let go.", trouble=SensorTrouble.LOST)
        # `encoded`: the bar between threshold and reference must arrive as %7C, and is that already.
        try:
            async with self._http.get(URL(self._address + path, encoded=True)) as answer:
                answer.raise_for_status()
                parsed = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SensorError(
                f"phyphox does not answer at {self._address} ({type(error).__name__}).",
                trouble=SensorTrouble.NOT_FOUND,
                advice=f"{ADVICE} Phone and computer must be in the same network, the phone unlocked.",
            ) from None
        return parsed if isinstance(parsed, dict) else {}
