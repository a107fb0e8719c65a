"""What the service says and understands, as plain JSON objects, each with a `type`. Times are seconds.

Outcomes of a session keep the names of their classes in snake case (`verdict`, `breath_ended`) and of their fields.
`schema()` describes all of it; the file `schema.json` beside this module is that, for clients in other languages.
The version counts up when a field changes its meaning or goes.
"""

import re
from inspect import cleandoc
from types import UnionType
from typing import Annotated, Any, get_args

import msgspec

from breathsync import __version__
from breathsync.errors import UsageError
from breathsync.guide.events import Word
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples, SensorInfo, Stream

VERSION = 1
LONGEST_COMMAND = 4096
Speed = Annotated[float, msgspec.Meta(ge=0.01, le=1000.0)]
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
SamplesHz = Annotated[float, msgspec.Meta(ge=0.0, le=10_000.0)]


class Hello(msgspec.Struct, tag="hello", frozen=True, kw_only=True):
    """The first message to each client."""

    version: int
    breathsync: str
    running: bool


class Started(msgspec.Struct, tag="started", frozen=True, kw_only=True):
    """A session runs now, or ran already when the client came; `state` of it follows."""

    routine: str
    sensor: SensorInfo


class Live(msgspec.Struct, tag="live", frozen=True, kw_only=True):
    """The breath and the guide at this moment, ten times a second, to whoever asked for it."""

    t_s: float
    verb: str
    sentence: str
    side: str | None
    point: int
    points: int
    armed: bool
    phase: str
    level: float
    level_quiet: float | None
    still_for_s: float
    tilt_deg: float | None
    turn_deg: float | None
    doubts: tuple[str, ...]
    sensor: str
    battery_percent: int | None
    words: tuple[str, ...]
    simulated: bool


