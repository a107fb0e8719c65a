"""Why Bluetooth failed, in words a person can act on.

Whatever the Bluetooth library or the system below it raises becomes a `SensorTrouble`, and each trouble has one
sentence of advice. Errors are told apart by the names of their classes and of the D-Bus errors, not by importing
the library, so that this table can be read and tested on every system.
"""

import re
from enum import StrEnum

from breathsync.errors import SensorError, SensorTrouble


class Doing(StrEnum):
    """What the link was about when it failed; the same error means different things."""

    SCANNING = "scanning"
    CONNECTING = "connecting"
    PAIRING = "pairing"
    USING = "using"


ADVICE: dict[SensorTrouble, str] = {
    SensorTrouble.NO_ADAPTER: "Plug in a Bluetooth LE adapter, or try a session without a strap: breathsync demo.",
    SensorTrouble.NO_SERVICE: (
        "Start the system's Bluetooth service (Linux: sudo systemctl start bluetooth) and try again."
    ),
    SensorTrouble.ADAPTER_OFF: "Switch Bluetooth on in the system's settings (Linux: bluetoothctl power on).",
    SensorTrouble.BLOCKED: "Unblock Bluetooth: run rfkill unblock bluetooth, and look for a switch or airplane mode.",
    SensorTrouble.NO_PERMISSION: (
        "Allow Bluetooth for this terminal (macOS: System Settings > Privacy & Security > Bluetooth; "
        "Linux: add yourself to the group bluetooth), then open a new terminal."
    ),
    SensorTrouble.STACK_TOO_OLD: "Update the system's Bluetooth: BlueZ 5.55 or newer, Windows 11, or macOS 12.3.",
    SensorTrouble.BUSY_SCANNING: (
        "Another program is scanning: close it, or run bluetoothctl power off and then power on, or replug the adapter."
    ),
    SensorTrouble.NOT_FOUND: (
        "Moisten the electrodes and put the strap on so that it wakes, stay within a few metres, and look whether "
        "a phone or watch holds it already."
    ),
    SensorTrouble.HELD_ELSEWHERE: (
        "Close the phone or watch app that may hold the strap (Polar Beat, Polar Flow), or switch on its second "
        "Bluetooth connection there."
    ),
    SensorTrouble.NEEDS_PAIRING: "Pair it once: breathsync pair.",
    SensorTrouble.PAIRING_REFUSED: (
        "Keep a pairing agent open while pairing (Linux: bluetoothctl, or the desktop's Bluetooth settings), "
        "or forget the strap there and pair again."
    ),
    SensorTrouble.REFUSED_SETTINGS: "Take the strap off for a minute so that it restarts, then try again.",
    SensorTrouble.UNSUPPORTED: "Update the strap's firmware with its maker's app, or use a strap that is listed.",
    SensorTrouble.FIRMWARE: "Update the strap's firmware with its maker's app.",
    SensorTrouble.LOST: "Come closer and keep the strap on; it is looked for again by itself.",
    SensorTrouble.WRONG_THREAD: (
        "Another package has taken the thread for its windows (pywin32, tkinter): run breathsync on its own."
    ),
    SensorTrouble.UNKNOWN: "Switch Bluetooth off and on again; breathsync doctor says what it sees.",
}
"""One sentence each; `doctor` and every error message take theirs from here."""

_SAYS: dict[SensorTrouble, str] = {
    SensorTrouble.NO_ADAPTER: "This computer has no Bluetooth LE adapter that can be used.",
    SensorTrouble.NO_SERVICE: "The system's Bluetooth service does not answer.",
    SensorTrouble.ADAPTER_OFF: "Bluetooth is switched off.",
    SensorTrouble.BLOCKED: "Bluetooth is blocked (rfkill).",
    SensorTrouble.NO_PERMISSION: "The system does not let this program use Bluetooth.",
    SensorTrouble.STACK_TOO_OLD: "The system's Bluetooth is too old.",
    SensorTrouble.BUSY_SCANNING: "The adapter is busy with another scan.",
    SensorTrouble.NOT_FOUND: "{strap} was not found.",
    SensorTrouble.HELD_ELSEWHERE: "{strap} did not answer.",
    SensorTrouble.NEEDS_PAIRING: "{strap} wants to be paired first.",
    SensorTrouble.PAIRING_REFUSED: "Pairing with {strap} was refused.",
    SensorTrouble.REFUSED_SETTINGS: "{strap} refused to start measuring.",
    SensorTrouble.UNSUPPORTED: "{strap} does not offer what is needed.",
    SensorTrouble.FIRMWARE: "{strap} has firmware with known trouble.",
    SensorTrouble.LOST: "The connection to {strap} was lost.",
    SensorTrouble.WRONG_THREAD: "Bluetooth cannot call back into this thread.",
    SensorTrouble.UNKNOWN: "Bluetooth failed.",
}

