"""A seated breath in three axes, found by its rhythm, before any calibration.

A person who sits sways more than the chest breathes, and mostly along the very axis that a breath tips the chest
along; so the direction that moves most is a poor guess. What tells a breath from sway is that it comes back at
its own rate. Every few seconds all pairs of a rate and a direction are weighed against each other over the last
`PAST_S` seconds. For each, the three axes are summed with weights that let a movement along the direction through
and as little as can be of what is slower and faster than the rate (the minimum variance beamformer of Capon, Proc.
IEEE 57, 1969; the contrast of one rate against its neighbours is that of Nikulin, Nolte and Curio, NeuroImage 55,
2011). A pair gains by

- how far the power around the rate stands above that of its neighbours;
- how well it agrees with what was followed until now, so that the sign is kept when the axis moves;
- what is known of people: about 15 breaths a minute seated, and an inhale that tips the breastbone's face up.

All gains are log likelihoods, so there is nothing to balance but how many independent looks a second gives.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from breathsync.breath.axis import Axis, cross, unit
from breathsync.samples import FloatArray

GRID_HZ = 5.0
PAST_S = 40.0
"""Long enough for ten usual breaths, short enough to follow a new posture."""
LEAST_S = 12.0
"""Three usual breaths."""
RATES_HZ = np.geomspace(0.07, 0.65, 24)
DIRECTIONS = 48
AROUND, BESIDE = 1.3, 3.0
"""A rate's own band is within this factor of it, its neighbours within the second (and not above `FASTEST_HZ`)."""
FASTEST_HZ = 2.0
BAND_HZ = (0.1, 0.8)
"""What agreement is looked for in."""
USUAL_HZ, USUAL_SPREAD = 0.25, 0.45
"""15 breaths a minute, give or take half an octave and a bit (log-normal)."""
LIKELY_IN = 1.0
"""How far the direction of `likely_in` is favoured."""
LOADING = 0.1
CLIP = 3.0
"""A step from grid point to grid point this many times the usual one is a movement and counts as this much."""
LOOK_S = 4.0
"""Agreement over this long, about a breath, is one independent look."""
MOST_ALIKE = 0.95
AGREES_S = 20.0
"""So much of what was followed is compared."""
SWITCH = 1.0
"""Another pair must gain this much more before it is followed."""
_FFT = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The breath as its rhythm shows it: along which axis, and how often."""

    axis: Axis
    rate_hz: float


class RhythmSeeker:
    """Looks at the recent past now and then, and keeps what it follows until something is clearly better."""

    def __init__(self) -> None:
        self._at: tuple[int, int] | None = None
        self._followed: list[tuple[float, FloatArray]] = []

    def look(self, t_s: FloatArray, smooth: FloatArray, *, now_s: float) -> Rhythm | None:
        """The best pair, if it is another than before, else None.

        `t_s` (n,), `smooth` (n, 3) in mg: the last `PAST_S`, up to `now_s`, with no change of posture inside.
        """
        if len(t_s) < 2 or t_s[-1] - t_s[0] < LEAST_S:
            return None
        grid = np.arange(np.ceil(t_s[0] * GRID_HZ), np.floor(t_s[-1] * GRID_HZ) + 1.0) / GRID_HZ
        level = np.stack([np.interp(grid, t_s, smooth[:, i]) for i in range(3)], axis=1)
        base, sure = across_gravity(np.median(level, axis=0))
        steps = np.diff(level, axis=0)
        flat = clipped(steps[:, :1] * base[0] + steps[:, 1:2] * base[1] + steps[:, 2:] * base[2])
        gain, weights = contrast(flat)
        gain = gain - 0.5 * (np.log(RATES_HZ / USUAL_HZ) / USUAL_SPREAD)[:, None] ** 2
        paths, at_s = _band(np.cumsum(flat, axis=0)), grid[1:]
        gain = gain + LIKELY_IN * sure * _COS
        if self._followed and now_s - self._followed[0][0] >= LEAST_S:
            gain = gain + self._kept(weights, paths, at_s, steps, now_s)
        best = divmod(int(gain.argmax()), DIRECTIONS)
        if self._at is not None and gain[best] <= gain[self._at] + SWITCH:
            return None
        self._at = best
        in_plane, way = weights[best], _WAYS[best[1]]
        axis = Axis(base @ way, base @ in_plane)
        self._followed = [f for f in self._followed if now_s - PAST_S < f[0] <= now_s]
        self._followed.append((now_s, axis.weights))
        return Rhythm(axis=axis, rate_hz=float(RATES_HZ[best[0]]))

    def _kept(
        self, weights: FloatArray, paths: FloatArray, at_s: FloatArray, steps: FloatArray, now_s: float
    ) -> FloatArray:
        """Agreement with what was followed in the last seconds, each stretch by the weights of then."""
        since = np.array([f[0] for f in self._followed])
        used = np.array([f[1] for f in self._followed])
        then = used[np.maximum(np.searchsorted(since, at_s, side="left") - 1, 0)]
        signal = _band(np.cumsum(clipped((steps * then).sum(axis=1)[:, None]), axis=0))[:, 0]
        late = at_s > max(now_s - AGREES_S, since[0])
        return agreement(weights, paths[late], signal[late])


_ANGLES = 2.0 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
_COS = np.cos(_ANGLES)
_WAYS = np.stack((np.cos(_ANGLES), np.sin(_ANGLES)), axis=1)
_BAND = butter(2, BAND_HZ, "bandpass", fs=GRID_HZ, output="sos")
_HZ = np.fft.rfftfreq(_FFT, 1.0 / GRID_HZ)


def across_gravity(gravity_mg: FloatArray) -> tuple[FloatArray, float]:
    """Two unit vectors across gravity as columns (3, 2), the first the way an inhale most likely goes (as
    `axis.likely_in` has it), and how sure that is, 0..1: not at all where one axis of the sensor bears all."""
    up = unit(gravity_mg)
    if up is None:
        up = np.array((1.0, 0.0, 0.0))
    largest = int(np.argmax(np.abs(up)))
    less = np.zeros(3)
    less[largest] = -np.sign(up[largest])
    way = less - up * float((up * less).sum())
    sure = min(1.0, 3.0 * float(np.sqrt((way * way).sum())))
    first = unit(way) if sure > 1e-3 else None
    if first is None:
        other = np.zeros(3)
        other[(largest + 1) % 3] = 1.0
        sure, first = 0.0, unit(other - up * float((up * other).sum()))
    assert first is not None
    return np.stack((first, cross(up, first)), axis=1), sure


def clipped(steps: FloatArray) -> FloatArray:
    """Steps (n, k) less their median, none longer than `CLIP` times the usual: what jolts is not to rule."""
    off = steps - np.median(steps, axis=0)
    size = np.sqrt((off * off).sum(axis=1))
    most = CLIP * float(np.median(size))
    return np.asarray(off * np.minimum(1.0, most / np.maximum(size, 1e-9))[:, None])


def contrast(flat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each rate and direction: the gain (rates, DIRECTIONS) and the weights in the plane (rates, DIRECTIONS, 2).

    `flat` (n, 2): steps on the grid. Its spectrum is that of the level times the frequency squared, which evens
    out sway. The gain is the log likelihood of the band's power against none, halved for the taper and for a rate
    that is never quite even.
    """
    n = len(flat)
    off = flat - flat.sum(axis=0) / n
    ramp = np.arange(1, n + 1)
    taper = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1.0, np.minimum(ramp, 2.0 * (n - ramp) + 2.0) * 5.0 / n))
    spectrum = np.fft.rfft(off * (taper / np.sqrt((taper * taper).sum()))[:, None], n=_FFT, axis=0)
    x, y = spectrum[:, 0], spectrum[:, 1]
    power = np.stack(
        ((x * x.conj()).real, (x * y.conj()).real, (y * y.conj()).real),
        axis=1,
    )
    sums = np.concatenate((np.zeros((1, 3)), np.cumsum(power, axis=0)))
    edges = np.stack((RATES_HZ / AROUND, RATES_HZ * AROUND, RATES_HZ / BESIDE, RATES_HZ * BESIDE), axis=1)
    at = np.searchsorted(_HZ, np.minimum(edges, FASTEST_HZ))
    inside, outside = at[:, 1] - at[:, 0], at[:, 3] - at[:, 2] - at[:, 1] + at[:, 0]
    own = sums[at[:, 1]] - sums[at[:, 0]]
    rest = (sums[at[:, 3]] - sums[at[:, 2]] - own) / outside[:, None]
    own = own / inside[:, None]
    load = LOADING * (rest[:, 0] + rest[:, 2]) / 2.0 + 1e-12
    xx, xy, yy = rest[:, 0] + load, rest[:, 1], rest[:, 2] + load
    weights = np.stack(
        (
            yy[:, None] * _WAYS[:, 0] - xy[:, None] * _WAYS[:, 1],
            xx[:, None] * _WAYS[:, 1] - xy[:, None] * _WAYS[:, 0],
        ),
        axis=2,
    )
    weights = weights / (weights * _WAYS).sum(axis=2)[:, :, None]
    over = _size(weights, own) / _size(weights, np.stack((xx, xy, yy), axis=1))
    looks = np.maximum(RATES_HZ * (AROUND - 1.0 / AROUND) * n / GRID_HZ, 1.0)
    gain = 0.5 * looks[:, None] * np.where(over > 1.0, over - 1.0 - np.log(np.maximum(over, 1.0)), 0.0)
    return gain, weights


