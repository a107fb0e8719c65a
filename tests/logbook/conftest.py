"""One recorded session for all tests that only read it."""

from collections.abc import Iterator

import pytest

from breathsync.logbook.reader import SessionLog
from breathsync.logbook.store import Logbook
from tests.logbook.synthetic import logbook_with_session


@pytest.fixture(scope="session")
def logbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logbook]:
    """A logbook that holds the synthetic session. Not to be written to."""
    book = logbook_with_session(tmp_path_factory.mktemp("logbook"))
    yield book
    book.close()


@pytest.fixture(scope="session")
def log(logbook: Logbook) -> SessionLog:
    """The synthetic session."""
    return logbook.find("last")


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionLog]:
    """A whole session that a simulated person went through, conducted by the product itself."""
    from breathsync_simulators.play import Task, play
    from breathsync_simulators.wearers import open_wearer

    from breathsync.routine_files import load_routine
    from breathsync.settings import Settings

    book = Logbook(tmp_path_factory.mktemp("simulated"))
    routine = load_routine("first-time")
    info = open_wearer("steady", "belt", seed=1).info
    writer = book.begin(info=info, routine=routine, settings=Settings())
    played = play(Task(person="steady", sensor="belt", seed=1), routine=routine, seen=writer.put)
    assert played.ended is not None
    writer.close(played.ended)
    book.note(writer.id, "A note.")
    yield book.find("last")
    book.close()
