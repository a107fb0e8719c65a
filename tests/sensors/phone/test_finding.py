"""Phones that announce themselves are found by name, with the source to type; others on the network are not."""

import asyncio
import socket

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
