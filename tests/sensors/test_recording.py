import asyncio
from pathlib import Path

import numpy as np
import pytest

from breathsync.errors import RecordingError, UsageError
from breathsync.samples import Samples, SensorChange, SensorState, Stream
from breathsync.sensors.recording import RecordingSensor, read_recording


def written(tmp_path: Path, text: str, name: str = "belt.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_force_with_its_own_clock(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path, "t_s,force_n\n5.0,1.5\n5.1,1.6\n5.25,1.7\n"))
    assert recording.stream is Stream.FORCE
    assert recording.t_s.tolist() == pytest.approx([0.0, 0.1, 0.25])
    assert recording.values[:, 0].tolist() == [1.5, 1.6, 1.7]
    assert recording.rate_hz is None
    assert recording.info.breath_stream is Stream.FORCE


def test_rate_makes_the_clock(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path, "resp\n1\n2\n3\n"), rate_hz=125)
    assert recording.stream is Stream.IMPEDANCE
    assert recording.t_s.tolist() == [0, 0.008, 0.016]
    assert recording.info.rates_hz == {Stream.IMPEDANCE: 125}


@pytest.mark.parametrize(
    ("name", "per_s"), [("t_s", 1), ("time_ms", 1e3), ("timestamp_us", 1e6), ("t_ns", 1e9)]
)
def test_unit_of_time_stands_in_the_name(tmp_path: Path, name: str, per_s: float) -> None:
    rows = "".join(f"{int(i * 0.02 * per_s) if per_s > 1 else i * 0.02},{i}\n" for i in range(60))
    recording = read_recording(written(tmp_path, f"{name},resp\n{rows}"))
    assert recording.rate_hz == pytest.approx(50)
    assert recording.seconds == pytest.approx(59 * 0.02)


def test_even_clock_is_seen_from_its_first_rows_alone(tmp_path: Path) -> None:
    stamps = [i * 0.04 for i in range(40)] + [10.0, 10.5, 17.0]
    path = written(tmp_path, "t_s,resp\n" + "".join(f"{t:.3f},1\n" for t in stamps))
    assert read_recording(path).rate_hz == pytest.approx(25)


@pytest.mark.parametrize(
    ("header", "unit", "mg"),
    [
        ("ax_g,ay_g,az_g", None, 1000),
        ("ax_mg,ay_mg,az_mg", None, 1),
        ("x,y,z", "m/s2", 101.97),
        ("x,y,z", "g", 1000),
    ],
)
def test_acceleration_becomes_mg(tmp_path: Path, header: str, unit: str | None, mg: float) -> None:
    columns = header.split(",") if header == "x,y,z" else []
    path = written(tmp_path, f"{header}\n1,2,3\n1,2,3\n")
    recording = read_recording(path, rate_hz=50, unit=unit, columns=columns)
    assert recording.stream is Stream.ACCELERATION
    assert recording.values[0].tolist() == pytest.approx([mg, 2 * mg, 3 * mg], rel=1e-4)


def test_axes_in_any_order_are_put_right(tmp_path: Path) -> None:
    path = written(tmp_path, "az_g,ax_g,ay_g,note\n3,1,2,9\n")
    assert read_recording(path, rate_hz=50).values[0].tolist() == [1000, 2000, 3000]


def test_empty_cells_and_nan_are_gaps(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path, "t_s,resp\n0,1\n0.1,\n0.2,nan\n0.3,4\n"))
    assert np.isnan(recording.values[:, 0]).tolist() == [False, True, True, False]
    (note,) = recording.notes
    assert "row 3, column 'resp': nothing was measured there; of 2 such rows" in note


def test_a_hole_in_the_clock_is_told_with_its_row(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path, "t_s,resp\n0,1\n0.1,2\n0.9,3\n1.0,4\n2.0,5\n"))
    (note,) = recording.notes
    assert "row 4, column 't_s': 0.8 s after the row before; gaps over 0.5 s: 2." in note


def test_a_whole_recording_has_nothing_to_tell(tmp_path: Path) -> None:
    assert read_recording(written(tmp_path, "t_s,resp\n0,1\n0.1,2\n0.2,3\n")).notes == ()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_delimiters(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path, f"t_s{mark}resp\n0{mark}1\n0.1{mark}2\n")
    assert read_recording(path).values[:, 0].tolist() == [1, 2]


