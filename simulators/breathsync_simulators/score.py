"""Scores of played sessions against truth: false opens, misses, limits kept; with 95 % intervals.

A false open: the gate opened, and truth holds no full breath there. "There": at least half of the true breath's
inhale lies in the verdict's breath. A miss: a full breath by truth, taken wholly at an armed gate, from a still
body with a good sensor, that did not open it.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from math import inf

from scipy.special import betaincinv

from breathsync.guide.events import ConfirmedBy, EndKind, Place
from breathsync_simulators.limits_kept import SLACK_S, broken_limits
from breathsync_simulators.people.truth import TrueBreath
from breathsync_simulators.play import Judged, Played
from breathsync_simulators.tapping import hears_taps, match

HALF = 0.5
NEAR = 0.85
"""From this share of the bar on an opened breath that is not full is called near; it is still a false open."""
SAME_SENTENCE_S = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseOpen:
    """One false open: when, how large the truest breath there was against the bar, and what moved."""

    person: str
    sensor: str
    seed: int
    at_s: float
    share_of_bar: float
    moves: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts over any number of sessions; `add` sums them."""

    sessions: int = 0
    finished: int = 0
    gates: int = 0
    armed_breaths: int = 0
    opened: int = 0
    false_opens: int = 0
    near_opens: int = 0
    smaller_opens: int = 0
    """Opened under a smaller bar (G10): full by that bar, or a false open."""
    smaller_only: int = 0
    """... of these, full by the smaller bar alone."""
    smaller_false: int = 0
    """... of these, not full by the smaller bar either: they are among the false opens."""
    full_breaths: int = 0
    missed: int = 0
    first_full: int = 0
    first_missed: int = 0
    advances: int = 0
    by_hand: int = 0
    wordless: int = 0
    """Refused verdicts without a sentence, or a second one for the same breath."""
    offers: int = 0
    sentences: int = 0
    said_again: int = 0
    """Sentences said again within 12 s."""
    taps: int = 0
    """Words tapped on the strap."""
    taps_heard: int = 0
    false_taps: int = 0
    """Words heard where nobody had tapped them."""
    lived_s: float = 0.0
    took_s: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)
    missed_by: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    finish_s: list[float] = field(default_factory=list)
    deep: list[int] = field(default_factory=list)
    worst: list[FalseOpen] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in another tally."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                setattr(self, name, mine + theirs)

    @property
    def badness(self) -> float:
        """How much a session deserves to be looked at."""
        return 1000.0 * self.violations.total() + 100.0 * self.false_opens + self.missed


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Clopper and Pearson, Biometrika 26, 1934); (0, 1) where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else float(betaincinv(hits, of - hits + 1, 0.025))
    high = 1.0 if hits == of else float(betaincinv(hits + 1, of - hits, 0.975))
    return low, high


def score(played: Played) -> Tally:
    """Everything counted over one session."""
    bars = _Bars(played)
    tally = Tally(
        sessions=1,
        finished=int(played.ended is not None and played.ended.how is EndKind.FINISHED),
        gates=len(played.armed),
        armed_breaths=len(played.judged),
        advances=len(played.passed),
        by_hand=sum(p.confirmed_by is ConfirmedBy.HAND for p in played.passed),
        wordless=_wordless(played),
        offers=played.offers,
        sentences=sum(bool(cue.sentence) for cue in played.said),
        said_again=_said_again(played),
        taps=len(played.truth.taps) if hears_taps(played.task.sensor) else 0,
        lived_s=played.lived_s,
        took_s=played.took_s,
    )
    tally.endings[played.ended.how if played.ended else "not_ended"] += 1
    if tally.finished:
        tally.finish_s.append(played.lived_s)
    if played.judged:
        tally.deep.append(max(j.deep_breaths for j in played.judged))
    for judged in played.judged:
        if judged.verdict.opened:
            _score_open(judged, played, bars, tally)
        else:
            tally.refusals.update(judged.verdict.refused_by)
    _score_misses(played, bars, tally)
    tally.taps_heard, false_taps = match(played.truth.taps, played.taps)
    tally.false_taps = len(false_taps)
    tally.violations.update(broken_limits(played))
    return tally


