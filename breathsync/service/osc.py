"""OSC over UDP: each outcome is a bundle of messages with one value each, for music and games.

`/breathsync/verdict/opened 1`, `/breathsync/breath_ended/breath/amplitude 11.2`; the breath itself twenty times a
second as `/breathsync/live/level` and so on. Numbers are 32-bit floats, yes and no are 1 and 0; what is
unknown or a list is left out. A word alone (`/breathsync/inhale_began`) comes first in its bundle, as a trigger.
"""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from breathsync.errors import BreathsyncError, UsageError
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples
from breathsync.service.messages import event, event_type, live
from breathsync.session import Session

LIVE_S = 0.05
ROOT = "/breathsync"


class OscSink:
    """Sends one session to one address. UDP: nobody has to listen, nothing is repeated."""

    def __init__(self, *, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._socket: socket.socket | None = None
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None

    async def reach(self) -> None:
        """Find the host's address."""
        try:
            import pythonosc  # noqa: F401, PLC0415  (on use: an extra)
        except ImportError:
            raise UsageError("OSC needs the extra `osc`.", advice="pip install 'breathsync[osc]'") from None
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_DGRAM
            )
        except OSError as error:
            raise BreathsyncError(
                f"There is no host {self._host} ({error.strerror}).", advice="Check the address after --to."
            ) from None
        family, kind, protocol, _, address = found[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._socket.connect(address)

    def begin(self, session: Session, *, routine: str) -> None:
        """Start to send the breath."""
        self._session = session
        self._task = asyncio.create_task(self._send_live())

    def hear(self, outcome: Outcome, view: View) -> None:
        """Send an outcome."""
        self._send(event_type(type(outcome)), json.loads(event(outcome)))

    def show(self, block: Samples) -> None:
        """The breath goes as `live`."""

    async def close(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _send_live(self) -> None:
        while self._session is not None:
            self._send("live", json.loads(live(self._session.view)))
            await asyncio.sleep(LIVE_S)

    def _send(self, kind: str, fields: dict[str, Any]) -> None:
        if self._socket is not None:
            # Full buffers, nobody there, no network just now: the next one may arrive.
            with suppress(OSError):
                self._socket.send(bundle(kind, fields))


def bundle(kind: str, fields: dict[str, Any]) -> bytes:
    """One message of the service as an OSC bundle."""
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder  # noqa: PLC0415  (on use: an extra)
    from pythonosc.osc_message_builder import OscMessageBuilder  # noqa: PLC0415

    built = OscBundleBuilder(IMMEDIATELY)
    built.add_content(OscMessageBuilder(f"{ROOT}/{kind}").build())
    for path, value in _flat(fields):
        message = OscMessageBuilder(f"{ROOT}/{kind}{path}")
        if isinstance(value, bool):
            message.add_arg(int(value), "i")
        elif isinstance(value, str):
            message.add_arg(value, "s")
        else:
            message.add_arg(float(value), "f")
        built.add_content(message.build())
    return built.build().dgram


def _flat(fields: dict[str, Any], path: str = "") -> Iterator[tuple[str, bool | str | float]]:
    for name, value in fields.items():
        if not path and name == "type":
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{path}/{name}")
        elif isinstance(value, bool | str | int | float):
            yield f"{path}/{name}", value
