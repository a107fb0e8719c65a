"""Device Information Service 0x180A: who made it, which model, which firmware.

Source: Bluetooth SIG, Device Information Service 1.1.
"""

from breathsync.sensors.ble.profiles._bytes import c_string
from breathsync.sensors.ble.profiles.base import Connection, Facts, Heard, Read, Script, uuid16

SERVICE = uuid16(0x180A)
MANUFACTURER = uuid16(0x2A29)
MODEL = uuid16(0x2A24)
SERIAL = uuid16(0x2A25)
FIRMWARE = uuid16(0x2A26)


class DeviceInformation:
    """Reads the four texts once. A text that is missing stays empty."""

    def start(self, connection: Connection) -> Script[Facts]:
        """Read what is there."""
        texts: dict[str, str] = {}
        for characteristic in (MANUFACTURER, MODEL, SERIAL, FIRMWARE):
            if characteristic in connection.characteristics:
                reply = yield Read(characteristic=characteristic, optional=True)
                texts[characteristic] = c_string(reply or b"")
        return Facts(
            manufacturer=texts.get(MANUFACTURER, ""),
            model=texts.get(MODEL, ""),
            serial=texts.get(SERIAL, ""),
            firmware=texts.get(FIRMWARE, ""),
        )

    def stop(self) -> Script[None]:
        """Nothing to write."""
        yield from ()

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """The service never notifies."""
        return []