_REASONS = {
    "NO_BLUETOOTH": SensorTrouble.NO_ADAPTER,
    "NO_BLE_CENTRAL_ROLE": SensorTrouble.NO_ADAPTER,
    "POWERED_OFF": SensorTrouble.ADAPTER_OFF,
    "DENIED_BY_USER": SensorTrouble.NO_PERMISSION,
    "DENIED_BY_SYSTEM": SensorTrouble.NO_PERMISSION,
    "DENIED_BY_UNKNOWN": SensorTrouble.NO_PERMISSION,
}

_DBUS = {
    "org.bluez.Error.NotReady": SensorTrouble.ADAPTER_OFF,
    "org.bluez.Error.AuthenticationFailed": SensorTrouble.PAIRING_REFUSED,
    "org.bluez.Error.AuthenticationCanceled": SensorTrouble.PAIRING_REFUSED,
    "org.bluez.Error.AuthenticationRejected": SensorTrouble.PAIRING_REFUSED,
    "org.bluez.Error.AuthenticationTimeout": SensorTrouble.PAIRING_REFUSED,
    "org.bluez.Error.ConnectionAttemptFailed": SensorTrouble.HELD_ELSEWHERE,
    "org.bluez.Error.DoesNotExist": SensorTrouble.NOT_FOUND,
    "org.bluez.Error.NotAuthorized": SensorTrouble.NEEDS_PAIRING,
    "org.bluez.Error.NotConnected": SensorTrouble.LOST,
    "org.freedesktop.DBus.Error.AccessDenied": SensorTrouble.NO_PERMISSION,
    "org.freedesktop.DBus.Error.ServiceUnknown": SensorTrouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": SensorTrouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.NoReply": SensorTrouble.LOST,
    "org.freedesktop.DBus.Error.UnknownObject": SensorTrouble.NOT_FOUND,
    "org.freedesktop.DBus.Error.UnknownMethod": SensorTrouble.NO_SERVICE,
}

_TEXTS: tuple[tuple[str, SensorTrouble], ...] = (
    (r"requires BlueZ", SensorTrouble.STACK_TOO_OLD),
    (r"not paired|insufficient (authentication|encryption)|removed pairing", SensorTrouble.NEEDS_PAIRING),
    (r"configured for Windows GUI|single.threaded apartment", SensorTrouble.WRONG_THREAD),
    (r"adapter .* not found|no bluetooth adapter", SensorTrouble.NO_ADAPTER),
    (r"turned off|not powered|device is not ready", SensorTrouble.ADAPTER_OFF),
    (r"service discovery has not been performed|not connected|disconnected|unreachable|\baborte?d?\b|\bgone\b",
     SensorTrouble.LOST),
    (r"device .* not found", SensorTrouble.NOT_FOUND),
    (r"access ?denied", SensorTrouble.HELD_ELSEWHERE),
    (r"could not pair|pairing", SensorTrouble.PAIRING_REFUSED),
)  # fmt: skip

_NEEDS_PAIRING_CODES = {0x05, 0x08, 0x0C, 0x0F}
"""ATT: insufficient authentication, authorization, encryption key size, encryption."""
_UNLIKELY = 0x0E
"""ATT "unlikely error": what BlueZ says of a request that was under way when the link went."""
_IN_PROGRESS = "org.bluez.Error.InProgress"


