"""The Heart Rate Service of a strap: once a second the heart rate and the beats since."""

from breathsync.samples import Samples, Stream
from breathsync.sensors.ble.profiles.heart_rate import HeartRateMeasurement
from breathsync_simulators.straps.peripheral import (
    BODY_LOCATION,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    Characteristic,
    Service,
)

EVERY_S = 1.0
CHEST = b"\x01"
"""Body sensor location 0x2A38."""
MOST_RR = 9
"""What fits beside an 8-bit rate in 20 bytes."""

SERVICE = Service(
    HEART_RATE_SERVICE,
    (Characteristic(HEART_RATE_MEASUREMENT, ("notify",)), Characteristic(BODY_LOCATION, ("read",))),
)


class Heart:
    """Collects what the wearer's heart did and makes one measurement a second of it."""

    def __init__(self, *, sends_rr: bool = True, contact: bool | None = None) -> None:
        self.sends_rr = sends_rr
        self.contact = contact
        self._bpm: int | None = None
        self._rr: list[int] = []
        self._next_s = EVERY_S

    def hear(self, samples: Samples) -> None:
        """Take in beats and rate; other streams are not the heart's."""
        if samples.stream is Stream.RR:
            self._rr += [round(rr_ms * 1024 / 1000) for rr_ms in samples.values[:, 0].tolist()]
            if self._bpm is None and self._rr:
                self._bpm = round(60 * 1024 / self._rr[-1])
        elif samples.stream is Stream.HEART_RATE and len(samples):
            self._bpm = round(float(samples.values[-1, 0]))

    def due(self, now_s: float) -> bytes | None:
        """The measurement to send at `now_s`, when a second has gone by."""
        if now_s < self._next_s or self._bpm is None:
            return None
        self._next_s = EVERY_S * (now_s // EVERY_S + 1)
        rr, self._rr = self._rr[-MOST_RR:], []
        return HeartRateMeasurement(
            heart_rate_bpm=self._bpm, rr=tuple(rr) if self.sends_rr else (), contact=self.contact
        ).to_bytes()