class TracePiece(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of the breath's trace that are new to this client; `anew`: they replace all it had.

    Each of the same length: `t_s`, `level` (sensor's unit, no fixed zero; null where unknown), `moving`, and `phase`
    (0 unknown, 1 in, 2 out, 3 pause).
    """

    t_s: list[float] = []
    level: list[float | None] = []
    moving: list[bool] = []
    phase: list[int] = []
    anew: bool = False


class WholeView(msgspec.Struct, tag="view", frozen=True, kw_only=True):
    """All that a screen shows, to whoever asked for it: ten times a second, and before each outcome of the guide."""

    view: View
    trace: TracePiece = TracePiece()


class SampleBlock(msgspec.Struct, tag="samples", frozen=True, kw_only=True):
    """Samples of one stream, to whoever asked for it: `values[i]` was measured at `t_s[i]`; null where NaN."""

    stream: Stream
    t_s: list[float]
    values: list[list[float | None]]


class Names(msgspec.Struct, tag="names", frozen=True, kw_only=True):
    """The answer to `list`: routines by name, sources as one types them."""

    routines: list[str]
    sources: list[str]


class Invitation(msgspec.Struct, tag="invitation", frozen=True, kw_only=True):
    """What the person must see before the sensor can be reached: a phone's code to scan, as text. Keep it to them."""

    text: str


class Notice(msgspec.Struct, tag="notice", frozen=True, kw_only=True):
    """A sentence beside the session: it cannot be recorded just now, a broker is away."""

    message: str


class Refused(msgspec.Struct, tag="refused", frozen=True, kw_only=True):
    """What the client sent was not done, and why."""

    message: str


Said = Hello | Started | Live | WholeView | SampleBlock | Names | Invitation | Notice | Refused


class SayWord(msgspec.Struct, tag="word", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The person's word. STOP is always understood."""

    word: Word


class SayAnswer(msgspec.Struct, tag="answer", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The person's answer to the question asked last."""

    question: str
    value: bool | int | None
    note: str = ""


class Start(msgspec.Struct, tag="start", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Begin a session; refused while one runs or is being begun. Until the sensor is reached STOP takes it back."""

    routine: str
    source: str
    speed: Speed = 1.0
    seed: Seed | None = None
    check_in: bool = True
    language: str = "en"
    # All of them are fields of `Plan`, by the same names.


class Subscribe(msgspec.Struct, tag="subscribe", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this client wants beside outcomes: `live`, `view`, and samples at most `samples_hz` a second.

    0: none; what lies between 0 and 0.1 is taken as 0.1.
    """

    live: bool = False
    view: bool = False
    samples_hz: SamplesHz = 0.0


class ListNames(msgspec.Struct, tag="list", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask which routines and sources there are."""


Command = SayWord | SayAnswer | Start | Subscribe | ListNames

_decoder = msgspec.json.Decoder(Command)
_encoder = msgspec.json.Encoder()


def encode(message: Said) -> str:
    """One of our own messages as JSON."""
    return _encoder.encode(message).decode()


def event(outcome: Outcome) -> str:
    """One outcome of the session as JSON."""
    fields: dict[str, Any] = msgspec.to_builtins(outcome, str_keys=True)
    return _encoder.encode({"type": event_type(type(outcome)), **fields}).decode()


def event_type(kind: type) -> str:
    """`BreathEnded` → `breath_ended`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def hello(*, running: bool) -> str:
    """The first message to a client."""
    return encode(Hello(version=VERSION, breathsync=__version__, running=running))


def live(view: View) -> str:
    """The session at this moment."""
    step, now = view.guide.step, view.live
    return encode(
        Live(
            t_s=view.t_s,
            verb=step.verb,
            sentence=step.sentence,
            side=step.side,
            point=step.point,
            points=step.points,
            armed=view.guide.armed,
            phase=now.phase,
            level=now.level,
            level_quiet=now.level_quiet,
            still_for_s=now.still_for_s,
            tilt_deg=now.tilt_deg,
            turn_deg=now.turn_deg,
            doubts=now.doubts,
            sensor=view.sensor.state,
            battery_percent=view.battery_percent,
            words=view.guide.words,
            simulated=view.info.simulated,
        )
    )


def samples(block: Samples) -> str:
    """A block of samples; msgspec writes NaN as null."""
    return encode(SampleBlock(stream=block.stream, t_s=block.t_s.tolist(), values=block.values.tolist()))


def parse_command(text: str | bytes) -> Command:
    """A client's message. Raises UsageError that says where it is wrong."""
    if len(text) > LONGEST_COMMAND:
        raise UsageError(f"The message is longer than {LONGEST_COMMAND} bytes.")
    try:
        command: Command = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise UsageError(f"The message is no command: {error}.", advice=f"Commands: {COMMANDS}.") from None
    return command


def outcome_types() -> tuple[type, ...]:
    """Every class an outcome can have."""
    return tuple(_members(Outcome))


def _members(union: Any) -> list[type]:
    if isinstance(union, UnionType):
        return [kind for member in get_args(union) for kind in _members(member)]
    return [union]


COMMANDS = "word, answer, start, subscribe, list"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every message, both ways."""
    ours, commands, outcomes = _members(Said), _members(Command), outcome_types()
    references, components = msgspec.json.schema_components(
        [*ours, *commands, *outcomes], ref_template="#/$defs/{name}"
    )
    tagged = [
        {
            "allOf": [reference, {"properties": {"type": {"const": event_type(kind)}}, "required": ["type"]}],
            "title": event_type(kind),
        }
        for kind, reference in zip(outcomes, references[len(ours) + len(commands) :], strict=True)
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"breathsync service, version {VERSION}",
        "$defs": {
            **_plain(components),
            "from_service": {"anyOf": [*references[: len(ours)], *tagged]},
            "to_service": {"anyOf": references[len(ours) : len(ours) + len(commands)]},
        },
    }


def _plain(node: Any) -> Any:
    """A schema as every release of msgspec writes it: 0.23 dedents descriptions, and names the keys of tables and their
    empty defaults, which 0.22 does not."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != "propertyNames" and (k, v) != ("default", {})}
    return {
        k: cleandoc(v) if k == "description" and isinstance(v, str) else _plain(v) for k, v in kept.items()
    }
