"""Every error in the tables of what bleak raises becomes one trouble with one sentence of advice."""

import asyncio

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from breathsync_simulators.straps import polar_h10
from breathsync_simulators.straps.quirks import Quirks

from breathsync.errors import SensorError, SensorTrouble
from breathsync.sensors.ble.link import Found, Radio
from breathsync.sensors.ble.profiles import polar_pmd
from breathsync.sensors.ble.trouble import ADVICE, Doing, explained, firmware_note, trouble_of
from tests.sensors.ble.bodies import SineBody
from tests.sensors.ble.conftest import OpenAir

T = SensorTrouble


def unavailable(reason: str) -> BleakBluetoothNotAvailableError:
    return BleakBluetoothNotAvailableError("no", BleakBluetoothNotAvailableReason[reason])


def dbus(name: str, *body: str) -> BleakDBusError:
    return BleakDBusError(name if "." in name else f"org.bluez.Error.{name}", list(body))


TABLE: list[tuple[BaseException, Doing, SensorTrouble]] = [
    (unavailable("NO_BLUETOOTH"), Doing.SCANNING, T.NO_ADAPTER),
    (unavailable("NO_BLE_CENTRAL_ROLE"), Doing.SCANNING, T.NO_ADAPTER),
    (unavailable("POWERED_OFF"), Doing.SCANNING, T.ADAPTER_OFF),
    (unavailable("DENIED_BY_USER"), Doing.SCANNING, T.NO_PERMISSION),
    (unavailable("DENIED_BY_SYSTEM"), Doing.SCANNING, T.NO_PERMISSION),
    (unavailable("DENIED_BY_UNKNOWN"), Doing.SCANNING, T.NO_PERMISSION),
    (unavailable("UNKNOWN"), Doing.SCANNING, T.UNKNOWN),
    (dbus("InProgress", "Operation already in progress"), Doing.SCANNING, T.BUSY_SCANNING),
    (dbus("InProgress", "In Progress"), Doing.CONNECTING, T.HELD_ELSEWHERE),
    (dbus("NotReady", "Resource Not Ready"), Doing.SCANNING, T.ADAPTER_OFF),
    (TimeoutError(), Doing.CONNECTING, T.HELD_ELSEWHERE),
    (TimeoutError(), Doing.SCANNING, T.NOT_FOUND),
    (TimeoutError(), Doing.USING, T.LOST),
    (TimeoutError(), Doing.PAIRING, T.PAIRING_REFUSED),
    (dbus("Failed", "le-connection-abort-by-local"), Doing.CONNECTING, T.LOST),
    (dbus("Failed", "Host is down"), Doing.CONNECTING, T.HELD_ELSEWHERE),
    (dbus("ConnectionAttemptFailed", "Page Timeout"), Doing.CONNECTING, T.HELD_ELSEWHERE),
    (dbus("AuthenticationFailed", "Authentication Failed"), Doing.PAIRING, T.PAIRING_REFUSED),
    (dbus("AuthenticationRejected", ""), Doing.PAIRING, T.PAIRING_REFUSED),
    (dbus("AuthenticationCanceled", ""), Doing.PAIRING, T.PAIRING_REFUSED),
    (dbus("AuthenticationTimeout", ""), Doing.PAIRING, T.PAIRING_REFUSED),
    (dbus("NotPermitted", "Not paired"), Doing.USING, T.NEEDS_PAIRING),
    (dbus("NotAuthorized", ""), Doing.USING, T.NEEDS_PAIRING),
    (dbus("NotConnected", ""), Doing.USING, T.LOST),
    (dbus("DoesNotExist", ""), Doing.PAIRING, T.NOT_FOUND),
    (dbus("org.freedesktop.DBus.Error.ServiceUnknown", "org.bluez"), Doing.SCANNING, T.NO_SERVICE),
    (dbus("org.freedesktop.DBus.Error.NameHasNoOwner", "org.bluez"), Doing.SCANNING, T.NO_SERVICE),
    (dbus("org.freedesktop.DBus.Error.AccessDenied", "policy"), Doing.SCANNING, T.NO_PERMISSION),
    (dbus("org.freedesktop.DBus.Error.UnknownObject", ""), Doing.CONNECTING, T.NOT_FOUND),
    (dbus("org.freedesktop.DBus.Error.NoReply", ""), Doing.USING, T.LOST),
    (BleakGATTProtocolError(0x05), Doing.USING, T.NEEDS_PAIRING),
    (BleakGATTProtocolError(0x0F), Doing.USING, T.NEEDS_PAIRING),
    (BleakGATTProtocolError(0x0E), Doing.USING, T.LOST),
    (BleakGATTProtocolError(0x03), Doing.USING, T.UNSUPPORTED),
    (BleakGATTProtocolError(0x80), Doing.USING, T.UNSUPPORTED),
    (BleakDeviceNotFoundError("A0", "Device with address A0 was not found."), Doing.CONNECTING, T.NOT_FOUND),
    (BleakCharacteristicNotFoundError("2a37"), Doing.USING, T.UNSUPPORTED),
    (BleakError("Service Discovery has not been performed yet"), Doing.USING, T.LOST),
    (BleakError("Not connected"), Doing.USING, T.LOST),
    (BleakError("failed to discover services, device disconnected"), Doing.CONNECTING, T.LOST),
    (BleakError("Bleak requires BlueZ >= 5.55."), Doing.CONNECTING, T.STACK_TOO_OLD),
    (BleakError("adapter 'hci0' not found"), Doing.SCANNING, T.NO_ADAPTER),
    (BleakError("Thread is configured for Windows GUI but callbacks are not working."), Doing.SCANNING, T.WRONG_THREAD),
    (BleakError("Could not get GATT services: Unreachable"), Doing.CONNECTING, T.LOST),
    (BleakError("Could not get GATT services: Access Denied"), Doing.CONNECTING, T.HELD_ELSEWHERE),
    (BleakError("Could not pair with device: 19: FAILED"), Doing.PAIRING, T.PAIRING_REFUSED),
    (BleakError("Peer removed pairing information"), Doing.CONNECTING, T.NEEDS_PAIRING),
    (OSError("[WinError -2147020577] The device is not ready for use"), Doing.SCANNING, T.ADAPTER_OFF),
    (FileNotFoundError(2, "No such file or directory"), Doing.SCANNING, T.NO_SERVICE),
    (ConnectionRefusedError(111, "Connection refused"), Doing.SCANNING, T.NO_SERVICE),
    (PermissionError(13, "Permission denied"), Doing.SCANNING, T.NO_PERMISSION),
    (EOFError(), Doing.USING, T.LOST),
    (RuntimeError("something new"), Doing.USING, T.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("error", "doing", "trouble"), TABLE, ids=lambda value: repr(value)[:60])
def test_the_table(error: BaseException, doing: Doing, trouble: SensorTrouble) -> None:
    assert trouble_of(error, doing) is trouble
    told = explained(error, doing=doing, strap="my strap")
    assert told.trouble is trouble
    assert told.advice == ADVICE[trouble]
    assert told.message.endswith(".")
    assert "Bleak" not in told.message


@pytest.mark.parametrize("trouble", list(SensorTrouble))
def test_each_trouble_has_one_sentence_of_advice(trouble: SensorTrouble) -> None:
    advice = ADVICE[trouble]
    assert advice[0].isupper()
    assert advice.endswith(".")
    assert len([part for part in advice.split(". ") if part]) == 1


def test_what_is_explained_already_stays() -> None:
    error = SensorError("Gone.", trouble=T.LOST)
    assert explained(error, doing=Doing.USING) is error


def test_firmware_with_known_trouble_has_a_note() -> None:
    assert "4.0.4" in firmware_note("polar-h10", "4.0.4")
    assert firmware_note("polar-h10", "3.3.1") == ""


# The same through bleak's BlueZ backend, with the trouble made by the fake BlueZ ------------------------------

FAULTS = [
    ({"no_adapter": True}, T.NO_ADAPTER),
    ({"adapter_off": True}, T.ADAPTER_OFF),
    ({"no_central_role": True}, T.NO_ADAPTER),
    ({"start_discovery_busy": 99}, T.BUSY_SCANNING),
]


@pytest.mark.radio
@pytest.mark.parametrize(("fault", "trouble"), FAULTS, ids=lambda v: str(v))
async def test_scanning_troubles_on_bluez(
    open_air: OpenAir, fault: dict[str, int], trouble: SensorTrouble
) -> None:
    from breathsync_simulators.air.bluez import Faults

    await open_air(polar_h10.strap(SineBody()), faults=Faults(**fault))
    with pytest.raises(SensorError) as told:
        await Radio(pause=_at_once).find(lambda _: True, within_s=1.0)
    assert told.value.trouble is trouble


@pytest.mark.radio
async def test_a_scan_that_is_busy_for_a_moment_is_tried_again(open_air: OpenAir) -> None:
    from breathsync_simulators.air.bluez import Faults

    faults = Faults(start_discovery_busy=2, stop_discovery_busy=1)
    await open_air(polar_h10.strap(SineBody()), faults=faults)
    assert await _find(Radio(pause=_at_once))


CONNECTING = [
    ({"connect_error": ("AuthenticationFailed", "Authentication Failed")}, T.PAIRING_REFUSED),
    ({"connect_error": ("Failed", "Host is down")}, T.HELD_ELSEWHERE),
    ({"connect_silent": True}, T.HELD_ELSEWHERE),
]


@pytest.mark.radio
@pytest.mark.parametrize(("fault", "trouble"), CONNECTING, ids=lambda v: str(v))
async def test_connecting_troubles_on_bluez(
    open_air: OpenAir, fault: dict[str, object], trouble: SensorTrouble
) -> None:
    from breathsync_simulators.air.bluez import Faults

    await open_air(polar_h10.strap(SineBody()), faults=Faults(**fault))
    found = await _find(Radio())
    with pytest.raises(SensorError) as told:
        await Radio().connect(found, on_lost=lambda: None, within_s=0.5)
    assert told.value.trouble is trouble


@pytest.mark.radio
async def test_an_aborted_connection_is_tried_again_by_bleak(open_air: OpenAir) -> None:
    from breathsync_simulators.air.bluez import Faults

    await open_air(polar_h10.strap(SineBody()), faults=Faults(connect_abort=2))
    link = await Radio().connect(await _find(Radio()), on_lost=lambda: None)
    assert link.is_connected
    await link.close()


@pytest.mark.radio
async def test_using_troubles_on_bluez(open_air: OpenAir) -> None:
    strap = polar_h10.strap(SineBody(), Quirks(pairing=True, refuse_pairing=True))
    air = await open_air(strap)
    lost = asyncio.Event()
    link = await Radio().connect(await _find(Radio()), on_lost=lost.set)

    async def trouble(work: object) -> SensorTrouble:
        with pytest.raises(SensorError) as told:
            await work  # type: ignore[misc]
        return told.value.trouble

    assert await trouble(link.write(polar_pmd.CONTROL, b"\x01\x02", response=True)) is T.NEEDS_PAIRING
    assert await trouble(link.pair()) is T.PAIRING_REFUSED
    assert await trouble(link.write(polar_pmd.DATA, b"\x01", response=True)) is T.NEEDS_PAIRING
    assert await trouble(link.read("00002a37-0000-1000-8000-00805f9b34fb")) is T.UNSUPPORTED
    assert await trouble(link.read("0000ffff-0000-1000-8000-00805f9b34fb")) is T.UNSUPPORTED
    air.crash()  # type: ignore[attr-defined]
    assert await trouble(link.read("00002a19-0000-1000-8000-00805f9b34fb")) in (T.NO_SERVICE, T.LOST)
    await link.close()


@pytest.mark.radio
async def test_after_a_drop_the_link_says_lost(open_air: OpenAir) -> None:
    strap = polar_h10.strap(SineBody(), Quirks(hang_up_after_s=0.3))
    await open_air(strap)
    lost = asyncio.Event()
    link = await Radio().connect(await _find(Radio()), on_lost=lost.set)
    await asyncio.wait_for(lost.wait(), 5.0)
    with pytest.raises(SensorError) as told:
        await link.read("00002a19-0000-1000-8000-00805f9b34fb")
    assert told.value.trouble is T.LOST
    await link.close()


@pytest.mark.radio
async def test_a_strap_held_by_another_program_is_found_without_advertising(open_air: OpenAir) -> None:
    from breathsync_simulators.air.bluez import Faults

    strap = polar_h10.strap(SineBody())
    await open_air(strap, faults=Faults(connected_elsewhere=True))
    held = await Radio().connected(["0000180d-0000-1000-8000-00805f9b34fb"])
    assert [(found.name, found.connected_already) for found in held] == [(strap.identity.name, True)]
    assert await Radio().find(lambda _: True, within_s=0.5) is None


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


async def _find(radio: Radio) -> Found:
    found = await radio.find(lambda found: found.name.startswith("Polar"), within_s=5.0)
    assert found is not None
    return found