class _Bars:
    """What full means for this body at a time: by the breaths of its last calibration before."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._times: list[float] = []
        self._levels: list[tuple[float, float]] = []
        steps = played.steps
        quiet = (0.0, 0.0)
        for step, after in zip_longest(steps, steps[1:]):
            end_s = after.t_s if after else played.lived_s
            if step.place is Place.FIND_BREATH:
                quiet = (step.t_s, end_s)
            if step.place is Place.FIND_FULL and (after is None or after.place is not Place.FIND_FULL):
                played.truth.calibrate(quiet=quiet, full=(step.t_s, end_s), settings=played.task.settings)
                self._times.append(end_s)
                self._levels.append((played.truth.quiet, played.truth.full))

    def share(self, breath: TrueBreath, *, smaller: bool) -> tuple[float, bool]:
        """The breath's excursion as a share of the bar, and whether it is full."""
        truth = self._played.truth
        k = bisect_right(self._times, breath.onset_s) - 1
        if k >= 0:
            truth.quiet, truth.full = self._levels[k]
        settings = self._played.task.settings
        bar = truth.bar(settings, smaller=smaller)
        return breath.excursion / bar, truth.is_full(breath, settings, smaller=smaller)


def _overlap(breath: TrueBreath, start_s: float, end_s: float) -> float:
    """The share of a true inhale that lies within the span."""
    return max(0.0, min(breath.peak_s, end_s) - max(breath.onset_s, start_s)) / max(breath.ti_s, 1e-6)


def _score_open(judged: Judged, played: Played, bars: _Bars, tally: Tally) -> None:
    verdict = judged.verdict
    tally.opened += 1
    there = [
        b for b in played.truth.breaths if _overlap(b, verdict.inhale_start_s, verdict.decided_s) >= HALF
    ]
    shares = [bars.share(b, smaller=judged.smaller) for b in there]
    tally.smaller_opens += judged.smaller
    if any(full for _, full in shares):
        tally.smaller_only += judged.smaller and not any(bars.share(b, smaller=False)[1] for b in there)
        return
    best = max((share for share, _ in shares), default=0.0)
    tally.false_opens += 1
    tally.smaller_false += judged.smaller
    tally.near_opens += best >= NEAR
    moves = {
        m.kind
        for m in played.truth.moves
        if m.start_s < verdict.decided_s and m.end_s > verdict.inhale_start_s
    }
    task = played.task
    tally.worst.append(
        FalseOpen(
            person=task.person,
            sensor=task.sensor,
            seed=task.seed,
            at_s=round(verdict.decided_s, 2),
            share_of_bar=round(best, 3),
            moves=tuple(sorted(moves | {b.kind for b in there})),
        )
    )


def _score_misses(played: Played, bars: _Bars, tally: Tally) -> None:
    truth, settings = played.truth, played.task.settings
    opened = [j.verdict for j in played.judged if j.verdict.opened]
    for start_s, end_s in played.armed:
        first = True
        for breath in truth.breaths:
            if not (start_s <= breath.onset_s and breath.onset_s < end_s):
                continue
            if not bars.share(breath, smaller=False)[1]:
                continue
            hit = any(_overlap(breath, v.inhale_start_s, v.decided_s) >= HALF for v in opened)
            if not hit and breath.end_s + SLACK_S > end_s:
                continue
            if not truth.still(breath.onset_s - settings.gate.still_before_s, breath.end_s):
                continue
            if not truth.sensor_good(breath.onset_s - settings.gate.still_before_s, breath.end_s + SLACK_S):
                continue
            tally.full_breaths += 1
            tally.first_full += first
            if not hit:
                tally.missed += 1
                tally.first_missed += first
                tally.missed_by.update(_why_missed(played, breath))
            first = False


def _wordless(played: Played) -> int:
    """Every refused breath has exactly one sentence."""
    refused = [j.verdict for j in played.judged if not j.verdict.opened]
    starts = {j.verdict.inhale_start_s for j in played.judged}
    return sum(not v.sentence for v in refused) + len(played.judged) - len(starts)


def _said_again(played: Played) -> int:
    """Sentences that were said less than 12 s before."""
    last_s: dict[str, float] = {}
    again = 0
    for cue in played.said:
        if cue.sentence:
            again += cue.t_s - last_s.get(cue.sentence, -inf) < SAME_SENTENCE_S
            last_s[cue.sentence] = cue.t_s
    return again


def _why_missed(played: Played, breath: TrueBreath) -> tuple[str, ...]:
    for judged in played.judged:
        if _overlap(breath, judged.verdict.inhale_start_s, judged.verdict.decided_s) >= HALF:
            return judged.verdict.refused_by
    return ("no verdict",)
