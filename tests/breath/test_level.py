"""A chest that sinks beneath a breath moves its trough, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.events import BreathKind
from breathsync.breath.level import MOST, risen_from
from breathsync.breath.raw import RawBreath


def seen(size: float) -> RawBreath:
    """A breath from 10 to 17 s, its peak at 13 s."""
    return RawBreath(
        inhale_start_s=10.0,
        inhale_peak_s=13.0,
        peak_decided_s=13.5,
        returned_s=15.4,
        exhale_end_s=None,
        decided_s=15.5,
        trough=5.0,
        peak=5.0 + size,
        after=5.0 + 0.3 * size,
        rises=1,
        kind=BreathKind.BREATH,
        noise=0.5,
    )


@pytest.mark.parametrize("per_s", [-0.5, 0.0, 0.4, 0.6])
def test_a_breath_against_a_sinking_level_is_larger_by_what_sank(per_s: float) -> None:
    assert risen_from(seen(10.0), per_s).amplitude == pytest.approx(10.0 - 3.0 * per_s)


@given(size=st.floats(1, 40), per_s=st.floats(-50, 50))
def test_changes_by_a_quarter_at_most_and_leaves_the_share_that_came_back(size: float, per_s: float) -> None:
    raw = seen(size)
    now = risen_from(raw, per_s)
    assert abs(now.amplitude - raw.amplitude) <= MOST * raw.amplitude + 1e-9
    assert now.returned_fraction == pytest.approx(raw.returned_fraction)
