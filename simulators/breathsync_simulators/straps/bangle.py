"""Bangle.js: a JavaScript console over the Nordic UART that prints acceleration once it has been told to.

It runs no JavaScript: the one line breathsync sends switches the printing on, the other off.
"""

from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles.bangle import PERIOD_MS, START, STOP, Sample
from breathsync.sensors.ble.profiles.nordic_uart import RX, SERVICE, TX
from breathsync_simulators.straps.peripheral import Att, AttError, Characteristic, Identity, Service, Strap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "bangle"
SENSOR = "microbit"
PIECE = 20


class Bangle(Strap):
    """Prints a line a sample, cut at 20 bytes as the watch does."""

    protected = frozenset({RX, TX})

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self.streaming = False
        self._typed = b""
        self._count = 0

    def own_services(self) -> tuple[Service, ...]:
        """The Nordic UART."""
        members = (
            Characteristic(RX, ("write", "write-without-response")),
            Characteristic(TX, ("notify",)),
        )
        return (Service(SERVICE, members),)

    def own_reset(self) -> None:
        """The console's state goes with the link."""
        self.streaming = False
        self._typed = b""

    def own_write(self, uuid: str, data: bytes) -> None:
        """Something typed; a whole line is looked at."""
        if uuid != RX:
            raise AttError(Att.WRITE_NOT_PERMITTED)
        *lines, self._typed = (self._typed + data).split(b"\n")
        for line in lines:
            if line + b"\n" == START.encode():
                self.streaming = True
            elif line + b"\n" == STOP.encode():
                self.streaming = False

    def measured(self, samples: Samples) -> None:
        """12.5 lines a second."""
        if samples.stream is not Stream.ACCELERATION:
            return
        every = max(1, round(self.wearer.info.rates_hz[samples.stream] * PERIOD_MS / 1000))
        first = -self._count % every
        self._count += len(samples)
        if not self.streaming:
            return
        for t_s, (x, y, z) in zip(
            samples.t_s[first::every].tolist(), samples.values[first::every].tolist(), strict=True
        ):
            time_ms = self.device_ns(t_s) // 1_000_000
            line = Sample(time_ms=time_ms, x_g=x / 1000, y_g=y / 1000, z_g=z / 1000).to_bytes() + b"\r\n"
            for start in range(0, len(line), PIECE):
                self.send_frame(TX, line[start : start + PIECE])


def strap(wearer: Wearer, quirks: Quirks | None = None) -> Bangle:
    """A Bangle.js on this wearer."""
    identity = Identity(
        name="Bangle.js 51a7",
        address="E5:1A:70:00:00:01",
        maker="Espruino (simulated)",
        model="Bangle.js 2",
        serial="51a7",
        firmware="2v24",
        advertised=(SERVICE,),
    )
    return Bangle(identity=identity, wearer=wearer, quirks=quirks)
