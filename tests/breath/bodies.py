"""Small made-up wearers for the tests of this room: exact truth, no behaviour."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from breathsync.breath.events import FollowerEvent, FollowerOrder
from breathsync.breath.follower import Follower
from breathsync.samples import FloatArray, Samples, SensorInfo, Stream
from breathsync.settings import Settings

ONE_BREATH = tuple[float, float, float, float]
"""Onset s, inhale s, exhale s, size (1 is a quiet breath)."""


def quiet(start_s: float, stop_s: float, *, every_s: float = 4.0, seed: int = 1) -> list[ONE_BREATH]:
    """Quiet breaths of natural scatter from `start_s` until `stop_s`."""
    rng = np.random.default_rng(seed)
    breaths, t = [], start_s
    while t < stop_s:
        whole = every_s * float(rng.uniform(0.9, 1.1))
        breaths.append((t, 0.4 * whole, 0.5 * whole, float(rng.uniform(0.88, 1.12))))
        t += whole
    return breaths


def level(t_s: FloatArray, breaths: Iterable[ONE_BREATH]) -> FloatArray:
    """Chest level in quiet breaths: each rises and falls as a raised cosine."""
    y = np.zeros(len(t_s))
    for onset, ti, te, size in breaths:
        up = (t_s >= onset) & (t_s < onset + ti)
        y[up] += size * 0.5 * (1 - np.cos(np.pi * (t_s[up] - onset) / ti))
        down = (t_s >= onset + ti) & (t_s < onset + ti + te)
        y[down] += size * 0.5 * (1 + np.cos(np.pi * (t_s[down] - onset - ti) / te))
    return y


def ramp(t_s: FloatArray, steps: Sequence[tuple[float, float, float]]) -> FloatArray:
    """A sum of smooth steps (start s, how long s, size)."""
    y = np.zeros(len(t_s))
    for start, took, size in steps:
        x = np.clip((t_s - start) / took, 0.0, 1.0)
        y += size * 0.5 * (1 - np.cos(np.pi * x))
    return y


def rotation(seed: int) -> FloatArray:
    """Any mounting: a random turn of the sensor, shape (3, 3)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


UPRIGHT = np.eye(3)
UPSIDE_DOWN = np.diag([-1.0, -1.0, 1.0])


def chest_acc(
    t_s: FloatArray,
    breath: FloatArray,
    *,
    quiet_mg: float = 7.0,
    lean_deg: FloatArray | None = None,
    roll_deg: FloatArray | None = None,
    mounting: FloatArray = UPRIGHT,
    seed: int = 0,
    noise_mg: float = 2.0,
    heart_mg: float = 1.0,
) -> FloatArray:
    """Accelerometer in mg (n, 3): x up, z out of the chest. A breath tips the face up, as a lean back does."""
    rng = np.random.default_rng(seed)
    pitch = np.radians(20.0) + breath * quiet_mg / 1000.0
    if lean_deg is not None:
        pitch = pitch + np.radians(lean_deg)
    roll = np.radians(roll_deg) if roll_deg is not None else np.zeros(len(t_s))
    acc = 1000.0 * np.stack(
        (np.cos(pitch) * np.cos(roll), np.cos(pitch) * np.sin(roll), np.sin(pitch)), axis=1
    )
    beat = heart_mg * np.sin(2 * np.pi * 1.15 * t_s)[:, None] * np.array([0.3, 0.2, 1.0])
    acc = acc + beat + rng.normal(0.0, noise_mg, acc.shape)
    return np.round(acc @ mounting.T)


def belt(
    t_s: FloatArray,
    breath: FloatArray,
    *,
    quiet_n: float = 1.0,
    rest_n: float = 8.0,
    seed: int = 0,
    noise_n: float = 0.02,
) -> FloatArray:
    """Force in N (n, 1)."""
    rng = np.random.default_rng(seed)
    return (rest_n + quiet_n * breath + rng.normal(0.0, noise_n, len(t_s)))[:, None]


def info(stream: Stream, rate_hz: float) -> SensorInfo:
    return SensorInfo(name="made up", kind="test", streams=(stream,), rates_hz={stream: rate_hz})


def follow(
    t_s: FloatArray,
    values: FloatArray,
    stream: Stream,
    rate_hz: float,
    *,
    orders: Sequence[tuple[float, FollowerOrder]] = (),
    cuts: Sequence[int] | None = None,
    settings: Settings | None = None,
) -> tuple[Follower, list[FollowerEvent]]:
    """Push the samples through a follower. Orders take effect at their time's 0.25 s line, as the conductor
    does; `cuts` are further places to cut at."""
    follower = Follower(info=info(stream, rate_hz), settings=settings or Settings())
    lines = [(int(np.searchsorted(t_s, np.ceil(when * 4) / 4)), order) for when, order in orders]
    edges = sorted(
        {0, len(t_s), *(i for i, _ in lines), *(cuts if cuts is not None else range(0, len(t_s), 40))}
    )
    events: list[FollowerEvent] = []
    for a, b in pairwise(edges):
        for at, order in lines:
            if at == a:
                follower.order(order)
        events.extend(follower.push(Samples(stream=stream, t_s=t_s[a:b], values=values[a:b])))
    return follower, events
