"""A session that is a list of views: what a screen test drives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from breathsync.breath.events import Calibration, Live, Phase
from breathsync.errors import BreathsyncError
from breathsync.guide.events import (
    Bar,
    Bead,
    BeadState,
    ClauseResult,
    Ended,
    EndKind,
    GuideView,
    Place,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.logbook.history import Listed, Points, Summary
from breathsync.outcome import View
from breathsync.plan import Plan
from breathsync.samples import (
    Battery,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.settings import Settings
from breathsync.settings_file import load_settings
from breathsync.settings_writer import keep_setting, reset_settings
from breathsync.tui.house import Named
from breathsync.tui.past import Past
from breathsync.tui.picture import Stretch
from breathsync.tui.prefs import Prefs
from breathsync.tui.straps import Found

H10 = SensorInfo(
    name="H10",
    kind="h10",
    streams=(Stream.ACCELERATION,),
    rates_hz={Stream.ACCELERATION: 200.0},
    simulated=True,
)
CALIBRATION = Calibration(a_quiet=6.0, a_full=19.0, noise=0.6, unit="mg")
BAR = Bar(quiet=6.0, low=13.3, plenty=23.75)


@dataclass(frozen=True)
class Trace:
    t_s: Any
    level: Any
    moving: Any

    def window(self, seconds: float) -> "Trace":
        keep = self.t_s >= self.t_s[-1] - seconds
        return Trace(self.t_s[keep], self.level[keep], self.moving[keep])


def breaths(until_s: float, *, rate_hz: float = 25.0) -> Trace:
    """Five-second usual breaths of 6 mg, each fourth one full; a fidget and a gap on the way."""
    t_s = np.arange(max(0.0, until_s - 30.0), until_s, 1 / rate_hz)
    number = np.floor(t_s / 5).astype(int)
    amplitude = np.where(number % 4 == 3, 19.0, 6.0)
    level = amplitude * 0.5 * (1 - np.cos(2 * np.pi * (t_s % 5) / 5))
    moving = (t_s % 20 > 6) & (t_s % 20 < 7.5)
    hole = (t_s % 20 > 11) & (t_s % 20 < 11.8)
    return Trace(t_s[~hole], level[~hole], moving[~hole])


def beads(side: Side, states: str) -> tuple[Bead, ...]:
    """Beads from letters: m measured, h by hand, H here, . to come."""
    names = {"m": BeadState.MEASURED, "h": BeadState.BY_HAND, "H": BeadState.HERE, ".": BeadState.TO_COME}
    return tuple(Bead(side=side, point=n, state=names[s]) for n, s in enumerate(states, start=1))


def verdict(
    *, opened: bool, sentence: str, quiet: float | None = 2.4, refused_by: str = "G5", at_s: float = 30.0
) -> Verdict:
    return Verdict(
        decided_s=at_s + 5, inhale_start_s=at_s, inhale_peak_s=at_s + 3, returned_s=at_s + 4.8,
        side=Side.RIGHT, point=2, opened=opened, amplitude=6.0 * (quiet or 0), amplitude_quiet=quiet,
        clauses=(ClauseResult(clause=refused_by, ok=opened, value=quiet, limit=2.2),), phrase="x", sentence=sentence,
    )  # fmt: skip


def step(
    place: Place, sentence: str, *, side: Side | None = Side.RIGHT, point: int = 3, points: int = 4
) -> Step:
    return Step(t_s=0.0, place=place, side=side, point=point, points=points, sentence=sentence)


def guide(place: Place, sentence: str, **changes: Any) -> GuideView:
    side = changes.pop("side", Side.RIGHT)
    point = changes.pop("point", 3)
    base = GuideView(
        step=step(place, sentence, side=side, point=point),
        beads=beads(Side.RIGHT, "mhH.") + beads(Side.LEFT, "...."),
        bar=BAR,
        calibration=CALIBRATION,
        deep_breaths=7,
        deep_limit=30,
        words=(Word.BACK_OFF, Word.NOTHING_HOLDS, Word.BY_HAND, Word.PAUSE),
    )
    return replace(base, **changes)


def view(
    guide_view: GuideView, *, t_s: float = 252.0, level: float = 9.0, info: SensorInfo = H10, **changes: Any
) -> View:
    live = Live(t_s=t_s, phase=Phase.IN, level=level, level_quiet=level / 6, quality=0.9, doubts=())
    base = View(
        t_s=t_s, guide=guide_view, live=live, sensor=SensorChange(t_s=0.0, state=SensorState.STREAMING), info=info,
        battery_percent=82,
    )  # fmt: skip
    return replace(base, **changes)


@dataclass
class FakeSession:
    """Shows the view it is given; remembers what it was told."""

    view: View
    faces: list[Any] = field(default_factory=list)
    said: list[Word] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    obeys: bool = True
    """Whether STOP ends it."""

    def __post_init__(self) -> None:
        self.done = asyncio.Event()
        self.closed = False
        self.recorder = SimpleNamespace(id="20261122-073000")

    @property
    def conductor(self) -> Any:
        return SimpleNamespace(follower=SimpleNamespace(trace=breaths(self.view.t_s)))

    def say(self, word: Word, *, by: str = "key") -> None:
        self.said.append(word)
        if word is Word.STOP and self.obeys:
            self.end(EndKind.STOPPED)

    def answer(self, question: str, value: Any, *, note: str = "") -> None:
        self.answers[question] = value

    def show(self, guide_view: GuideView, **changes: Any) -> None:
        self.view = view(guide_view, **changes)

    def end(self, how: EndKind) -> None:
        ended = Ended(t_s=self.view.t_s, how=how)
        self.view = replace(self.view, guide=replace(self.view.guide, ended=ended))
        self.done.set()

    def tell(self, outcome: Any) -> None:
        for face in self.faces:
            face.hear(outcome, self.view)

    async def run(self) -> Ended | None:
        try:
            await self.done.wait()
            return self.view.guide.ended
        finally:
            self.closed = True


def worn(*, breath_mg: float = 6.0, seconds: float = 20.0) -> list[SensorEvent]:
    """What an H10 says on a body that breathes in five seconds: streaming, battery, acceleration."""
    t_s = np.arange(0.0, seconds, 0.02)
    swing = 0.5 * breath_mg * np.sin(2 * np.pi * t_s / 5)
    noise = np.random.default_rng(7).normal(0.0, 1.0, (len(t_s), 3))
    values = np.array([0.0, 900.0, 400.0]) + swing[:, None] * np.array([0.8, 0.0, -0.6]) + noise
    return [
        SensorChange(t_s=0.0, state=SensorState.STREAMING),
        Battery(t_s=0.0, percent=82),
        Samples(stream=Stream.ACCELERATION, t_s=t_s, values=values),
    ]


@dataclass
class FakeStrap:
    """A strap to be tried: says `says`, then stays silent until closed."""

    info: SensorInfo = field(
        default_factory=lambda: replace(H10, simulated=False, model="H10", firmware="3.3.1")
    )
    says: list[SensorEvent] = field(default_factory=worn)
    error: BreathsyncError | None = None
    later: BreathsyncError | None = None
    """Raised after all was said."""
    paired: bool = False
    closed: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Closing waits for it where `slow`."""
    slow: bool = False

    async def connect(self) -> None:
        if self.error:
            raise self.error

    async def events(self) -> AsyncIterator[SensorEvent]:
        for event in self.says:
            yield event
        if self.later:
            raise self.later
        await asyncio.Event().wait()

    async def close(self) -> None:
        """To the end, also when cancelled on the way, as a real strap does."""
        closing = asyncio.create_task(self._close())
        while not closing.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(closing)

    async def _close(self) -> None:
        if self.slow:
            await self.closing.wait()
        self.closed = True


