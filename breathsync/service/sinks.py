"""Other programs that hear a session: `--to mqtt://HOST/TOPIC`, `osc://HOST:PORT`, `lsl:NAME`.

Each is a face that only puts things aside when it hears and sends them in its own time; what it cannot send soon
enough it drops. So the gate never waits for a network. All use the names of the service's messages.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from breathsync.errors import UnknownNameError, UsageError
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples
from breathsync.session import Session

Say = Callable[[str], None]
EXAMPLES = {
    "mqtt": "mqtt://192.168.1.5/breathsync/anna",
    "mqtts": "mqtts://broker.example/breathsync/anna",
    "osc": "osc://127.0.0.1:9000",
    "lsl": "lsl: or lsl:NAME",
}


class Sink(Protocol):
    """One other program. Use it as `reach`, then `begin`, then `close`."""

    async def reach(self) -> None:
        """What can be known before the session: the library is there, the host has an address. BreathsyncError."""
        ...

    def begin(self, session: Session, *, routine: str) -> None:
        """The session, through `routine`, is about to run."""
        ...

    def hear(self, outcome: Outcome, view: View) -> None:
        """Put an outcome aside to be sent."""
        ...

    def show(self, block: Samples) -> None:
        """Put samples aside to be sent, where this sink sends any."""
        ...

    async def close(self) -> None:
        """Send what is left, briefly, and let go."""
        ...


def open_sink(text: str, *, say: Say | None = None) -> Sink:
    """The sink that `text` names; `say` hears of trouble on the way. Raises UsageError where it names none."""
    kind = text.partition(":")[0]
    if kind not in EXAMPLES:
        raise UnknownNameError("place to send a session to", kind, EXAMPLES)
    # On use: each has a library of its own.
    if kind == "lsl":
        from breathsync.service.lsl import LslSink  # noqa: PLC0415

        return LslSink(name=text.partition(":")[2])
    address = _address(text, kind)
    if kind == "osc":
        if not address.port:
            raise UsageError(f"{text!r} lacks a port.", advice=f"Write {EXAMPLES[kind]}.")
        from breathsync.service.osc import OscSink  # noqa: PLC0415

        return OscSink(host=str(address.hostname), port=address.port)
    from breathsync.service.mqtt import MqttSink  # noqa: PLC0415

    return MqttSink(broker=broker(text), topic=topic_of(text), say=say)


def join(session: Session, sinks: Sequence[Sink], *, routine: str) -> None:
    """Let the sinks hear the session from its beginning to its end."""
    for sink in sinks:
        sink.begin(session, routine=routine)
        session.faces.append(sink)
        session.closers.append(sink.close)
    if sinks:
        session.on_samples = both(session.on_samples, *(sink.show for sink in sinks))


def both(*hearers: Callable[[Samples], None] | None) -> Callable[[Samples], None]:
    """One hearer of samples made of several."""
    known = [hear for hear in hearers if hear is not None]

    def show(block: Samples) -> None:
        for hear in known:
            hear(block)

    return show


def broker(text: str) -> dict[str, Any]:
    """What `mqtt://[USER:PASSWORD@]HOST[:PORT]` says, as `mqtt.Client` wants it."""
    kind = text.partition(":")[0]
    if kind not in ("mqtt", "mqtts"):
        raise UsageError(f"{text!r} is no broker.", advice=f"Write {EXAMPLES['mqtt']}.")
    address = _address(text, kind)
    secure = kind == "mqtts"
    return {
        "hostname": str(address.hostname),
        "port": address.port or (8883 if secure else 1883),
        "username": unquote(address.username) if address.username else None,
        "password": unquote(address.password) if address.password else None,
        "secure": secure,
    }


def topic_of(text: str) -> str:
    """The path of an address as a topic; empty where it has none. Raises UsageError for wildcards."""
    topic = unquote(urlsplit(text).path).strip("/")
    if any(mark in topic for mark in "+#\0"):
        raise UsageError(f"{topic!r} is no topic.", advice="A topic to send to has none of + and #.")
    return topic


def _address(text: str, kind: str) -> SplitResult:
    try:
        address = urlsplit(text)
        usable = bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{text!r} is no address.", advice=f"Write {EXAMPLES[kind]}.")
    return address
