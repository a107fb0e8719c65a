"""A strap as a GATT peripheral, without a transport and without a clock.

A carrier (`air/`) shows a `Strap` to the world: it asks whether the strap advertises, tells it of connections,
reads and writes, calls `advance` with the body's seconds, and after each of these sends what `take` returns.
So a strap is deterministic: same wearer, same quirks, same calls, same bytes.
"""

import random
from collections import deque
from dataclasses import dataclass, field, replace

from breathsync.samples import Samples
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

DEFAULT_MTU = 232
"""What an H10 agrees to (reference frames of 226 and 229 bytes fit in it)."""


class Att:
    """Error codes of the attribute protocol (Bluetooth Core 5.2, vol. 3, part F, table 3.4) used here."""

    READ_NOT_PERMITTED = 0x02
    WRITE_NOT_PERMITTED = 0x03
    INSUFFICIENT_AUTHENTICATION = 0x05
    NOT_SUPPORTED = 0x06
    INVALID_LENGTH = 0x0D
    UNLIKELY = 0x0E
    INSUFFICIENT_ENCRYPTION = 0x0F
    CCCD_IMPROPER = 0xFD


class AttError(Exception):
    """The strap answers a request with an error of the attribute protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class HungUp(Exception):
    """The strap drops the link instead of answering a request."""


def uuid16(number: int) -> str:
    """The full form of a UUID the Bluetooth SIG has assigned."""
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic: `uuid` in full and lower case, `properties` by the names BlueZ and bleak use."""

    uuid: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its characteristics, in the order of their handles."""

    uuid: str
    characteristics: tuple[Characteristic, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """Bytes to send; an indication where the characteristic has that property."""

    uuid: str
    data: bytes


@dataclass(frozen=True, slots=True)
class HangUp:
    """The strap ends the link here, without a goodbye."""


Outgoing = Notification | HangUp

HEART_RATE_SERVICE = uuid16(0x180D)
HEART_RATE_MEASUREMENT = uuid16(0x2A37)
BODY_LOCATION = uuid16(0x2A38)
BATTERY_SERVICE = uuid16(0x180F)
BATTERY_LEVEL = uuid16(0x2A19)
DEVICE_INFORMATION = uuid16(0x180A)


@dataclass(slots=True)
class Identity:
    """What a strap says of itself: advertising and the device information service."""

    name: str
    address: str
    maker: str
    model: str
    serial: str
    firmware: str
    advertised: tuple[str, ...] = ()
    company: int | None = None
    company_data: bytes = b""

    def texts(self) -> dict[str, str]:
        """The characteristics of the device information service by UUID."""
        return {
            uuid16(0x2A29): self.maker,
            uuid16(0x2A24): self.model,
            uuid16(0x2A25): self.serial,
            uuid16(0x2A26): self.firmware,
        }


@dataclass(slots=True)
class _Link:
    mtu: int
    paired: bool
    since_s: float
    subscribed: set[str] = field(default_factory=set)


class Strap:
    """The part all straps share: advertising, connection, battery, device information, quirks, the way out.

    A kind of strap says `own_services`, answers `own_read` and `own_write`, and turns what the wearer measured
    into frames in `measured`, sending each through `send_frame`.
    """

    protected: frozenset[str] = frozenset()
    """Characteristics that need a paired link when `quirks.pairing` is set."""

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        self.quirks = quirks or Quirks()
        self.identity = replace(identity, firmware=self.quirks.firmware) if self.quirks.firmware else identity
        self.wearer = wearer
        self.now_s = 0.0
        self.bonded = False
        self.powered = True
        self._link: _Link | None = None
        self._outgoing: deque[Outgoing] = deque()
        self._held_back: list[Notification] = []
        self._dice = random.Random(self.quirks.seed)
        self._requests = 0
        self._back_s = float("inf")
        self._next_drop_s = self._draw_drop_s(0.0)

    # What a kind of strap says -------------------------------------------------------------------------------

    def own_services(self) -> tuple[Service, ...]:
        """The services beyond battery and device information."""
        raise NotImplementedError

    def own_read(self, uuid: str) -> bytes:
        """Answer a read; raises AttError."""
        raise AttError(Att.READ_NOT_PERMITTED)

    def own_write(self, uuid: str, data: bytes) -> None:
        """Take a write; answers go out by `send`. Raises AttError."""
        raise AttError(Att.WRITE_NOT_PERMITTED)

    def own_reset(self) -> None:
        """Forget all that belonged to the last connection."""

    def measured(self, samples: Samples) -> None:
        """Send one stream's new samples, or drop them when nobody asked."""

    def lived(self) -> None:
        """The body has reached `now_s`, on a link: send what is due by the clock."""

    # What a carrier does -------------------------------------------------------------------------------------

    @property
    def services(self) -> tuple[Service, ...]:
        """All services, in the order of their handles."""
        texts = tuple(Characteristic(uuid, ("read",)) for uuid in self.identity.texts())
        return (
            *self.own_services(),
            Service(BATTERY_SERVICE, (Characteristic(BATTERY_LEVEL, ("read", "notify")),)),
            Service(DEVICE_INFORMATION, texts),
        )

    @property
    def is_connected(self) -> bool:
        """Whether a central holds the link."""
        return self._link is not None

    @property
    def advertises(self) -> bool:
        """Whether it can be found just now. A strap that is held, off or connected cannot."""
        return self.powered and not self.is_connected and not self.quirks.held

    @property
    def answers(self) -> bool:
        """Whether a connection attempt succeeds."""
        return self.powered and not self.quirks.held

    @property
    def mtu(self) -> int:
        """Bytes an ATT packet may have on this link."""
        return self._link.mtu if self._link else 23

    @property
    def battery_percent(self) -> int:
        """What is left in the battery."""
        return max(1, round(self.quirks.battery - self.quirks.battery_falls * self.now_s / 60.0))

    def connected(self, *, mtu: int = DEFAULT_MTU) -> None:
        """A central has connected; the link starts with nothing subscribed and nothing streaming."""
        self._link = _Link(mtu=min(mtu, self.largest_mtu), paired=self.bonded, since_s=self.now_s)
        self._next_drop_s = self._draw_drop_s(self.now_s)
        self._outgoing.clear()
        self._held_back.clear()
        self.own_reset()

    def mtu_agreed(self, mtu: int) -> None:
        """The central has asked for another MTU."""
        if self._link:
            self._link.mtu = min(mtu, self.largest_mtu)

    @property
    def largest_mtu(self) -> int:
        """What the strap agrees to at most."""
        return self.quirks.mtu or DEFAULT_MTU

    def disconnected(self) -> None:
        """The link has ended, whoever ended it."""
        self._link = None
        self._outgoing.clear()
        self._held_back.clear()
        self.own_reset()

    def paired(self) -> None:
        """The link is encrypted now, and will be at the next connection."""
        self.bonded = True
        if self._link:
            self._link.paired = True

    def read(self, uuid: str) -> bytes:
        """Answer a read. Raises AttError."""
        self._guard(uuid)
        if uuid == BATTERY_LEVEL:
            return bytes([self.battery_percent])
        text = self.identity.texts().get(uuid)
        return text.encode() if text is not None else self.own_read(uuid)

    def write(self, uuid: str, data: bytes) -> None:
        """Take a write. Raises AttError, or HungUp when the link drops instead."""
        self._guard(uuid)
        self._requests += 1
        if self.quirks.hang_up_on_request == self._requests:
            raise HungUp
        self.own_write(uuid, data)

    def subscribe(self, uuid: str, *, on: bool) -> None:
        """Notifications or indications of a characteristic are wanted, or no more."""
        if self._link is None:
            return
        if on:
            self._guard(uuid)
            self._link.subscribed.add(uuid)
        else:
            self._link.subscribed.discard(uuid)

    def advance(self, now_s: float) -> None:
        """Let the body live until `now_s` and make the frames that have become full."""
        if now_s <= self.now_s:
            return
        before = self.battery_percent
        self.now_s = now_s
        if now_s >= self._back_s:
            self.powered, self._back_s = True, float("inf")
        for samples in self.wearer.until(now_s):
            if self._link:
                self.measured(samples)
        if self._link is None:
            return
        self.lived()
        if self.battery_percent != before:
            self.send(BATTERY_LEVEL, bytes([self.battery_percent]))
        self._release_bursts()
        if self._is_time_to_go():
            self._outgoing.append(HangUp())
            if self.quirks.away_s:
                self.powered, self._back_s = False, now_s + self.quirks.away_s

    def take(self) -> list[Outgoing]:
        """What is to be sent now, in order."""
        out = list(self._outgoing)
        self._outgoing.clear()
        return out

    def hears(self, uuid: str) -> bool:
        """Whether the central has subscribed to this characteristic."""
        return self._link is not None and uuid in self._link.subscribed

    # What a kind of strap uses --------------------------------------------------------------------------------

    def send(self, uuid: str, data: bytes) -> None:
        """Send bytes if the central subscribed. Nothing longer than the link carries goes out."""
        if self._link is None or not self.hears(uuid):
            return
        if len(data) > self._link.mtu - 3:
            raise ValueError(f"a frame of {len(data)} bytes does not fit an MTU of {self._link.mtu}")
        self._outgoing.append(Notification(uuid, data))

    def send_frame(self, uuid: str, data: bytes) -> None:
        """Send a frame of samples, with what the quirks do to frames: lost, doubled, late in bursts."""
        if self._dice.random() < self.quirks.drop_frames:
            return
        if self._dice.random() < self.quirks.garbage:
            data = self._spoilt(data)
        for _ in range(2 if self.quirks.doubled else 1):
            if self.quirks.burst_s and self.hears(uuid):
                self._held_back.append(Notification(uuid, data))
            else:
                self.send(uuid, data)

    def _spoilt(self, data: bytes) -> bytes:
        """The frame with a byte changed, or cut short."""
        at = self._dice.randrange(len(data))
        if self._dice.random() < 0.5:
            return data[:at]
        return data[:at] + bytes([data[at] ^ self._dice.randrange(1, 256)]) + data[at + 1 :]

    def device_ns(self, t_s: float) -> int:
        """The strap's own clock at the body's `t_s`: its start (2019 when never set) and its drift."""
        return self.quirks.clock_start_ns + round(t_s * (1e9 + 1e3 * self.quirks.drift_ppm))

    def _guard(self, uuid: str) -> None:
        if self._link is None:
            raise AttError(Att.UNLIKELY)
        if self.quirks.pairing and uuid in self.protected and not self._link.paired:
            raise AttError(Att.INSUFFICIENT_AUTHENTICATION)

    def _release_bursts(self) -> None:
        if self._held_back and self.now_s % (2 * self.quirks.burst_s) >= self.quirks.burst_s:
            for held in self._held_back:
                self.send(held.uuid, held.data)
            self._held_back.clear()

    def _is_time_to_go(self) -> bool:
        assert self._link is not None
        if self.quirks.off_after_s and self.now_s >= self.quirks.off_after_s:
            self.powered = False
            return True
        if self.quirks.hang_up_after_s and self.now_s - self._link.since_s >= self.quirks.hang_up_after_s:
            return True
        return self.now_s >= self._next_drop_s

    def _draw_drop_s(self, now_s: float) -> float:
        low, high = self.quirks.drop_every_s
        return now_s + self._dice.uniform(low, high) if high else float("inf")
