"""G11's budget as numbers, and that a routine can only be stricter than the settings."""

import itertools
import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from breathsync.guide.limits import DeepBudget, settings_for
from breathsync.guide.routine import Rests, Targets
from breathsync.settings import LimitSettings, Settings


def budget(*breaths_s, **limits) -> DeepBudget:
    counted = DeepBudget(LimitSettings(**limits))
    for t_s in breaths_s:
        counted.add(peak_s=t_s, end_s=t_s + 2.0)
    return counted


def test_g11_five_in_a_row_want_a_rest_from_the_last_breaths_end():
    counted = budget(0, 8, 16, 24, 32)
    assert counted.in_row(34.0) == 5
    assert counted.wait_s(34.0) == 40.0
    assert counted.wait_s(73.9) > 0
    assert counted.wait_s(74.0) == 0.0
    assert counted.in_row(74.0) == 0


def test_g11_a_pause_as_long_as_a_rest_is_one():
    counted = budget(0, 8, 60, 68)
    assert counted.in_row(70.0) == 2
    assert counted.wait_s(70.0) == 0.0


def test_g11_six_in_any_60_s():
    counted = budget(0, 1, 40, 41, 42, 43, rest_s=30.0, rest_after=5)
    assert counted.in_minute(45.0) == 6
    assert counted.wait_s(45.0) == 15.0
    assert counted.in_minute(61.5) == 4


def test_g11_the_session_has_an_end():
    counted = budget(0, 100, deep_per_session=2)
    assert counted.spent
    assert counted.wait_s(1e6) == math.inf


@given(st.lists(st.floats(1.0, 100.0), max_size=60))
def test_g11_who_waits_as_told_never_exceeds_any_limit(wants_s):
    limits = LimitSettings()
    counted, now_s, peaks_s = DeepBudget(limits), 0.0, []
    for wish_s in wants_s:
        now_s += wish_s
        if counted.wait_s(now_s) == 0.0:
            counted.add(peak_s=now_s, end_s=now_s)
            peaks_s.append(now_s)
    assert len(peaks_s) <= limits.deep_per_session
    assert all(b - a >= 60.0 for a, b in zip(peaks_s, peaks_s[6:], strict=False))
    for k in range(len(peaks_s) - 5):
        six = peaks_s[k : k + 6]
        assert max(b - a for a, b in itertools.pairwise(six)) >= 40.0


def test_a_routine_is_stricter_or_does_nothing(twist):
    gentle = replace(
        twist,
        rests=Rests(deep_per_minute=4, usual_between=3, rest_s=50.0, point_s=60.0),
        targets=Targets(low_full=0.8),
    )
    found = settings_for(gentle, Settings())
    assert found.limits == LimitSettings(deep_per_minute=4, usual_between=3, rest_s=50.0, point_s=60.0)
    assert (found.gate.low_full, found.gate.low_quiet) == (0.8, 2.0)
    strict = Settings(limits=LimitSettings(deep_per_minute=2, usual_between=5, point_s=30.0))
    assert settings_for(gentle, strict).limits.deep_per_minute == 2
    assert settings_for(gentle, strict).limits.usual_between == 5
    assert settings_for(gentle, strict).limits.point_s == 30.0
    assert settings_for(twist, strict) == strict
