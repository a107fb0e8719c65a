"""The open strap profile's packets and commands, for any MicroPython (and CPython, where the tests run it too).

Nothing here touches hardware: give it samples, send what it returns. See ../open-strap-profile.md.
"""

import struct

ACCELERATION, GYROSCOPE, FORCE, STRETCH = 1, 2, 3, 4
START, STOP = 1, 2
OK, UNKNOWN_COMMAND, NO_SUCH_STREAM, PERIOD_NOT_OFFERED, SENSOR_FAILED = 0, 1, 2, 3, 4
CHANNEL_CAPABILITIES, CHANNEL_CONTROL, CHANNEL_DATA, CHANNEL_BATTERY = 0, 1, 2, 3

VERSION = (1, 0)
NOT_WORN = 0x80
FORMATS = {ACCELERATION: "<3h", GYROSCOPE: "<3h", FORCE: "<i", STRETCH: "<i"}
HEAD_BYTES = 6


def no_value(kind):
    """The count that says: nothing measured (clipped, or the sensor failed)."""
    return -0x8000 if FORMATS[kind] == "<3h" else -0x80000000


class Stream:
    """One stream: units a count, the periods offered in µs, and the frame that is being filled."""

    def __init__(self, kind, scale, periods_us):
        self.kind = kind
        self.scale = scale
        self.periods_us = periods_us
        self.period_us = 0
        self.sequence = 0
        self.first_tick = 0
        self.samples = b""

    def put(self, tick, values, mtu, worn=True):
        """Add a sample taken at `tick` (0.1 ms); return the frame when it is full, else None."""
        if not self.samples:
            self.first_tick = tick & 0xFFFFFFFF
        self.samples += struct.pack(FORMATS[self.kind], *values)
        size = struct.calcsize(FORMATS[self.kind])
        if HEAD_BYTES + len(self.samples) + size <= min(mtu - 3, self.longest()):
            return None
        first = self.kind | (0 if worn else NOT_WORN)
        frame = struct.pack("<BBI", first, self.sequence, self.first_tick) + self.samples
        self.sequence = (self.sequence + 1) & 0xFF
        self.samples = b""
        return frame

    def longest(self):
        """Bytes of a frame that takes 0.1 s to fill, so that nobody waits longer; at least one sample."""
        count = max(1, 100000 // self.period_us)
        return HEAD_BYTES + count * struct.calcsize(FORMATS[self.kind])


class Strap:
    """The streams together: capabilities, commands, samples."""

    def __init__(self, streams, feels_skin=False):
        self.streams = {stream.kind: stream for stream in streams}
        self.order = [stream.kind for stream in streams]
        self.feels_skin = feels_skin

    def capabilities(self):
        """What the capabilities characteristic holds."""
        out = b"BS" + bytes((VERSION[0], VERSION[1], 1 if self.feels_skin else 0, len(self.order)))
        for kind in self.order:
            stream = self.streams[kind]
            periods = b"".join(struct.pack("<I", period_us) for period_us in stream.periods_us)
            out += struct.pack("<BBf", 5 + len(periods), kind, stream.scale) + periods
        return out

    def command(self, data):
        """Carry out a write to the control characteristic; return the bytes to indicate."""
        if len(data) < 2 or data[0] not in (START, STOP) or (data[0] == START and len(data) < 6):
            return bytes(
                (0x80 | (data[0] & 0x7F if data else 0), data[1] if len(data) > 1 else 0, UNKNOWN_COMMAND)
            )
        op, kind = data[0], data[1]
        if op == STOP and kind == 0:
            self.stop()
            return bytes((0x80 | op, kind, OK))
        if kind not in self.streams:
            return bytes((0x80 | op, kind, NO_SUCH_STREAM))
        stream = self.streams[kind]
        if op == STOP:
            stream.period_us = 0
            return bytes((0x80 | op, kind, OK))
        period_us = struct.unpack("<I", data[2:6])[0]
        if period_us not in stream.periods_us:
            return bytes((0x80 | op, kind, PERIOD_NOT_OFFERED))
        stream.period_us, stream.sequence, stream.samples = period_us, 0, b""
        return struct.pack("<BBBI", 0x80 | op, kind, OK, period_us)

    def stop(self):
        """Stop all streams: on command, and whenever the host goes away."""
        for kind in self.order:
            self.streams[kind].period_us = 0

    def put(self, kind, tick, values, mtu, worn=True):
        """A sample of a stream; the frame to notify when one is full. Nothing when the stream is stopped."""
        stream = self.streams[kind]
        return stream.put(tick, values, mtu, worn) if stream.period_us else None


def crc8(data):
    """CRC-8/SMBUS: polynomial 0x07, start 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def uart_frame(channel, payload):
    """The same bytes framed for a UART service."""
    body = bytes((len(payload), channel)) + payload
    return b"\xa5" + body + bytes((crc8(body),))
