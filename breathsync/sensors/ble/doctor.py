"""What stands between this computer and a strap, in words: `breathsync doctor`.

Looks are cheap and harmless: files of the system, a version, a few seconds of listening in a child process.
A `Machine` does the looking, so that every finding can be tested without the trouble at hand.
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from breathsync.errors import SensorTrouble
from breathsync.sensors.ble.trouble import ADVICE, firmware_note
from breathsync.sensors.known_straps import Remembered

OLDEST_BLUEZ = (5, 55)
OLDEST_WINDOWS_BUILD = 22000
LISTEN_S = 4.0
SCAN_WITHIN_S = 30.0
TAKES_THE_THREAD = ("pythoncom", "win32com", "pywifi")
"""Packages that make a Windows thread one for windows (bleak issues 1132, 1565)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `trouble` is None when it is well; then there is no advice."""

    looked_at: str
    says: str
    trouble: SensorTrouble | None = None
    advice: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is wrong here."""
        return self.trouble is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """How the child's scan ended: what it printed, or the signal or exit code that ended it."""

    said: dict[str, Any] | None = None
    exit_code: int = 0


class Machine(Protocol):
    """What the doctor looks at."""

    system: str

    def bus_socket(self) -> str | None:
        """Path of the system's D-Bus when it is not there, else None."""
        ...

    def blocked(self) -> str:
        """Which rfkill switch blocks Bluetooth: "soft", "hard" or ""."""
        ...

    def bluez_version(self) -> tuple[int, int] | None:
        """BlueZ's version, None when it cannot be told."""
        ...

    def windows_build(self) -> int:
        """The build of Windows, 0 elsewhere."""
        ...

    def loaded(self) -> frozenset[str]:
        """Names of modules this program has loaded."""
        ...

    def scan(self) -> Scan:
        """Listen for a few seconds in a child process."""
        ...


