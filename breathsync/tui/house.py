"""What the screen asks of the rest of the program: open a session, name what there is, read the logbook.

Everything slow (scipy, the logbook, Bluetooth, sound) is imported when it is asked for, in a thread, so that the
first frame does not wait for it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from breathsync.errors import LogbookError
from breathsync.paths import config_folder
from breathsync.plan import Plan
from breathsync.samples import SensorInfo
from breathsync.sensors.base import Sensor
from breathsync.settings import Settings
from breathsync.settings_file import load_settings
from breathsync.tongue import spoken, t
from breathsync.tui import straps
from breathsync.tui.awake import Awake
from breathsync.tui.followed import follow
from breathsync.tui.past import Past, read_past
from breathsync.tui.picture import Stretch
from breathsync.tui.prefs import Prefs, Sound, load_prefs, save_prefs
from breathsync.tui.running import SessionLike
from breathsync.tui.straps import Found

if TYPE_CHECKING:  # the logbook is opened on use
    from breathsync.logbook.history import Listed

LAST_FILE = "last.json"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something to choose: the name one types, and a line that says what it is."""

    name: str
    about: str = ""


class House(Protocol):
    """What the screens ask for. Tests bring one of their own."""

    prefs: Prefs

    async def open(self, plan: Plan, *, say: Say, invite: Say) -> SessionLike:
        """Reach the sensor; raises a BreathsyncError that says what to try.

        `say` hears what is missing or cannot be recorded, `invite` what must be seen before a phone can be reached.
        """
        ...

    async def close(self) -> None:
        """The session is over: let go of sound."""
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

    def followed(self, session: str, *, stop: Callable[[], bool]) -> Stretch | None:
        """Its level as it stood on the screen, which takes seconds; None where the log cannot be followed again."""
        ...

    def export(self, session: str) -> str:
        """Export a session; returns a sentence that says where to."""
        ...

    def report(self, session: str) -> str:
        """Write a session's page to look at or share; returns a sentence that says where to."""
        ...

    async def look_for_straps(self, hear: Callable[[Sequence[Found]], None]) -> None:
        """Listen for straps until cancelled; `hear` gets all that were found so far, again and again.

        Raises a SensorError where the computer cannot listen.
        """
        ...

    async def reach(self, strap: Found) -> Sensor:
        """The strap as a sensor, not yet connected."""
        ...

    def name_of(self, strap: Found) -> str:
        """The name to offer for a strap."""
        ...

    def remember(self, strap: Found, *, name: str, info: SensorInfo, paired: bool) -> Plan:
        """Remember a strap under a name; returns the first session with it.

        Raises SettingsError where the name is another strap's.
        """
        ...

    def note(self, session: str, text: str) -> None:
        """Keep a note with a session."""
        ...

    def answers(self, session: str) -> dict[str, int]:
        """How the back felt before and after, by question."""
        ...

    def keep(self, prefs: Prefs) -> None:
        """Keep the person's choices for this screen."""
        ...

    def targets(self) -> Settings:
        """The numbers of the gate as the next session uses them. Raises SettingsError for a bent file."""
        ...

    def keep_target(self, group: str, name: str, value: float | None) -> Settings:
        """Keep one of them, None for its default; returns all. Raises SettingsError where that cannot be."""
        ...

    def default_targets(self) -> Settings:
        """Take all of them back to their defaults."""
        ...

    def now(self) -> datetime:
        """Wall time with its UTC offset."""
        ...