def agreement(weights: FloatArray, paths: FloatArray, wanted: FloatArray) -> FloatArray:
    """For each rate and direction (rates, DIRECTIONS): the log likelihood that the weighted `paths` (n, 2) and
    `wanted` (n,) are the same movement; negative where they go against each other."""
    x, y = paths[:, 0], paths[:, 1]
    both = np.array(((x * x).sum(), (x * y).sum(), (y * y).sum()))
    along = weights[:, :, 0] * float((x * wanted).sum()) + weights[:, :, 1] * float((y * wanted).sum())
    size = np.sqrt(_size(weights, np.broadcast_to(both, (len(weights), 3))) * float((wanted * wanted).sum()))
    alike = along / np.maximum(size, 1e-12)
    looks = len(paths) / GRID_HZ / LOOK_S
    return np.asarray(-0.5 * looks * np.sign(alike) * np.log(1.0 - np.minimum(alike * alike, MOST_ALIKE)))


def _size(weights: FloatArray, power: FloatArray) -> FloatArray:
    """The power (rates, DIRECTIONS) of weighted sums, from xx, xy, yy in `power` (rates, 3)."""
    a, b = weights[:, :, 0], weights[:, :, 1]
    return np.asarray(a * a * power[:, :1] + 2.0 * a * b * power[:, 1:2] + b * b * power[:, 2:])


def _band(level: FloatArray) -> FloatArray:
    return np.asarray(sosfiltfilt(_BAND, level, axis=0))
