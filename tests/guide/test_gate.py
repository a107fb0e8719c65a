"""The clauses of the gate, one by one: what refuses and why, and that the unknown never opens it.

Each number at its limit and just beyond it is in `test_both_sides.py`.
"""

from dataclasses import replace

import pytest

from breathsync.breath.events import BreathKind, Calibration, Doubt, Posture, Witness
from breathsync.guide.events import Side
from breathsync.guide.gate import (
    CLAUSES,
    DOUBT_PHRASES,
    MOST_USEFUL_FIRST,
    Armed,
    bar_for,
    g1_calibrated,
    g2_good_signal,
    g3_still,
    g4_inside,
    g5_band,
    g6_shape,
    g7_after_the_exhale,
    g9_only_a_breath,
    g11_never_too_much,
    g12_never_a_trap,
    judge,
)
from breathsync.settings import GateSettings, Settings
from tests.guide.pretend import FULL_MG, LEARNED, QUIET_MG, a_breath

NAN = float("nan")
INF = float("inf")


def armed(**changes) -> Armed:
    held = Armed(
        armed_s=90.0,
        settings=Settings(),
        motion_sensor=True,
        posture=Posture.RIGHT,
        calibration=LEARNED,
        streaming=True,
        doubts=(),
        usual_between=2,
        deep_in_minute=1,
        deep_in_row=1,
        deep_in_session=1,
        at_point_s=30.0,
        in_twist_s=60.0,
        side=Side.RIGHT,
        point=1,
    )
    return replace(held, **changes)


BELT = replace(LEARNED, axis=None)


def test_a_full_breath_opens_with_every_clause_named():
    verdict = judge(a_breath(), armed())
    assert verdict.opened
    assert [c.clause for c in verdict.clauses] == [
        "G1",
        "G2",
        "G3",
        "G4",
        "G5",
        "G6",
        "G7",
        "G9",
        "G11",
        "G12",
    ]
    assert verdict.refused_by == ()
    assert verdict.sentence == "That was a full breath."
    assert (verdict.side, verdict.point) == (Side.RIGHT, 1)


# -- G1


def test_g1_no_calibration_keeps_it_shut():
    assert not g1_calibrated(a_breath(), armed(calibration=None)).ok
    assert not judge(a_breath(), armed(calibration=None)).opened


@pytest.mark.parametrize(
    ("quiet", "full"), [(0.0, 18.0), (NAN, 18.0), (6.0, NAN), (6.0, 8.9), (-1.0, 18.0), (6.0, INF)]
)
def test_g1_a_calibration_without_sound_numbers_is_none(quiet, full):
    learned = replace(LEARNED, a_quiet=quiet, a_full=full)
    assert not g1_calibrated(a_breath(), armed(calibration=learned)).ok


def test_g1_a_motion_sensor_needs_this_posture():
    upright = replace(LEARNED, scales={Posture.UPRIGHT: 1.0, Posture.LEFT: 0.8})
    result = g1_calibrated(a_breath(), armed(calibration=upright))
    assert (result.ok, result.why) == (False, "no_posture")
    assert g1_calibrated(a_breath(), armed(calibration=upright, posture=Posture.LEFT)).ok


def test_g1_a_motion_sensor_needs_its_axis_and_the_breath_in_quiet_breaths():
    assert not g1_calibrated(a_breath(), armed(calibration=BELT)).ok
    assert not g1_calibrated(a_breath(amplitude_quiet=None), armed()).ok
    assert not g1_calibrated(a_breath(amplitude_quiet=NAN), armed()).ok


def test_g1_a_belt_needs_neither():
    upright = replace(BELT, scales={Posture.UPRIGHT: 1.0})
    result = g1_calibrated(a_breath(amplitude_quiet=None), armed(calibration=upright, motion_sensor=False))
    assert result.ok
    assert (result.value, result.limit) == (3.0, 1.5)


# -- G2


@pytest.mark.parametrize("doubt", list(Doubt))
def test_g2_any_doubt_keeps_it_shut_and_has_a_sentence(doubt):
    for breath, held in (
        (a_breath(doubts=(doubt,)), armed()),
        (a_breath(), armed(doubts=(doubt,))),
    ):
        verdict = judge(breath, held)
        assert not verdict.opened
        assert "G2" in verdict.refused_by
        assert verdict.sentence
    assert doubt in DOUBT_PHRASES


@pytest.mark.parametrize(
    "changes",
    [
        {"gap_max_s": 0.51},
        {"gap_max_s": NAN},
        {"noise": FULL_MG + 0.1},
        {"noise": NAN},
        {"quality": 0.49},
        {"quality": NAN},
        {"amplitude": NAN},
        {"witness": Witness.DISAGREES},
    ],
)
def test_g2_a_bad_or_unknown_signal_refuses(changes):
    assert not g2_good_signal(a_breath(**changes), armed()).ok


def test_g2_not_streaming_refuses():
    result = g2_good_signal(a_breath(), armed(streaming=False))
    assert (result.ok, result.why) == (False, "no_signal")


