"""Routines that ship, as the tests of the guide want them, and people led to the gate."""

from collections.abc import Callable

import pytest

from breathsync.guide.events import Place
from breathsync.guide.routine import Routine
from breathsync.routine_files import load_routine
from tests.guide.pretend import Stage


@pytest.fixture(scope="session")
def twist() -> Routine:
    return load_routine("seated-twist")


@pytest.fixture(scope="session")
def short() -> Routine:
    return load_routine("first-time")


@pytest.fixture(scope="session")
def at_gate(twist) -> Callable[..., Stage]:
    """A person at an armed gate who does not take the full breath."""

    def to_gate(routine=twist, **options) -> Stage:
        stage = Stage(routine, screening=False, **options).begin().run(until=Place.BREATHE)
        stage.full_on_cue = False
        return stage

    return to_gate
