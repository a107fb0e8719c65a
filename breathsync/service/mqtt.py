"""MQTT: outcomes as `TOPIC/verdict`, `TOPIC/breath_ended` ..., and `TOPIC/live` five times a second, all in JSON.

`TOPIC/status` is kept by the broker: `online`, or `offline` once the session has ended or the link broke.
"""

import asyncio
import re
import ssl
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from breathsync.errors import UsageError
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples
from breathsync.service.messages import Started, encode, event, event_type, live
from breathsync.session import Session

if TYPE_CHECKING:
    import aiomqtt

LIVE_S = 0.2
LONGEST_QUEUE = 256
"""About a minute of outcomes; the oldest go first."""
BACK_OFF_S = (1.0, 30.0)
ANSWER_WITHIN_S = 5.0
LEAVE_WITHIN_S = 1.5
BASE = "breathsync"
ONLINE, OFFLINE = "online", "offline"


def client(broker: dict[str, Any], **more: Any) -> "aiomqtt.Client":
    """A client for `sinks.broker(...)`. Raises UsageError where the extra is missing."""
    try:
        import aiomqtt  # noqa: PLC0415  (on use: an extra)
    except ImportError:
        raise UsageError("MQTT needs the extra `mqtt`.", advice="pip install 'breathsync[mqtt]'") from None
    known = {key: value for key, value in broker.items() if key != "secure"}
    context = ssl.create_default_context() if broker["secure"] else None
    return aiomqtt.Client(**known, tls_context=context, timeout=ANSWER_WITHIN_S, **more)


def slug(name: str) -> str:
    """A sensor's name as one level of a topic."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "somebody"


class MqttSink:
    """Publishes one session; looks for the broker again and again, and never makes the session wait."""

    def __init__(self, *, broker: dict[str, Any], topic: str, say: Any = None) -> None:
        self.topic = topic
        self.dropped = 0
        self._broker = broker
        self._say = say or (lambda _: None)
        self._waiting: deque[tuple[str, str]] = deque(maxlen=LONGEST_QUEUE)
        self._news = asyncio.Event()
        self._session: Session | None = None
        self._leaving = False
        self._task: asyncio.Task[None] | None = None

    async def reach(self) -> None:
        """Only the library must be there; a broker may come later."""
        client(self._broker)

    def begin(self, session: Session, *, routine: str) -> None:
        """Start to send."""
        info = session.sensor.info
        self.topic = self.topic or f"{BASE}/{slug(info.name)}"
        self._session = session
        self._put("started", encode(Started(routine=routine, sensor=info)))
        self._task = asyncio.create_task(self._run())

    def hear(self, outcome: Outcome, view: View) -> None:
        """Put an outcome aside to be sent."""
        self._put(event_type(type(outcome)), event(outcome))

    def show(self, block: Samples) -> None:
        """Samples are not for a broker."""

    async def close(self) -> None:
        """Send what is left if the broker takes it soon."""
        self._leaving = True
        self._news.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, LEAVE_WITHIN_S)

    def _put(self, kind: str, text: str) -> None:
        if len(self._waiting) == LONGEST_QUEUE:
            self.dropped += 1
        self._waiting.append((kind, text))
        self._news.set()

    async def _run(self) -> None:
        import aiomqtt  # noqa: PLC0415  (`reach` has seen that it is there)

        back_off_s, told = BACK_OFF_S[0], False
        will = aiomqtt.Will(topic=f"{self.topic}/status", payload=OFFLINE, retain=True)
        while not self._leaving:
            try:
                async with client(self._broker, will=will) as broker:
                    back_off_s, told = BACK_OFF_S[0], False
                    await broker.publish(f"{self.topic}/status", ONLINE, retain=True)
                    await self._send(broker)
                    await broker.publish(f"{self.topic}/status", OFFLINE, retain=True)
            except aiomqtt.MqttError as error:
                if not told:
                    self._say(
                        f"The broker {self._broker['hostname']} cannot be reached ({error}); trying again."
                    )
                told = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._until_leaving(), back_off_s)
                back_off_s = min(2 * back_off_s, BACK_OFF_S[1])

    async def _until_leaving(self) -> None:
        while not self._leaving:
            self._news.clear()
            await self._news.wait()

    async def _send(self, broker: "aiomqtt.Client") -> None:
        """Send outcomes as they come and the live view in between, until `close`."""
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while not self._leaving or self._waiting:
            while self._waiting:
                kind, text = self._waiting.popleft()
                await broker.publish(f"{self.topic}/{kind}", text)
            if self._session is not None and loop.time() >= next_s:
                next_s = loop.time() + LIVE_S
                await broker.publish(f"{self.topic}/live", live(self._session.view))
            self._news.clear()
            if not self._leaving:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), max(0.0, next_s - loop.time()))
