"""The body that is moved by keys."""

import pytest
from breathsync_simulators.you import LEAN_DEG, LEAN_N_PER_DEG, REST_N, USUAL_N, YourBody

STEP_S = 0.1


def forces(body: YourBody, seconds: float) -> list[float]:
    return [body.advance(STEP_S) for _ in range(round(seconds / STEP_S))]


def test_left_alone_it_breathes_as_usual() -> None:
    usual = forces(YourBody(), 60.0)
    assert max(usual) - min(usual) == pytest.approx(USUAL_N, rel=0.15)


def test_by_key_it_takes_a_full_breath_and_then_breathes_as_usual_again() -> None:
    body = YourBody()
    forces(body, 9.0)
    body.breathe_in()
    up = forces(body, 3.0)
    body.breathe_out()
    down = forces(body, 5.0)
    assert max(up + down) - REST_N > 3 * USUAL_N
    assert max(forces(body, 20.0)) - REST_N < 1.2 * USUAL_N


def test_a_lean_moves_the_belt_and_stays() -> None:
    body = YourBody()
    body.lean(1)
    forces(body, 5.0)
    assert min(forces(body, 9.0)) - REST_N == pytest.approx(LEAN_N_PER_DEG * LEAN_DEG, abs=0.1)
