"""The session records before it announces, and ends well however it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from breathsync.breath.events import Live
from breathsync.guide.events import (
    Answered,
    Ended,
    EndKind,
    GuideView,
    Place,
    Question,
    QuestionKind,
    Said,
    Step,
    Word,
)
from breathsync.outcome import Input, Outcome, View
from breathsync.samples import (
    Heartbeat,
    Samples,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.session import Session

BELT = SensorInfo(name="belt", kind="fake", streams=(Stream.FORCE,), rates_hz={Stream.FORCE: 10.0})
STREAMING = SensorChange(t_s=0.0, state=SensorState.STREAMING)


def _block(t_s: float) -> Samples:
    return Samples(stream=Stream.FORCE, t_s=np.array([t_s]), values=np.zeros((1, 1)))


class FakeClock:
    """Time stands still until somebody sleeps; then it is that time."""

    speed = 1.0

    def __init__(self) -> None:
        self.t_s = 0.0

    def now_s(self) -> float:
        return self.t_s

    async def sleep_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)
        await asyncio.sleep(0)


class FakeSensor:
    """Yields a list of events, then ends, fails or stays silent."""

    def __init__(self, events: list[SensorEvent], *, then: str = "end") -> None:
        self.info = BELT
        self._events = events
        self._then = then
        self.closed = 0

    async def connect(self) -> None: ...

    async def events(self) -> AsyncIterator[SensorEvent]:
        for event in self._events:
            yield event
        if self._then == "fail":
            raise RuntimeError("the radio burned down")
        if self._then == "silence":
            await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed += 1


class FakeConductor:
    """Ends at the second STOP; answers every sample with a step."""

    def __init__(self) -> None:
        self.ended: Ended | None = None
        self.got: list[Input] = []
        self._stops = 0

    @property
    def view(self) -> View:
        step = Step(t_s=0.0, place=Place.EASE, side=None, point=0, points=0, sentence="")
        return View(t_s=0.0, guide=GuideView(step=step), live=Live(), sensor=STREAMING, info=BELT)

    def put(self, item: Input) -> list[Outcome]:
        self.got.append(item)
        if isinstance(item, Said) and item.word is Word.STOP:
            self._stops += 1
            if self._stops == 2:
                self.ended = Ended(t_s=item.t_s, how=EndKind.STOPPED)
                return [self.ended]
        if isinstance(item, Samples):
            return [Question(t_s=0.0, question="back", kind=QuestionKind.SCALE, text="How is the back?")]
        return []


class Journal:
    """A recorder and a face in one, so that the order between them shows."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Input | Outcome]] = []
        self.closed: Ended | None = None

    def put(self, item: Input | Outcome) -> None:
        self.lines.append(("recorded", item))

    def hear(self, outcome: Outcome, view: View) -> None:
        self.lines.append(("announced", outcome))

    def close(self, ended: Ended) -> None:
        self.closed = ended


def _session(sensor: FakeSensor) -> tuple[Session, FakeConductor, Journal]:
    conductor, journal = FakeConductor(), Journal()
    session = Session(
        sensor=sensor,
        conductor=conductor,  # type: ignore[arg-type]
        clock=FakeClock(),
        recorder=journal,
        faces=[journal],
    )
    return session, conductor, journal


async def test_what_is_announced_was_recorded_before() -> None:
    session, _, journal = _session(FakeSensor([_block(0.0), _block(0.1)]))
    await session.run()
    recorded: list[object] = []
    for what, item in journal.lines:
        if what == "recorded":
            recorded.append(item)
        else:
            assert any(item is r for r in recorded)
    assert any(what == "announced" for what, _ in journal.lines)


async def test_a_recording_that_ends_closes_sensor_and_log() -> None:
    sensor = FakeSensor([_block(0.0), SensorChange(t_s=0.1, state=SensorState.ENDED)])
    session, _, journal = _session(sensor)
    ended = await session.run()
    assert sensor.closed == 1
    assert journal.closed == ended


async def test_a_sensor_that_fails_is_closed_and_the_log_is_marked_interrupted() -> None:
    sensor = FakeSensor([_block(0.0)], then="fail")
    session, _, journal = _session(sensor)
    with pytest.raises(RuntimeError, match="burned"):
        await session.run()
    assert sensor.closed == 1
    assert journal.closed is not None
    assert journal.closed.how is EndKind.INTERRUPTED


async def test_silence_is_said_by_heartbeats_and_only_after_a_second() -> None:
    session, conductor, _ = _session(FakeSensor([_block(0.0)], then="silence"))
    run = asyncio.create_task(session.run())
    while not any(isinstance(item, Heartbeat) for item in conductor.got):
        await asyncio.sleep(0)
    session.stop_now()
    await run
    first = next(item for item in conductor.got if isinstance(item, Heartbeat))
    assert 1.0 < first.t_s <= 1.5


async def test_g14_stop_now_leads_out_and_ends_as_stopped() -> None:
    sensor = FakeSensor([_block(0.0)], then="silence")
    session, conductor, journal = _session(sensor)
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0)
    session.stop_now()
    ended = await run
    assert ended.how is EndKind.STOPPED
    assert [item.word for item in conductor.got if isinstance(item, Said)] == [Word.STOP, Word.STOP]
    assert sensor.closed == 1
    assert journal.closed == ended


async def test_a_cancelled_session_is_saved_as_stopped() -> None:
    sensor = FakeSensor([_block(0.0)], then="silence")
    session, _, journal = _session(sensor)
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert sensor.closed == 1
    assert journal.closed is not None
    assert journal.closed.how is EndKind.STOPPED


class _Somebody(FakeSensor):
    """A sensor that is also a person: answers each question the moment it is asked."""

    put: Callable[[Said | Answered], None]

    def hear(self, outcome: Outcome, view: View) -> None:
        if isinstance(outcome, Question):
            self.put(Answered(t_s=0.0, question=outcome.question, value=3))

    def speak_through(self, put: Callable[[Said | Answered], None]) -> None:
        self.put = put


async def test_an_answer_given_while_hearing_waits_its_turn() -> None:
    session, conductor, journal = _session(_Somebody([_block(0.0)]))
    await session.run()
    kinds = [(what, type(item).__name__) for what, item in journal.lines if not isinstance(item, Heartbeat)]
    assert kinds == [
        ("recorded", "Samples"),
        ("recorded", "Question"),
        ("announced", "Question"),
        ("recorded", "Answered"),
    ]
    assert isinstance(conductor.got[-1], Answered)