@dataclass
class FakeHouse:
    """A house with one session in it."""

    session: Any = None
    last_plan: Plan | None = None
    prefs: Prefs = field(default_factory=Prefs)
    error: BreathsyncError | None = None
    listed: list[Any] = field(default_factory=list)
    pasts: dict[str, Past] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)
    opened: list[Plan] = field(default_factory=list)
    closed: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)
    straps: tuple[Found, ...] = ()
    strap: FakeStrap = field(default_factory=FakeStrap)
    listening: int = 0
    """How many listen for straps just now."""
    remembered: list[tuple[str, str, bool]] = field(default_factory=list)
    name_taken: BreathsyncError | None = None
    targets_error: BreathsyncError | None = None
    followed_as: Stretch | None = None

    async def open(self, plan: Plan, *, say: Any, invite: Any) -> Any:
        self.opened.append(plan)
        if self.error:
            raise self.error
        if self.session is None:
            await asyncio.Event().wait()
        return self.session

    async def close(self) -> None:
        self.closed += 1

    def last(self) -> Plan | None:
        return self.last_plan

    def routines(self) -> list[Named]:
        return [
            Named(name="seated-twist", about="Seated twist"),
            Named(name="chair-twist", about="On a chair"),
        ]

    def sources(self) -> list[Named]:
        return [
            Named(name="ble:Polar H10 1234"),
            Named(name="sim:steady", about="Breathes evenly, does as asked."),
        ]

    def sessions(self) -> list[Any]:
        return self.listed

    def past(self, session: str) -> Past:
        return self.pasts[session]

    def followed(self, session: str, *, stop: Any) -> Stretch | None:
        return self.followed_as

    def export(self, session: str) -> str:
        self.exported.append(session)
        return f"Exported as tables to breathsync-{session}."

    def report(self, session: str) -> str:
        return f"A page to look at or share: breathsync-{session}.html."

    def note(self, session: str, text: str) -> None:
        self.notes.append((session, text))

    def answers(self, session: str) -> dict[str, int]:
        return {}

    async def look_for_straps(self, hear: Any) -> None:
        self.listening += 1
        try:
            hear(self.straps)
            await asyncio.Event().wait()
        finally:
            self.listening -= 1

    async def reach(self, strap: Found) -> FakeStrap:
        assert not self.listening, "the radio is one"
        return self.strap

    def name_of(self, strap: Found) -> str:
        return strap.name

    def remember(self, strap: Found, *, name: str, info: SensorInfo, paired: bool) -> Plan:
        if self.name_taken:
            raise self.name_taken
        self.remembered.append((name, info.firmware, paired))
        self.last_plan = Plan(routine="first-time", source=f"ble:{name}")
        return self.last_plan

    def keep(self, prefs: Prefs) -> None:
        self.prefs = prefs

    def targets(self) -> Settings:
        return load_settings()

    def keep_target(self, group: str, name: str, value: float | None) -> Settings:
        if self.targets_error:
            raise self.targets_error
        return keep_setting(group, name, value)

    def default_targets(self) -> Settings:
        return reset_settings()

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


