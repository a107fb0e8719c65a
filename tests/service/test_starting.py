"""Beginning a session through the service: one at a time, taken back by STOP, and whatever a client sends is refused in
words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("websockets", reason="the extra `service` is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.exceptions import InvalidStatus  # noqa: E402

from breathsync.plan import Plan  # noqa: E402
from breathsync.samples import Samples, Stream  # noqa: E402
from breathsync.service import server  # noqa: E402
from breathsync.service.messages import Names, schema  # noqa: E402
from breathsync.service.server import HOST, Service  # noqa: E402
from tests.service.serving import TOKEN, FakeSession, Running  # noqa: E402

START = {"type": "start", "routine": "first-time", "source": "sim:steady@belt"}
CODE = "a code to scan"
VALID = jsonschema.Draft202012Validator({**schema(), "$ref": "#/$defs/from_service"})


class Slow(SimpleNamespace):
    """A service whose sensor is reached when `reached` is set, and until then shows a code."""

    service: Service
    reached: asyncio.Event
    url: str
    opened: int
    said: list[str]


@pytest.fixture
async def slow() -> AsyncIterator[Slow]:
    one = Slow(reached=asyncio.Event(), opened=0, said=[])

    async def open_slowly(plan: Plan, *, invite: Callable[[str], None], **_: Any) -> FakeSession:
        one.opened += 1
        invite(CODE)
        await one.reached.wait()
        if plan.routine == "broken":
            raise RuntimeError("a fault of ours")
        return FakeSession()

    one.service = Service(
        token=TOKEN,
        open_session=open_slowly,  # type: ignore[arg-type]
        names=lambda: Names(routines=[], sources=[]),
        say=one.said.append,
    )
    one.url = f"ws://{HOST}:{await one.service.listen(port=0)}"
    yield one
    await one.service.close()


def _client(url: str) -> connect:
    return connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}, proxy=None)


async def _next(client: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await client.recv())
            VALID.validate(message)
            if message["type"] == kind:
                return message


async def test_two_who_start_at_once_get_one_session(slow: Slow) -> None:
    async with _client(slow.url) as first, _client(slow.url) as second:
        await first.send(json.dumps(START))
        await _next(first, "invitation")
        await second.send(json.dumps(START))
        assert "running" in (await _next(second, "refused"))["message"]
        slow.reached.set()
        await _next(first, "started")
        await _next(second, "started")
    assert slow.opened == 1


async def test_what_the_person_must_see_reaches_all_clients_and_the_terminal(slow: Slow) -> None:
    async with _client(slow.url) as first:
        await first.send(json.dumps(START))
        assert (await _next(first, "invitation"))["text"] == CODE
        async with _client(slow.url) as late:
            assert (await _next(late, "invitation"))["text"] == CODE
    assert slow.said == [CODE]


async def test_stop_takes_a_start_back_and_the_next_can_begin(slow: Slow) -> None:
    async with _client(slow.url) as client:
        await client.send(json.dumps(START))
        await _next(client, "invitation")
        await client.send(json.dumps({"type": "word", "word": "stop"}))
        assert "Taken back" in (await _next(client, "refused"))["message"]
        slow.reached.set()
        await client.send(json.dumps(START))
        await _next(client, "started")


async def test_a_client_that_goes_while_the_sensor_is_looked_for_leaves_the_start_alone(slow: Slow) -> None:
    async with _client(slow.url) as first:
        await first.send(json.dumps(START))
        await _next(first, "invitation")
    async with _client(slow.url) as second:
        slow.reached.set()
        await _next(second, "started")


async def test_closing_takes_a_start_back(slow: Slow) -> None:
    async with _client(slow.url) as client:
        await client.send(json.dumps(START))
        await _next(client, "invitation")
        async with asyncio.timeout(5):
            await slow.service.close()


async def test_a_fault_of_ours_is_said_and_the_service_stays(slow: Slow) -> None:
    slow.reached.set()
    async with _client(slow.url) as client:
        await client.send(json.dumps({**START, "routine": "broken"}))
        assert "a fault of ours" in (await _next(client, "refused"))["message"]
        await client.send(json.dumps(START))
        await _next(client, "started")


@pytest.mark.parametrize(
    "bad",
    [{"speed": 0}, {"speed": -1}, {"speed": 1e308}, {"seed": -1}, {"seed": 2**60}, {"language": "xx"}],
)
async def test_a_start_that_makes_no_sense_is_refused_in_words(slow: Slow, bad: dict[str, Any]) -> None:
    async with _client(slow.url) as client:
        await client.send(json.dumps({**START, **bad}))
        assert (await _next(client, "refused"))["message"]
    assert slow.opened == 0


async def test_more_clients_than_anybody_has_are_refused(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CLIENTS", 1)
    async with _client(slow.url) as first:
        await _next(first, "hello")
        with pytest.raises(InvalidStatus, match="503"):
            async with _client(slow.url):
                pass
        await first.ping()


@pytest.mark.parametrize("samples_hz", [1e-300, 1e-9, 0.001, 10_000.0])
async def test_no_wish_for_samples_breaks_the_session(running: Running, samples_hz: float) -> None:
    t_s = np.arange(3000) / 100.0
    block = Samples(stream=Stream.FORCE, t_s=t_s, values=np.ones((3000, 1)))
    async with _client(running.url) as client:
        await client.send(json.dumps({"type": "subscribe", "samples_hz": samples_hz}))
        await client.send(json.dumps(START))
        await _next(client, "started")
        assert running.session.on_samples is not None
        running.session.on_samples(block)
        assert (await _next(client, "samples"))["t_s"]


async def test_a_session_that_breaks_is_told_as_ended(slow: Slow, caplog: pytest.LogCaptureFixture) -> None:
    slow.reached.set()
    async with _client(slow.url) as client:
        await client.send(json.dumps(START))
        await _next(client, "started")
        session: Any = slow.service._session
        session.broken = RuntimeError("a fault of ours")
        session.over.set()
        ended = await _next(client, "ended")
        assert ended["how"] == "interrupted"
        assert "a fault of ours" in ended["why"]
        await client.send(json.dumps(START))
        await _next(client, "started")
    assert "a fault of ours" in caplog.text
