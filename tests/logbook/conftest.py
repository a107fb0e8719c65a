"""One recorded session for all tests that only read it."""

from collections.abc import Iterator

import pytest
from breathsync_simulators.wearers import open_wearer

from breathsync.conductor import Conductor
from breathsync.guide.events import EndKind, PointPassed, Said, Word
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.store import Logbook
from breathsync.outcome import Input
from breathsync.routine_files import load_routine
from breathsync.samples import Heartbeat, Samples, SensorChange, SensorState
from breathsync.settings import Settings
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


GAP_AFTER_S, GAP_S = 5.0, 4.0
"""The strap is silent this long after the first point passed, for so long."""

STOP_POINT = 3
"""The person says stop when so many points are passed."""


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionLog]:
    """A session that a simulated person went through, conducted by the product itself: a gap, a stop, a note."""
    book = Logbook(tmp_path_factory.mktemp("simulated"))
    wearer = open_wearer("steady", "belt", seed=1)
    routine, settings = load_routine("first-time"), Settings()
    conductor = Conductor(info=wearer.info, routine=routine, settings=settings)
    writer = book.begin(info=wearer.info, routine=routine, settings=settings)

    passed_s: list[float] = []

    def put(item: Input) -> None:
        writer.put(item)
        for outcome in conductor.put(item):
            writer.put(outcome)
            wearer.hear(outcome, conductor.view)
            if isinstance(outcome, PointPassed):
                passed_s.append(outcome.t_s)

    put(SensorChange(t_s=0.0, state=SensorState.STREAMING))
    t_s = 0.0
    while conductor.ended is None and t_s < 1500.0:
        t_s += 0.5
        silent = bool(passed_s) and 0.0 <= t_s - passed_s[0] - GAP_AFTER_S < GAP_S
        for event in wearer.until(t_s):
            if not (silent and isinstance(event, Samples)):
                put(event)
        if silent:
            put(Heartbeat(t_s=t_s))
        for word in wearer.said():
            put(word)
        if len(passed_s) == STOP_POINT:
            put(Said(t_s=t_s, word=Word.STOP))
    assert conductor.ended is not None
    assert conductor.ended.how is EndKind.STOPPED
    writer.close(conductor.ended)
    book.note(writer.id, "A note.")
    yield book.find("last")
    book.close()
