"""From three axes to one: along which direction of the sensor's frame the breath moves it, and which way is in.

An accelerometer on the chest feels the breath as a small tilt: gravity turns in the sensor's frame by the same
few tenths of a degree with each inhale. So the direction of an inhale is a unit vector across gravity. It is
learned from breaths whose inhale is known (a cue says when); it is carried along when the posture turns gravity
in the sensor's frame; before any of that a provisional one is guessed, good for a picture and for `analyze`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from breathsync.samples import FloatArray

AGREEMENT = 0.7
"""Cosine of 45 degrees: ways nearer than this agree."""
LIKE_BEFORE = 0.7
"""What quiet breaths say in a new posture is believed only this near to the axis carried over."""


SLOWER_HZ = 0.12
FASTER_HZ = 0.6
"""What is slower (sway) and faster (heart beat, shaking) than most breaths is the rest that weights turn away from.
A slow breath among it does no harm: the weights always let the breath's own direction through whole."""
LOADING = 0.5
"""Added to the rest in all directions, so that few data cannot make wild weights (diagonal loading)."""
HEAVIEST = 1.6
LEAST_REST_S = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """`direction`: unit vector (3,) that an inhale moves the sensor along. `weights` (3,): what the three axes are
    multiplied by and summed to the breath signal; a breath along `direction` comes out whole (their product is 1),
    and of all else that moves as little as can be."""

    direction: FloatArray
    weights: FloatArray

    def carried(self, gravity_then: FloatArray, gravity_now: FloatArray) -> "Axis":
        """After the turn that brings the one gravity vector onto the other."""
        return Axis(
            carried(self.direction, gravity_then, gravity_now),
            carried(self.weights, gravity_then, gravity_now),
        )


def plain(direction: FloatArray) -> Axis:
    """An axis that looks along its direction only."""
    return Axis(direction, direction)


def weighted(direction: FloatArray, smooth: FloatArray, calm: NDArray[np.bool_], *, rate_hz: float) -> Axis:
    """Weights that let the breath through and turn away from the rest of `smooth` (n, 3), where `calm` (n,): sway and
    heart beat.

    The minimum variance beamformer (Capon, Proc. IEEE 57, 1969), on the covariance of what is slower and faster
    than a breath. With less than `LEAST_REST_S` of data the axis looks along its direction only.
    """
    if np.count_nonzero(calm) < LEAST_REST_S * rate_hz:
        return plain(direction)
    slower = sosfiltfilt(_butterworth(SLOWER_HZ, rate_hz), smooth, axis=0)
    faster = smooth - sosfiltfilt(_butterworth(FASTER_HZ, rate_hz), smooth, axis=0)
    return against(direction, _spread(slower[calm]) + _spread(faster[calm]))


@cache
def _butterworth(corner_hz: float, rate_hz: float) -> FloatArray:
    """Sections (1, 6) of a second-order low-pass; kept, since the design takes as long as filtering a minute."""
    sos: FloatArray = butter(2, corner_hz, fs=rate_hz, output="sos")
    return sos


def against(direction: FloatArray, rest: FloatArray) -> Axis:
    """The axis with the weights that let a movement along `direction` through whole, and as little as can be of the
    rest, by its covariance `rest` (3, 3)."""
    size = float(rest[0, 0] + rest[1, 1] + rest[2, 2]) / 3.0
    if not size > 0.0:
        return plain(direction)
    solved = np.linalg.solve(rest + LOADING * size * np.eye(3), direction)
    through = float((solved * direction).sum())
    if not through > 0.0:
        return plain(direction)
    weights = solved / through
    length = float(np.sqrt((weights * weights).sum()))
    if length > HEAVIEST:
        share = float(np.sqrt((HEAVIEST**2 - 1.0) / (length**2 - 1.0)))
        weights = direction + (weights - direction) * share
    return Axis(direction, np.asarray(weights, dtype=float))


def _spread(values: FloatArray) -> FloatArray:
    """Covariance (3, 3) of values (n, 3), in a fixed order of operations."""
    off = values - values.sum(axis=0) / len(values)
    spread = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            spread[i, j] = (off[:, i] * off[:, j]).sum() / len(values)
    return spread


def unit(vector: FloatArray) -> FloatArray | None:
    """The vector (3,) at length 1, or None when it has no length."""
    length = float(np.sqrt((vector * vector).sum()))
    return vector / length if length > 1e-9 else None


def from_inhales(ways: Sequence[FloatArray]) -> FloatArray | None:
    """Axis from the ways (3,) that known inhales went, mg, start to end; None when they do not agree.

    The axis is the median way of those inhales that lie within 45 degrees of the one most others are near, so an
    inhale in which the person leaned does not spoil the rest; half of them, and two where there are two, must agree.
    """
    units = [u for u in (unit(way) for way in ways) if u is not None]
    if not units:
        return None
    votes = [sum(float((a * b).sum()) for b in units) for a in units]
    best = units[votes.index(max(votes))]
    agreeing = [w for w in ways if (u := unit(w)) is not None and float((u * best).sum()) >= AGREEMENT]
    if len(agreeing) < min(2, len(ways)) or 2 * len(agreeing) < len(ways):
        return None
    return unit(np.median(np.array(agreeing), axis=0))


