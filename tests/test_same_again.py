"""A whole session with a simulated person, fed again in other pieces: the same to the bit (G15, G16)."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from breathsync_simulators.wearers import open_wearer
from hypothesis import given, settings
from hypothesis import strategies as st

from breathsync.conductor import Conductor
from breathsync.guide.events import PointPassed, Verdict
from breathsync.guide.guide import Guide
from breathsync.outcome import Input, Outcome
from breathsync.routine_files import load_routine
from breathsync.samples import Samples, SensorChange, SensorInfo, SensorState
from breathsync.settings import Settings

LONGEST_S = 900
BLOCK_S = 0.18
ROUTINE = "first-time"


def _conductor(info: SensorInfo) -> Conductor:
    routine, own = load_routine(ROUTINE), Settings()
    guide = Guide(routine=routine, settings=own, info=info, screening=False, comfort=False)
    return Conductor(info=info, routine=routine, settings=own, guide=guide)


@cache
def _session(sensor: str) -> tuple[SensorInfo, tuple[Input, ...], tuple[Outcome, ...]]:
    """A session of `steady`, driven live, with everything that went in and came out."""
    wearer = open_wearer("steady", sensor, seed=3)
    conductor = _conductor(wearer.info)
    inputs: list[Input] = []
    outcomes: list[Outcome] = []

    def put(item: Input) -> None:
        inputs.append(item)
        for outcome in conductor.put(item):
            outcomes.append(outcome)
            wearer.hear(outcome, conductor.view)

    put(SensorChange(t_s=0.0, state=SensorState.STREAMING))
    for block in range(1, int(LONGEST_S / BLOCK_S)):
        for samples in wearer.until(block * BLOCK_S):
            put(samples)
        for word in wearer.said():
            put(word)
        if conductor.ended:
            break
    return wearer.info, tuple(inputs), tuple(outcomes)


def _recut(inputs: Iterable[Input], info: SensorInfo, rng: np.random.Generator) -> list[Input]:
    """The same inputs with the breath's samples in other blocks; words keep their place among them."""
    out: list[Input] = []
    waiting: list[Samples] = []

    def flush() -> None:
        if not waiting:
            return
        t_s = np.concatenate([block.t_s for block in waiting])
        values = np.concatenate([block.values for block in waiting])
        cuts = np.sort(rng.integers(0, len(t_s) + 1, size=max(1, len(t_s) // int(rng.integers(1, 400)))))
        for start, stop in zip([0, *cuts], [*cuts, len(t_s)], strict=True):
            out.append(Samples(stream=waiting[0].stream, t_s=t_s[start:stop], values=values[start:stop]))
        waiting.clear()

    for item in inputs:
        if isinstance(item, Samples) and item.stream is info.breath_stream:
            waiting.append(item)
            continue
        flush()
        out.append(item)
    flush()
    return out


def _replayed(inputs: Iterable[Input], info: SensorInfo) -> list[Outcome]:
    conductor = _conductor(info)
    return [outcome for item in inputs for outcome in conductor.put(item)]


SENSORS = ["belt", "h10"]


@pytest.mark.parametrize("sensor", SENSORS)
def test_the_session_is_worth_repeating(sensor: str) -> None:
    outcomes = _session(sensor)[2]
    assert any(isinstance(outcome, Verdict) and outcome.opened for outcome in outcomes)
    assert any(isinstance(outcome, PointPassed) for outcome in outcomes)


@pytest.mark.parametrize("sensor", SENSORS)
def test_g15_the_same_inputs_reach_the_same_outcomes_bit_for_bit(sensor: str) -> None:
    info, inputs, outcomes = _session(sensor)
    assert _replayed(inputs, info) == list(outcomes)


@pytest.mark.parametrize("sensor", SENSORS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_g16_how_samples_are_packed_changes_nothing(sensor: str, seed: int) -> None:
    info, inputs, outcomes = _session(sensor)
    again = _replayed(_recut(inputs, info, np.random.default_rng(seed)), info)
    assert again == list(outcomes)