class ThisMachine:
    """The computer this runs on."""

    def __init__(self, *, listen_s: float = LISTEN_S) -> None:
        self.system = platform.system()
        self._listen_s = listen_s

    def bus_socket(self) -> str | None:
        """The system bus's socket, when it is missing."""
        address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/run/dbus/system_bus_socket")
        path = re.search(r"path=([^,;]+)", address)
        return path.group(1) if path and not Path(path.group(1)).exists() else None

    def blocked(self) -> str:
        """From /sys/class/rfkill."""
        for switch in Path("/sys/class/rfkill").glob("rfkill*"):
            try:
                if (switch / "type").read_text().strip() == "bluetooth":
                    for kind in ("hard", "soft"):
                        if (switch / kind).read_text().strip() == "1":
                            return kind
            except OSError:
                continue
        return ""

    def bluez_version(self) -> tuple[int, int] | None:
        """From `bluetoothctl --version`."""
        if not shutil.which("bluetoothctl"):
            return None
        try:
            said = subprocess.run(
                ["bluetoothctl", "--version"], capture_output=True, text=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        version = re.search(r"(\d+)\.(\d+)", said.stdout)
        return (int(version.group(1)), int(version.group(2))) if version else None

    def windows_build(self) -> int:
        """From the system."""
        return int(platform.version().rpartition(".")[2] or 0) if self.system == "Windows" else 0

    def loaded(self) -> frozenset[str]:
        """From this process."""
        return frozenset(sys.modules)

    def scan(self) -> Scan:
        """In a child, so that macOS may end it."""
        command = [sys.executable, "-m", "breathsync.sensors.ble.first_scan", str(self._listen_s)]
        try:
            child = subprocess.run(
                command, capture_output=True, text=True, timeout=SCAN_WITHIN_S + self._listen_s, check=False
            )
        except subprocess.TimeoutExpired:
            return Scan(exit_code=-1)
        try:
            return Scan(said=json.loads(child.stdout.strip().splitlines()[-1]), exit_code=child.returncode)
        except (IndexError, ValueError):
            return Scan(exit_code=child.returncode or -1)


def examine(machine: Machine, *, straps: list[Remembered]) -> list[Finding]:
    """All findings, in the order one would look."""
    findings = [
        *(_linux(machine) if machine.system == "Linux" else ()),
        *(_windows(machine) if machine.system == "Windows" else ()),
    ]
    scan = machine.scan()
    findings.append(_of_scan(machine, scan))
    if scan.said and "devices" in scan.said:
        devices: list[dict[str, Any]] = scan.said["devices"]
        findings += [_strap(strap, devices) for strap in straps]
    findings += [
        _firmware(strap, note) for strap in straps if (note := firmware_note(strap.key, strap.firmware))
    ]
    return findings


def _linux(machine: Machine) -> list[Finding]:
    findings = []
    if missing := machine.bus_socket():
        findings.append(_wrong("D-Bus", f"{missing} is not there.", SensorTrouble.NO_SERVICE))
    kind = machine.blocked()
    if kind == "hard":
        findings.append(
            _wrong(
                "rfkill",
                "Bluetooth is switched off by a switch or key of this computer.",
                SensorTrouble.BLOCKED,
                advice="Look for a switch or a function key with the Bluetooth or airplane sign.",
            )
        )
    elif kind:
        findings.append(_wrong("rfkill", "Bluetooth is blocked.", SensorTrouble.BLOCKED))
    else:
        findings.append(Finding(looked_at="rfkill", says="Nothing blocks Bluetooth."))
    version = machine.bluez_version()
    if version is None:
        findings.append(
            Finding(looked_at="BlueZ", says="Its version cannot be told (bluetoothctl is missing).")
        )
    elif version < OLDEST_BLUEZ:
        says = f"BlueZ {version[0]}.{version[1]} is older than {OLDEST_BLUEZ[0]}.{OLDEST_BLUEZ[1]}."
        findings.append(_wrong("BlueZ", says, SensorTrouble.STACK_TOO_OLD))
    else:
        findings.append(Finding(looked_at="BlueZ", says=f"Version {version[0]}.{version[1]}."))
    return findings


def _windows(machine: Machine) -> list[Finding]:
    findings = []
    build = machine.windows_build()
    if 0 < build < OLDEST_WINDOWS_BUILD:
        says = f"Windows build {build} is older than {OLDEST_WINDOWS_BUILD}."
        findings.append(_wrong("Windows", says, SensorTrouble.STACK_TOO_OLD))
    if taken := sorted(machine.loaded() & set(TAKES_THE_THREAD)):
        says = f"{', '.join(taken)} has taken this thread for windows."
        findings.append(_wrong("thread", says, SensorTrouble.WRONG_THREAD))
    return findings


def _of_scan(machine: Machine, scan: Scan) -> Finding:
    if scan.said is None:
        aborted = machine.system == "Darwin" and scan.exit_code in (-signal.SIGABRT, 128 + signal.SIGABRT)
        if aborted:
            return _wrong(
                "permission",
                "macOS ended the scan: this terminal may not use Bluetooth.",
                SensorTrouble.NO_PERMISSION,
                advice=(
                    "Open System Settings > Privacy & Security > Bluetooth, add your terminal, and open a new window."
                ),
            )
        return _wrong("scan", f"The scan ended by itself (code {scan.exit_code}).", SensorTrouble.UNKNOWN)
    if "trouble" in scan.said:
        trouble = SensorTrouble(scan.said["trouble"])
        return _wrong("scan", str(scan.said["message"]), trouble)
    names = [str(device["name"]) for device in scan.said["devices"]]
    if not names:
        return _wrong("scan", "Bluetooth works, but no strap is in sight.", SensorTrouble.NOT_FOUND)
    return Finding(looked_at="scan", says=f"Bluetooth works; in sight: {', '.join(names)}.")


def _strap(strap: Remembered, devices: list[dict[str, Any]]) -> Finding:
    for device in devices:
        if strap.address == device["address"] or (strap.advertised and strap.advertised == device["name"]):
            if device["connected_already"]:
                return _wrong(
                    strap.name,
                    "Another program of this computer holds it.",
                    SensorTrouble.HELD_ELSEWHERE,
                    advice="Close that program, or disconnect the strap in the system's Bluetooth settings.",
                )
            return Finding(looked_at=strap.name, says=f"In sight ({device['rssi_dbm']} dBm).")
    return _wrong(strap.name, "Not in sight: asleep, dry, out of reach, or held.", SensorTrouble.NOT_FOUND)


def _firmware(strap: Remembered, note: str) -> Finding:
    return _wrong(strap.name, note, SensorTrouble.FIRMWARE)


def _wrong(looked_at: str, says: str, trouble: SensorTrouble, *, advice: str = "") -> Finding:
    return Finding(looked_at=looked_at, says=says, trouble=trouble, advice=advice or ADVICE[trouble])
