"""A breath on a chest that sinks beneath it is as large as the same breath on a chest at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.detector import RawBreath
from breathsync.breath.events import Breath, BreathKind, BreathReturned
from breathsync.breath.level import MOST, levelled, risen_from
from tests.breath.test_movement import calibrated

SIZES = [2.6, 3.2, 2.8]


def seen(size: float, *, sinks_per_s: float, ti_s: float = 3.0, te_s: float = 4.0) -> RawBreath:
    """A breath of `size` as it looks on a level that sinks."""
    return RawBreath(
        inhale_start_s=10.0,
        inhale_peak_s=10.0 + ti_s,
        peak_decided_s=10.5 + ti_s,
        returned_s=10.0 + ti_s + 0.6 * te_s,
        exhale_end_s=10.0 + ti_s + te_s,
        decided_s=10.5 + ti_s + te_s,
        trough=5.0,
        peak=5.0 + size - sinks_per_s * ti_s,
        after=5.0 - sinks_per_s * (ti_s + te_s),
        rises=1,
        kind=BreathKind.BREATH,
        noise=0.5,
    )


@pytest.mark.parametrize("sinks_per_s", [-0.5, 0.0, 0.4, 0.6])
def test_measured_from_the_line_between_the_ends_of_exhale(sinks_per_s: float) -> None:
    assert levelled(seen(10.0, sinks_per_s=sinks_per_s)).amplitude == pytest.approx(10.0)


@given(size=st.floats(1, 40), per_s=st.floats(-50, 50))
def test_changes_by_a_quarter_at_most_and_leaves_the_share_that_came_back(size: float, per_s: float) -> None:
    raw = seen(size, sinks_per_s=0.0)
    now = risen_from(raw, per_s)
    assert abs(now.amplitude - raw.amplitude) <= MOST * raw.amplitude + 1e-9
    assert now.returned_fraction == pytest.approx(raw.returned_fraction)
    assert now.amplitude <= raw.amplitude if per_s >= 0.0 else now.amplitude >= raw.amplitude


def test_a_breath_that_was_broken_off_is_left_as_it_was() -> None:
    raw = seen(10.0, sinks_per_s=0.5)
    for odd in ({"exhale_end_s": None}, {"broken": True}):
        one = RawBreath(**{**{f: getattr(raw, f) for f in RawBreath.__slots__}, **odd})  # type: ignore[arg-type]
        assert levelled(one) is one


def _sizes(lean: list[tuple[float, float, float]]) -> list[float]:
    breaths = [(84.0 + 9.0 * k, 3.0, 4.0, size) for k, size in enumerate(SIZES)]
    _, events = calibrated(breaths, lean=lean, until_s=116.0)
    found: list[Breath] = [e.breath for e in events if isinstance(e, BreathReturned)]
    near = [min(found, key=lambda b: abs(b.inhale_peak_s - onset - 3.0)) for onset, *_ in breaths]
    return [b.amplitude / 7.0 for b in near]


@pytest.mark.parametrize("lean_deg", [0.0, -1.6, -3.0])
def test_g5_sinking_from_tall_takes_little_of_a_breath(lean_deg: float) -> None:
    """Forward, against the inhale, by up to 2 mg a second. Beat and noise make a still one look larger."""
    for size, true in zip(_sizes([(82.0, 40.0, lean_deg)]), SIZES, strict=True):
        assert 0.85 * true <= size <= 1.15 * true
