"""Made-up chest traces with known peaks, for ways of breathing that the recordings do not hold.

Not the simulated people: a plain trace each, with heart ripple, drift, noise and quantised steps. The peaks are
those of the breath before any of these is added. Where an inhale is held, the place of its peak on the flat top
is a matter of taste, so each trace has its peaks by several conventions.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRID_S = 0.01
WAYS = ("quiet", "slow", "sweep", "mixed", "paced", "held", "halting")
"""Quiet breathing; slow and deep (3 to 10/min); sweeping 2 to 30/min; deep, usual and shallow in turn; after a
pacer, sine-like, inhale 4-5 s, exhale 5-6 s, some with a pause; the same with each inhale held for 0.5-2.5 s; the
same with half of the inhales halting on the way up for 0.3-1.5 s and sinking by up to 12 % there."""
CONVENTIONS = ("highest", "rise ends", "middle of hold", "fall begins", "as marked")
"""Where the peak is: the highest point; start, middle and end of the hold; the middle of the highest 5 % of the
breath, which is where both annotators of the labelled recordings put it (docs/detection.md)."""
MARKED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """`t_s` and `x` (n,), the true peaks in seconds, and the even rate (None: about 10 Hz, unevenly).

    `peaks_s` is the highest point of each breath, `by` the same peaks by each convention.
    """

    name: str
    t_s: Array
    x: Array
    peaks_s: Array
    rate_hz: float | None
    by: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shape:
    """One breath on the grid, and the indices of its hold (both the same without one)."""

    x: Array
    rise_ends: int
    fall_begins: int

    def tops(self) -> tuple[float, ...]:
        """Seconds from the start to the peak, in the order of `CONVENTIONS`."""
        high = np.flatnonzero(self.x >= (1 - MARKED) * self.x.max())
        a, b = self.rise_ends, self.fall_begins
        return tuple(
            float(i) * GRID_S for i in (np.argmax(self.x), a, (a + b) / 2, b, (high[0] + high[-1]) / 2)
        )


def make_trace(way: str, seed: int, *, minutes: float = 6.0) -> Trace:
    """One trace; the same seed gives the same trace."""
    rng = np.random.default_rng([WAYS.index(way), seed])
    usual_rate, deep, paced = rng.uniform(10, 19), rng.uniform(2, 5), bool(rng.uniform() < 0.5)
    effort = abs(rng.normal(0.25, 0.15))
    after_pacer = _pace(way, rng) if way in ("paced", "held", "halting") else None
    pieces, tops, at_s = [np.zeros(100)], [], 1.0
    while at_s < minutes * 60:
        if after_pacer:
            shape = _paced(after_pacer, deep, rng)
        else:
            rate, size = _plan(way, at_s / (minutes * 60), usual_rate, deep, rng)
            shape = _breath(60 / rate, size, effort, paced and way != "quiet", rng)
        tops.append([at_s + top for top in shape.tops()])
        pieces.append(shape.x)
        at_s += len(shape.x) * GRID_S
    chest = np.concatenate(pieces)
    t_s = np.arange(len(chest)) * GRID_S
    x = chest + _heart(t_s, rng) + np.cumsum(rng.normal(0, 0.002, len(chest)))
    rate_hz = None if way == "quiet" else (None, 25.0, 100.0)[seed % 3]
    stamps = np.arange(0, t_s[-1], 1 / (rate_hz or 10.0))
    if rate_hz is None:
        stamps = np.sort(stamps + rng.normal(0, 0.012, len(stamps)))
        stamps = stamps[(rng.uniform(size=len(stamps)) > 0.01) & (stamps > 0)]
    y = np.interp(stamps, t_s, x) + rng.normal(0, 0.004, len(stamps))
    by = dict(zip(CONVENTIONS, np.array(tops).T, strict=True))
    return Trace(
        name=f"{way}{seed}",
        t_s=stamps,
        x=np.round(y / 0.005) * 0.005,
        peaks_s=by["highest"],
        rate_hz=rate_hz,
        by=by,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """What a pacer asks of one person: seconds of inhale, hold, exhale and pause; how well it is followed."""

    inhale_s: float
    hold_s: float
    exhale_s: float
    pause_s: float
    halts: float
    spread: float
    rounded: float
    """0: a sine in and out; 1: the same slope nearly to the end (a raised cosine's ends, a line between)."""


def _pace(way: str, rng: Generator) -> _Pace:
    return _Pace(
        inhale_s=rng.uniform(4, 5),
        hold_s=rng.uniform(0.5, 2.5) if way == "held" else 0.0,
        exhale_s=rng.uniform(5, 6),
        pause_s=rng.uniform(0.5, 2) if rng.uniform() < 0.5 else 0.0,
        halts=0.5 if way == "halting" else 0.0,
        spread=rng.uniform(0.02, 0.1),
        rounded=float(rng.choice([0.0, 0.4])),
    )


def _paced(pace: _Pace, deep: float, rng: Generator) -> _Shape:
    """A breath after the pacer. A held chest sinks or swells by up to 3 % of the breath."""

    def about(seconds: float) -> int:
        return int(seconds * np.exp(rng.normal(0, pace.spread)) / GRID_S)

    def turn(n: int) -> Array:
        u = (np.arange(n) + 0.5) / n
        flow = np.minimum(np.sin(np.pi * u), 1.0 - pace.rounded)
        return np.asarray(np.cumsum(flow) / flow.sum())

    size = deep * float(np.exp(rng.normal(0, 0.1)))
    up, down = turn(max(3, about(pace.inhale_s))), turn(max(3, about(pace.exhale_s)))
    if rng.uniform() < pace.halts:
        up = _halted(up, rng)
    hold, pause = (about(s) if s else 0 for s in (pace.hold_s, pace.pause_s))
    end = 1 + rng.uniform(-0.03, 0.03) * (hold > 0)
    top = np.linspace(1.0, end, hold) if hold else np.zeros(0)
    x = size * np.concatenate([up, top, (1 - down) * end, np.zeros(pause)])
    return _Shape(x=x, rise_ends=len(up) - 1, fall_begins=len(up) + hold - 1)


def _halted(up: Array, rng: Generator) -> Array:
    """The rise with a halt at 30 to 85 % of it, from where it goes on as before."""
    at = int(np.searchsorted(up, rng.uniform(0.3, 0.85)))
    n = int(rng.uniform(0.3, 1.5) / GRID_S)
    sunk = rng.uniform(0, 0.12) * (1 - np.cos(np.pi * (np.arange(n) + 1) / n)) / 2
    return np.concatenate([up[:at], up[at - 1] - sunk, up[at:] - sunk[-1] * np.linspace(1, 0, len(up) - at)])


def _plan(way: str, done: float, usual: float, deep: float, rng: Generator) -> tuple[float, float]:
    """Rate in breaths/min and size of the next breath."""
    vary = float(np.exp(rng.normal(0, 0.12)))
    if way == "quiet":
        return usual * vary, float(np.exp(rng.normal(0, 0.18)))
    if way == "slow":
        return (6, 4, 5, 8, 3, 10)[int(done * 6) % 6] * float(np.exp(rng.normal(0, 0.06))), deep * vary
    if way == "sweep":
        rate = 2 * 15 ** (1 - abs(2 * done - 1))
        return rate, float(np.clip((12 / rate) ** 0.6, 0.5, 3)) * vary
    pick = rng.uniform()
    if pick < 0.3:
        return rng.uniform(4, 8), deep * vary
    if pick < 0.5:
        return usual * rng.uniform(1, 1.6), rng.uniform(0.3, 0.6)
    return usual * vary, vary


def _breath(whole_s: float, size: float, effort: float, paced: bool, rng: Generator) -> _Shape:
    """One breath in its own way."""
    hold = rng.uniform(0.03, 0.12) * whole_s if whole_s > 5 and rng.uniform() < 0.25 else 0.0
    pause = rng.uniform(0, 0.25) * whole_s if rng.uniform() < 0.5 else 0.0
    inhale = (whole_s - hold - pause) * rng.uniform(0.32, 0.5)
    n, m = max(3, int(inhale / GRID_S)), max(3, int((whole_s - hold - pause - inhale) / GRID_S))
    u = (np.arange(n) + 0.5) / n
    knots = max(3, int(inhale / 0.5) + 2)
    push = np.interp(np.linspace(0, knots - 1, n), np.arange(knots), rng.normal(0, effort, knots))
    flow = np.sin(np.pi * u) + push * np.sqrt(np.sin(np.pi * u)) * min(1.0, inhale / 2)
    up = size * np.cumsum(flow) / flow.sum()
    k = int(hold / GRID_S)
    top = up[-1] - size * rng.uniform(0, 0.03) * np.arange(k) / max(1, k)
    v = (np.arange(m) + 1) / m
    if paced:
        down = (1 + np.cos(np.pi * v)) / 2
    else:
        flow = np.exp(-v / rng.uniform(0.18, 0.35)) - np.exp(-v / rng.uniform(0.04, 0.12))
        down = 1 - np.cumsum(flow) / flow.sum()
    inhaled = np.concatenate([up, top])
    x = np.concatenate([inhaled, down * inhaled[-1], np.zeros(int(pause / GRID_S))])
    highest = int(np.argmax(inhaled)) if not k else n - 1
    return _Shape(x=x, rise_ends=highest, fall_begins=max(highest, n + k - 1))


def _heart(t_s: Array, rng: Generator) -> Array:
    beat = 2 * np.pi * rng.uniform(0.9, 1.5) * t_s + rng.uniform(0, 6)
    size = rng.choice([0.01, 0.02, 0.04, 0.08])
    return np.asarray(size / 2 * (np.sin(beat) + 0.5 * np.sin(2 * beat + 1) + 0.25 * np.sin(3 * beat + 2)))
