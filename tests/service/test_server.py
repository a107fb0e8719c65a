"""The service: heard only by who has the token, following its schema, and never in the session's way."""

import asyncio
import json
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breathsync.guide.events import (
    Cue,
    CueKind,
    Word,
)
from breathsync.samples import Samples, Stream
from breathsync.service.messages import schema

pytest.importorskip("websockets", reason="the extra `service` is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from breathsync.service.attached import token_file  # noqa: E402
from breathsync.service.clients import COMMANDS_A_SECOND, MOST_BEHIND  # noqa: E402
from breathsync.service.server import HOST, new_token, write_token  # noqa: E402
from tests.service.serving import TOKEN, VIEW, Running  # noqa: E402

CUE = Cue(t_s=1.0, kind=CueKind.OPENED, sentence="That was a full breath.")
START = {"type": "start", "routine": "first-time", "source": "sim:steady"}


def _client(running: Running, token: str = TOKEN, origin: str | None = None) -> connect:
    headers = {"Authorization": f"Bearer {token}"}
    return connect(running.url, additional_headers=headers, origin=origin)  # type: ignore[arg-type]


VALID = jsonschema.Draft202012Validator({**schema(), "$ref": "#/$defs/from_service"})
UNDERSTOOD = jsonschema.Draft202012Validator({**schema(), "$ref": "#/$defs/to_service"})


async def _next(client: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this kind; every message on the way follows the schema."""
    async with asyncio.timeout(5):
        while True:
            message: dict[str, Any] = json.loads(await client.recv())
            VALID.validate(message)
            if message["type"] == kind:
                return message


async def _send(client: ClientConnection, message: dict[str, Any]) -> None:
    UNDERSTOOD.validate(message)
    await client.send(json.dumps(message))


async def _read_on(client: ClientConnection) -> None:
    async with asyncio.timeout(10):
        while True:
            await client.recv()


async def test_a_client_starts_a_session_and_hears_what_happens(running: Running) -> None:
    async with _client(running) as client:
        assert not (await _next(client, "hello"))["running"]
        await _send(client, START)
        assert (await _next(client, "started"))["sensor"]["name"] == "belt"
        running.service.hear(CUE, VIEW)
        heard = await _next(client, "cue")
    assert heard["sentence"] == "That was a full breath."


async def test_words_and_answers_reach_the_session(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, START)
        await _next(client, "started")
        await _send(client, {"type": "word", "word": "pause"})
        await _send(client, {"type": "answer", "question": "back", "value": 3, "note": "stiff"})
        await _send(client, {"type": "list"})
        assert (await _next(client, "names"))["routines"] == ["first-time"]
    assert running.session.words == [(Word.PAUSE, "service")]
    assert running.session.answers == [("back", 3, "stiff")]


async def test_one_session_at_a_time_and_the_next_after_it(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, START)
        await _send(client, START)
        assert "running" in (await _next(client, "refused"))["message"]
        running.session.stop_now()
        while len(running.sessions) < 2:
            await _send(client, START)
            await asyncio.sleep(0)
            await client.ping()
        assert (await _next(client, "started"))["routine"] == "first-time"


async def test_what_cannot_be_done_is_said_and_the_client_stays(running: Running) -> None:
    async with _client(running) as client:
        await client.send("open the gate")
        assert "is no command" in (await _next(client, "refused"))["message"]
        await _send(client, {"type": "word", "word": "pause"})
        assert "No session" in (await _next(client, "refused"))["message"]
        await _send(client, {**START, "routine": "unknown"})
        assert "no such routine" in (await _next(client, "refused"))["message"]


async def test_a_client_that_comes_late_is_told_where_the_session_stands(running: Running) -> None:
    async with _client(running) as first:
        await _send(first, START)
        await _next(first, "started")
        async with _client(running) as late:
            assert (await _next(late, "hello"))["running"]
            assert (await _next(late, "live"))["verb"] == "EASE"


async def test_samples_are_thinned_as_asked_and_only_for_who_asked(running: Running) -> None:
    t_s = np.arange(200) / 100.0
    block = Samples(stream=Stream.FORCE, t_s=t_s, values=np.sin(2 * np.pi * 0.2 * t_s)[:, None])
    async with _client(running) as wants, _client(running) as wants_not:
        await _send(wants, {"type": "subscribe", "samples_hz": 25.0})
        await _send(wants, START)
        await _next(wants, "started")
        await _next(wants_not, "started")
        assert running.session.on_samples is not None
        running.session.on_samples(block)
        running.service.hear(CUE, VIEW)
        got = await _next(wants, "samples")
        first = json.loads(await wants_not.recv())
    assert len(got["t_s"]) == 50
    assert np.allclose(
        np.ravel(got["values"])[10:], np.sin(2 * np.pi * 0.2 * np.array(got["t_s"]))[10:], atol=0.02
    )
    assert first["type"] == "cue"


async def test_live_is_sent_to_who_asked(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, {"type": "subscribe", "live": True})
        await _send(client, START)
        assert (await _next(client, "live"))["sentence"] == "Ease."


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
async def test_without_the_token_nobody_is_let_in(running: Running, token: str) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        async with _client(running, token):
            pass


def _by_subprotocol(running: Running, *protocols: str, origin: str | None = None) -> connect:
    return connect(running.url, subprotocols=list(protocols), origin=origin, proxy=None)  # type: ignore[arg-type]


async def test_a_client_that_cannot_set_headers_sends_the_token_as_a_subprotocol(running: Running) -> None:
    async with _by_subprotocol(running, "breathsync", f"breathsync.token.{TOKEN}") as client:
        assert client.subprotocol == "breathsync", "the token must not come back in the answer"
        assert (await _next(client, "hello"))["version"] == 1


@pytest.mark.parametrize(
    "protocols",
    [
        ["breathsync"],
        ["breathsync", "breathsync.token."],
        ["breathsync", "breathsync.token.wrong"],
        ["breathsync.token.wrong", f"breathsync.token.{TOKEN}"],
    ],
)
async def test_a_subprotocol_without_the_one_right_token_is_refused(
    running: Running, protocols: list[str]
) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        async with _by_subprotocol(running, *protocols):
            pass


async def test_a_web_page_with_the_token_as_a_subprotocol_is_not_let_in(running: Running) -> None:
    page = _by_subprotocol(running, "breathsync", f"breathsync.token.{TOKEN}", origin="http://localhost:8000")
    with pytest.raises(InvalidStatus, match="403"):
        async with page:
            pass


async def test_a_header_said_twice_is_no_token(running: Running) -> None:
    headers = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer wrong")]
    with pytest.raises(InvalidStatus, match="401"):
        async with connect(running.url, additional_headers=headers, proxy=None):
            pass


async def test_silence_saves_up_no_storm_of_commands(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    monkeypatch.setattr("breathsync.service.clients.monotonic", lambda: now_s[0])
    async with _client(running) as hasty:
        await _next(hasty, "hello")
        now_s[0] += 3600.0
        for _ in range(COMMANDS_A_SECOND + 1):
            await hasty.send("{}")
        with pytest.raises(ConnectionClosed):
            await _read_on(hasty)


async def test_the_whole_view_is_sent_to_who_asked_before_each_outcome(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, {"type": "subscribe", "view": True})
        await _send(client, START)
        await _next(client, "started")
        assert (await _next(client, "view"))["view"]["guide"]["step"]["sentence"] == "Ease."
        running.service.hear(CUE, VIEW)
        before = ""
        while before != "cue":
            last, before = before, json.loads(await client.recv())["type"]
        assert last == "view"


async def test_an_end_that_the_guide_did_not_say_is_told_all_the_same(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, START)
        await _next(client, "started")
        running.session.stop_now()
        assert (await _next(client, "ended"))["how"] == "stopped"


async def test_a_web_page_is_not_let_in_even_with_the_token(running: Running) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with _client(running, origin="http://example.org"):
            pass


async def test_a_name_that_was_bent_to_this_machine_is_not_let_in(running: Running) -> None:
    port = int(running.url.rpartition(":")[2])
    bent = connect(
        f"ws://example.org:{port}",
        host=HOST,
        port=port,
        proxy=None,
        additional_headers={"Authorization": f"Bearer {TOKEN}"},
    )
    with pytest.raises(InvalidStatus, match="403"):
        async with bent:
            pass


async def test_a_client_that_does_not_read_is_dropped_and_nobody_waits(running: Running) -> None:
    async with _client(running) as slow:
        await _next(slow, "hello")
        await _send(slow, {"type": "subscribe", "samples_hz": 1000.0})
        await _send(slow, START)
        await _next(slow, "started")
        block = Samples(stream=Stream.FORCE, t_s=np.arange(10_000.0), values=np.ones((10_000, 1)))
        assert running.session.on_samples is not None
        began = time.perf_counter()
        # All at once: no turn for the other side in between. A system holds some MB itself.
        for _ in range(1 + (20_000_000 + MOST_BEHIND) // 100_000):
            running.session.on_samples(block)
        assert time.perf_counter() - began < 30
        with pytest.raises(ConnectionClosed):
            await _read_on(slow)


async def test_a_client_that_commands_too_fast_is_shown_out(running: Running) -> None:
    async with _client(running) as hasty:
        for _ in range(3 * COMMANDS_A_SECOND):
            await hasty.send("{}")
        with pytest.raises(ConnectionClosed):
            await _read_on(hasty)


async def test_closing_saves_the_running_session(running: Running) -> None:
    async with _client(running) as client:
        await _send(client, START)
        await _next(client, "started")
    await running.service.close()
    assert running.session.over.is_set()


def test_the_token_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "token"
    for token in (new_token(), new_token()):
        write_token(path, token)
        assert path.read_text() == token
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert new_token() != new_token()


def test_a_service_that_finds_its_port_taken_leaves_the_other_ones_token(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        token = token_file(tmp_path / "logbook", port=taken.getsockname()[1])
        write_token(token, TOKEN)
        done = subprocess.run(
            [sys.executable, "-m", "breathsync", "serve", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "cannot be had" in done.stderr
    assert token.read_text() == TOKEN