PLAN = Plan(routine="seated-twist", source="sim:steady")


def listed(name: str, *, day: int, simulated: bool, right: Points, left: Points) -> Listed:
    summary = Summary(
        duration_s=845.0,
        points={Side.LEFT: left, Side.RIGHT: right},
        breaths=120,
        deep_breaths=9,
        opened=8,
        refused=2,
    )
    return Listed(
        id=name, started_at=datetime(2026, 11, day, 7, 30, tzinfo=UTC), routine="seated-twist", sensor="Polar H10",
        simulated=simulated, ended=Ended(t_s=845.0, how=EndKind.FINISHED), summary=summary,
    )  # fmt: skip


LISTED = [
    listed("c3", day=22, simulated=True, right=Points(measured=4), left=Points(measured=4)),
    listed("b2", day=20, simulated=False, right=Points(measured=4), left=Points(measured=3, by_hand=1)),
    listed("a1", day=2, simulated=False, right=Points(measured=2), left=Points()),
]


def past(name: str) -> Past:
    t_s = np.arange(0.0, 120.0, 0.05)
    level = np.where(np.floor(t_s / 5) % 4 == 3, 19.0, 6.0) * 0.5 * (1 - np.cos(2 * np.pi * (t_s % 5) / 5))
    return Past(
        id=name, started_at=datetime(2026, 11, 22, 7, 30, tzinfo=UTC), routine="seated-twist", sensor="Polar H10",
        simulated=True, duration_s=120.0,
        stretch=Stretch(t_s=t_s, level=level, moving=(t_s > 30) & (t_s < 31.5)), unit="mg", quiet=6.0, enough=13.3,
        verdicts=(
            verdict(opened=False, sentence="a little fuller", at_s=19.5, quiet=1.0),
            verdict(opened=True, sentence="that was it", at_s=35.0),
            verdict(opened=True, sentence="that was plenty, less is fine", at_s=95.0, quiet=3.2),
        ),
        notes=(),
    )  # fmt: skip


PASTS = {name: past(name) for name in ("a1", "b2", "c3")}
