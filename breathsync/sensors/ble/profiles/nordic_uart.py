"""Nordic UART Service: a stream of bytes, cut anywhere; here it is put together again, by line or by frame.

RX is written by the host, TX notified by the device. Source: Nordic Semiconductor, Nordic UART Service.
"""

from dataclasses import dataclass

from breathsync.sensors.ble.profiles._bytes import check_range, fail

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
RX = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"

LONGEST_LINE = 512
FRAME_START = 0xA5
_HEAD, _TAIL = 3, 1


class Lines:
    """Puts lines together. Carriage returns are dropped; a line without end is an error, not a leak."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises DecodeError when a line grows over 512 bytes."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = b""
        if len(rest) > LONGEST_LINE:
            raise fail("UART line", f"no end after {LONGEST_LINE} bytes", rest)
        self._rest = rest
        return [line.rstrip(b"\r") for line in lines]


def crc8(data: bytes) -> int:
    """CRC-8/SMBUS: polynomial 0x07, start 0, nothing reflected; 0xF4 for b"123456789"."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


@dataclass(frozen=True, slots=True, kw_only=True)
class UartFrame:
    """`A5 length channel payload… crc8(length channel payload)`: how the open strap profile travels over a UART."""

    channel: int
    payload: bytes

    def __post_init__(self) -> None:
        check_range("UART frame", "channel", self.channel, 0, 255)
        check_range("UART frame", "length", len(self.payload), 0, 255)

    @classmethod
    def from_bytes(cls, data: bytes) -> "UartFrame":
        """Decode one whole frame. Raises DecodeError for a wrong start, length or checksum."""
        what = "UART frame"
        if len(data) < _HEAD + _TAIL or data[0] != FRAME_START or len(data) != _HEAD + data[1] + _TAIL:
            raise fail(what, "a5, a length and as many bytes expected", data)
        if crc8(data[1:-1]) != data[-1]:
            raise fail(what, f"the checksum is {crc8(data[1:-1]):#04x}, not {data[-1]:#04x}", data)
        return cls(channel=data[2], payload=data[_HEAD:-1])

    def to_bytes(self) -> bytes:
        """Encode."""
        body = bytes((len(self.payload), self.channel)) + self.payload
        return bytes([FRAME_START]) + body + bytes([crc8(body)])


class Frames:
    """Puts frames together out of a stream cut anywhere; finds the next frame again after lost bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[UartFrame]:
        """The frames that `data` completes. Raises DecodeError when bytes had to be skipped and no frame came."""
        stream, frames, skipped = self._rest + data, [], 0
        at = 0
        while at < len(stream):
            if stream[at] != FRAME_START:
                at, skipped = at + 1, skipped + 1
                continue
            if at + 2 > len(stream) or at + _HEAD + stream[at + 1] + _TAIL > len(stream):
                break
            end = at + _HEAD + stream[at + 1] + _TAIL
            if crc8(stream[at + 1 : end - 1]) == stream[end - 1]:
                frames.append(UartFrame.from_bytes(stream[at:end]))
                at = end
            else:
                at, skipped = at + 1, skipped + 1
        self._rest = stream[at:]
        if skipped and not frames:
            raise fail("UART stream", f"{skipped} bytes belong to no frame", data)
        return frames
