"""Every screen with something on it: (what leads there) by name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from breathsync.errors import SensorError, SensorTrouble
from breathsync.guide.events import (
    ConfirmedBy,
    EndKind,
    Offer,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Side,
    Word,
)
from breathsync.samples import SensorChange, SensorState, Stream
from breathsync.tui.app import BreathsyncApp
from breathsync.tui.straps import Found

from . import fakes as F

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
Act = Callable[[Pilot[Any], F.FakeSession], Awaitable[None]]

IMU6 = replace(F.H10, name="Movesense", streams=(Stream.ACCELERATION, Stream.GYROSCOPE), simulated=False)
ASK = F.guide(Place.CHECK_IN, "", side=None, beads=(), bar=None, words=(), deep_limit=0)
BACK, FALL = "How is your back just now?", "A recent fall or crash?"
LIVE = {
    "session": F.view(
        F.guide(
            Place.BREATHE, "One slow full breath, sitting tall.", armed=True,
            verdict=F.verdict(opened=False, sentence="a little fuller", quiet=1.7),
        )
    ),
    "session-opened": F.view(
        F.guide(
            Place.EASE, "Ease a little further, only to slight restriction.", point=4,
            beads=F.beads(Side.RIGHT, "mhmH") + F.beads(Side.LEFT, "...."),
            verdict=F.verdict(opened=True, sentence="that was it"),
        ),
        level=16.0,
    ),
    "session-gyroscope": F.view(
        F.guide(Place.SETTLE, "Be still, breathe as usual.", breaths_counted=1, breaths_needed=2), info=IMU6,
        live=replace(F.view(ASK).live, turn_deg=31.4, level=4.0),
    ),
    "session-offer": F.view(
        F.guide(
            Place.BREATHE, "One slow full breath, sitting tall.",
            offer=Offer(
                t_s=0.0, words=(Word.SMALLER_BAR, Word.BY_HAND, Word.BACK_OFF), sentence="Shall we make it smaller?"
            ),
            verdict=F.verdict(opened=False, sentence="you were still moving, take your time"),
            words=(Word.GO_ON, Word.BACK_OFF, Word.NOTHING_HOLDS, Word.BY_HAND, Word.SMALLER_BAR, Word.PAUSE),
        )
    ),
    "rest": F.view(F.guide(Place.REST, "Rest. Breathe as you like.", rest_left_s=23.0, words=(Word.PAUSE,))),
    "find": F.view(
        F.guide(
            Place.FIND_FULL, "Slowly in through the nose until you naturally stop.", side=None, beads=(), bar=None,
            quiet_counted=6, quiet_needed=6, full_counted=2, full_needed=3, words=(Word.PAUSE,), calibration=None,
            deep_limit=0,
        )
    ),
    "lost": F.view(
        F.guide(
            Place.LOST,
            "I cannot hear the strap. Stay where it is comfortable, or come back to the middle.",
            words=(Word.GO_ON,),
        ),
        sensor=SensorChange(t_s=0.0, state=SensorState.RECONNECTING),
    ),
    "paused": F.view(F.guide(Place.PAUSED, "Paused. Take your time.", words=(Word.GO_ON,))),
    "come-back": F.view(
        F.guide(
            Place.COME_BACK, "Come back to the middle, slowly.", breaths_counted=1, breaths_needed=3,
            words=(Word.PAUSE,),
        )
    ),
    "question-scale": F.view(
        replace(ASK, question=Question(t_s=0.0, question="back", kind=QuestionKind.SCALE, text=BACK))
    ),
    "question-yes-no": F.view(
        replace(ASK, question=Question(t_s=0.0, question="fall", kind=QuestionKind.YES_NO, text=FALL))
    ),
}  # fmt: skip


@asynccontextmanager
async def live(name: str, size: tuple[int, int], *, language: str = "en", **house: Any):
    """An app that shows one moment of a session, and stands still."""
    session = F.FakeSession(LIVE[name])
    app = BreathsyncApp(F.FakeHouse(session=session, **house), plan=replace(F.PLAN, language=language))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot, session
    await app.end_session()


@asynccontextmanager
async def each_live(size: tuple[int, int], **house: Any):
    """One app, and a way through all moments of `LIVE`, one after the other."""
    async with live(next(iter(LIVE)), size, **house) as (app, pilot, session):

        async def shown() -> AsyncIterator[str]:
            for name, view in LIVE.items():
                session.view = view
                app.running._zero, app.running._widest = None, 0.0  # as if this were the first moment
                await settled(pilot)
                yield name

        yield app, shown()


@asynccontextmanager
async def summary(size: tuple[int, int], **more: Any):
    """The end of a session in which things happened."""
    async with live("question-scale", size, **more) as (app, pilot, session):
        session.tell(session.view.guide.question)
        await pilot.press("7", "enter")
        await pilot.pause()
        session.view = LIVE["session-opened"]
        for sentence in ("a little fuller", "a little fuller", "you were still moving, take your time"):
            session.tell(F.verdict(opened=False, sentence=sentence))
        for _ in range(3):
            session.tell(F.verdict(opened=True, sentence="that was it"))
        session.tell(PointPassed(t_s=40.0, side=Side.RIGHT, point=1, confirmed_by=ConfirmedBy.HAND))
        session.end(EndKind.FINISHED)
        await settled(pilot)
        yield app, pilot, session
    await app.end_session()


async def settled(pilot: Pilot[Any]) -> None:
    """Let screens mount and one frame be drawn."""
    for _ in range(3):
        await pilot.pause()
    pilot.app.draw()
    await pilot.pause()


async def _nothing(pilot: Pilot[Any]) -> None: ...


def _press(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def press(pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)
        await pilot.pause(0.05)  # a thread reads what there is

    return press


STRAPS = (
    Found(
        name="HR-Strap 77", address="C", key="heart-rate", rssi_dbm=-40, sees_breath=False,
        tells="heart rate strap: can tell pace; not depth: the gate stays shut",
    ),
    Found(
        name="GDX-RB 0K1001", address="B", key="go-direct", rssi_dbm=-82, sees_breath=True,
        tells="Go Direct belt: can tell depth, best; not degrees of turn",
    ),
    Found(
        name="Polar H10 1234", address="A", key="polar-h10", rssi_dbm=-55, sees_breath=True,
        tells="Polar H10: can tell the breath; not degrees of turn",
    ),
)  # fmt: skip


HOMES: dict[str, tuple[dict[str, Any], Callable[[Pilot[Any]], Awaitable[None]]]] = {
    "home-first": ({}, _nothing),
    "home": ({"last_plan": F.PLAN}, _nothing),
    "choose": ({"last_plan": F.PLAN}, _press("c")),
    "settings": ({"last_plan": F.PLAN}, _press("s")),
    "targets": ({"last_plan": F.PLAN}, _press("s", "up", "enter", "right", "right", "right")),
    "pair": ({"straps": STRAPS}, _press("p")),
    "try-strap": ({"last_plan": F.PLAN, "straps": STRAPS}, _press("p", "enter")),
    "try-strap-kept": ({"last_plan": F.PLAN, "straps": STRAPS}, _press("p", "enter", "enter")),
    "help": ({}, _press("question_mark")),
    "history": ({"last_plan": F.PLAN, "listed": F.LISTED}, _press("h")),
    "history-empty": ({"last_plan": F.PLAN}, _press("h")),
    "past": ({"last_plan": F.PLAN, "listed": F.LISTED, "pasts": F.PASTS}, _press("h", "enter")),
    "trouble": (
        {
            "error": SensorError(
                "No strap called H10 was found.",
                trouble=SensorTrouble.NOT_FOUND,
                advice="Put it on, wet the electrodes, come closer.",
            )
        },
        _press("t"),
    ),
    "ready": ({}, _press("t")),
}


@asynccontextmanager
async def home(name: str, size: tuple[int, int], **more: Any):
    """An app outside a session, at one of its places."""
    house, act = HOMES[name]
    app = BreathsyncApp(F.FakeHouse(**house, **more))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await act(pilot)
        await settled(pilot)
        yield app, pilot
    await app.end_session()