class OwnHouse:
    """The program itself behind the screen."""

    def __init__(self, *, sound: Any = None, folder: Path | None = None) -> None:
        self._folder = folder or config_folder()
        self.prefs = load_prefs(self._folder)
        self._given_sound = sound
        self._sound: Any = None
        self._awake = Awake()

    async def open(self, plan: Plan, *, say: Say, invite: Say) -> SessionLike:
        """Reach the sensor and start the sound; imports happen in a thread, so that keys still act."""
        compose = await asyncio.to_thread(import_module, "breathsync.compose")
        self._sound = self._given_sound or await asyncio.to_thread(_make_sound, self.prefs, plan)
        for missing in await asyncio.to_thread(self._sound.start):
            say(missing)
        session: SessionLike = await compose.open_session(
            plan, faces=[self._sound], on_trouble=say, invite=invite
        )
        self._keep_last(plan)
        self._awake.hold()
        return session

    def _keep_last(self, plan: Plan) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = {"routine": plan.routine, "source": plan.source, "language": plan.language}
        (self._folder / LAST_FILE).write_bytes(msgspec.json.encode(kept))

    async def close(self) -> None:
        """Let go of the sound and the display."""
        self._awake.release()
        if self._sound is not None:
            await asyncio.to_thread(self._sound.close)

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
        return [
            Named(name=name, about=files.load_routine(name).title(spoken())) for name in files.routine_names()
        ]

    def sources(self) -> Sequence[Named]:
        """Straps that were paired, then the simulated people."""
        known = import_module("breathsync.sensors.known_straps").KnownStraps().all()
        scenario = import_module("breathsync_simulators.scenario")
        paired = [Named(name=f"ble:{strap.name}", about=strap.advertised) for strap in known]
        return paired + [
            Named(name=f"sim:{name}", about=t(scenario.load(name).about)) for name in scenario.people()
        ]

    def sessions(self) -> "Sequence[Listed]":
        """The logbook's list."""
        with _logbook() as logbook:
            listed: Sequence[Listed] = logbook.sessions()
        return listed

    def past(self, session: str) -> Past:
        """A session out of the logbook."""
        with _logbook() as logbook:
            return read_past(logbook.find(session))

    def followed(self, session: str, *, stop: Callable[[], bool]) -> Stretch | None:
        """By the same code that followed it then."""
        conductor_of = import_module("breathsync.logbook.replay").conductor_of
        with _logbook() as logbook:
            log = logbook.find(session)
            try:
                return follow(log, conductor_of(log.header), stop=stop)
            except LogbookError:  # of another version; the raw signal is shown
                return None

    def export(self, session: str) -> str:
        """As CSV, into a folder of the session's name in the working folder."""
        formats = import_module("breathsync.logbook.export.formats")
        target = Path(f"breathsync-{session}").absolute()
        with _logbook() as logbook:
            log = logbook.find(session)
            formats.export(
                [log], formats.find_format("csv"), target, force=False, many=False, progress=lambda *_: None
            )
        return t("Exported as tables to {target}.", target=target)

    def report(self, session: str) -> str:
        """A page of HTML in the working folder."""
        write_report = import_module("breathsync.logbook.report").write_report
        atomic = import_module("breathsync.logbook.export.atomic")
        target = Path(f"breathsync-{session}.html").absolute()
        with _logbook() as logbook, atomic.whole(target, folder=False, force=True) as part:
            write_report(logbook.find(session), part)
        return t("A page to look at or share: {target}.", target=target)

    async def look_for_straps(self, hear: Callable[[Sequence[Found]], None]) -> None:
        """Listen again and again."""
        await straps.look(hear)

    async def reach(self, strap: Found) -> Sensor:
        """Over the radio in use."""
        return await straps.reach(strap)

    def name_of(self, strap: Found) -> str:
        """As it is known, or as it calls itself."""
        return straps.name_of(strap)

    def remember(self, strap: Found, *, name: str, info: SensorInfo, paired: bool) -> Plan:
        """Into the list of straps; Enter at home starts with it."""
        plan = straps.remember(strap, name=name, info=info, paired=paired)
        self._keep_last(plan)
        return plan

    def note(self, session: str, text: str) -> None:
        """Into the logbook."""
        with _logbook() as logbook:
            logbook.note(session, text)

    def answers(self, session: str) -> dict[str, int]:
        """As the logbook counted them."""
        found = next((one.summary for one in self.sessions() if one.id == session), None)
        return {} if found is None else {**found.before, **found.after}

    def keep(self, prefs: Prefs) -> None:
        """Remember, and write the file."""
        self.prefs = prefs
        save_prefs(prefs, self._folder)

    def targets(self) -> Settings:
        """From the person's settings file."""
        return load_settings()

    def keep_target(self, group: str, name: str, value: float | None) -> Settings:
        """Into the person's settings file."""
        settings: Settings = import_module("breathsync.settings_writer").keep_setting(group, name, value)
        return settings

    def default_targets(self) -> Settings:
        """Out of the person's settings file."""
        settings: Settings = import_module("breathsync.settings_writer").reset_settings()
        return settings

    def now(self) -> datetime:
        """Wall time."""
        return datetime.now().astimezone()


def _logbook() -> Any:
    return closing(import_module("breathsync.logbook.store").open_logbook())


def _make_sound(prefs: Prefs, plan: Plan) -> Any:
    """Sound as the person chose it, in the session's language; a session faster than life is silent."""
    player, sound, voice = (
        import_module(f"breathsync.cues.{name}") for name in ("player", "sound_face", "voice")
    )
    loudness = sound.Loudness(prefs.sound if plan.speed == 1 else Sound.SILENT)
    return sound.SoundFace(
        player=player.Player(volume=prefs.volume / 100),
        voice=voice.Voice(rate_wpm=prefs.words_per_minute, language=plan.language),
        loudness=loudness,
    )
