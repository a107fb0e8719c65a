"""OSC: another library reads what we send, and nobody listening is no trouble."""

import socket

import pytest

pytest.importorskip("pythonosc", reason="the extra `osc` is not installed")

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from breathsync.errors import BreathsyncError
from breathsync.service.osc import OscSink
from breathsync.service.sinks import open_sink
from tests.service.fakes import CUE, VERDICT, StillSession, free_port, view


def _read(datagram: bytes) -> dict[str, list[object]]:
    messages = list(OscBundle(datagram))
    assert all(isinstance(message, OscMessage) for message in messages)
    return {message.address: list(message.params) for message in messages}


async def test_a_verdict_is_a_bundle_that_begins_with_its_name() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        sink = open_sink(f"osc://127.0.0.1:{listener.getsockname()[1]}")
        await sink.reach()
        sink.hear(VERDICT, view())
        got = _read(listener.recv(65536))
        await sink.close()
    assert next(iter(got)) == "/breathsync/verdict"
    assert got["/breathsync/verdict/opened"] == [1]
    assert got["/breathsync/verdict/side"] == ["left"]
    assert got["/breathsync/verdict/decided_s"] == [12.5]
    assert not any("amplitude_quiet" in address or "clauses" in address for address in got)


async def test_the_breath_is_sent_on_its_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        sink = OscSink(host="127.0.0.1", port=listener.getsockname()[1])
        await sink.reach()
        sink.begin(StillSession(), routine="first-time")  # type: ignore[arg-type]
        listener.setblocking(False)
        import asyncio

        datagram = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(listener, 65536), 5)
        await sink.close()
    assert _read(datagram)["/breathsync/live/level_quiet"] == [1.0]


async def test_nobody_listening_is_no_trouble() -> None:
    sink = OscSink(host="127.0.0.1", port=free_port())
    await sink.reach()
    for _ in range(100):
        sink.hear(CUE, view())
    await sink.close()
    sink.hear(CUE, view())


async def test_a_host_that_is_none_is_said_before_the_session() -> None:
    with pytest.raises(BreathsyncError, match="no host"):
        await OscSink(host="nowhere.invalid", port=9000).reach()
