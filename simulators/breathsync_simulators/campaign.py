"""Whole sessions by the thousand, headless, on all cores: the two error rates of the gate, with their intervals."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TextIO

from breathsync.errors import UnknownNameError
from breathsync.guide.routine import Routine
from breathsync.logbook.store import Logbook
from breathsync.outcome import Input, Outcome
from breathsync.routine_files import load_routine
from breathsync.settings import Settings
from breathsync_simulators import scenario
from breathsync_simulators.places import PLACES
from breathsync_simulators.play import Task, play
from breathsync_simulators.score import Tally, interval, score

ZERO = (
    "uncalibrated",
    "lost",
    "gap",
    "not_armed",
    "twice",
    "by_time",
    "budget",
    "point_limit",
    "twist_limit",
)
"""What must never happen."""
DECEIVERS = ("leaner", "cheater")
"""Counted apart, since one sensor cannot tell everything."""


@dataclass(slots=True, kw_only=True)
class Campaign:
    """The tallies of a campaign: one a person and sensor, and the worst sessions as (badness, task)."""

    routine: str
    seed: int
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    worst: list[tuple[float, Task]] = field(default_factory=list)
    took_s: float = 0.0
    workers: int = 1

    @property
    def total(self) -> Tally:
        """Everything added up."""
        total = Tally()
        for tally in self.tallies.values():
            total.add(tally)
        return total

    @property
    def honest(self) -> Tally:
        """Everything but those who set out to deceive the sensor."""
        return self._of(lambda person: person not in DECEIVERS)

    @property
    def full_breathers(self) -> Tally:
        """Those who take full breaths when asked."""
        return self._of(lambda person: scenario.load(person).breathes_fully)

    def _of(self, counts: Callable[[str], bool]) -> Tally:
        chosen = Tally()
        for (person, _), tally in self.tallies.items():
            if counts(person):
                chosen.add(tally)
        return chosen


def tasks(
    people: Sequence[str], sensors: Sequence[str], *, sessions: int, seed: int, settings: Settings
) -> list[Task]:
    """`sessions` tasks for each person and sensor; each seed stands for itself, so one session can be played again.

    Raises UnknownNameError for an unknown person or sensor.
    """
    for sensor in sensors:
        if sensor not in PLACES:
            raise UnknownNameError("simulated sensor", sensor, PLACES)
        if PLACES[sensor].info("").breath_stream is None:
            raise UnknownNameError("sensor that sees a breath", sensor, _breath_sensors())
    for person in people:
        scenario.load(person)
    return [
        Task(person=person, sensor=sensor, seed=seed * 1_000_000 + k, settings=settings)
        for k in range(sessions)
        for person in people
        for sensor in sensors
    ]


def run(
    todo: Sequence[Task], *, routine: str, seed: int, workers: int = 0, talk: TextIO | None = None
) -> Campaign:
    """Play all tasks and count. Progress goes to `talk`."""
    began = perf_counter()
    workers = workers or os.cpu_count() or 1
    campaign = Campaign(routine=routine, seed=seed, workers=workers)
    one = partial(_one, routine=load_routine(routine))
    lived_s = 0.0
    for k, (task, tally) in enumerate(_mapped(one, todo, workers), start=1):
        campaign.tallies.setdefault((task.person, task.sensor), Tally()).add(tally)
        if tally.badness > 0:
            campaign.worst.append((tally.badness, task))
        lived_s += tally.lived_s
        if talk and (k == len(todo) or k % max(1, len(todo) // 50) == 0):
            speed = lived_s / max(perf_counter() - began, 1e-6)
            print(f"\r{k}/{len(todo)} sessions, {speed:.0f} times real time", end="", file=talk, flush=True)
    if talk:
        print(file=talk)
    campaign.worst.sort(key=lambda pair: (-pair[0], pair[1].person, pair[1].sensor, pair[1].seed))
    campaign.took_s = perf_counter() - began
    return campaign


def _mapped(
    one: "partial[tuple[Task, Tally]]", todo: Sequence[Task], workers: int
) -> Iterator[tuple[Task, Tally]]:
    if workers == 1 or len(todo) < 2:
        yield from map(one, todo)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(one, todo, chunksize=max(1, min(8, len(todo) // (4 * workers))))


def _one(task: Task, *, routine: Routine) -> tuple[Task, Tally]:
    return task, score(play(task, routine=routine))


def keep(
    worst: Iterable[tuple[float, Task]], *, folder: Path, routine: str, talk: TextIO | None = None
) -> list[str]:
    """Play these sessions again and write each into a logbook in `folder`, to look at and replay; their ids."""
    logbook = Logbook(folder)
    loaded = load_routine(routine)
    kept = []
    for _, task in worst:
        info = PLACES[task.sensor].info(Path(task.person).stem)
        writer = logbook.begin(info=info, routine=loaded, settings=task.settings)

        def seen(item: Input | Outcome, put: Any = writer.put) -> None:
            put(item)

        played = play(task, routine=loaded, seen=seen)
        if played.ended:
            writer.close(played.ended)
        kept.append(f"{task.person}@{task.sensor} seed {task.seed}")
        if talk:
            print(f"kept {kept[-1]}", file=talk)
    logbook.close()
    return kept


def row(tally: Tally) -> dict[str, Any]:
    """One tally as plain numbers with the 95 % intervals of its rates."""
    return {
        "sessions": tally.sessions,
        "finished": tally.finished,
        "gates": tally.gates,
        "armed_breaths": tally.armed_breaths,
        "opened": tally.opened,
        "false_opens": tally.false_opens,
        "false_open_rate": _rate(tally.false_opens, tally.armed_breaths),
        "false_open_interval": interval(tally.false_opens, tally.armed_breaths),
        "near_opens": tally.near_opens,
        "smaller_bar_opens": tally.smaller_opens,
        "full_by_the_smaller_bar_only": tally.smaller_only,
        "false_by_the_smaller_bar": tally.smaller_false,
        "full_breaths": tally.full_breaths,
        "missed": tally.missed,
        "miss_rate": _rate(tally.missed, tally.full_breaths),
        "miss_interval": interval(tally.missed, tally.full_breaths),
        "first_full": tally.first_full,
        "first_missed": tally.first_missed,
        "first_miss_rate": _rate(tally.first_missed, tally.first_full),
        "first_miss_interval": interval(tally.first_missed, tally.first_full),
        "refusals": dict(sorted(tally.refusals.items())),
        "missed_by": dict(sorted(tally.missed_by.items())),
        "wordless_refusals": tally.wordless,
        "advances": tally.advances,
        "advances_a_session": tally.advances / max(tally.sessions, 1),
        "by_hand": tally.by_hand,
        "offers": tally.offers,
        "sentences": tally.sentences,
        "said_again_within_12_s": tally.said_again,
        "taps": tally.taps,
        "taps_heard": tally.taps_heard,
        "false_taps": tally.false_taps,
        "finish_min": median(tally.finish_s) / 60 if tally.finish_s else None,
        "most_deep_breaths": max(tally.deep, default=0),
        "endings": dict(sorted(tally.endings.items())),
        "violations": {name: tally.violations[name] for name in ZERO},
        "false_open_list": [asdict(f) for f in tally.worst[:50]],
        "hours": tally.lived_s / 3600,
        "times_real_time_a_core": tally.lived_s / max(tally.took_s, 1e-9),
    }


def as_json(campaign: Campaign) -> dict[str, Any]:
    """The whole campaign: `rows` and `total`, and the total of some."""
    return {
        "routine": campaign.routine,
        "seed": campaign.seed,
        "workers": campaign.workers,
        "took_s": campaign.took_s,
        "rows": [{"person": p, "sensor": s, **row(t)} for (p, s), t in sorted(campaign.tallies.items())],
        "total": row(campaign.total),
        "without_deceivers": row(campaign.honest),
        "who_breathe_fully": row(campaign.full_breathers),
    }


def _rate(hits: int, of: int) -> float | None:
    return hits / of if of else None


def _breath_sensors() -> list[str]:
    return [kind for kind, place in PLACES.items() if place.info("").breath_stream is not None]
