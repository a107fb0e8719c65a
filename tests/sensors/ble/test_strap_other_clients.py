"""Other people's programs find the simulated H10 and read what the simulated body did.

bleakheart and polar-python reach it through bleak on the fake BlueZ, as they would reach a real one.
"""

import asyncio

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from breathsync_simulators.straps import polar_h10

from breathsync.samples import FloatArray, Stream
from tests.sensors.ble.bodies import RR_MS, SineBody, until, wave
from tests.sensors.ble.conftest import OpenAir

pytestmark = pytest.mark.radio
BPM = round(60000 / RR_MS)


async def find() -> BLEDevice:
    device = await BleakScanner.find_device_by_filter(
        lambda device, data: (data.local_name or "").startswith("Polar H10"), timeout=5.0
    )
    assert device is not None
    return device


def assert_body_did(stream: Stream, values: FloatArray, rate_hz: float) -> None:
    """`values` lie unbroken somewhere in the body's wave."""
    wanted = wave(stream, np.arange(20 * rate_hz), rate_hz)
    assert len(values) > rate_hz
    assert any(np.array_equal(wanted[i : i + len(values)], values) for i in range(len(wanted) - len(values)))


async def test_bleakheart_reads_what_the_body_did(open_air: OpenAir) -> None:
    bleakheart = pytest.importorskip("bleakheart")
    await open_air(polar_h10.strap(SineBody()))
    beats: asyncio.Queue[tuple[str, int, tuple[int, int], int | None]] = asyncio.Queue()
    ecg: list[float] = []
    acc: list[tuple[int, int, int]] = []

    def on_frame(frame: tuple[str, int, list[int] | list[tuple[int, int, int]]]) -> None:
        kind, _, payload = frame
        (ecg if kind == "ECG" else acc).extend(payload)  # type: ignore[arg-type]

    async with BleakClient(await find()) as client:
        assert await bleakheart.BatteryLevel(client).read() == 90
        heart = bleakheart.HeartRate(client, queue=beats)
        await heart.start_notify()
        pmd = bleakheart.PolarMeasurementData(client, callback=on_frame)
        assert {"ECG", "ACC"} <= set(await pmd.available_measurements())
        assert (await pmd.available_settings("ACC"))["SAMPLE_RATE"] == [25, 50, 100, 200]
        for kind in ("ACC", "ECG"):
            error, message, _ = await pmd.start_streaming(kind)
            assert error == 0, message
        await until(lambda: len(acc) > 300 and len(ecg) > 200 and beats.qsize() >= 2)
        for kind in ("ACC", "ECG"):
            error, message = await pmd.stop_streaming(kind)
            assert error == 0, message
    assert_body_did(Stream.ACCELERATION, np.array(acc, dtype=float), 200)
    assert_body_did(Stream.ECG, np.array(ecg, dtype=float)[:, None], 130)
    assert [beats.get_nowait()[2] for _ in range(2)] == [(BPM, round(RR_MS))] * 2


async def test_polar_python_reads_what_the_body_did(open_air: OpenAir) -> None:
    polar_python = pytest.importorskip("polar_python")
    from polar_python.constants import PmdMeasurementType

    await open_air(polar_h10.strap(SineBody()))
    acc: list[tuple[int, int, int]] = []
    ecg: list[int] = []
    hearts: list[object] = []
    async with polar_python.PolarDevice(await find()) as device:
        features = await device.get_available_features()
        assert features == [PmdMeasurementType.ECG, PmdMeasurementType.ACC]
        await device.start_hr_stream(hearts.append)
        await device.start_acc_stream(lambda frame: acc.extend(frame.data), 200, 16, 8)
        await device.start_ecg_stream(lambda frame: ecg.extend(frame.data), 130, 14)
        await until(lambda: len(acc) > 300 and len(ecg) > 200 and len(hearts) >= 2)
        await device.stop_acc_stream()
        await device.stop_ecg_stream()
    assert_body_did(Stream.ACCELERATION, np.array(acc, dtype=float), 200)
    assert_body_did(Stream.ECG, np.array(ecg, dtype=float)[:, None], 130)
    assert {heart.heartrate for heart in hearts} == {BPM}  # type: ignore[attr-defined]
    rr_ms = np.concatenate([heart.rr_intervals for heart in hearts])  # type: ignore[attr-defined]
    np.testing.assert_allclose(rr_ms, RR_MS, atol=1.0)


async def test_a_program_that_has_never_heard_of_polar_reads_battery_and_maker(open_air: OpenAir) -> None:
    await open_air(polar_h10.strap(SineBody()))
    async with BleakClient(await find()) as client:
        assert await client.read_gatt_char("2a19") == bytes([90])
        assert (await client.read_gatt_char("2a24")).decode() == "H10"
        assert "(simulated)" in (await client.read_gatt_char("2a29")).decode()