def test_g2_the_heart_confirms_or_is_silent_but_never_opens():
    small = a_breath(amplitude=QUIET_MG, witness=Witness.AGREES)
    assert not judge(small, armed()).opened
    assert g2_good_signal(a_breath(witness=Witness.SILENT), armed()).ok


# -- G3


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"still_before_s": NAN}, "moving_before"),
        ({"burst": True}, "moving"),
        ({"kind": BreathKind.MOVEMENT}, "moving"),
        ({"tilt_change_deg": 1.01}, "leaned"),
        ({"tilt_change_deg": None}, "leaned"),
        ({"tilt_change_deg": NAN}, "leaned"),
        ({"off_axis_deg": 25.1}, "leaned"),
        ({"off_axis_deg": NAN}, "leaned"),
        ({"unrest": 1.41}, "shaking"),
        ({"unrest": NAN}, "shaking"),
    ],
)
def test_g3_movement_refuses(changes, why):
    result = g3_still(a_breath(**changes), armed())
    assert (result.ok, result.why) == (False, why)


def test_g3_lean_does_not_open():
    verdict = judge(a_breath(tilt_change_deg=2.5, amplitude=44.0), armed())
    assert not verdict.opened
    assert verdict.refused_by == ("G3",)
    assert verdict.sentence == "You leaned a little; sit tall first, then breathe."


def test_g3_a_lean_across_the_breath_does_not_open():
    verdict = judge(a_breath(off_axis_deg=40.0), armed())
    assert (verdict.opened, verdict.refused_by) == (False, ("G3",))
    assert verdict.sentence == "You leaned a little; sit tall first, then breathe."


def test_g3_a_hand_on_the_strap_does_not_open():
    verdict = judge(a_breath(unrest=3.0), armed())
    assert (verdict.opened, verdict.refused_by) == (False, ("G3",))
    assert verdict.sentence == "Something shook the strap; let it rest, and once more."


def test_g3_what_was_not_looked_at_says_nothing():
    assert g3_still(a_breath(unrest=None, off_axis_deg=None), armed()).ok


@pytest.mark.parametrize("level", [2.41, -2.41, None, NAN])
def test_g3_a_belt_wants_the_level_back_within_half_a_quiet_breath(level):
    held = armed(calibration=BELT, motion_sensor=False)
    assert not g3_still(a_breath(level_change=level, tilt_change_deg=None), held).ok


def test_g3_a_belt_knows_no_tilt():
    held = armed(calibration=BELT, motion_sensor=False)
    result = g3_still(a_breath(level_change=-2.39, tilt_change_deg=None), held)
    assert result.ok
    assert result.limit == pytest.approx(0.5 * 0.8 * QUIET_MG)


def test_g3_a_belt_without_a_calibration_has_no_limit_and_stays_shut():
    assert not g3_still(a_breath(level_change=0.0), armed(calibration=None, motion_sensor=False)).ok


# -- G4


def test_g4_a_breath_that_began_before_arming_refuses():
    assert not g4_inside(a_breath(89.99), armed()).ok
    assert not g4_inside(a_breath(inhale_start_s=NAN), armed()).ok
    assert not g4_inside(a_breath(), armed(armed_s=INF)).ok
    assert g4_inside(a_breath(90.0), armed()).ok


# -- G5


def test_g5_is_scaled_to_the_posture():
    bar = bar_for(LEARNED, Posture.RIGHT, settings=Settings(), smaller=False)
    assert (bar.quiet, bar.low, bar.plenty) == pytest.approx((4.8, 0.8 * 12.6, 0.8 * 22.5))


@pytest.mark.parametrize("amplitude", [0.8 * 12.59, 0.0, -5.0, NAN])
def test_g5_too_small_refuses(amplitude):
    assert not g5_band(a_breath(amplitude=amplitude), armed()).ok


def test_g5_plenty_passes_with_less_is_fine():
    verdict = judge(a_breath(amplitude=0.8 * 22.6), armed())
    assert verdict.opened
    assert verdict.sentence == "That was plenty, less is fine."
    assert g5_band(a_breath(amplitude=0.8 * 22.4), armed()).why == ""


def test_g5_says_a_little_fuller_to_an_attempt_and_when_you_are_ready_to_a_usual_breath():
    assert g5_band(a_breath(amplitude=9.0), armed()).why == "fuller"
    assert g5_band(a_breath(amplitude=5.0), armed()).why == "when_ready"


@pytest.mark.parametrize("scale", [NAN, 0.0, -1.0])
def test_g5_eighty_per_cent_of_nothing_never_opens(scale):
    learned = replace(LEARNED, scales={Posture.RIGHT: scale})
    assert not judge(a_breath(amplitude=1e9), armed(calibration=learned)).opened


