"""Taps on the strap, apart from sessions."""

import pytest
from breathsync_simulators.people.truth import TrueTaps
from breathsync_simulators.tapping import match, measure, one_life, table
from typer.testing import CliRunner

from breathsync.breath.events import Tapped
from breathsync.cli.simulate import app
from breathsync.errors import UnknownNameError


def test_each_word_is_heard_once_with_its_count_and_at_its_time() -> None:
    meant = [TrueTaps(start_s=10.0, end_s=10.3, count=2), TrueTaps(start_s=50.0, end_s=50.6, count=3)]
    heard = [Tapped(t_s=10.3, count=2), Tapped(t_s=10.9, count=2), Tapped(t_s=50.6, count=2)]
    hits, false = match(meant, heard)
    assert hits == 1
    assert false == heard[1:]


@pytest.mark.parametrize("sensor", ["h10", "imu6"])
def test_a_calm_person_is_heard_each_time_and_a_restless_one_never_by_mistake(sensor: str) -> None:
    calm = one_life("steady", sensor, seed=1, every_s=20.0, lasts_s=400.0)
    assert calm.tapped > 8
    assert calm.heard >= calm.tapped - 1
    assert one_life("restless", sensor, seed=1, every_s=0.0, lasts_s=600.0).false == 0


def test_a_belt_hears_no_taps() -> None:
    with pytest.raises(UnknownNameError, match="sensor that hears taps"):
        one_life("steady", "belt", seed=1, every_s=20.0, lasts_s=60.0)


def test_a_table_names_each_false_word() -> None:
    counts = measure(["steady"], ["h10"], hours=0.5, seed=3, every_s=300.0)
    counts["steady", "h10"].false_at.append("steady@h10 seed 3 at 9.0 s: 2")
    assert "total" in table(counts)
    assert "false: steady@h10 seed 3 at 9.0 s: 2" in table(counts)


def test_the_command_prints_a_line_a_sensor() -> None:
    done = CliRunner().invoke(app, ["taps", "--hours", "0.5", "--people", "steady", "--sensor", "h10"])
    assert done.exit_code == 0
    assert "total       h10" in done.stdout
