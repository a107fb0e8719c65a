"""The phone's page and its motion: an HTTPS server on the local network while a session (or pairing) runs.

What listens is this path only. Whoever lacks the token of the code gets nothing; one phone at a time; sizes and
rates are bounded; from the holder of the token nothing is taken but motion.
"""

import asyncio
import hmac
import io
import secrets
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import segno
from aiohttp import WSMsgType, web

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.sensors.base import Clock
from breathsync.sensors.phone.base import PhoneEvent, PhoneSensor
from breathsync.sensors.phone.page.batches import LONGEST_BATCH, read_batch
from breathsync.sensors.phone.units import PhoneBlock

DEFAULT_PORT = 8443
OPENED_WITHIN_S = 180.0
OVER, TAKEN_OVER = 4000, 4001
"""Codes a connection is closed with, for the page to say what happened and not to come back by itself."""
MOST_BATCHES_A_SECOND = 50
TUCK_IN = "Connected. Tuck me in."
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Permissions-Policy": "accelerometer=(self), gyroscope=(self), screen-wake-lock=(self)",
}
ASSETS = {
    "": ("page.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}


def address_here() -> str:
    """This machine's address in the local network, or loopback where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only asks the system which way it would go.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


class PageSensor(PhoneSensor):
    """A phone with our page open. `url` holds the token and is what the code shows."""

    wanted = "Open the page on the phone and tap the button."
    silent = "The phone's page has gone silent: unlock the phone and bring the page to the front."

    def __init__(
        self,
        *,
        clock: Clock,
        folder: Path,
        port: int = DEFAULT_PORT,
        host: str | None = None,
        invite: Callable[[str], None] | None = None,
        language: str = "en",
    ) -> None:
        """`invite` is given the text with the code once the page can be opened; `connect` then waits for a phone.

        Without it `connect` returns at once and the events begin when a phone comes. `language`: of the sentences.
        """
        streams = (Stream.GYROSCOPE, Stream.ACCELERATION)
        super().__init__(info=SensorInfo(name="phone", kind="phone-page", streams=streams), clock=clock)
        self.host = host or address_here()
        self.port = port
        self.fingerprint = ""
        self._folder = folder
        self._invite = invite
        self._language = language
        self._came = asyncio.Event()
        self._token = secrets.token_urlsafe(16)
        self._runner: web.AppRunner | None = None
        self._phone: web.WebSocketResponse | None = None
        self._heard: asyncio.Queue[PhoneEvent] = asyncio.Queue()
        self._sentence = ""
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the phone finds the page."""
        return f"https://{self.host}:{self.port}/{self._token}/"

    @property
    def invitation(self) -> str:
        """The code to point a phone at, the same address to type, and how to know it is this machine."""
        code = io.StringIO()
        segno.make(self.url, error="l").terminal(out=code, compact=True)
        return (
            f"{code.getvalue()}\n{self.url}\n"
            "The phone will warn that it does not know this computer: its certificate is its own.\n"
            f"SHA-256 fingerprint {self.fingerprint}"
        )

    async def connect(self) -> None:
        """Serve the page; with an `invite`, wait until a phone has opened it. Raises SensorError."""
        await super().connect()
        if self._invite is None:
            return
        self._invite(self.invitation)
        try:
            async with asyncio.timeout(OPENED_WITHIN_S):
                await self._came.wait()
        except TimeoutError:
            await self.close()
            raise SensorError(
                f"No phone opened the page within {OPENED_WITHIN_S:g} s.",
                trouble=SensorTrouble.NOT_FOUND,
                advice="Phone and computer must be in the same network, and a firewall may not stand between.",
            ) from None

    def hear(self, outcome: object, view: object) -> None:
        """Show the session's sentences on the phone (this is a `Face` of the session)."""
        if sentence := getattr(outcome, "sentence", ""):
            self.say(sentence)

    def say(self, sentence: str) -> None:
        """Show (and, if the person wants, speak) a sentence on the phone."""
        self._sentence = sentence
        if self._phone is not None and not self._phone.closed:
            task = asyncio.create_task(self._tell(self._phone, sentence))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _reach(self) -> SensorInfo:
        if self._runner is not None:
            return self.info
        from breathsync.sensors.phone.page.certificate import identity  # noqa: PLC0415  (cryptography: on use)

        mine = identity(self._folder, host=self.host)
        self.fingerprint = mine.fingerprint
        app = web.Application()
        app.router.add_get("/{token}/motion", self._motion)
        app.router.add_get("/{token}/{asset:[a-z.]*}", self._asset)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port, ssl_context=mine.context()).start()
        except OSError as error:
            await self._leave()
            raise SensorError(
                f"Port {self.port} on {self.host} cannot be had ({error.strerror}).",
                trouble=SensorTrouble.UNKNOWN,
                advice="Choose another: phone:PORT.",
            ) from None
        self.port = self._runner.addresses[0][1]
        return self.info

    async def _stream(self) -> AsyncGenerator[PhoneEvent, None]:
        while self._open:
            yield await self._heard.get()

    async def _leave(self) -> None:
        if self._phone is not None:
            await self._phone.close(code=OVER, message=b"over")
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _let_in(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self._token.encode()):
            raise web.HTTPNotFound
        origin = request.headers.get("Origin")
        if origin not in (None, f"https://{request.host}") or request.host != f"{self.host}:{self.port}":
            raise web.HTTPForbidden

    async def _asset(self, request: web.Request) -> web.Response:
        self._let_in(request)
        if request.match_info["asset"] not in ASSETS:
            raise web.HTTPNotFound
        name, kind = ASSETS[request.match_info["asset"]]
        text = (files(__package__) / name).read_text(encoding="utf-8")
        return web.Response(text=text, content_type=kind, headers=HEADERS)

    async def _motion(self, request: web.Request) -> web.WebSocketResponse:
        self._let_in(request)
        phone = web.WebSocketResponse(max_msg_size=LONGEST_BATCH, heartbeat=10)
        await phone.prepare(request)
        before, self._phone = self._phone, phone
        self._came.set()
        if before is not None:
            await before.close(code=TAKEN_OVER, message=b"another phone took over")
        self._dates.rejoin()
        await self._tell(phone, self._sentence)
        await self._take(phone)
        if self._phone is phone and self._open:
            why = "The phone's page has gone: is the phone locked or the page closed? Open it again."
            self._heard.put_nowait(SensorChange(t_s=self._clock.now_s(), state=SensorState.LOST, why=why))
        return phone

    async def _take(self, phone: web.WebSocketResponse) -> None:
        """Take batches until the page goes, or sends what it should not."""
        counted_s, allowed = self._clock.now_s(), float(MOST_BATCHES_A_SECOND)
        async for message in phone:
            now_s = self._clock.now_s()
            # Silence saves up one second's batches and no more.
            earned = MOST_BATCHES_A_SECOND * (now_s - counted_s)
            counted_s, allowed = now_s, min(MOST_BATCHES_A_SECOND, allowed + earned) - 1
            if allowed < 0:
                await phone.close(message=b"too many batches")
                return
            if message.type is not WSMsgType.TEXT:
                continue
            if message.data in ("hidden", "no-motion"):
                self._heard.put_nowait(self._lost(message.data))
                continue
            try:
                blocks: list[PhoneBlock] = read_batch(message.data)
            except DecodeError:
                await phone.close(message=b"not a batch")
                return
            for block in blocks:
                self._heard.put_nowait(block)

    def _lost(self, why: str) -> SensorChange:
        sentence = {
            "hidden": "The phone shows something else: bring the page to the front again.",
            "no-motion": "The phone gives no motion: allow it in the browser's settings, or try another browser.",
        }[why]
        return SensorChange(t_s=self._clock.now_s(), state=SensorState.STALE, why=sentence)

    async def _tell(self, phone: web.WebSocketResponse, sentence: str) -> None:
        said = {"say": sentence, "lang": self._language} if sentence else {"say": TUCK_IN, "lang": "en"}
        with suppress(ConnectionError):  # it has just gone; the reader notices
            await phone.send_json(said)