BAD = {
    "text": ("t_s,resp\n0,1\n0.1,abc\n", {}, r"row 3, column 'resp': 'abc' is not a number"),
    "backwards": ("t_s,resp\n0,1\n0.2,1\n0.1,1\n", {}, r"row 4, column 't_s': the clock runs backwards"),
    "no time": ("t_s,resp\n0,1\n,1\n", {}, r"row 3, column 't_s': a sample without a time"),
    "no rows": ("t_s,resp\n", {}, "no rows of samples"),
    "empty": ("", {}, "the file is empty"),
    "short row": ("t_s,resp\n0,1\n0.1\n", {}, "row 3 has 1 cells, the names in row 1 are 2"),
    "no names": ("0,1\n0.1,2\n", {}, "row 1 holds numbers"),
    "no clock": (
        "resp\n1\n2\n",
        {},
        r"no time column.*--rate HZ or --time-column NAME; as a source write file:.*@HZ",
    ),
    "wrong time": ("time_s,resp\n0,1\n", {"time_column": "tine_s"}, r"no column called 'tine_s'.*time_s"),
    "wrong column": ("t_s,resp\n0,1\n", {"columns": ["rsp"]}, r"no column called 'rsp'.*resp"),
    "which": ("t_s,a,b\n0,1,2\n", {}, r"not plain which.*--columns"),
    "unit": (
        "t_s,x,y,z\n0,1,2,3\n",
        {"columns": ["x", "y", "z"]},
        "the unit of x, y, z is not known.*--unit",
    ),
    "twice": ("t_s,resp,resp\n0,1,2\n", {}, "names the column 'resp' twice"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_says_file_row_and_column(tmp_path: Path, case: str) -> None:
    text, options, wanted = BAD[case]
    path = written(tmp_path, text)
    with pytest.raises(RecordingError, match=wanted) as caught:
        read_recording(path, **options)
    assert str(caught.value).startswith(str(path))


def test_not_a_file_at_all(tmp_path: Path) -> None:
    written(tmp_path, "t_s,resp\n0,1\n", "monday.csv")
    with pytest.raises(RecordingError, match=r"no such file. Did you mean monday\.csv"):
        read_recording(tmp_path / "munday.csv")
    with pytest.raises(RecordingError, match="this is a folder"):
        read_recording(tmp_path)
    (tmp_path / "latin.csv").write_bytes(b"t_s,resp\n0,1\n0.1,\xff\n")
    with pytest.raises(RecordingError, match="row 3 is not UTF-8"):
        read_recording(tmp_path / "latin.csv")


@pytest.mark.parametrize(
    "options",
    [
        {"rate_hz": 25, "time_column": "t_s"},
        {"rate_hz": 0},
        {"kind": "sound"},
        {"unit": "kg"},
        {"unit": "g"},
        {"kind": "acceleration"},
    ],
)
def test_request_that_cannot_be_meant(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        read_recording(written(tmp_path, "t_s,force_n\n0,1\n"), **options)  # type: ignore[arg-type]


class FakeClock:
    def __init__(self) -> None:
        self.t_s = 100.0

    def now_s(self) -> float:
        return self.t_s

    async def sleep_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)


def test_recording_plays_in_the_clock_s_time(tmp_path: Path) -> None:
    rows = "".join(f"{i * 0.04:.2f},{i}\n" for i in range(100))
    recording = read_recording(written(tmp_path, f"t_s,force_n\n{rows}"))
    clock = FakeClock()
    sensor = RecordingSensor(recording=recording, clock=clock)

    async def play() -> list[object]:
        await sensor.connect()
        got: list[object] = []
        async for event in sensor.events():
            if isinstance(event, Samples):
                assert event.t_s[-1] <= clock.now_s() + 1e-9
                assert event.t_s[-1] - event.t_s[0] <= 0.1
            got.append(event)
        await sensor.close()
        return got

    events = asyncio.run(play())
    assert isinstance(events[0], SensorChange)
    assert events[0].state is SensorState.STREAMING
    assert isinstance(events[-1], SensorChange)
    assert events[-1].state is SensorState.ENDED
    blocks = [e for e in events if isinstance(e, Samples)]
    assert np.concatenate([b.values[:, 0] for b in blocks]).tolist() == list(range(100))
    assert blocks[0].t_s[0] == 100.0
    assert clock.now_s() == pytest.approx(103.96)


def test_closed_recording_stops(tmp_path: Path) -> None:
    rows = "".join(f"{i * 0.04:.2f},{i}\n" for i in range(100))
    recording = read_recording(written(tmp_path, f"t_s,force_n\n{rows}"))
    sensor = RecordingSensor(recording=recording, clock=FakeClock())

    async def play() -> int:
        blocks = 0
        async for event in sensor.events():
            blocks += isinstance(event, Samples)
            if blocks == 3:
                await sensor.close()
        return blocks

    assert asyncio.run(play()) == 3
