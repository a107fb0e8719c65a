"""Made-up chest traces with known peaks, for ways of breathing that the recordings do not hold.

Not the simulated people: a plain trace each, with heart ripple, drift, noise and quantised steps. The peak is
the top of the breath before any of these is added. Where an inhale is held, its place on the flat top is a
matter of taste, which costs F1 at ±0.35 s by design.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRID_S = 0.01
WAYS = ("quiet", "slow", "sweep", "mixed")
"""Quiet breathing; paced slow and deep (3 to 10/min); sweeping 2 to 30/min; deep, usual and shallow in turn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """`t_s` and `x` (n,), the true peaks in seconds, and the even rate (None: about 10 Hz, unevenly)."""

    name: str
    t_s: Array
    x: Array
    peaks_s: Array
    rate_hz: float | None


def make_trace(way: str, seed: int, *, minutes: float = 6.0) -> Trace:
    """One trace; the same seed gives the same trace."""
    rng = np.random.default_rng([WAYS.index(way), seed])
    usual_rate, deep, paced = rng.uniform(10, 19), rng.uniform(2, 5), bool(rng.uniform() < 0.5)
    effort = abs(rng.normal(0.25, 0.15))
    pieces, peaks, at_s = [np.zeros(100)], [], 1.0
    while at_s < minutes * 60:
        rate, size = _plan(way, at_s / (minutes * 60), usual_rate, deep, rng)
        shape, top = _breath(60 / rate, size, effort, paced and way != "quiet", rng)
        peaks.append(at_s + top * GRID_S)
        pieces.append(shape)
        at_s += len(shape) * GRID_S
    chest = np.concatenate(pieces)
    t_s = np.arange(len(chest)) * GRID_S
    x = chest + _heart(t_s, rng) + np.cumsum(rng.normal(0, 0.002, len(chest)))
    rate_hz = None if way == "quiet" else (None, 25.0, 100.0)[seed % 3]
    stamps = np.arange(0, t_s[-1], 1 / (rate_hz or 10.0))
    if rate_hz is None:
        stamps = np.sort(stamps + rng.normal(0, 0.012, len(stamps)))
        stamps = stamps[(rng.uniform(size=len(stamps)) > 0.01) & (stamps > 0)]
    y = np.interp(stamps, t_s, x) + rng.normal(0, 0.004, len(stamps))
    return Trace(
        name=f"{way}{seed}",
        t_s=stamps,
        x=np.round(y / 0.005) * 0.005,
        peaks_s=np.array(peaks),
        rate_hz=rate_hz,
    )


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


def _breath(whole_s: float, size: float, effort: float, paced: bool, rng: Generator) -> tuple[Array, int]:
    """Shape of one breath on the grid and the index of its top."""
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
    return np.concatenate([inhaled, down * inhaled[-1], np.zeros(int(pause / GRID_S))]), int(
        np.argmax(inhaled)
    )


def _heart(t_s: Array, rng: Generator) -> Array:
    beat = 2 * np.pi * rng.uniform(0.9, 1.5) * t_s + rng.uniform(0, 6)
    size = rng.choice([0.01, 0.02, 0.04, 0.08])
    return np.asarray(size / 2 * (np.sin(beat) + 0.5 * np.sin(2 * beat + 1) + 0.25 * np.sin(3 * beat + 2)))
