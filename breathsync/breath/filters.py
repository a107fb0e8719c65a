"""Causal low-pass filters that carry their state from block to block, and say their delay in seconds.

Low-pass only: a causal high-pass shows the peak of a slow breath before it happens (domain.md, 5). Every corner
is in Hz, at -3 dB. Bessel, since it does not overshoot and delays fast and slow breathing alike (W. E. Thomson,
Proc. IEE 96 III, 1949). Two forms of the same second-order filter: `EvenLowPass` for an even clock (scipy's
`lfilter` with `zi`, section by section, then every n-th sample kept; `sosfilt` does the same and takes four times
as long for the few samples of a live block), `UnevenLowPass` for stamps that come as they like (the exact
solution between two stamps for an input that runs straight from one sample to the next; nothing is waited for).
Both start settled on the first sample, as if it had been there for ever.
"""

from cmath import exp
from functools import cache
from math import pi

import numpy as np
from scipy.signal import bessel, lfilter, sosfilt_zi

from breathsync.samples import FloatArray

_DELAY = 1.3616541287161306 / (2 * pi)
"""Delay times corner of the second-order Bessel: 3 / (s^2 + 3 s + 3) delays by 1 s and is at -3 dB at 1.36 rad/s."""

_KEPT = 256
"""Of so many intervals between two stamps it is remembered what comes over them."""

WORKING_RATE_HZ = 25.0
"""The live chain works at this rate or a little above it, whatever the sensor's rate."""


def decimation(rate_hz: float) -> int:
    """How many samples of a sensor at `rate_hz` make one of the working rate (at least 1)."""
    return max(1, int(rate_hz / WORKING_RATE_HZ + 1e-6))


@cache
def _bessel(order: int, corner_hz: float, rate_hz: float) -> FloatArray:
    """Second-order sections (n, 6); kept, since the design takes longer than filtering minutes does."""
    sos: FloatArray = bessel(order, corner_hz, fs=rate_hz, output="sos", norm="mag")
    return sos


class EvenLowPass:
    """Bessel low-pass at `corner_hz` for `columns` columns at an even `rate_hz`, keeping every `keep`-th sample.

    The first sample of all is kept, then each `keep`-th after it. `delay_s` is the group delay for slow
    signals: 0.217 / corner at order 2, 0.14 s at 1.5 Hz (0.01 s less at 10 Hz). The cut into blocks changes
    nothing: `lfilter` goes sample by sample. Non-finite values must be dealt with by the caller.
    Raises ValueError when the corner is not below half the rate.
    """

    def __init__(
        self, *, rate_hz: float, corner_hz: float, order: int = 2, keep: int = 1, columns: int = 1
    ) -> None:
        if not 0 < corner_hz < rate_hz / 2:
            raise ValueError(f"corner_hz = {corner_hz:g} is outside 0..{rate_hz / 2:g} (half of rate_hz)")
        sos = _bessel(order, corner_hz, rate_hz)
        b, a = sos[:, :3], sos[:, 3:]
        self._sections = list(zip(b, a, strict=True))
        self._settled = sosfilt_zi(sos)
        self._states = [np.zeros((2, columns)) for _ in self._sections]
        self._keep = keep
        self._skip = 0
        self._started = False
        taps = np.arange(3)
        in_samples = (b @ taps) / b.sum(axis=1) - (a @ taps) / a.sum(axis=1)
        self.delay_s = float(in_samples.sum()) / rate_hz

    def reset(self) -> None:
        """Forget the past: settle on the next sample."""
        self._started = False
        self._skip = 0

    def push(self, x: FloatArray) -> tuple[FloatArray, slice]:
        """Filter `x` of shape (n, columns); return what is kept, and the slice of `x` it belongs to."""
        if len(x) == 0:
            return x, slice(0, 0, self._keep)
        if not self._started:
            self._states = [settled[:, None] * x[0] for settled in self._settled]
            self._started = True
        y = x
        for i, (b, a) in enumerate(self._sections):
            y, self._states[i] = lfilter(b, a, y, axis=0, zi=self._states[i])
        kept = slice(self._skip, len(x), self._keep)
        self._skip = (self._skip - len(x)) % self._keep
        return y[kept], kept


class UnevenLowPass:
    """Second-order Bessel low-pass at `corner_hz` for one column with a time stamp for each sample.

    One complex pole: z' = p z + u, y = 2 Re(r z), solved exactly over each interval for an input that runs
    straight between its ends (first-order hold). `delay_s` = 0.217 / corner, whatever the rate.
    """

    def __init__(self, *, corner_hz: float) -> None:
        if corner_hz <= 0:
            raise ValueError(f"corner_hz = {corner_hz:g} must be above 0")
        self.delay_s = _DELAY / corner_hz
        self._pole = complex(-3, 3**0.5) / 2 / self.delay_s
        self._residue = 3 / self.delay_s**2 / (self._pole - self._pole.conjugate())
        self._over: dict[float, tuple[complex, complex, complex]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget the past: settle on the next sample."""
        self._z = 0j
        self._rest = 0.0
        self._t_s = self._u = float("nan")

    def push(self, t_s: list[float], values: list[float]) -> list[float]:
        """The filtered values at `t_s`. The stamps must grow, the values be finite."""
        residue, z, last_s, before = self._residue, self._z, self._t_s, self._u
        if values and before != before:
            self._rest = values[0]
        rest, known = self._rest, self._over
        filtered: list[float] = []
        for t, value in zip(t_s, values, strict=True):
            # Counted from the first value, so that a constant stays one to the last bit.
            u = value - rest
            dt = t - last_s
            if dt > 0:
                decay, first, last = known.get(dt) or self._learn(dt)
                z = decay * z + first * before + last * u
            last_s, before = t, u
            filtered.append(rest + 2 * (residue * z).real)
        self._z, self._t_s, self._u = z, last_s, before
        return filtered

    def _learn(self, dt_s: float) -> tuple[complex, complex, complex]:
        """What comes over `dt_s` of the state and of the input at both ends. Kept, since on an even clock the same few
        intervals come again and again, and one look at the past has thousands of them."""
        p = self._pole
        decay = exp(p * dt_s)
        g = (decay - 1) / p
        last = (g - dt_s) / (p * dt_s)
        if len(self._over) >= _KEPT:
            self._over.clear()
        self._over[dt_s] = over = decay, g - last, last
        return over
