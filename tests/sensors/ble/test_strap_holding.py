"""Holding on to a strap: what the sensor does when straps, links and the system misbehave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from breathsync_simulators.straps import heart_only, polar_h10
from breathsync_simulators.straps.peripheral import Strap
from breathsync_simulators.straps.quirks import Quirks, parse_quirks

from breathsync.errors import SensorError, SensorTrouble, UnknownNameError
from breathsync.samples import SensorState, Stream
from breathsync.sensors.ble.link import Found, Radio
from breathsync.sensors.ble.strap import BACK_OFF_S, StrapSensor
from breathsync.sensors.ble.target import Target
from breathsync.sensors.ble.trouble import sensor_error
from tests.sensors.ble.bodies import Heard, SineBody, WallClock, listen, until
from tests.sensors.ble.conftest import OpenAir

pytestmark = pytest.mark.radio
S = SensorState


@asynccontextmanager
async def streaming(name: str = "polar-h10", **more: object) -> AsyncIterator[tuple[StrapSensor, Heard]]:
    """A connected sensor that is listened to, closed at the end."""
    sensor, heard = StrapSensor(name=name, clock=WallClock(), **more), Heard()  # type: ignore[arg-type]
    await sensor.connect()
    listening = asyncio.create_task(listen(sensor, heard))
    try:
        yield sensor, heard
    finally:
        await sensor.close()
        await listening


def h10(*quirks: str) -> Strap:
    return polar_h10.strap(SineBody(), parse_quirks(list(quirks), seed=1))


async def test_a_strap_that_demands_pairing_is_paired_once(open_air: OpenAir) -> None:
    strap = h10("pairing")
    air = await open_air(strap)
    async with streaming() as (sensor, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))
        assert sensor.paired
    assert air.calls["Pair"] == 1  # type: ignore[attr-defined]


async def test_a_strap_that_demands_nothing_is_not_paired(open_air: OpenAir) -> None:
    air = await open_air(h10())
    async with streaming() as (sensor, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))
        assert not sensor.paired
    assert air.calls["Pair"] == 0  # type: ignore[attr-defined]


FAILS = [
    ("refuse-pairing", SensorTrouble.PAIRING_REFUSED),
    ("refuse-settings", SensorTrouble.REFUSED_SETTINGS),
    ("mtu-23", SensorTrouble.REFUSED_SETTINGS),
    ("held", SensorTrouble.NOT_FOUND),
]


@pytest.mark.parametrize(("quirk", "trouble"), FAILS)
async def test_what_cannot_be_started_is_let_go(
    open_air: OpenAir, quirk: str, trouble: SensorTrouble
) -> None:
    strap = h10(quirk)
    await open_air(strap)
    sensor = StrapSensor(name="polar-h10", clock=WallClock(), search_within_s=0.5)
    with pytest.raises(SensorError) as told:
        await sensor.connect()
    assert told.value.trouble is trouble
    assert told.value.advice
    assert not strap.is_connected
    assert sensor.state is S.OFF
    await sensor.close()


async def test_a_link_that_breaks_while_it_is_made_is_made_again(open_air: OpenAir) -> None:
    await open_air(h10("hang-up-mid-request"))
    async with streaming() as (_, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))


async def test_already_streaming_is_stopped_then_started(open_air: OpenAir) -> None:
    await open_air(h10("already-streaming"))
    async with streaming() as (_, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))


async def test_a_strap_left_connected_by_a_crashed_program_is_taken_over(open_air: OpenAir) -> None:
    from breathsync_simulators.air.bluez import Faults

    strap = h10()
    air = await open_air(strap, faults=Faults(connected_elsewhere=True))
    async with streaming() as (_, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))
    assert air.calls["StartDiscovery"] == 0  # type: ignore[attr-defined]
    assert not strap.is_connected


async def test_doubled_frames_are_dropped_and_times_run_forward(open_air: OpenAir) -> None:
    await open_air(h10("doubled", "drop_frames=0.1", "clock-2019", "drift"))
    async with streaming() as (_, heard):
        await until(lambda: len(heard.blocks(Stream.ACCELERATION)) >= 15)
    assert np.all(np.diff(heard.times(Stream.ACCELERATION)) > 0)
    assert np.all(np.diff(heard.times(Stream.ECG)) > 0)


async def test_spoilt_frames_are_dropped_and_the_link_goes_on(open_air: OpenAir) -> None:
    await open_air(h10("garbage=0.4"))
    async with streaming() as (sensor, heard):
        await until(lambda: sensor.bad_frames >= 3 and len(heard.blocks(Stream.ACCELERATION)) >= 5)
    assert np.all(np.diff(heard.times(Stream.ACCELERATION)) > 0)
    assert S.LOST not in heard.states


async def test_a_low_battery_is_told_on_streaming(open_air: OpenAir) -> None:
    await open_air(h10("battery=9"))
    async with streaming() as (_, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))
    assert any("9 %" in c.why for c in heard.changes if c.state is S.STREAMING)


async def test_bursts_do_not_bend_time(open_air: OpenAir) -> None:
    await open_air(h10("bursts"))
    async with streaming() as (_, heard):
        await until(lambda: len(heard.blocks(Stream.ACCELERATION)) >= 15)
    steps = np.diff(heard.times(Stream.ACCELERATION))
    assert np.all(np.abs(steps - 0.005) < 0.0005)


async def test_silence_is_stale_and_ends_with_the_next_samples(open_air: OpenAir) -> None:
    await open_air(h10("burst_s=2.6"))
    async with streaming() as (_, heard):
        await until(lambda: heard.states[-2:] == [S.STALE, S.STREAMING], within_s=12.0)
    stale = next(c for c in heard.changes if c.state is S.STALE)
    assert "2 s" in stale.why


async def test_the_battery_is_told_as_it_falls(open_air: OpenAir) -> None:
    await open_air(h10("battery=50", "battery_falls=60"))
    async with streaming() as (_, heard):
        await until(lambda: len(heard.batteries) >= 4)
    assert heard.batteries == sorted(heard.batteries, reverse=True)


async def test_firmware_with_known_trouble_is_told_on_streaming(open_air: OpenAir) -> None:
    await open_air(polar_h10.strap(SineBody(), Quirks(firmware="4.0.4")))
    async with streaming() as (sensor, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))
    assert sensor.info.firmware == "4.0.4"
    assert any("4.0.4" in c.why for c in heard.changes if c.state is S.STREAMING)


async def test_a_strap_with_heart_only_has_no_breath_stream(open_air: OpenAir) -> None:
    await open_air(heart_only.strap(SineBody(Stream.ACCELERATION)))
    async with streaming("heart-rate-strap") as (sensor, heard):
        await until(lambda: heard.blocks(Stream.RR))
        assert sensor.info.breath_stream is None
        assert sensor.worn is True


async def test_only_what_is_wanted_is_started(open_air: OpenAir) -> None:
    strap = h10()
    await open_air(strap)
    async with streaming(wanted=frozenset({Stream.RR, Stream.HEART_RATE})) as (sensor, heard):
        await until(lambda: heard.blocks(Stream.RR))
        assert not strap.streaming  # type: ignore[attr-defined]
        assert sensor.info.breath_stream is None


async def test_the_wrong_name_with_others_in_sight_offers_them(open_air: OpenAir) -> None:
    await open_air(h10())
    sensor = StrapSensor(name="Polar H10 5F1E2D3D", clock=WallClock(), search_within_s=0.5)
    with pytest.raises(UnknownNameError) as told:
        await sensor.connect()
    assert told.value.nearest == ["Polar H10 5F1E2D3C"]


NAMES = ["Polar H10 5F1E2D3C", "5f1e2d3c", "polar h10 5f1e2d3c", "A0:9E:1A:5F:1E:2D", "polar-h10"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_strap_answers_to_its_names(open_air: OpenAir, name: str) -> None:
    await open_air(h10())
    async with streaming(name) as (_, heard):
        await until(lambda: heard.blocks(Stream.ACCELERATION))


async def test_the_bluetooth_service_may_die_and_come_back(
    open_air: OpenAir, monkeypatch: pytest.MonkeyPatch
) -> None:
    from breathsync_simulators.air.bluez import FakeBluez
    from breathsync_simulators.air.bus import PrivateBus

    # bleak is not told when the service dies while the bus lives: only the silence tells.
    monkeypatch.setattr("breathsync.sensors.ble.strap.SILENT_S", 1.0)
    monkeypatch.setattr("breathsync.sensors.ble.link.LET_GO_WITHIN_S", 0.5)
    monkeypatch.setattr("breathsync.sensors.ble.strap.STOP_WITHIN_S", 0.5)
    async with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        async with FakeBluez(address=bus.address, straps=[h10()]) as air:
            sensor, heard = StrapSensor(name="polar-h10", clock=WallClock()), Heard()
            await sensor.connect()
            listening = asyncio.create_task(listen(sensor, heard))
            await until(lambda: heard.blocks(Stream.ACCELERATION))
            air.crash()
        async with FakeBluez(address=bus.address, straps=[h10()]):
            await until(lambda: heard.states.count(S.STREAMING) >= 2, within_s=20.0)
            await sensor.close()
            await listening
    assert S.LOST in heard.states


async def test_close_may_be_called_twice_and_before_connecting(open_air: OpenAir) -> None:
    await open_air(h10())
    sensor = StrapSensor(name="polar-h10", clock=WallClock())
    await sensor.close()
    await sensor.close()


async def test_a_cancelled_session_stops_the_stream(open_air: OpenAir) -> None:
    strap = h10()
    await open_air(strap)

    async def session() -> None:
        sensor = StrapSensor(name="polar-h10", clock=WallClock())
        await sensor.connect()
        try:
            async for _ in sensor.events():
                pass
        finally:
            await sensor.close()

    task = asyncio.create_task(session())
    await until(lambda: strap.streaming)  # type: ignore[attr-defined]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not strap.streaming  # type: ignore[attr-defined]
    assert not strap.is_connected


async def test_a_second_interrupt_does_not_leave_the_strap_on(open_air: OpenAir) -> None:
    strap = h10()
    await open_air(strap)
    sensor = StrapSensor(name="polar-h10", clock=WallClock())
    await sensor.connect()
    closing = asyncio.create_task(sensor.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    assert not strap.streaming  # type: ignore[attr-defined]
    assert not strap.is_connected


async def test_a_fault_inside_stops_the_stream_and_is_told(
    open_air: OpenAir, monkeypatch: pytest.MonkeyPatch
) -> None:
    strap = h10()
    await open_air(strap)
    sensor = StrapSensor(name="polar-h10", clock=WallClock())

    async def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sensor, "_watch", broken)
    await sensor.connect()
    with pytest.raises(SensorError) as told:
        await listen(sensor, Heard())
    assert told.value.trouble is SensorTrouble.UNKNOWN
    assert not strap.streaming  # type: ignore[attr-defined]
    await sensor.close()


# Without any air: attempts that fail, and the pauses between them --------------------------------------------


class FailingRadio(Radio):
    """Finds at once; each connection attempt fails, so many times."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.left = failures

    async def connected(self, services: object) -> list[Found]:
        return []

    async def find(self, wanted: object, *, within_s: float, services: object = ()) -> Found | None:
        await asyncio.sleep(0)
        return Found(
            name="Polar H10 1",
            address="1",
            services=frozenset(),
            companies=frozenset(),
            rssi_dbm=-50,
            handle=None,
        )

    async def connect(self, found: Found, *, on_lost: object, within_s: float = 1.0):  # type: ignore[no-untyped-def, override]
        if self.left:
            self.left -= 1
            raise sensor_error(SensorTrouble.HELD_ELSEWHERE, strap=found.name)
        raise ZeroDivisionError("enough seen")


async def test_pauses_grow_from_half_a_second_to_ten() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    target = Target(label="my strap", is_it=lambda found: True)
    sensor = StrapSensor(target=target, clock=WallClock(), radio=FailingRadio(8), pause=pause)
    with pytest.raises(ZeroDivisionError):
        await sensor._come_back()
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]
    assert (pauses[0], max(pauses)) == BACK_OFF_S


def test_quirks_used_here_are_real() -> None:
    assert parse_quirks(["burst_s=2.6"]) == Quirks(burst_s=2.6)
