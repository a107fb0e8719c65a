"""G6: slow is never refused. One full breath as slow as two a minute is seen and judged whole, on belt and chest."""

import numpy as np
import pytest

from breathsync.breath.events import BreathEnded
from breathsync.samples import Stream
from tests.breath.bodies import quiet
from tests.breath.test_movement import calibrated, is_full_and_clean, returned

WOBBLE = 0.5
"""In quiet breaths. In the pause after a slow breath a chest sensor sees the heart beat as small rises."""
SENSORS = [Stream.FORCE, Stream.ACCELERATION]


@pytest.mark.parametrize("stream", SENSORS)
@pytest.mark.parametrize(
    ("ti_s", "te_s"), [(6.0, 8.0), (8.0, 12.0), (12.0, 16.0), (14.0, 16.0), (10.0, 20.0)]
)
def test_g6_a_full_breath_as_slow_as_two_a_minute_is_seen_whole(
    stream: Stream, ti_s: float, te_s: float
) -> None:
    whole_s = ti_s + te_s
    then = [(82.0, ti_s, te_s, 3.0), *quiet(83.0 + whole_s, 100.0 + whole_s, seed=5)]
    _, events = calibrated(then, stream=stream, until_s=105.0 + whole_s)
    seen = [b for b in returned(events, 81.0) if b.inhale_peak_s < 82.0 + whole_s]
    passed = [b for b in seen if (b.amplitude_quiet or 0) > WOBBLE]
    assert [is_full_and_clean(b) for b in passed] == [True]
    breath = passed[0]
    assert breath.inhale_peak_s == pytest.approx(82.0 + ti_s, abs=0.08 * whole_s)
    assert breath.amplitude_quiet == pytest.approx(3.0, rel=0.2)
    assert breath.rises == 1
    assert breath.returned_s is not None
    assert breath.decided_s - breath.returned_s <= 1.0
    assert breath.conditions.level_change is None or abs(breath.conditions.level_change) < 0.5


@pytest.mark.parametrize("stream", SENSORS)
def test_two_breaths_a_minute_running_are_followed(stream: Stream) -> None:
    then = [(82.0 + 30.0 * i, 12.0, 16.0, 3.0) for i in range(6)]
    _, events = calibrated(then, stream=stream, until_s=265.0)
    ended = [e.breath for e in events if isinstance(e, BreathEnded) and e.breath.inhale_peak_s > 81.0]
    peaks = np.array([b.inhale_peak_s for b in ended if (b.amplitude_quiet or 0) > 1.0])
    assert peaks == pytest.approx([94.0 + 30.0 * i for i in range(6)], abs=2.5)
    passed = [b for b in returned(events, 81.0) if is_full_and_clean(b)]
    assert len(passed) == 6
