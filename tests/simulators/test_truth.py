"""Truth is the definition (G5, G6) applied to the body's own wall, whatever a sensor shows."""

import pytest
from breathsync_simulators.people.truth import Trouble, TrueBreath, TrueMove, Truth

from breathsync.settings import Settings

SETTINGS = Settings()


def breath(
    onset_s: float = 0.0, *, excursion: float = 3.0, ti_s: float = 2.5, te_s: float = 3.0, **other
) -> TrueBreath:
    values = {"returned": 1.0, "rises": 1, "kind": "full", "cued": True, **other}
    return TrueBreath(
        onset_s=onset_s, peak_s=onset_s + ti_s, end_s=onset_s + ti_s + te_s, excursion=excursion, **values
    )


@pytest.mark.parametrize(
    ("quiet", "full", "bar"),
    [(1.0, 3.0, 2.1), (1.0, 2.5, 2.0), (1.0, 2.0, 1.8), (1.2, 3.0, 2.4)],
)
def test_g5_bar_is_the_larger_of_two_quiet_and_seven_tenths_but_at_most_nine_tenths(
    quiet: float, full: float, bar: float
) -> None:
    assert Truth(quiet=quiet, full=full).bar(SETTINGS) == pytest.approx(bar)


def test_g10_a_smaller_bar_is_never_under_one_and_a_half_quiet() -> None:
    assert Truth(quiet=1.0, full=3.0).bar(SETTINGS, smaller=True) == pytest.approx(2.1 * 0.85)
    assert Truth(quiet=1.0, full=1.9).bar(SETTINGS, smaller=True) == pytest.approx(1.5)
    assert Truth(quiet=1.0, full=1.6).bar(SETTINGS, smaller=True) == pytest.approx(1.44), (
        "never higher than the bar"
    )


@pytest.mark.parametrize(
    "other",
    [{"excursion": 2.0}, {"ti_s": 1.4}, {"ti_s": 1.6, "te_s": 2.2}, {"returned": 0.6}, {"rises": 2}],
)
def test_g6_a_breath_that_lacks_one_thing_is_not_full(other: dict[str, float]) -> None:
    truth = Truth(quiet=1.0, full=3.0)
    assert truth.is_full(breath(), SETTINGS)
    assert not truth.is_full(breath(**other), SETTINGS)


def test_calibration_takes_medians_of_the_bodys_own_breaths() -> None:
    truth = Truth(quiet=1.0, full=9.0)
    truth.breaths += [breath(5.0 * k, excursion=1.1, cued=False) for k in range(7)]
    truth.breaths += [breath(100.0 + 10 * k, excursion=2.6 + 0.2 * k) for k in range(3)]
    truth.calibrate(quiet=(0.0, 60.0), full=(99.0, 140.0), settings=SETTINGS)
    assert (truth.quiet, truth.full) == (pytest.approx(1.1), pytest.approx(2.8))


def test_too_few_breaths_leave_the_bodys_typical_size() -> None:
    truth = Truth(quiet=1.0, full=3.0, breaths=[breath(1.0, excursion=1.5, cued=False)])
    truth.calibrate(quiet=(0.0, 60.0), full=(60.0, 90.0), settings=SETTINGS)
    assert (truth.quiet, truth.full) == (1.0, 3.0)


def test_moves_and_troubles_touch_only_their_span() -> None:
    truth = Truth(
        moves=[TrueMove(start_s=5, end_s=7, kind="lean", size_deg=2)],
        troubles=[Trouble(start_s=9, end_s=12, kind="gap")],
    )
    assert truth.still(0, 5)
    assert not truth.still(6, 6.5)
    assert truth.sensor_good(0, 9)
    assert not truth.sensor_good(11, 20)
