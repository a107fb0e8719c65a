"""A source's name opens its sensor, or is answered with what could have been meant."""

from pathlib import Path

import pytest

from breathsync.clock import SessionClock
from breathsync.errors import UnknownNameError, UsageError
from breathsync.samples import Stream
from breathsync.sources import KINDS, open_source

CLOCK = SessionClock()


@pytest.mark.parametrize(
    ("source", "nearest"),
    [("simm:steady", "sim"), ("bel:H10", "ble"), ("sim:stedy", "steady"), ("sim:steady@h11", "h10")],
)
def test_a_misspelt_source_is_answered_with_the_nearest(source: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        open_source(source, clock=CLOCK)
    assert nearest in caught.value.nearest
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("kind", [kind for kind, known in KINDS.items() if not known.nameless])
def test_a_source_without_a_name_is_answered_with_an_example(kind: str) -> None:
    for source in (kind, f"{kind}:"):
        with pytest.raises(UsageError, match=f"Write {kind}:"):
            open_source(source, clock=CLOCK)


@pytest.mark.parametrize("kind", [kind for kind, known in KINDS.items() if not known.any_speed])
def test_a_real_sensor_cannot_run_faster_than_life(kind: str) -> None:
    with pytest.raises(UsageError, match="--speed"):
        open_source(f"{kind}:8080", clock=SessionClock(speed=8))


@pytest.mark.parametrize("source", ["phyphox:phone:http", "sensorserver:phone:0", "sensorlogger:70000"])
def test_a_port_that_is_none_is_said(source: str) -> None:
    pytest.importorskip("aiohttp", reason="the extra `phone` is not installed")
    with pytest.raises(UsageError, match="is no port"):
        open_source(source, clock=CLOCK)


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "missed.csv").write_text("resp\n1\n2\n")
    for rate in ("", "@25"):
        with pytest.raises(UnknownNameError, match=r"missing\.csv") as error:
            open_source(f"file:{tmp_path / 'missing.csv'}{rate}", clock=CLOCK)
        assert error.value.nearest == [str(tmp_path / "missed.csv")]


def test_a_recording_without_times_is_told_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "resp.csv"
    path.write_text("resp\n" + "\n".join("0123456789"))
    assert open_source(f"file:{path}@25", clock=CLOCK).info.rates_hz == {Stream.IMPEDANCE: 25.0}
    with pytest.raises(UsageError, match="is no rate"):
        open_source(f"file:{path}@fast", clock=CLOCK)


def test_every_kind_says_how_it_is_written() -> None:
    assert all(known.example.startswith(f"{kind}:") for kind, known in KINDS.items())
