import pytest

from breathsync.guide.routine import Routine
from breathsync.routine_files import load_routine


@pytest.fixture(scope="session")
def twist() -> Routine:
    return load_routine("seated-twist")


@pytest.fixture(scope="session")
def short() -> Routine:
    return load_routine("first-time")
