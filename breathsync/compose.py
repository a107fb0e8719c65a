"""Puts a session together: source, routine, settings, logbook and faces by their names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from breathsync.clock import SessionClock
from breathsync.conductor import Conductor
from breathsync.guide.guide import Guide
from breathsync.logbook.store import Logbook, open_logbook
from breathsync.routine_files import load_routine
from breathsync.sensors.base import Sensor
from breathsync.session import Face, Session
from breathsync.settings import Settings
from breathsync.sources import open_source


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody asked for. `speed` other than 1 is for recordings and simulated people only."""

    routine: str
    source: str
    speed: float = 1.0
    seed: int | None = None
    language: str = "en"
    screening: bool = True
    settings: Settings = field(default_factory=Settings)


async def open_session(plan: Plan, *, faces: Sequence[Face] = (), logbook: Logbook | None = None) -> Session:
    """Reach the sensor and make the session ready to run.

    Raises UsageError or RoutineError for wrong names, SensorError where the sensor cannot be reached: nothing is
    written into the log before the sensor answered.
    """
    routine = load_routine(plan.routine)
    clock = SessionClock(speed=plan.speed)
    sensor: Sensor = open_source(plan.source, clock=clock, seed=plan.seed)
    await sensor.connect()
    try:
        guide = Guide(
            routine=routine,
            settings=plan.settings,
            info=sensor.info,
            screening=plan.screening,
            language=plan.language,
        )
        conductor = Conductor(info=sensor.info, routine=routine, settings=plan.settings, guide=guide)
        recorder = (logbook or open_logbook()).begin(
            info=sensor.info,
            routine=routine,
            settings=plan.settings,
            language=plan.language,
            screening=plan.screening,
        )
    except BaseException:
        await sensor.close()
        raise
    return Session(sensor=sensor, conductor=conductor, clock=clock, recorder=recorder, faces=faces)
