"""What the screen asks of the rest of the program: open a session, name what there is, read the logbook.

Everything slow (scipy, the logbook, Bluetooth, sound) is imported when it is asked for, in a thread, so that the
first frame does not wait for it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from breathsync.paths import config_folder
from breathsync.plan import Plan
from breathsync.tui.past import Past, read_past
from breathsync.tui.prefs import Prefs, load_prefs, save_prefs
from breathsync.tui.running import SessionLike

if TYPE_CHECKING:  # the logbook is opened on use
    from breathsync.logbook.history import Listed

LAST_FILE = "last.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something to choose: the name one types, and a line that says what it is."""

    name: str
    about: str = ""


class House(Protocol):
    """What the screens ask for. Tests bring one of their own."""

    prefs: Prefs

    async def open(self, plan: Plan) -> SessionLike:
        """Reach the sensor; raises a BreathsyncError that says what to try."""
        ...

    async def close(self) -> None:
        """The session is over: let go of sound."""
        ...

    def missing(self) -> Sequence[str]:
        """What this machine lacks (sound, voice), a sentence each, to be said once."""
        ...

    def last(self) -> Plan | None:
        """What was started last, or None on the first start."""
        ...

    def routines(self) -> Sequence[Named]:
        """The routines there are."""
        ...

    def sources(self) -> Sequence[Named]:
        """Straps known and simulated people, as one types them."""
        ...

    def sessions(self) -> "Sequence[Listed]":
        """All sessions of the logbook, the latest first."""
        ...

    def past(self, session: str) -> Past:
        """One session of the logbook, to look at."""
        ...

    def export(self, session: str) -> str:
        """Export a session; returns a sentence that says where to."""
        ...

    def note(self, session: str, text: str) -> None:
        """Keep a note with a session."""
        ...

    def keep(self, prefs: Prefs) -> None:
        """Keep the person's choices for this screen."""
        ...

    def now(self) -> datetime:
        """Wall time with its UTC offset."""
        ...


class OwnHouse:
    """The program itself behind the screen."""

    def __init__(self, *, sound: Any = None, folder: Path | None = None) -> None:
        self._folder = folder or config_folder()
        self.prefs = load_prefs(self._folder)
        self._sound = sound
        self._missing: list[str] = []

    async def open(self, plan: Plan) -> SessionLike:
        """Reach the sensor and start the sound; imports happen in a thread, so that keys still act."""
        compose = await asyncio.to_thread(import_module, "breathsync.compose")
        if self._sound is None:
            self._sound = await asyncio.to_thread(
                _make_sound, self.prefs.sound if plan.speed == 1 else "silent"
            )
        self._missing = list(await asyncio.to_thread(self._sound.start))
        session: SessionLike = await compose.open_session(plan, faces=[self._sound])
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = {"routine": plan.routine, "source": plan.source, "language": plan.language}
        (self._folder / LAST_FILE).write_bytes(msgspec.json.encode(kept))
        return session

    async def close(self) -> None:
        """Let go of the sound."""
        if self._sound is not None:
            await asyncio.to_thread(self._sound.close)

    def missing(self) -> Sequence[str]:
        """What the sound lacks."""
        return self._missing

    def last(self) -> Plan | None:
        """The last routine and source."""
        try:
            kept = msgspec.json.decode((self._folder / LAST_FILE).read_bytes(), type=dict[str, str])
            return Plan(routine=kept["routine"], source=kept["source"], language=kept.get("language", "en"))
        except (OSError, msgspec.MsgspecError, KeyError):
            return None

    def routines(self) -> Sequence[Named]:
        """Names and titles of the routines."""
        files = import_module("breathsync.routine_files")
        return [Named(name=name, about=files.load_routine(name).title("en")) for name in files.routine_names()]

    def sources(self) -> Sequence[Named]:
        """The simulated people; straps that were paired come before them."""
        scenario = import_module("breathsync_simulators.scenario")
        return [Named(name=f"sim:{name}", about=scenario.load(name).about) for name in scenario.people()]

    def sessions(self) -> "Sequence[Listed]":
        """The logbook's list."""
        with _logbook() as logbook:
            listed: Sequence[Listed] = logbook.sessions()
        return listed

    def past(self, session: str) -> Past:
        """A session out of the logbook."""
        with _logbook() as logbook:
            return read_past(logbook.find(session))

    def export(self, session: str) -> str:
        """As CSV, into a folder of the session's name in the working folder."""
        csv = import_module("breathsync.logbook.export.csv")
        folder = Path(f"breathsync-{session}")
        with _logbook() as logbook:
            csv.write(logbook.find(session), folder)
        return f"Exported as tables to {folder}."

    def note(self, session: str, text: str) -> None:
        """Into the logbook."""
        with _logbook() as logbook:
            logbook.note(session, text)

    def keep(self, prefs: Prefs) -> None:
        """Remember, and write the file."""
        self.prefs = prefs
        save_prefs(prefs, self._folder)

    def now(self) -> datetime:
        """Wall time."""
        return datetime.now().astimezone()


def _logbook() -> Any:
    from contextlib import closing  # noqa: PLC0415  start-up

    return closing(import_module("breathsync.logbook.store").open_logbook())


def _make_sound(loudness: str) -> Any:
    player, sound, voice = (
        import_module(f"breathsync.cues.{name}") for name in ("player", "sound_face", "voice")
    )
    return sound.SoundFace(player=player.Player(), voice=voice.Voice(), loudness=sound.Loudness(loudness))
