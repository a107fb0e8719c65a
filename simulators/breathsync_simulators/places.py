"""The sensors that a body can wear: where they sit, what they stream, how fast, how noisy, how finely graded.

Noise and grading are of the usual parts (whole mg for a Polar H10 [its protocol]; the rest are estimates and
can be scaled by `wear.noise` of a scenario).
"""

from dataclasses import dataclass

from breathsync.samples import SensorInfo, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One kind of sensor at one place of the body.

    `chest`, `belly`: how much of each wall moves it (1 and 0 on the breastbone). `rate_hz`: of its motion or
    force stream. `grain`: the smallest step of a value, `noise`: its white noise (mg or N, standard deviation),
    `gyro_noise`: deg/s, `turned_deg`: how it usually lies on the body about the forward axis.
    """

    kind: str
    model: str
    streams: tuple[Stream, ...]
    rate_hz: float
    chest: float = 1.0
    belly: float = 0.0
    grain: float = 1.0
    noise: float = 2.2
    gyro_noise: float = 0.12
    jitter_s: float = 0.0
    turned_deg: float = 0.0
    ripple: float = 1.0
    block_s: float = 0.18

    @property
    def rates_hz(self) -> dict[Stream, float]:
        """The nominal rate of each even stream."""
        even = (Stream.ACCELERATION, Stream.GYROSCOPE, Stream.FORCE)
        rates: dict[Stream, float] = {s: self.rate_hz for s in self.streams if s in even}
        if Stream.ECG in self.streams:
            rates[Stream.ECG] = ECG_HZ
        return rates

    def info(self, person: str) -> SensorInfo:
        """What the sensor says of itself."""
        return SensorInfo(
            name=f"{person}'s {self.model}",
            kind=self.kind,
            streams=self.streams,
            rates_hz=self.rates_hz,
            model=self.model,
            simulated=True,
        )


ECG_HZ = 130.0
_HEART = (Stream.RR, Stream.HEART_RATE)
_IMU = (Stream.ACCELERATION, Stream.GYROSCOPE)

PLACES = {
    place.kind: place
    for place in (
        Place(kind="h10", model="simulated H10", streams=(Stream.ACCELERATION, *_HEART), rate_hz=200),
        Place(kind="h10-ecg", model="simulated H10", streams=(Stream.ACCELERATION, *_HEART, Stream.ECG), rate_hz=200),
        Place(
            kind="belt", model="simulated force belt", streams=(Stream.FORCE,), rate_hz=10,
            chest=0.7, belly=0.3, grain=0.01, noise=0.012, jitter_s=0.012, block_s=0.1,
        ),
        Place(
            kind="imu6", model="simulated IMU6 strap", streams=(*_IMU, *_HEART), rate_hz=104,
            grain=0.244, noise=1.4, block_s=0.15,
        ),
        Place(
            kind="verity", model="simulated optical strap", streams=(Stream.ACCELERATION, *_HEART), rate_hz=52,
            chest=0.85, grain=1.0, noise=2.6, block_s=0.4,
        ),
        Place(
            kind="microbit", model="simulated micro:bit", streams=(Stream.ACCELERATION,), rate_hz=50,
            grain=4.0, noise=3.6, turned_deg=90.0, block_s=0.1,
        ),
        Place(
            kind="phone-chest", model="simulated phone", streams=_IMU, rate_hz=100,
            grain=0.12, noise=1.2, gyro_noise=0.06, ripple=0.5, block_s=0.1,
        ),
        Place(
            kind="phone-belly", model="simulated phone", streams=_IMU, rate_hz=100, chest=0.1, belly=1.3,
            grain=0.12, noise=1.2, gyro_noise=0.06, ripple=0.25, block_s=0.1,
        ),
        Place(kind="heart", model="simulated heart strap", streams=_HEART, rate_hz=1, block_s=0.5),
    )
}  # fmt: skip
"""By kind, as a source names it: `sim:steady@belt`."""
