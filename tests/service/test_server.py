"""The service: heard only by who has the token, and never in the session's way."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from breathsync.breath.events import Live
from breathsync.guide.events import Cue, CueKind, GuideView, Place, Step, Word
from breathsync.outcome import View
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream

websockets = pytest.importorskip("websockets", reason="the extra `service` is not installed")

from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from breathsync.service.server import HOST, LONGEST_QUEUE, Service, write_token  # noqa: E402

TOKEN = "a-token-of-the-test"
VIEW = View(
    t_s=0.0,
    guide=GuideView(step=Step(t_s=0.0, place=Place.EASE, side=None, point=0, points=0, sentence="Ease.")),
    live=Live(),
    sensor=SensorChange(t_s=0.0, state=SensorState.STREAMING),
    info=SensorInfo(name="belt", kind="fake", streams=(Stream.FORCE,)),
)
CUE = Cue(t_s=1.0, kind=CueKind.OPENED, sentence="That was a full breath.")


class FakeSession:
    """Remembers the words."""

    def __init__(self) -> None:
        self.view = VIEW
        self.words: list[tuple[Word, str]] = []

    def say(self, word: Word, *, by: str) -> None:
        self.words.append((word, by))


@pytest.fixture
async def running() -> AsyncIterator[SimpleNamespace]:
    service, session = Service(token=TOKEN), FakeSession()
    port = await service.start(session, port=0)  # type: ignore[arg-type]
    yield SimpleNamespace(service=service, session=session, url=f"ws://{HOST}:{port}")
    await service.close()


def _client(running: SimpleNamespace, token: str = TOKEN, origin: str | None = None) -> connect:
    return connect(running.url, additional_headers={"Authorization": f"Bearer {token}"}, origin=origin)  # type: ignore[arg-type]


async def _next(client: ClientConnection) -> dict[str, object]:
    async with asyncio.timeout(5):
        message: dict[str, object] = json.loads(await client.recv())
    return message


async def _read_on(client: ClientConnection) -> None:
    async with asyncio.timeout(5):
        while True:
            await client.recv()


async def test_a_client_is_greeted_and_hears_what_happens(running: SimpleNamespace) -> None:
    async with _client(running) as client:
        greeting = await _next(client)
        assert greeting["type"] == "hello"
        running.service.hear(CUE, VIEW)
        heard = await _next(client)
    assert heard == {
        "type": "cue",
        "t_s": 1.0,
        "kind": "opened",
        "phrase": "",
        "sentence": "That was a full breath.",
    }


async def test_a_word_reaches_the_session_and_nonsense_is_answered(running: SimpleNamespace) -> None:
    async with _client(running) as client:
        await _next(client)
        await client.send("open the gate")
        assert (await _next(client))["type"] == "error"
        await client.send(json.dumps({"type": "word", "word": "pause"}))
        await client.ping()
        running.service.hear(CUE, VIEW)
        await _next(client)
    assert running.session.words == [(Word.PAUSE, "service")]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
async def test_without_the_token_nobody_is_let_in(running: SimpleNamespace, token: str) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        async with _client(running, token):
            pass


async def test_a_web_page_is_not_let_in_even_with_the_token(running: SimpleNamespace) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with _client(running, origin="http://example.org"):
            pass


async def test_a_client_that_does_not_read_is_dropped_and_nobody_waits(running: SimpleNamespace) -> None:
    async with _client(running) as slow, _client(running) as other:
        await _next(slow)
        await _next(other)
        # All at once: no turn for any sender in between, so both queues overflow together.
        for _ in range(LONGEST_QUEUE + 2):
            running.service.hear(CUE, VIEW)
        with pytest.raises(ConnectionClosed):
            await _read_on(slow)


def test_the_token_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "token"
    first = write_token(path)
    second = write_token(path)
    assert first != second == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
