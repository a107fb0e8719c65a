"""What goes wrong in a computer's Bluetooth, and how BlueZ words it."""

from dataclasses import dataclass

from breathsync_simulators.straps.peripheral import Att


@dataclass(slots=True)
class Faults:
    """What goes wrong in the computer's own Bluetooth. May be changed while running."""

    no_adapter: bool = False
    adapter_off: bool = False
    no_central_role: bool = False
    start_discovery_busy: int = 0
    """So many times StartDiscovery is answered by InProgress."""
    stop_discovery_busy: int = 0
    write_busy: int = 0
    connect_error: tuple[str, str] | None = None
    """Error name and text with which Connect fails."""
    connect_abort: int = 0
    """So many times Connect fails with `le-connection-abort-by-local`."""
    connect_silent: bool = False
    """Connect is never answered."""
    pair_error: tuple[str, str] | None = None
    connected_elsewhere: bool = False
    """The straps are connected already, by another program of this computer."""


class DBusFault(Exception):
    """An error answer: D-Bus name and text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name if "." in name else f"org.bluez.Error.{name}"
        self.text = text


def att_fault(code: int) -> DBusFault:
    """The error BlueZ makes of an ATT error (create_gatt_dbus_error in its src/gatt-client.c)."""
    match code:
        case Att.READ_NOT_PERMITTED:
            return DBusFault("NotPermitted", "Read not permitted")
        case Att.WRITE_NOT_PERMITTED:
            return DBusFault("NotPermitted", "Write not permitted")
        case Att.INSUFFICIENT_AUTHENTICATION | Att.INSUFFICIENT_ENCRYPTION:
            return DBusFault("NotPermitted", "Not paired")
        case Att.INVALID_LENGTH:
            return DBusFault("InvalidArguments", "Invalid Length")
        case Att.NOT_SUPPORTED:
            return DBusFault("NotSupported", "Operation is not supported")
        case Att.CCCD_IMPROPER:
            return DBusFault("ImproperlyConfigured", "CCCD improperly configured")
        case _:
            return DBusFault("Failed", f"Operation failed with ATT error: 0x{code:02x}")
