"""The doctor, with machines that have each trouble."""

import signal
from dataclasses import dataclass, field

import pytest

from breathsync.errors import SensorTrouble
from breathsync.sensors.ble.doctor import Finding, Scan, ThisMachine, examine
from breathsync.sensors.known_straps import Remembered

T = SensorTrouble
MINE = Remembered(name="mine", address="A0", advertised="Polar H10 1", key="polar-h10", firmware="3.3.1")
IN_SIGHT = {
    "name": "Polar H10 1",
    "address": "A0",
    "kind": "Polar H10",
    "rssi_dbm": -60,
    "connected_already": False,
}


@dataclass
class Fake:
    system: str = "Linux"
    bus: str | None = None
    block: str = ""
    bluez: tuple[int, int] | None = (5, 66)
    build: int = 0
    modules: frozenset[str] = frozenset()
    scanned: Scan = field(default_factory=lambda: Scan(said={"devices": [IN_SIGHT]}))

    def bus_socket(self) -> str | None:
        return self.bus

    def blocked(self) -> str:
        return self.block

    def bluez_version(self) -> tuple[int, int] | None:
        return self.bluez

    def windows_build(self) -> int:
        return self.build

    def loaded(self) -> frozenset[str]:
        return self.modules

    def scan(self) -> Scan:
        return self.scanned


def troubles(machine: Fake, *straps: Remembered) -> list[SensorTrouble]:
    findings = examine(machine, straps=list(straps))
    assert all(bool(f.advice) == (not f.well) for f in findings)
    assert all(f.says.endswith(".") or f.says.endswith(").") for f in findings)
    return [f.trouble for f in findings if f.trouble]


def said(trouble: SensorTrouble) -> Scan:
    return Scan(said={"trouble": trouble.value, "message": "It is so.", "advice": ""})


ABORTED = Scan(exit_code=-signal.SIGABRT)
CASES = [
    (Fake(), []),
    (Fake(bus="/run/dbus/system_bus_socket"), [T.NO_SERVICE]),
    (Fake(block="soft"), [T.BLOCKED]),
    (Fake(block="hard"), [T.BLOCKED]),
    (Fake(bluez=(5, 50)), [T.STACK_TOO_OLD]),
    (Fake(bluez=None), []),
    (Fake(scanned=said(T.ADAPTER_OFF)), [T.ADAPTER_OFF]),
    (Fake(scanned=said(T.NO_ADAPTER)), [T.NO_ADAPTER]),
    (Fake(scanned=said(T.NO_PERMISSION)), [T.NO_PERMISSION]),
    (Fake(scanned=said(T.BUSY_SCANNING)), [T.BUSY_SCANNING]),
    (Fake(scanned=Scan(said={"devices": []})), [T.NOT_FOUND]),
    (Fake(scanned=Scan(exit_code=3)), [T.UNKNOWN]),
    (Fake(system="Darwin", scanned=ABORTED), [T.NO_PERMISSION]),
    (Fake(system="Darwin", scanned=Scan(exit_code=128 + signal.SIGABRT)), [T.NO_PERMISSION]),
    (Fake(system="Windows", build=19045), [T.STACK_TOO_OLD]),
    (Fake(system="Windows", build=22631, modules=frozenset({"pythoncom"})), [T.WRONG_THREAD]),
    (Fake(system="Windows", build=22631), []),
]


@pytest.mark.parametrize(("machine", "expected"), CASES)
def test_each_cause_is_found(machine: Fake, expected: list[SensorTrouble]) -> None:
    assert troubles(machine) == expected


def test_an_abort_on_macos_names_the_setting() -> None:
    finding = examine(Fake(system="Darwin", scanned=ABORTED), straps=[])[-1]
    assert "Privacy & Security > Bluetooth" in finding.advice


def test_a_strap_in_sight_is_well() -> None:
    assert troubles(Fake(), MINE) == []


def test_a_strap_that_is_not_in_sight() -> None:
    other = Remembered(name="old", address="B0", advertised="Polar H10 2", key="polar-h10")
    assert troubles(Fake(), MINE, other) == [T.NOT_FOUND]


def test_a_strap_held_by_this_computer() -> None:
    held = Scan(said={"devices": [IN_SIGHT | {"rssi_dbm": None, "connected_already": True}]})
    assert troubles(Fake(scanned=held), MINE) == [T.HELD_ELSEWHERE]


def test_firmware_with_known_trouble() -> None:
    old = Remembered(name="mine", address="A0", advertised="Polar H10 1", key="polar-h10", firmware="4.0.4")
    assert troubles(Fake(), old) == [T.FIRMWARE]


def test_this_machine_answers_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    machine = ThisMachine(listen_s=0.1)
    assert machine.bus_socket() == "/nonexistent/bus"
    assert machine.blocked() in ("", "soft", "hard")
    version = machine.bluez_version()
    assert version is None or len(version) == 2
    assert "breathsync" in machine.loaded()
    assert isinstance(examine(machine, straps=[]), list)
    assert all(isinstance(finding, Finding) for finding in examine(Fake(), straps=[]))
