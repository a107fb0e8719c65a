"""Taps on the strap, measured apart from sessions: how many are heard, and how many nobody had tapped.

People live for hours as their habits are (coughing, fidgeting, talking), nobody tells them to be still, and now and
then they tap two or three times. The product's own `Taps` listens to the raw samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TextIO

import numpy as np

from breathsync.breath.events import Tapped
from breathsync.breath.taps import Taps
from breathsync.errors import UnknownNameError
from breathsync.samples import Samples, Stream
from breathsync_simulators.people.truth import TrueTaps
from breathsync_simulators.places import PLACES
from breathsync_simulators.wearers import open_wearer

HEARD_WITHIN_S = 1.0
"""A word is heard when it was tapped, as often, and its last tap is this near."""
LIFE_S = 1800.0
"""Each life is another person."""
BLOCK_S = 5.0


@dataclass(slots=True, kw_only=True)
class Heard:
    """Counts of words tapped, heard as tapped, and heard where nobody had tapped them, over `hours`."""

    tapped: int = 0
    heard: int = 0
    false: int = 0
    hours: float = 0.0
    false_at: list[str] = field(default_factory=list)

    def add(self, other: "Heard") -> None:
        """Take in another count."""
        self.tapped += other.tapped
        self.heard += other.heard
        self.false += other.false
        self.hours += other.hours
        self.false_at += other.false_at


def hears_taps(sensor: str) -> bool:
    """Whether this simulated sensor has an accelerometer fast enough."""
    place = PLACES[sensor]
    return Stream.ACCELERATION in place.streams and Taps(rate_hz=place.rate_hz).able


def match(meant: Sequence[TrueTaps], heard: Sequence[Tapped]) -> tuple[int, list[Tapped]]:
    """How many were heard as they were meant, each once; and what was heard besides."""
    left, false = list(meant), []
    for word in heard:
        found = next(
            (t for t in left if t.count == word.count and abs(t.end_s - word.t_s) < HEARD_WITHIN_S), None
        )
        if found is None:
            false.append(word)
        else:
            left.remove(found)
    return len(meant) - len(left), false


def one_life(person: str, sensor: str, *, seed: int, every_s: float, lasts_s: float = LIFE_S) -> Heard:
    """One person who taps every `every_s` seconds on average, twice or three times; 0 for never.

    Raises UnknownNameError for a sensor without an accelerometer of 100 Hz or more.
    """
    if sensor not in PLACES or not hears_taps(sensor):
        raise UnknownNameError(
            "sensor that hears taps", sensor, [kind for kind in PLACES if hears_taps(kind)]
        )
    wearer = open_wearer(person, sensor, seed=seed)
    taps = Taps(rate_hz=PLACES[sensor].rate_hz)
    body, rng = wearer.person.body, np.random.default_rng(seed)
    at_s = float(rng.exponential(every_s)) if every_s else lasts_s
    while at_s < lasts_s - 10:
        count = int(rng.integers(2, 4))
        body.at(at_s, partial(body.tap, count=count))
        at_s += 5.0 + float(rng.exponential(every_s))
    words: list[Tapped] = []
    t_s = 0.0
    while t_s < lasts_s:
        t_s += BLOCK_S
        for block in wearer.until(t_s):
            if isinstance(block, Samples) and block.stream is Stream.ACCELERATION:
                words += taps.push(block.t_s, block.values)
    hits, false = match(body.truth.taps, words)
    return Heard(
        tapped=len(body.truth.taps),
        heard=hits,
        false=len(false),
        hours=lasts_s / 3600,
        false_at=[f"{person}@{sensor} seed {seed} at {word.t_s:.1f} s: {word.count}" for word in false],
    )


def measure(
    people: Sequence[str],
    sensors: Sequence[str],
    *,
    hours: float,
    seed: int,
    every_s: float = 120.0,
    talk: TextIO | None = None,
) -> dict[tuple[str, str], Heard]:
    """At least `hours` for each sensor, shared by all people; by person and sensor. Progress goes to `talk`."""
    counts: dict[tuple[str, str], Heard] = {}
    rounds = max(1, int(np.ceil(hours * 3600 / LIFE_S / len(people))))
    for k in range(rounds):
        for sensor in sensors:
            for person in people:
                life = one_life(person, sensor, seed=seed * 1_000_000 + k, every_s=every_s)
                counts.setdefault((person, sensor), Heard()).add(life)
        if talk:
            print(f"\r{k + 1}/{rounds} rounds", end="", file=talk, flush=True)
    if talk:
        print(file=talk)
    return counts


def table(counts: dict[tuple[str, str], Heard]) -> str:
    """One line a person and sensor, one a sensor, and each word that nobody had tapped."""
    lines = [f"{'person':<12}{'sensor':<8}{'hours':>7}{'tapped':>8}{'heard':>7}{'false':>7}"]
    for sensor in sorted({sensor for _, sensor in counts}):
        total = Heard()
        for (person, worn), heard in sorted(counts.items()):
            if worn == sensor:
                total.add(heard)
                lines.append(_line(person, sensor, heard))
        lines.append(_line("total", sensor, total))
        lines += [f"  false: {where}" for where in total.false_at]
    return "\n".join(lines)


def _line(person: str, sensor: str, heard: Heard) -> str:
    return f"{person:<12}{sensor:<8}{heard.hours:>7.1f}{heard.tapped:>8}{heard.heard:>7}{heard.false:>7}"
