from pathlib import Path

import pytest

from breathsync.errors import UnknownNameError
from breathsync.samples import Stream
from breathsync.sensors.ble.catalog import CATALOG, SCAN_SERVICES, known, recognise
from breathsync.sensors.ble.profiles import go_direct_belt, heart_rate, movesense, nordic_uart
from breathsync.sensors.ble.profiles.base import Connection

NOTES = Path(__file__).parents[3] / "firmware-notes"


@pytest.mark.parametrize(
    ("name", "services", "key"),
    [
        ("Polar H10 12345678", [heart_rate.SERVICE], "polar-h10"),
        ("Polar Sense AB12CD34", [heart_rate.SERVICE], "polar-verity-sense"),
        ("Polar H9 12345678", [heart_rate.SERVICE], "polar-heart-only"),
        ("GDX-RB 0K200123", [], "go-direct-belt"),
        (None, [go_direct_belt.SERVICE.upper()], "go-direct-belt"),
        ("Movesense 174630000192", [movesense.ADVERTISED], "movesense"),
        ("BreathStrap Anna", [nordic_uart.SERVICE], "open-strap"),
        ("InfiniTime", [], "infinitime"),
        ("Bangle.js a1b2", [nordic_uart.SERVICE], "bangle"),
        ("BBC micro:bit [zugag]", [], "microbit"),
        ("HRM-Dual:12345", [heart_rate.SERVICE], "heart-rate-strap"),
        ("TICKR 0001", [heart_rate.SERVICE], "heart-rate-strap"),
    ],
)
def test_a_device_is_recognised_by_name_or_service(name, services, key):
    assert recognise(name=name, services=services).key == key


@pytest.mark.parametrize(
    ("name", "services"), [(None, []), ("", []), ("Some TV", []), ("My UART", [nordic_uart.SERVICE])]
)
def test_what_is_not_ours_is_left_alone(name, services):
    assert recognise(name=name, services=services) is None


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.key)
def test_every_device_has_a_page_and_a_profile_that_starts_nothing_it_cannot(entry):
    assert (NOTES / entry.page).is_file()
    assert entry.can
    assert entry.cannot
    script = entry.device().start(Connection(characteristics=frozenset()))
    with pytest.raises(StopIteration) as done:
        next(script)
    assert done.value.value.streams == ()


def test_heart_only_devices_cannot_open_the_gate():
    assert [e.key for e in CATALOG if not e.sees_breath] == ["polar-heart-only", "heart-rate-strap"]
    assert all(
        Stream.ACCELERATION in e.streams or Stream.FORCE in e.streams for e in CATALOG if e.sees_breath
    )


def test_an_unknown_key_offers_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        known("polar-h1")
    assert "polar-h10" in caught.value.nearest


def test_services_to_scan_for_are_full_uuids():
    assert all(len(service) == 36 and service == service.lower() for service in SCAN_SERVICES)
