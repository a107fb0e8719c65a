"""What counts as a false open, a miss, a broken limit; and the 95 % interval."""

from dataclasses import replace
from math import inf

import pytest
from breathsync_simulators.people.truth import Trouble, TrueBreath, TrueMove, TrueTaps, Truth
from breathsync_simulators.play import Judged, Played, Task
from breathsync_simulators.score import Tally, interval, score

from breathsync.breath.events import Tapped
from breathsync.guide.events import (
    ClauseResult,
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    Place,
    PointPassed,
    Side,
    Step,
    Verdict,
)


def step(t_s: float, place: Place, *, side: Side | None = None, point: int = 0) -> Step:
    return Step(t_s=t_s, place=place, side=side, point=point, points=4, sentence="")


def true_breath(onset_s: float, excursion: float = 3.0) -> TrueBreath:
    return TrueBreath(
        onset_s=onset_s,
        peak_s=onset_s + 2.5,
        end_s=onset_s + 6,
        excursion=excursion,
        returned=1,
        rises=1,
        kind="full",
    )


def judged(onset_s: float, *, opened: bool, armed_s: float = 0.0, **other) -> Judged:
    clause = ClauseResult(clause="G5", ok=opened)
    verdict = Verdict(
        decided_s=onset_s + 5, inhale_start_s=onset_s, inhale_peak_s=onset_s + 2.5, returned_s=onset_s + 5,
        side=Side.LEFT, point=1, opened=opened, amplitude=1, amplitude_quiet=1, clauses=(clause,),
        phrase="x", sentence="x",
    )  # fmt: skip
    held = {
        "streaming": True,
        "calibrated": True,
        "gap_s": 0.0,
        "smaller": False,
        "deep_breaths": 1,
        "deep_limit": 30,
    }
    return Judged(verdict=verdict, place=Place.BREATHE, armed_s=armed_s, **{**held, **other})


def played(*, breaths: list[TrueBreath], verdicts: list[Judged], **other) -> Played:
    truth = Truth(quiet=1.0, full=3.0, breaths=breaths)
    ended = Ended(t_s=200.0, how=EndKind.FINISHED)
    values = {
        "task": Task(person="steady", sensor="belt", seed=1),
        "armed": [(0.0, 60.0)],
        "lived_s": 200.0,
        "took_s": 0.1,
        "ended": ended,
        **other,
    }
    return Played(truth=truth, judged=verdicts, **values)


def test_an_opened_full_breath_is_neither_false_nor_missed() -> None:
    tally = score(played(breaths=[true_breath(10)], verdicts=[judged(10.2, opened=True)]))
    assert (tally.opened, tally.false_opens, tally.full_breaths, tally.missed) == (1, 0, 1, 0)
    assert not tally.violations


def test_an_opened_small_breath_is_a_false_open_and_near_only_above_85_per_cent() -> None:
    tally = score(played(breaths=[true_breath(10, 2.0)], verdicts=[judged(10.2, opened=True)]))
    assert (tally.false_opens, tally.near_opens) == (1, 1)
    tally = score(played(breaths=[true_breath(10, 1.2)], verdicts=[judged(10.2, opened=True)]))
    assert (tally.false_opens, tally.near_opens) == (1, 0)
    assert tally.worst[0].share_of_bar == pytest.approx(1.2 / 2.1, abs=0.01)


def test_an_open_where_nobody_breathed_is_a_false_open_even_with_a_full_breath_later() -> None:
    tally = score(played(breaths=[true_breath(30)], verdicts=[judged(10.0, opened=True)]))
    assert tally.false_opens == 1


def test_a_refused_full_breath_is_missed_at_first_try_and_says_by_what() -> None:
    tally = score(played(breaths=[true_breath(10)], verdicts=[judged(10.2, opened=False)]))
    assert (tally.missed, tally.first_missed) == (1, 1)
    assert tally.missed_by == {"G5": 1}


@pytest.mark.parametrize("what", ["moved", "trouble", "before", "after"])
def test_a_full_breath_does_not_count_when_it_could_not(what: str) -> None:
    session = played(breaths=[true_breath(10)], verdicts=[])
    if what == "moved":
        session.truth.moves.append(TrueMove(start_s=9, end_s=11, kind="lean", size_deg=3))
    if what == "trouble":
        session.truth.troubles.append(Trouble(start_s=12, end_s=13, kind="gap"))
    if what == "before":
        session.armed[0] = (11.0, 60.0)
    if what == "after":
        session.armed[0] = (0.0, 15.0)
    assert score(session).full_breaths == 0


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({"calibrated": False}, "uncalibrated"),
        ({"streaming": False}, "lost"),
        ({"gap_s": 0.6}, "gap"),
        ({"armed_s": 11.0}, "not_armed"),
        ({"armed_s": inf}, "not_armed"),
        ({"deep_breaths": 31}, "budget"),
    ],
)
def test_what_must_never_happen_is_counted(other: dict[str, object], name: str) -> None:
    tally = score(played(breaths=[true_breath(10)], verdicts=[judged(10.2, opened=True, **other)]))
    assert dict(tally.violations) == {name: 1}