def way_of_inhale(t_s: FloatArray, smooth: FloatArray, *, start_s: float, end_s: float) -> FloatArray | None:
    """The way (3,) in mg of an inhale known to run from `start_s` to `end_s`, from all samples `smooth` (n, 3) around
    it: their slope on a line that rises from start to end and falls as long again. One mark late by a few tenths
    makes the way a little shorter and leaves its direction. None where less than half a second of it is there."""
    last_s = end_s + (end_s - start_s)
    here = (t_s >= start_s) & (t_s <= last_s)
    if np.count_nonzero(here) < 12:
        return None
    line = np.interp(t_s[here], (start_s, end_s, last_s), (0.0, 1.0, 0.0))
    line = line - line.sum() / len(line)
    size = float((line * line).sum())
    return (smooth[here] * line[:, None]).sum(axis=0) / size if size > 0 else None


def way_after_cue(smooth: FloatArray, *, rate_hz: float) -> FloatArray | None:
    """The way (3,) in mg of the one full inhale in `smooth` (n, 3), from a second before its cue to seconds after.

    Its line is where the stretch moves most; its sign is the one that goes up first: from the level before the cue
    to the farthest point, which is the top of a full breath, however late it began. None under 4 s.
    """
    n = len(smooth)
    if n < 4.0 * rate_hz:
        return None
    values, vectors = np.linalg.eigh(_spread(smooth))
    if not values[2] > 0.0:
        return None
    line = vectors[:, 2].copy()
    x = smooth[:, 0] * line[0] + smooth[:, 1] * line[1] + smooth[:, 2] * line[2]
    before = int(1.2 * rate_hz)
    off = x - x[:before].sum() / before
    return line * float(off[int(np.argmax(np.abs(off)))])


def carried(axis: FloatArray, gravity_then: FloatArray, gravity_now: FloatArray) -> FloatArray:
    """The axis (or weights) after the smallest turn that brings the one gravity vector onto the other (Rodrigues), as
    long as before: weights are longer than 1, and shortened ones would make every breath too small.

    The sensor turns with the chest; what changes in its frame is where gravity points, and the breath's axis
    stays across it.
    """
    a, b = unit(gravity_then), unit(gravity_now)
    if a is None or b is None:
        return axis
    cos = float((a * b).sum())
    if cos < -0.99:
        return axis
    k = cross(a, b)
    return axis + cross(k, axis) + cross(k, cross(k, axis)) / (1.0 + cos)


def blended(before: FloatArray, seen: FloatArray | None, *, weight: float) -> FloatArray:
    """The axis carried over, drawn towards what quiet breaths show here by `weight` 0..1; the sign stays."""
    if seen is None:
        return before
    cos = float((before * seen).sum())
    if abs(cos) < LIKE_BEFORE:
        return before
    mixed = unit((1.0 - weight) * before + weight * (seen if cos > 0 else -seen))
    return before if mixed is None else mixed


def provisional(smooth: FloatArray, before: FloatArray | None) -> FloatArray | None:
    """A guess from `smooth` (n, 3), the last 10 to 30 s of the smooth signal in mg: where it moves most, once its
    straight drift is taken out. The sign is the one of `before`, or where there is none `likely_in`."""
    n = len(smooth)
    if n < 50:
        return before
    centred = smooth - smooth.sum(axis=0) / n
    ramp = np.linspace(-1.0, 1.0, n)
    slope = (centred * ramp[:, None]).sum(axis=0) / (ramp * ramp).sum()
    rest = centred - ramp[:, None] * slope
    values, vectors = np.linalg.eigh(_spread(rest))
    if values[2] <= 0.0:
        return before
    main = vectors[:, 2].copy()
    if before is not None:
        return main if float((main * before).sum()) >= 0 else -main
    return likely_in(main, smooth.sum(axis=0) / n)


def likely_in(axis: FloatArray, gravity_mg: FloatArray) -> FloatArray:
    """The sign that an inhale most likely has, for a sensor on the breastbone that nobody gave a cue.

    The breastbone slopes, its face up a little, and an inhale lifts its lower end (the pump handle), which
    tips the face further up: gravity leaves the sensor's axis that bears most of it. So an inhale makes the
    largest component of gravity smaller. A guess about one place of wearing, never used where a cue was given.
    """
    largest = int(np.argmax(np.abs(gravity_mg)))
    return -axis if float(axis[largest]) * float(gravity_mg[largest]) > 0 else axis


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Vector product of two (3,), in a fixed order of operations."""
    return np.array((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]))


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
