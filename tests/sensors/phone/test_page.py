"""Our own page on a phone: let in with the token only, bounded, and every sample told once."""

import asyncio
import json
import ssl
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

aiohttp = pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
pytest.importorskip("cryptography", reason="the extra `phone` is not installed")

from breathsync.errors import DecodeError  # noqa: E402
from breathsync.samples import Samples, SensorChange, SensorEvent, SensorState, Stream  # noqa: E402
from breathsync.sensors.phone.page.batches import MOST_SAMPLES, read_batch  # noqa: E402
from breathsync.sensors.phone.page.certificate import identity  # noqa: E402
from breathsync.sensors.phone.page.server import MOST_BATCHES_A_SECOND, OVER, TAKEN_OVER, PageSensor  # noqa: E402
from tests.sensors.phone.test_phones import SteppedClock  # noqa: E402

HOST = "127.0.0.1"


def _batch(first: int, n: int = 6) -> str:
    t_ms = [(first + i) * 1000 / 60 for i in range(n)]
    return json.dumps(
        {"t": t_ms, "a": [[0.0, 9.80665, ms / 1000] for ms in t_ms], "g": [[1.0, 2.0, 3.0]] * n}
    )


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[PageSensor]:
    sensor = PageSensor(clock=SteppedClock(), folder=tmp_path, port=0, host=HOST)
    await sensor.connect()
    yield sensor
    await sensor.close()


@pytest.fixture
async def http(page: PageSensor, tmp_path: Path) -> AsyncIterator[Any]:
    trusting = ssl.create_default_context(cafile=str(tmp_path / "phone-certificate.pem"))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session:
        yield session


async def _gather(page: PageSensor, samples: int) -> list[SensorEvent]:
    events: list[SensorEvent] = []
    async with asyncio.timeout(10):
        async for event in page.events():
            events.append(event)
            if sum(len(e) for e in events if isinstance(e, Samples)) >= samples:
                return events
    raise AssertionError("the page ended")


async def test_the_page_and_its_parts_are_served_to_the_holder_of_the_token(
    page: PageSensor, http: Any
) -> None:
    for asset in ("", "page.js", "page.css"):
        async with http.get(page.url + asset) as answer:
            assert answer.status == 200
            text = await answer.text()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "://" not in text, "the page asks nobody else for anything"
    async with http.get(page.url + "passwd") as answer:
        assert answer.status == 404


async def test_without_the_token_there_is_nothing(page: PageSensor, http: Any) -> None:
    for path in ("", "x/", "x/motion", "x/page.js"):
        async with http.get(f"https://{HOST}:{page.port}/{path}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("headers", [{"Origin": "https://example.org"}, {"Host": "example.org"}])
async def test_another_origin_or_host_is_refused(
    page: PageSensor, http: Any, headers: dict[str, str]
) -> None:
    async with http.get(page.url + "motion", headers=headers) as answer:
        assert answer.status == 403


async def test_every_sample_arrives_once_in_our_units(page: PageSensor, http: Any) -> None:
    async with http.ws_connect(page.url + "motion") as phone:
        for i in range(10):
            await phone.send_str(_batch(6 * i))
        events = await _gather(page, 120)
    blocks = [e for e in events if isinstance(e, Samples) and e.stream is Stream.ACCELERATION]
    values = np.concatenate([block.values for block in blocks])
    assert values[:, 1] == pytest.approx(np.full(60, 1000.0))
    assert np.diff(values[:, 2] * 9.80665 / 1000) == pytest.approx(np.full(59, 1 / 60))
    turning = next(e for e in events if isinstance(e, Samples) and e.stream is Stream.GYROSCOPE)
    assert turning.values[0].tolist() == [2.0, 3.0, 1.0]
    assert [e.state for e in events if isinstance(e, SensorChange)] == [
        SensorState.SEARCHING,
        SensorState.STREAMING,
    ]


async def test_the_sentence_of_the_session_reaches_the_phone(page: PageSensor, http: Any) -> None:
    page.say("Sit straight up.")
    async with http.ws_connect(page.url + "motion") as phone:
        assert await phone.receive_json(timeout=5) == {"say": "Sit straight up.", "lang": "en"}
        page.say("Breathe.")
        assert await phone.receive_json(timeout=5) == {"say": "Breathe.", "lang": "en"}


async def test_a_hidden_page_is_said_and_motion_makes_it_good_again(page: PageSensor, http: Any) -> None:
    async with http.ws_connect(page.url + "motion") as phone:
        await phone.send_str(_batch(0))
        await phone.send_str("hidden")
        await phone.send_str(_batch(6))
        events = await _gather(page, 24)
    changes = [e for e in events if isinstance(e, SensorChange)]
    assert [change.state for change in changes[1:]] == [
        SensorState.STREAMING,
        SensorState.STALE,
        SensorState.STREAMING,
    ]
    assert "front" in changes[2].why


async def test_a_second_phone_takes_over(page: PageSensor, http: Any) -> None:
    async with http.ws_connect(page.url + "motion") as first, http.ws_connect(page.url + "motion"):
        messages = [message.type async for message in first]
        assert first.close_code == TAKEN_OVER, "or the two would take over from each other for ever"
    assert messages.count(aiohttp.WSMsgType.TEXT) == 1


async def test_the_end_is_told_to_the_phone(page: PageSensor, http: Any) -> None:
    async with http.ws_connect(page.url + "motion") as phone:
        await phone.receive_json(timeout=5)
        closing = asyncio.create_task(page.close())
        assert (await phone.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        await closing
        assert phone.close_code == OVER


@pytest.mark.parametrize(
    "sent", ["open", "{}", '{"t": [1], "a": [[1, 2]]}', '{"t": [1], "a": [[1, 2, 1e9]]}']
)
async def test_who_sends_anything_but_motion_is_shown_out(page: PageSensor, http: Any, sent: str) -> None:
    async with http.ws_connect(page.url + "motion") as phone:
        await phone.receive_json(timeout=5)
        await phone.send_str(sent)
        assert (await phone.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_who_sends_too_fast_is_shown_out(
    page: PageSensor, http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page._clock, "now_s", lambda: 7.0)
    async with http.ws_connect(page.url + "motion") as phone:
        await phone.receive_json(timeout=5)
        for i in range(3 * MOST_BATCHES_A_SECOND):
            if phone.closed:
                break
            await phone.send_str(_batch(i, 1))
        assert (await phone.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps) | st.text()
)
def test_nonsense_is_a_decode_error_and_nothing_else(text: str) -> None:
    with pytest.raises(DecodeError):
        read_batch(text)


def test_a_batch_is_bounded() -> None:
    n = MOST_SAMPLES + 1
    with pytest.raises(DecodeError, match=str(n)):
        read_batch(json.dumps({"t": list(range(n)), "a": [[0, 0, 0]] * n}))


def test_the_certificate_is_kept_until_it_no_longer_fits(tmp_path: Path) -> None:
    first = identity(tmp_path, host=HOST)
    assert identity(tmp_path, host=HOST).fingerprint == first.fingerprint
    assert identity(tmp_path, host="192.0.2.7").fingerprint != first.fingerprint
    kept = identity(tmp_path, host="192.0.2.7").fingerprint
    later = datetime.now(UTC) + timedelta(days=360)
    assert identity(tmp_path, host="192.0.2.7", now=later).fingerprint != kept
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
