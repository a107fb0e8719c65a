"""`kill -9` at random moments: no verdict that was announced is missing, and less than a second of samples."""

import os
from pathlib import Path

import pytest

from tests.logbook.kill9 import kill_once

RUNS = 200


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_nothing_announced_is_lost_at_200_kills(tmp_path: Path) -> None:
    kills = [kill_once(tmp_path / str(seed), longest_s=0.05, seed=seed) for seed in range(RUNS)]
    assert [kill for kill in kills if not kill.fine] == []
    assert sum(kill.announced > 0 for kill in kills) > RUNS / 10, "some must have had time to announce"
