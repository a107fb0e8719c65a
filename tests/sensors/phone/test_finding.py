"""Phones that announce themselves are found by name, with the source to type; others on the network are not."""

import asyncio
import signal
import socket
import subprocess
import sys

import pytest

zeroconf = pytest.importorskip("zeroconf", reason="the extra `phone` is not installed")

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf  # noqa: E402

from breathsync.sensors.phone.finding import SERVICE, WAYS, find_phones  # noqa: E402

LOOPBACK = ["127.0.0.1"]


def _announced(name: str, port: int) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        f"{name}.{SERVICE}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=port,
        server="phone.local.",
    )


async def test_a_phone_that_announces_itself_is_found() -> None:
    try:
        phone = AsyncZeroconf(interfaces=LOOPBACK)
    except OSError as error:
        pytest.skip(f"no multicast on loopback here ({error})")
    async with phone:
        for service in (_announced("SensorServer", 8080), _announced("A printer", 631)):
            await (await phone.async_register_service(service))
        found = await asyncio.wait_for(find_phones(seconds=1.5, interfaces=LOOPBACK), 20)
    assert [(one.name, one.source) for one in found] == [("SensorServer", "sensorserver:127.0.0.1:8080")]


def test_every_way_is_told_with_its_source() -> None:
    for source in ("phone:", "phyphox:", "sensorserver:", "sensorlogger:"):
        assert any(f"--source {source}" in way for way in WAYS)


def test_pair_phone_tells_every_way_and_shows_a_code_to_scan() -> None:
    command = [sys.executable, "-m", "breathsync", "pair", "--phone", "--plain", "--seconds", "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            told = [next(process.stdout) for _ in range(1 + len(WAYS))]
            shown = ""
            while "fingerprint" not in shown and "breathsync:" not in shown:
                shown = process.stderr.readline()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert [line.strip() for line in told[-len(WAYS) :]] == list(WAYS)
    if "cannot be had" in shown:
        pytest.skip(f"another program has the port: {shown}")
    assert process.returncode == 130
