"""Sessions on a real broker (Mosquitto): every outcome arrives, a broker that is away makes nobody wait."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiomqtt", reason="the extra `mqtt` is not installed")

import aiomqtt

from breathsync.cli.watch import listen
from breathsync.errors import UsageError
from breathsync.service import mqtt
from breathsync.service.classroom import Classroom
from breathsync.service.messages import live
from breathsync.service.mqtt import LONGEST_QUEUE, MqttSink
from breathsync.service.sinks import broker, open_sink, topic_of
from tests.service.fakes import CUE, MOSQUITTO, VERDICT, StillSession, free_port, mosquitto, view

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
WITHIN_S = 60


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    chosen = free_port()
    async with mosquitto(tmp_path, chosen):
        yield chosen


async def _hear(port: int, wanted: set[str], heard: dict[str, Any], ready: asyncio.Event) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("#")
        ready.set()
        async for message in client.messages:
            heard[str(message.topic)] = message.payload
            if wanted <= heard.keys():
                return


@needs_mosquitto
async def test_outcomes_live_and_status_reach_the_broker(port: int) -> None:
    heard: dict[str, Any] = {}
    ready = asyncio.Event()
    wanted = {f"class/anna/{kind}" for kind in ("status", "started", "live", "cue", "verdict")}
    hearing = asyncio.create_task(_hear(port, wanted, heard, ready))
    sink = open_sink(f"mqtt://127.0.0.1:{port}/class/anna")
    async with asyncio.timeout(20):
        await ready.wait()
        await sink.reach()
        sink.begin(StillSession(), routine="first-time")  # type: ignore[arg-type]
        sink.hear(CUE, view())
        sink.hear(VERDICT, view())
        await hearing
        assert heard["class/anna/status"] == b"online"
        await sink.close()
        again: dict[str, Any] = {}
        await _hear(port, {"class/anna/status"}, again, asyncio.Event())
    assert again == {"class/anna/status": b"offline"}, "only the status is kept, and says that it is over"
    assert json.loads(heard["class/anna/verdict"])["opened"]
    assert json.loads(heard["class/anna/started"])["sensor"]["simulated"]
    assert json.loads(heard["class/anna/live"])["verb"] == "BREATHE"


@needs_mosquitto
async def test_a_broker_that_comes_late_hears_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "BACK_OFF_S", (0.05, 0.1))
    chosen = free_port()
    complaints: list[str] = []
    sink = MqttSink(broker=broker(f"mqtt://127.0.0.1:{chosen}"), topic="t", say=complaints.append)
    sink.begin(StillSession(), routine="first-time")  # type: ignore[arg-type]
    async with asyncio.timeout(20):
        while not complaints:
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        for _ in range(3 * LONGEST_QUEUE):
            sink.hear(CUE, view())
        assert time.perf_counter() - began < 1.0, "hearing must not wait for a broker"
        assert sink.dropped >= 2 * LONGEST_QUEUE
        async with mosquitto(tmp_path, chosen):
            heard: dict[str, Any] = {}
            await _hear(chosen, {"t/cue"}, heard, asyncio.Event())
            await sink.close()
    assert len(complaints) == 1, "the same trouble is said once"


async def test_without_a_broker_closing_does_not_hang() -> None:
    sink = MqttSink(broker=broker(f"mqtt://127.0.0.1:{free_port()}"), topic="t")
    sink.begin(StillSession(), routine="first-time")  # type: ignore[arg-type]
    sink.hear(CUE, view())
    began = time.perf_counter()
    await sink.close()
    assert time.perf_counter() - began < 3


@needs_mosquitto
async def test_watch_shows_a_whole_session_of_the_command_line(port: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "breathsync"]
    watch = await asyncio.create_subprocess_exec(
        *command, "watch", f"mqtt://127.0.0.1:{port}", "--plain", stdout=subprocess.PIPE
    )
    session = await asyncio.create_subprocess_exec(
        *command, "session", "first-time", "--source", "sim:steady@belt", "--seed", "3", "--speed", "60",
        "--plain", "--sound", "silent", "--to", f"mqtt://127.0.0.1:{port}/breathsync/anna",
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert watch.stdout is not None
    lines = []
    async with asyncio.timeout(WITHIN_S):
        told, _ = await session.communicate()
        while not lines or "ended, finished" not in lines[-1]:
            lines.append((await watch.stdout.readline()).decode())
    watch.terminate()
    await watch.communicate()
    assert watch.returncode == 130
    assert b"Session finished." in told
    assert all("anna (simulated)" in line for line in lines)
    assert any(", right 1/" in line for line in lines)


@needs_mosquitto
async def test_watch_outlives_its_broker(tmp_path: Path) -> None:
    chosen, room = free_port(), Classroom(base="breathsync")
    address = broker(f"mqtt://127.0.0.1:{chosen}")
    hearing: asyncio.Task[None] | None = None
    try:
        for name in ("anna", "ben"):
            async with mosquitto(tmp_path, chosen), aiomqtt.Client("127.0.0.1", chosen) as client:
                hearing = hearing or asyncio.create_task(
                    listen(room, lambda: mqtt.client(address), "breathsync")
                )
                async with asyncio.timeout(WITHIN_S):
                    while not any(row.name.startswith(name) for row in room.rows(now_s=time.monotonic())):
                        assert not hearing.done()
                        await client.publish(f"breathsync/{name}/live", live(view()))
                        await asyncio.sleep(0.05)
    finally:
        assert hearing is not None
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def test_watch_without_a_broker_says_so() -> None:
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "breathsync", "watch", f"mqtt://127.0.0.1:{free_port()}", "--plain",
        stderr=subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(done.communicate(), WITHIN_S)
    assert done.returncode == 1
    assert b"broker" in said
    assert b"Traceback" not in said


def test_an_address_is_read_whole() -> None:
    assert broker("mqtts://anna:s%40fe@example.org") == {
        "hostname": "example.org",
        "port": 8883,
        "username": "anna",
        "password": "s@fe",
        "secure": True,
    }
    assert topic_of("mqtt://h/a/b/") == "a/b"


@pytest.mark.parametrize(
    "text", ["mqtt:", "mqtt://", "mqtt://h:0/", "mqtt://h:port", "mqtt://h/a/%23", "osc://h", "mqqt://h", "x"]
)
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        open_sink(text)
