"""Puts a session together: source, routine, settings, logbook and faces by their names."""

from collections.abc import Callable, Sequence
from typing import Any

from breathsync.clock import SessionClock
from breathsync.conductor import Conductor
from breathsync.guide.guide import Guide
from breathsync.logbook.store import open_logbook
from breathsync.paths import data_folder
from breathsync.plan import Plan
from breathsync.routine_files import load_routine
from breathsync.screening import ScreeningKeeper, load_screening
from breathsync.service.sinks import join, open_sink
from breathsync.session import Face, Session
from breathsync.settings_file import load_settings
from breathsync.sources import open_source


async def open_session(
    plan: Plan,
    *,
    faces: Sequence[Face] = (),
    on_trouble: Callable[[str], None] | None = None,
    invite: Callable[[str], None] | None = None,
) -> Session:
    """Reach the sensor and make the session ready to run.

    `on_trouble` hears, in one sentence, that the session cannot be recorded, and that it can again. `invite` is
    given what the person must see before the sensor can be reached: a phone's code to scan.

    Raises UsageError or RoutineError for wrong names, SensorError where the sensor cannot be reached: nothing is
    written into the log before the sensor answered.
    """
    routine = load_routine(plan.routine)
    settings = plan.settings or load_settings()
    clock = SessionClock(speed=plan.speed)
    sensor = open_source(plan.source, clock=clock, seed=plan.seed, invite=invite, language=plan.language)
    sinks = [open_sink(to, say=on_trouble) for to in plan.to]
    for sink in sinks:
        await sink.reach()
    await sensor.connect()
    try:
        options: dict[str, Any] = {
            "screening": plan.check_in and not sensor.info.simulated and not _screened(),
            "comfort": plan.check_in,
            "language": plan.language,
        }
        guide = Guide(routine=routine, settings=settings, info=sensor.info, **options)
        recorder = open_logbook().begin(
            info=sensor.info, routine=routine, settings=settings, on_trouble=on_trouble, **options
        )
    except BaseException:
        await sensor.close()
        raise
    conductor = Conductor(info=sensor.info, routine=routine, settings=settings, guide=guide)
    keepers = [] if sensor.info.simulated else [ScreeningKeeper(guide=guide, folder=data_folder())]
    session = Session(
        sensor=sensor, conductor=conductor, clock=clock, recorder=recorder, faces=[*faces, *keepers]
    )
    join(session, sinks, routine=plan.routine)
    return session


def _screened() -> bool:
    """Whether the safety questions were answered before, in a way that lets a session begin."""
    known = load_screening(data_folder())
    return known is not None and known.may_begin
