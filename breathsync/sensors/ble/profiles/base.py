"""How a device is spoken to, without speaking: what every profile offers to the link.

A profile is made afresh for each connection. It does no I/O and reads no clock: `start` and `stop` are
generators of `Step`s which the link carries out one after the other, and `feed` turns what is notified into
`Heard` items. So the link drives every device with the same few lines, and a test with none:

    script = profile.start(connection)
    reply = None
    while True:
        step = script.send(reply)          # StopIteration.value holds the Facts
        reply = await carry_out(step)      # bytes for Read and Ask, None for Subscribe and Write

While an `Ask` is under way the link goes on handing every notification to `feed`; the first `Answer` that comes
back from there is the reply. An `Answer` nobody waits for is dropped.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from breathsync.samples import COLUMNS, FloatArray, Stream

T = TypeVar("T")

ANSWER_WITHIN_S = 5.0
"""How long a device may take to answer a command."""


def uuid16(number: int) -> str:
    """A 16-bit Bluetooth SIG number as the 128-bit text bleak uses (lower case)."""
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What the link knows once connected: UUIDs (lower case) of all characteristics, MTU, what is asked for.

    `wanted` lets two straps share the work (breath from one, heart from the other): a profile starts nothing
    that is not in it.
    """

    characteristics: frozenset[str]
    mtu: int = 23
    wanted: frozenset[Stream] = frozenset(Stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Read a characteristic; the reply is its bytes. `optional`: None when the device refuses."""

    characteristic: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Switch on notifications or indications; from now on `feed` gets them."""

    characteristic: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write `data`; in pieces of at most `chunk` bytes where that is set."""

    characteristic: str
    data: bytes
    response: bool = True
    chunk: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Write `data` as `Write` does and wait for the `Answer` that `feed` makes of what is notified.

    The reply is the answer's bytes. `optional`: None when none came `within_s`, or the write was refused.
    """

    characteristic: str
    data: bytes
    response: bool = True
    chunk: int | None = None
    within_s: float = ANSWER_WITHIN_S
    optional: bool = False


Step = Read | Subscribe | Write | Ask
Script: TypeAlias = Generator[Step, bytes | None, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was learned by the start: streams now flowing and their nominal rates, who the device is.

    `notes` are sentences for the person (a stream refused, a battery low); empty when all is well.
    """

    streams: tuple[Stream, ...] = ()
    rates_hz: dict[Stream, float] = field(default_factory=dict)
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    battery_percent: int | None = None
    notes: tuple[str, ...] = ()

    def with_(self, other: "Facts") -> "Facts":
        """Both together; what this one knows already stays, lists are joined."""
        return replace(
            self,
            streams=self.streams + tuple(s for s in other.streams if s not in self.streams),
            rates_hz={**other.rates_hz, **self.rates_hz},
            manufacturer=self.manufacturer or other.manufacturer,
            model=self.model or other.model,
            serial=self.serial or other.serial,
            firmware=self.firmware or other.firmware,
            battery_percent=other.battery_percent if self.battery_percent is None else self.battery_percent,
            notes=self.notes + other.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceBlock:
    """Samples of one stream out of one notification, oldest first, in the stream's unit (`samples.UNITS`).

    `values` has shape (n, columns). `device_time_ns` (n,) is the device's own clock, good for order and
    spacing only (an H10 thinks it is 2019), or None where the device tells no time; then `age_s` (n,) says
    how much older each sample is than the notification's arrival, as far as the protocol tells.
    """

    stream: Stream
    values: FloatArray
    device_time_ns: NDArray[np.int64] | None = None
    age_s: FloatArray | None = None

    def __post_init__(self) -> None:
        n, columns = len(self.values), len(COLUMNS[self.stream])
        if self.values.shape != (n, columns):
            raise ValueError(f"{self.stream} wants values (n, {columns}), got {self.values.shape}")
        for name, times in (("device_time_ns", self.device_time_ns), ("age_s", self.age_s)):
            if times is not None and times.shape != (n,):
                raise ValueError(f"{name} wants shape ({n},), got {times.shape}")

    def __len__(self) -> int:
        return len(self.values)


def block(stream: Stream, rows: Sequence[Sequence[float]], *, spacing_s: float = 0.0) -> DeviceBlock:
    """A block without device time: the last row was measured on arrival, the others `spacing_s` apart before it."""
    values = np.asarray(rows, dtype=np.float64).reshape(len(rows), len(COLUMNS[stream]))
    age_s = spacing_s * np.arange(len(rows) - 1, -1, -1, dtype=np.float64)
    return DeviceBlock(stream=stream, values=values, age_s=age_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer to a command, put together from its pieces; for the `Ask` that waits."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLevel:
    """The device's battery, 0..100 per cent."""

    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whether the device feels skin; said only by devices that can tell."""

    worn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The device ended a stream by itself; the link starts it again, or says `why`."""

    stream: Stream | None
    why: str


Heard = DeviceBlock | Answer | BatteryLevel | Contact | Stopped


class Profile(Protocol):
    """One protocol on one connection."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Steps from connected to streaming. Returns empty Facts when the device does not speak this protocol.

        Raises SensorError (settings refused, firmware too old) or DecodeError (nonsense where an answer was
        due); a step that fails and is not `optional` is the link's to explain.
        """
        ...

    def stop(self) -> Script[None]:
        """Steps that end whatever `start` began; all `optional`. Safe after a failed start."""
        ...

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Take in one notification; other profiles' characteristics give [].

        Raises DecodeError, and nothing else, for bytes that do not follow the protocol: drop them and go on.
        """
        ...


class Device:
    """Several profiles on one connection: an H10 is battery, device information, heart rate and PMD."""

    def __init__(self, *parts: Profile) -> None:
        self.parts = parts

    def start(self, connection: Connection) -> Script[Facts]:
        """Each part in turn; what they learn, together."""
        facts = Facts()
        for part in self.parts:
            facts = facts.with_((yield from part.start(connection)))
        return facts

    def stop(self) -> Script[None]:
        """Each part, the last started first."""
        for part in reversed(self.parts):
            yield from part.stop()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Whatever the parts make of it."""
        return [heard for part in self.parts for heard in part.feed(characteristic, data)]
