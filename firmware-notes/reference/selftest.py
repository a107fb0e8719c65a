"""Prints the packets of a made-up session as `name: hex`, one a line. The tests compare them with the decoder's."""

import packets
from packets import ACCELERATION, FORCE, GYROSCOPE, STRETCH


def session():
    """Yield (name, bytes)."""
    strap = packets.Strap(
        [
            packets.Stream(ACCELERATION, 0.06103515625, (10000, 20000)),
            packets.Stream(GYROSCOPE, 0.0076293945, (20000,)),
            packets.Stream(FORCE, 0.001, (50000,)),
            packets.Stream(STRETCH, 1.0, (50000, 100000)),
        ],
        feels_skin=True,
    )
    yield "capabilities", strap.capabilities()
    for name, command in (
        ("start acceleration", b"\x01\x01\x20\x4e\x00\x00"),
        ("start gyroscope", b"\x01\x02\x20\x4e\x00\x00"),
        ("start force", b"\x01\x03\x50\xc3\x00\x00"),
        ("start stretch", b"\x01\x04\x50\xc3\x00\x00"),
        ("start temperature", b"\x01\x09\x50\xc3\x00\x00"),
        ("start at a wrong period", b"\x01\x01\x01\x00\x00\x00"),
        ("nonsense", b"\x07\x01"),
        ("stop gyroscope", b"\x02\x02"),
    ):
        yield name, strap.command(command)
    for mtu in (23, 64, 247):
        for i in range(12):
            tick = 0xFFFFFF00 + 200 * i
            for kind, values in (
                (ACCELERATION, (16 * i, -i, 16384)),
                (GYROSCOPE, (i, i, i)),
                (FORCE, (-1000 * i,)),
                (STRETCH, (packets.no_value(STRETCH) if i == 5 else 70000 + i,)),
            ):
                frame = strap.put(kind, tick, values, mtu, worn=i != 7)
                if frame:
                    yield "frame", frame
    yield "uart", packets.uart_frame(packets.CHANNEL_CAPABILITIES, strap.capabilities())
    yield "stop all", strap.command(b"\x02\x00")
    yield "crc", bytes((packets.crc8(b"123456789"),))


for _name, _data in session():
    print(_name + ": " + "".join(f"{byte:02x}" for byte in _data))
