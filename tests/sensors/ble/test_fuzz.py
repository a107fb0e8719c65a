"""A small share of the fuzzing that `python -m tests.benchmarks.fuzz_decoders` does in full."""

from tests.benchmarks.fuzz_decoders import fuzz, report


def test_random_and_mutated_frames_give_a_value_or_a_reason():
    tallies = fuzz(count=60_000, seed=7)
    assert sum(tally.frames for tally in tallies.values()) >= 60_000
    assert all(tally.values for tally in tallies.values())  # every decoder was reached by good frames too
    assert all(tally.refused for tally in tallies.values())
    assert "| Polar frame |" in report(tallies, seconds=1, seed=7)