def test_one_breath_that_opens_twice_is_counted() -> None:
    verdicts = [judged(10.2, opened=True), judged(10.4, opened=True)]
    assert score(played(breaths=[true_breath(10)], verdicts=verdicts)).violations["twice"] == 1


def test_seven_opens_in_a_minute_are_beyond_the_budget() -> None:
    verdicts = [judged(1.0 + 7 * k, opened=True) for k in range(7)]
    breaths = [true_breath(1.0 + 7 * k) for k in range(7)]
    assert score(played(breaths=breaths, verdicts=verdicts)).violations["budget"] == 1


def test_a_point_passed_without_a_verdict_is_by_time() -> None:
    passed = [PointPassed(t_s=50, side=Side.LEFT, point=1, confirmed_by=ConfirmedBy.BREATH)]
    assert score(played(breaths=[], verdicts=[], passed=passed)).violations["by_time"] == 1
    by_hand = [PointPassed(t_s=50, side=Side.LEFT, point=1, confirmed_by=ConfirmedBy.HAND)]
    assert not score(played(breaths=[], verdicts=[], passed=by_hand)).violations


@pytest.mark.parametrize(("leaves_s", "broken"), [(95.0, 0), (105.0, 1)])
def test_g12_more_than_ninety_seconds_at_a_point(leaves_s: float, broken: int) -> None:
    steps = [step(5, Place.EASE, side=Side.LEFT, point=1), step(leaves_s, Place.COME_BACK, side=Side.LEFT)]
    assert score(played(breaths=[], verdicts=[], steps=steps)).violations["point_limit"] == broken


@pytest.mark.parametrize(("back_s", "broken"), [(240.0, 0), (250.0, 1)])
def test_g12_more_than_four_minutes_in_a_twist(back_s: float, broken: int) -> None:
    points = [step(5 + 60 * k, Place.EASE, side=Side.LEFT, point=k + 1) for k in range(5)]
    steps = [*points, step(back_s, Place.COME_BACK, side=Side.LEFT)]
    assert (
        score(played(breaths=[], verdicts=[], steps=steps, lived_s=300)).violations["twist_limit"] == broken
    )


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (0, 0, 0.0, 1.0), (10, 10, 0.6915, 1.0), (5, 100, 0.0164, 0.1128)],
)
def test_the_interval_is_that_of_clopper_and_pearson(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_a_smaller_bar_is_told_apart() -> None:
    """1.9 is full by the smaller bar (0.85 of 2.1 is 1.79), 2.5 by both, 1.7 by none."""
    for excursion, false, only in ((1.9, 0, 1), (2.5, 0, 0), (1.7, 1, 0)):
        session = played(
            breaths=[true_breath(10, excursion)], verdicts=[judged(10.2, opened=True, smaller=True)]
        )
        tally = score(session)
        assert (tally.smaller_opens, tally.smaller_false, tally.smaller_only) == (1, false, only)
        assert tally.false_opens == false
    session = played(breaths=[true_breath(10, 1.9)], verdicts=[judged(10.2, opened=True)])
    assert score(session).false_opens == 1


def test_every_refused_breath_has_exactly_one_sentence() -> None:
    wordless = judged(10.2, opened=False)
    wordless = replace(wordless, verdict=replace(wordless.verdict, sentence=""))
    assert score(played(breaths=[], verdicts=[wordless])).wordless == 1
    twice = [judged(10.2, opened=False), judged(10.2, opened=False)]
    assert score(played(breaths=[], verdicts=twice)).wordless == 1


@pytest.mark.parametrize(("after_s", "again"), [(11.9, 1), (12.0, 0)])
def test_a_sentence_said_again_within_12_s_is_counted(after_s: float, again: int) -> None:
    said = [Cue(t_s=t, kind=CueKind.HINT, sentence="Sit tall.") for t in (5.0, 5.0 + after_s)]
    said.insert(1, Cue(t_s=7.0, kind=CueKind.OPENED))
    tally = score(played(breaths=[], verdicts=[], said=said))
    assert (tally.sentences, tally.said_again) == (2, again)


def test_taps_are_heard_when_they_were_meant_and_false_otherwise() -> None:
    session = played(breaths=[], verdicts=[], taps=[], task=Task(person="tapper", sensor="h10", seed=1))
    session.truth.taps += [
        TrueTaps(start_s=10.0, end_s=10.3, count=2),
        TrueTaps(start_s=50.0, end_s=50.6, count=3),
    ]
    session.taps += [
        Tapped(t_s=10.31, count=2),
        Tapped(t_s=10.4, count=2),
        Tapped(t_s=50.6, count=2),
        Tapped(t_s=90.0, count=2),
    ]
    tally = score(session)
    assert (tally.taps, tally.taps_heard, tally.false_taps) == (2, 1, 3)


def test_tallies_add_up() -> None:
    one = score(played(breaths=[true_breath(10)], verdicts=[judged(10.2, opened=False)]))
    total = Tally()
    for _ in range(3):
        total.add(one)
    assert (total.sessions, total.missed, total.refusals["G5"]) == (3, 3, 3)
    assert one.sessions == 1
