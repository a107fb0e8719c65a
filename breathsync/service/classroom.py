"""A class on one broker: each person's step, breath and signal, and who has a hand up.

What comes from a broker is anybody's: everything is bounded, and a name is shown with its letters only.
"""

from dataclasses import dataclass

import msgspec

from breathsync.guide.events import VERBS, Place
from breathsync.samples import SensorState
from breathsync.service.messages import Live, Started
from breathsync.service.mqtt import OFFLINE

MOST_PEOPLE = 200
LONGEST_PAYLOAD = 65_536
LONGEST_NAME = 24
SILENT_S = 5.0
"""`live` comes five times a second; who has not been heard for so long is lost."""
AWAY = (SensorState.STALE, SensorState.LOST, SensorState.RECONNECTING)
NEEDS_HELP = (VERBS[Place.LOST], VERBS[Place.PAUSED])
ARMED = "●"
FULL = 2.0
"""Quiet breaths; a bar that is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person as shown. `hand`: why they have a hand up; empty where all is well. `breath`: 0..1 of a bar."""

    name: str
    step: str
    breath: float
    signal: str
    hand: str
    gates: int


@dataclass(slots=True)
class _Person:
    live: Live | None = None
    heard_s: float = 0.0
    offline: bool = False
    ended: str = ""
    gates: int = 0
    simulated: bool = False


class _Verdict(msgspec.Struct):
    opened: bool


class _Ended(msgspec.Struct):
    how: str


class Classroom:
    """Takes in what the broker says, and gives rows. `base` is the topic all people's topics begin with."""

    def __init__(self, *, base: str) -> None:
        self._base = f"{base}/" if base else ""
        self._people: dict[str, _Person] = {}

    def take(self, topic: str, payload: bytes, *, now_s: float) -> None:
        """One message. What is not ours is passed over."""
        name, _, kind = topic.removeprefix(self._base).rpartition("/")
        if not topic.startswith(self._base) or not name or len(payload) > LONGEST_PAYLOAD:
            return
        if name not in self._people and len(self._people) >= MOST_PEOPLE:
            return
        try:
            self._hear(self._people.get(name) or _Person(), name, kind, payload, now_s)
        except msgspec.DecodeError:
            return

    def rows(self, *, now_s: float) -> list[Row]:
        """Everybody, hands up first, then by name."""
        rows = [_row(name, person, now_s) for name, person in self._people.items()]
        return sorted(rows, key=lambda row: (not row.hand, row.name))

    def _hear(self, person: _Person, name: str, kind: str, payload: bytes, now_s: float) -> None:
        match kind:
            case "live":
                person.live = msgspec.json.decode(payload, type=Live)
                person.heard_s, person.offline, person.simulated = now_s, False, person.live.simulated
            case "started":
                started = msgspec.json.decode(payload, type=Started)
                person.simulated, person.ended, person.gates = started.sensor.simulated, "", 0
                person.live, person.heard_s = None, now_s
            case "status":
                person.offline = payload == OFFLINE.encode()
                person.heard_s = now_s
            case "verdict":
                person.gates += msgspec.json.decode(payload, type=_Verdict).opened
            case "ended":
                person.ended = msgspec.json.decode(payload, type=_Ended).how
            case _:
                return
        self._people[name] = person


def _row(name: str, person: _Person, now_s: float) -> Row:
    live = person.live
    silent_s = now_s - person.heard_s
    if person.ended:
        step, hand, signal = f"ended, {person.ended}", "", ""
    elif live is None and person.offline:  # what the broker kept of an earlier session
        step, hand, signal = "not here", "", ""
    elif live is None:
        step, hand, signal = "", "nothing heard" if silent_s > SILENT_S else "", ""
    else:
        where = f", {live.side} {live.point}/{live.points}" if live.side and live.point else ""
        step = f"{live.verb}{where}" + (f" {ARMED}" if live.armed else "")
        signal = ", ".join(live.doubts).replace("_", " ") or "good"
        hand = _hand(live, offline=person.offline, silent_s=silent_s)
    level = live.level_quiet if live is not None and live.level_quiet is not None else 0.0
    return Row(
        name=plain(name) + (" (simulated)" if person.simulated else ""),
        step=plain(step, 60),
        breath=min(1.0, max(0.0, level / FULL)),
        signal=plain(signal, 60),
        hand=plain(hand, 60),
        gates=person.gates,
    )


def _hand(live: Live, *, offline: bool, silent_s: float) -> str:
    if offline:
        return "link broken"
    if silent_s > SILENT_S:
        return f"silent for {silent_s:.0f} s"
    if live.sensor in AWAY:
        return f"sensor {live.sensor}"
    return live.verb.lower() if live.verb in NEEDS_HELP else ""


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """Text from elsewhere for a terminal: no control characters, not too long."""
    shown = "".join(letter for letter in text if letter.isprintable())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