# -- G6


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ti_s": 1.49}, "slower_in"),
        ({"rises": 2}, "one_rise"),
        ({"rises": 0}, "one_rise"),
        ({"kind": BreathKind.DOUBLE_GASP}, "one_rise"),
        ({"kind": BreathKind.HOLD}, "held"),
        ({"returned_fraction": 0.69}, "all_out"),
        ({"returned_fraction": NAN}, "all_out"),
        ({"ti_s": 1.6, "te_s": 3.0}, "slower_out"),
        ({"inhale_peak_s": NAN}, "slower_in"),
    ],
)
def test_g6_a_wrong_shape_refuses(changes, why):
    result = g6_shape(a_breath(**changes), armed())
    assert (result.ok, result.why) == (False, why)


def test_g6_a_time_is_known_no_closer_than_the_samples_of_the_sensor():
    held = replace(armed(), moment_s=0.1)
    quick = a_breath(ti_s=1.55)
    brisk = a_breath(ti_s=1.65, te_s=2.3)
    brisk = replace(brisk, exhale_end_s=brisk.inhale_start_s + 4.05)
    for breath, why in ((quick, "slower_in"), (brisk, "slower_out")):
        assert g6_shape(breath, armed()).ok
        assert (g6_shape(breath, held).ok, g6_shape(breath, held).why) == (False, why)
    assert g6_shape(a_breath(ti_s=1.65), held).ok


def test_g6_slow_is_never_refused():
    assert judge(a_breath(ti_s=12.0, te_s=18.0), armed()).opened


# -- G7


def test_g7_says_how_late_it_was_decided():
    result = g7_after_the_exhale(a_breath(), armed())
    assert result.ok
    assert result.value == pytest.approx(0.2)


@pytest.mark.parametrize("returned_s", [None, NAN, 99.0, 200.0])
def test_g7_before_the_exhale_is_back_or_too_late_refuses(returned_s):
    assert not g7_after_the_exhale(a_breath(returned_s=returned_s), armed()).ok


# -- G8


def test_g8_every_refusal_has_one_short_sentence_in_both_languages():
    breath = a_breath(amplitude=9.0)
    english, german = judge(breath, armed()), judge(breath, armed(), language="de")
    assert (english.phrase, english.sentence) == ("fuller", "A little fuller.")
    assert (german.phrase, german.sentence) == ("fuller", "Etwas voller.")


def test_g8_the_most_useful_reason_comes_first():
    moving_and_small = a_breath(amplitude=9.0, still_before_s=0.5)
    assert judge(moving_and_small, armed()).phrase == "moving_before"
    unseen_and_moving = a_breath(doubts=(Doubt.BELOW_NOISE,), still_before_s=0.5)
    assert (
        judge(unseen_and_moving, armed()).sentence
        == "I cannot see your breath: a little tighter, or a little lower?"
    )


def test_g8_every_clause_has_its_rank():
    verdict = judge(a_breath(), armed())
    assert sorted(MOST_USEFUL_FIRST) == sorted(c.clause for c in verdict.clauses)
    assert len(CLAUSES) == len(MOST_USEFUL_FIRST)


# -- G9


@pytest.mark.parametrize("kind", [k for k in BreathKind if k not in (BreathKind.BREATH, BreathKind.SIGH)])
def test_g9_what_is_not_a_breath_never_opens(kind):
    assert not g9_only_a_breath(a_breath(kind=kind), armed()).ok
    assert not judge(a_breath(kind=kind), armed()).opened


def test_g9_one_breath_opens_once():
    assert not g9_only_a_breath(a_breath(100.0), armed(judged_until_s=105.0)).ok
    assert g9_only_a_breath(a_breath(105.0), armed(judged_until_s=105.0)).ok


# -- G11


@pytest.mark.parametrize(
    ("changes", "value", "limit"),
    [
        ({"deep_in_minute": 7}, 7, 6),
        ({"deep_in_row": 6}, 6, 5),
        ({"deep_in_session": 31}, 31, 30),
        ({"usual_between": 1}, 1, 2),
    ],
)
def test_g11_too_much_refuses(changes, value, limit):
    result = g11_never_too_much(a_breath(), armed(**changes))
    assert (result.ok, result.value, result.limit, result.why) == (False, value, limit, "budget")


# -- G12


@pytest.mark.parametrize("changes", [{"at_point_s": NAN}, {"in_twist_s": NAN}])
def test_g12_a_time_nobody_knows_refuses(changes):
    assert not g12_never_a_trap(a_breath(), armed(**changes)).ok


def test_limits_come_from_the_settings():
    strict = Settings(gate=GateSettings(still_before_s=4.0, tilt_change_deg=0.5, whole_s=8.0))
    verdict = judge(a_breath(tilt_change_deg=0.6, still_before_s=5.0), armed(settings=strict))
    assert verdict.refused_by == ("G3", "G6")
    assert {c.clause: c.limit for c in verdict.clauses}["G6"] == 8.0


def test_a_calibration_of_the_wrong_kind_is_no_calibration():
    nothing = Calibration(a_quiet=0.0, a_full=0.0, noise=0.0, unit="mg", axis=(0.0, 0.0, 1.0))
    assert not judge(a_breath(amplitude=1e6), armed(calibration=nothing, posture=Posture.UPRIGHT)).opened
