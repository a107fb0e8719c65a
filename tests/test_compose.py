"""A session is put together with the person's own settings, and with those of a file where one is named."""

from breathsync.compose import open_session
from breathsync.guide.events import EndKind
from breathsync.plan import Plan
from breathsync.settings import GateSettings, Settings
from breathsync.settings_file import settings_path

PLAN = {"routine": "breath-only", "source": "sim:steady@belt", "check_in": False}


def _own(text: str) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True)
    path.write_text(text)


async def test_the_persons_own_settings_hold_when_no_file_is_named() -> None:
    _own("[gate]\nlow_quiet = 2.5\n")
    session = await open_session(Plan(**PLAN))  # type: ignore[arg-type]
    assert session.conductor.settings.gate.low_quiet == 2.5
    await session.sensor.close()


async def test_settings_that_are_named_come_before_ones_own() -> None:
    _own("[gate]\nlow_quiet = 2.5\n")
    named = Settings(gate=GateSettings(low_quiet=3.0))
    session = await open_session(Plan(**PLAN, settings=named))  # type: ignore[arg-type]
    assert session.conductor.settings.gate.low_quiet == 3.0
    await session.sensor.close()


async def test_of_two_simulated_sensors_the_person_in_the_first_hears_and_answers() -> None:
    plan = Plan(routine="breath-only", source="sim:steady@belt+sim:steady@h10", seed=3, speed=1000.0)
    session = await open_session(plan)
    ended = await session.run()
    assert ended.how is EndKind.FINISHED
