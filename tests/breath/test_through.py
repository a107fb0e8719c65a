"""A motion sensor's exhale followed through what the level does beneath it, by the whole follower."""

import pytest

from breathsync.breath.events import Breath, BreathEnded, BreathReturned
from tests.breath.bodies import quiet
from tests.breath.test_movement import calibrated, is_full_and_clean, returned

ONSET_S, TI_S, TE_S, SIZE = 86.0, 3.2, 4.0, 3.1
TRULY_BACK_S = ONSET_S + TI_S + 0.631 * TE_S
"""Half a cosine is down to 30 % at this share of its length."""


def full_breath(level_deg: float, *, over_s: float = 24.0) -> list[Breath]:
    """What was said, back, of one full breath on a chest that leans by `level_deg` in `over_s` from 78 s on."""
    breaths = [*quiet(78, 84, seed=7), (ONSET_S, TI_S, TE_S, SIZE), *quiet(96, 112, seed=9)]
    _, events = calibrated(breaths, lean=[(78.0, over_s, level_deg)], until_s=112.0)
    return [b for b in returned(events, ONSET_S - 1.0) if b.inhale_start_s < ONSET_S + TI_S]


@pytest.mark.parametrize("level_deg", [-2.4, -1.2, 0.0, 1.2])
def test_g6_it_is_back_when_the_breath_is_whatever_the_level_does(level_deg: float) -> None:
    """Up to 2.7 mg a second either way: said once, at the right moment, in time for G7, with the right size."""
    (breath,) = full_breath(level_deg)
    assert breath.returned_s == pytest.approx(TRULY_BACK_S, abs=0.7)
    assert 0.0 <= breath.decided_s - breath.returned_s <= 1.0
    assert breath.returned_fraction >= 0.7
    assert breath.amplitude_quiet == pytest.approx(SIZE, rel=0.2)
    assert is_full_and_clean(breath)


def test_g6_a_breath_that_stays_up_is_never_back() -> None:
    """In by three quiet breaths and out by a third of that: no level explains the rest away."""
    breaths = [*quiet(78, 84, seed=7), (ONSET_S, TI_S, TE_S, 1.0), *quiet(96, 112, seed=9)]
    stays_up = [(ONSET_S, TI_S, 0.9)]
    _, events = calibrated(breaths, lean=stays_up, until_s=112.0)
    assert not [b for b in returned(events, ONSET_S - 1.0) if is_full_and_clean(b)]


def test_what_was_said_to_be_back_ends_once_and_is_not_said_again() -> None:
    breaths = [*quiet(78, 84, seed=7), (ONSET_S, TI_S, TE_S, SIZE), *quiet(96, 112, seed=9)]
    _, events = calibrated(breaths, lean=[(78.0, 24.0, -2.4)], until_s=112.0)
    backs = [e.breath.inhale_start_s for e in events if isinstance(e, BreathReturned)]
    ends = [e.breath.inhale_start_s for e in events if isinstance(e, BreathEnded)]
    assert len(set(backs)) == len(backs)
    assert set(backs[:-1]) <= set(ends)