def trouble_of(error: BaseException, doing: Doing) -> SensorTrouble:
    """The trouble behind an error of bleak or of the system below it, met while `doing` something."""
    if isinstance(error, SensorError):
        return error.trouble
    names = {kind.__name__ for kind in type(error).__mro__}
    if "BleakBluetoothNotAvailableError" in names:
        reason = getattr(error, "reason", None)
        return _REASONS.get(getattr(reason, "name", ""), SensorTrouble.UNKNOWN)
    if "BleakDeviceNotFoundError" in names:
        return SensorTrouble.NOT_FOUND
    if "BleakCharacteristicNotFoundError" in names:
        return SensorTrouble.UNSUPPORTED
    if "BleakGATTProtocolError" in names:
        return _of_att_code(int(getattr(error, "code", 0)))
    if "BleakDBusError" in names:
        return _of_dbus(str(getattr(error, "dbus_error", "")), str(error), doing)
    if isinstance(error, TimeoutError):
        return {
            Doing.SCANNING: SensorTrouble.NOT_FOUND,
            Doing.CONNECTING: SensorTrouble.HELD_ELSEWHERE,
            Doing.PAIRING: SensorTrouble.PAIRING_REFUSED,
            Doing.USING: SensorTrouble.LOST,
        }[doing]
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)) or "AuthError" in names:
        return SensorTrouble.NO_SERVICE
    if isinstance(error, PermissionError):
        return SensorTrouble.NO_PERMISSION
    if isinstance(error, (EOFError, ConnectionError)):
        return SensorTrouble.LOST
    return _of_text(str(error))


def _of_att_code(code: int) -> SensorTrouble:
    if code in _NEEDS_PAIRING_CODES:
        return SensorTrouble.NEEDS_PAIRING
    return SensorTrouble.LOST if code == _UNLIKELY else SensorTrouble.UNSUPPORTED


def _of_dbus(name: str, text: str, doing: Doing) -> SensorTrouble:
    if name == _IN_PROGRESS:
        return SensorTrouble.BUSY_SCANNING if doing is Doing.SCANNING else SensorTrouble.HELD_ELSEWHERE
    if name in _DBUS:
        return _DBUS[name]
    found = _of_text(text)
    if found is SensorTrouble.UNKNOWN and doing is Doing.CONNECTING and name == "org.bluez.Error.Failed":
        return SensorTrouble.HELD_ELSEWHERE
    return found


def _of_text(text: str) -> SensorTrouble:
    for pattern, trouble in _TEXTS:
        if re.search(pattern, text, re.IGNORECASE):
            return trouble
    return SensorTrouble.UNKNOWN


def sensor_error(trouble: SensorTrouble, *, strap: str = "the strap", detail: str = "") -> SensorError:
    """A SensorError for this trouble: what happened to which strap, `detail` where there is one, and the advice."""
    says = _SAYS[trouble].format(strap=strap)
    says = says[0].upper() + says[1:]
    if detail:
        says = f"{says[:-1]} ({detail})."
    return SensorError(says, trouble=trouble, advice=ADVICE[trouble])


def explained(error: BaseException, *, doing: Doing, strap: str = "the strap") -> SensorError:
    """The same error as a SensorError with its advice; the library's words only where nothing better is known."""
    if isinstance(error, SensorError):
        return error
    trouble = trouble_of(error, doing)
    unclear = trouble in (SensorTrouble.UNKNOWN, SensorTrouble.UNSUPPORTED)
    words = str(error.args[0] if error.args else "").strip()
    detail = (words or type(error).__name__).rstrip(".") if unclear else ""
    return sensor_error(trouble, strap=strap, detail=detail)


_FIRMWARE_NOTES = {
    ("polar-h10", "4.0.4"): (
        "Firmware 4.0.4 of the H10 was seen to drop the link soon after connecting (polar-ble-sdk issue 774); "
        "if that happens, ask Polar's app for another firmware."
    ),
}


def firmware_note(key: str, firmware: str) -> str:
    """A sentence about firmware with known trouble, or an empty text."""
    return _FIRMWARE_NOTES.get((key, firmware.strip()), "")
