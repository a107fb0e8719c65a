"""The same screen in a browser, on this machine alone: a one-time token, one visitor, no outside fonts.

textual-serve draws; it has no guard of its own (it answers any origin, and each visitor starts a program that wants
the strap), so the guard stands here: loopback only, `Host` must be ours, a web socket's `Origin` must be ours, the
token opens the door once and is exchanged for a cookie that other sites cannot send.
"""

import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

HOST = "127.0.0.1"
COOKIE = "breathsync"
PAGES = Path(__file__).with_name("web_page")
COMMAND = f'"{sys.executable}" -m breathsync.tui.run'

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GuardedServer(Server):
    """Serves the app to whoever brings the token first, and to nobody else."""

    def __init__(self, *, port: int, command: str = COMMAND) -> None:
        super().__init__(command, host=HOST, port=port, title="breathsync", templates_path=PAGES)
        self._token = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)
        self._visitor = False

    @property
    def address(self) -> str:
        """The address to open, once."""
        return f"{self.public_url}/?token={self._token}"

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say where to go."""
        print(f"Open once, on this machine: {self.address}\nCtrl-C ends it.", file=sys.stderr, flush=True)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in only our own page, from our own address, with the token or what it was exchanged for."""
        ours = self.public_url.removeprefix("http://")
        if request.host != ours:
            raise web.HTTPForbidden(text="This address is not served.")
        if request.headers.get("Origin", self.public_url) != self.public_url:
            raise web.HTTPForbidden(text="Another site may not look in here.")
        if self._token and secrets.compare_digest(request.query.get("token", ""), self._token):
            self._token = ""
            entrance = web.HTTPSeeOther("/")
            entrance.set_cookie(COOKIE, self._cookie, httponly=True, samesite="Strict")
            raise entrance
        if not secrets.compare_digest(request.cookies.get(COOKIE, ""), self._cookie):
            raise web.HTTPForbidden(text="The address in the terminal opens this page, once.")
        if request.path != "/ws":
            return await handler(request)
        if "Origin" not in request.headers:
            raise web.HTTPForbidden(text="Only the page itself may connect.")
        if self._visitor:
            raise web.HTTPConflict(text="Somebody is here already; one strap, one visitor.")
        self._visitor = True
        try:
            return await handler(request)
        finally:
            self._visitor = False
