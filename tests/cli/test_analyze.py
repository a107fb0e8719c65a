"""`breathsync analyze`: what it prints, and how it fails."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from breathsync.analysis import analyze_recording, read_inhales
from breathsync.cli.main import app
from breathsync.errors import BreathsyncError, RecordingError, UsageError
from breathsync.sensors.recording import read_recording
from tests.benchmarks.made_breaths import make_trace

FIELDS = ["file", "inhale_start_s", "inhale_peak_s", "peak_decided_s", "exhale_end_s", "amplitude", "quality"]


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, ["analyze", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit | BreathsyncError):
        raise result.exception
    return result


@pytest.fixture
def belt(tmp_path: Path) -> Path:
    """A minute and a half of a belt at about 10 Hz, unevenly."""
    trace = make_trace("quiet", 3, minutes=1.5)
    path = tmp_path / "belt.csv"
    rows = "".join(f"{t:.4f},{x:.4f}\n" for t, x in zip(trace.t_s, trace.x + 10, strict=True))
    path.write_text("t_s,force_n\n" + rows)
    return path


def breaths(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_lines_have_the_fields_and_the_breaths(belt: Path) -> None:
    result = run(belt, "--json")
    assert result.exit_code == 0
    found = breaths(result)
    truth = make_trace("quiet", 3, minutes=1.5).peaks_s - make_trace("quiet", 3, minutes=1.5).t_s[0]
    peaks = np.array([b["inhale_peak_s"] for b in found])
    assert all(list(b)[: len(FIELDS)] == FIELDS for b in found)
    assert all(np.abs(peaks - t).min() < 0.5 for t in truth[(truth > 10) & (truth < 85)])
    for one, after in pairwise(found):
        assert one["inhale_start_s"] < one["inhale_peak_s"] < one["peak_decided_s"] < after["peak_decided_s"]
        assert one["exhale_end_s"] is not None


def test_a_file_that_ends_at_peak_decided_prints_the_same_breath(belt: Path, tmp_path: Path) -> None:
    lines = belt.read_text().splitlines()
    first_s = float(lines[1].split(",")[0])
    whole = breaths(run(belt, "--json"))
    for wanted in whole[3::5]:
        last = next(
            i
            for i, line in enumerate(lines[1:], start=1)
            if float(line.split(",")[0]) - first_s >= wanted["peak_decided_s"] - 5e-4  # type: ignore[operator]
        )
        cut = tmp_path / "cut.csv"
        cut.write_text("\n".join(lines[: last + 1]) + "\n")
        printed = breaths(run(cut, "--json"))
        assert len(printed) == whole.index(wanted) + 1
        same = {k: v for k, v in wanted.items() if k not in ("file", "exhale_end_s")}
        assert {k: v for k, v in printed[-1].items() if k not in ("file", "exhale_end_s")} == same
        assert printed[-1]["exhale_end_s"] is None


def test_table_for_a_person(belt: Path) -> None:
    result = run(belt)
    assert result.exit_code == 0
    assert "belt.csv" in result.stdout
    assert "amplitude N" in result.stdout


def test_bad_file_is_one_line_and_the_others_are_done(belt: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("t_s,force_n\n0,1\n0.1,oops\n")
    result = run(bad, belt, tmp_path / "absent.csv", "--json")
    assert result.exit_code == 1
    assert len(breaths(result)) > 10
    said = result.stderr.strip().splitlines()
    assert len(said) == 2
    assert "bad.csv: row 3, column 'force_n': 'oops' is not a number." in said[0]
    assert "absent.csv: there is no such file." in said[1]


def test_wrong_use(belt: Path) -> None:
    for extra in (["--kind", "sound"], ["--rate", "10", "--time-column", "t_s"], ["--plot", "x.bmp"]):
        result = run(belt, *extra)
        assert isinstance(result.exception, UsageError), extra


def test_plot_is_drawn(belt: Path, tmp_path: Path) -> None:
    for name in ("out.png", "out.svg"):
        assert run(belt, "--plot", tmp_path / name).exit_code == 0
        assert (tmp_path / name).stat().st_size > 10_000
    assert run(belt, belt, "--plot", tmp_path / "many.png").exit_code == 0
    assert (tmp_path / "many-belt.png").exists()


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_hardly_any_samples_is_no_breath_and_no_fault(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "short.csv"
    path.write_text("t_s,force_n\n" + "".join(f"{i * 0.1:.1f},1\n" for i in range(rows)))
    result = run(path, "--json", "--plot", tmp_path / "out.png")
    assert result.exit_code == 0
    assert result.stdout == ""


def test_a_recording_of_nothing_is_no_breath_and_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "nothing.csv"
    path.write_text("t_s,force_n\n0.0,nan\n0.1,nan\n0.2,nan\n")
    result = run(path, "--json")
    assert result.exit_code == 0
    assert result.stdout == ""


def test_gaps_and_empty_cells_are_taken(belt: Path) -> None:
    lines = belt.read_text().splitlines()
    lines[100] = lines[100].split(",")[0] + ","
    lines[300:330] = [line.split(",")[0] + ",nan" for line in lines[300:330]]
    belt.write_text("\n".join(lines) + "\n")
    assert len(breaths(run(belt, "--json"))) > 10


def test_inhale_cues_are_those_within_the_span(tmp_path: Path) -> None:
    cues = tmp_path / "cues.csv"
    cues.write_text("inhale_start_s,inhale_end_s\n1,2.5\n5,6.5\n40,42\n")
    assert [i.end_s for i in read_inhales(cues, within_s=30)] == [2.5, 6.5]
    with pytest.raises(RecordingError, match="no inhale ends within the first 2 s"):
        read_inhales(cues, within_s=2)
    cues.write_text("start,inhale_end_s\n1,2\n")
    with pytest.raises(RecordingError, match="no column called 'inhale_start_s'"):
        read_inhales(cues, within_s=30)
    cues.write_text("inhale_start_s,inhale_end_s\n1,soon\n")
    with pytest.raises(RecordingError, match="row 2, column 'inhale_end_s': 'soon' is not a number"):
        read_inhales(cues, within_s=30)


def test_cues_need_a_span(belt: Path, tmp_path: Path) -> None:
    assert isinstance(run(belt, "--inhale-cues", tmp_path / "cues.csv").exception, UsageError)


def test_accelerometer_cues_after_the_span_change_nothing(tmp_path: Path) -> None:
    trace = make_trace("quiet", 5, minutes=1.2)
    t_s = np.arange(0, 70, 0.02)
    breath = np.interp(t_s, trace.t_s, trace.x)
    rng = np.random.default_rng(1)
    axes = np.array([900.0, 50.0, 430.0]) + breath[:, None] * np.array([-8.0, 2.0, 14.0])
    values = axes + rng.normal(0, 1.0, axes.shape)
    path, cues = tmp_path / "acc.csv", tmp_path / "cues.csv"
    np.savetxt(path, values, delimiter=",", header="ax_mg,ay_mg,az_mg", comments="", fmt="%.1f")
    starts = [p - 1.2 for p in trace.peaks_s if 2 < p < 25]
    rows = "".join(f"{s:.2f},{s + 1.2:.2f}\n" for s in starts)
    said = {}
    for name, more in (("plain", ""), ("more", "40,41\n44,45\n50,52\n")):
        cues.write_text("inhale_start_s,inhale_end_s\n" + rows + more)
        said[name] = run(path, "--rate", "50", "--json", "--inhale-cues", cues, "--calibrate", "30").stdout
    assert said["plain"] == said["more"]
    peaks = np.array([json.loads(line)["inhale_peak_s"] for line in said["plain"].splitlines()])
    late = trace.peaks_s[(trace.peaks_s > 32) & (trace.peaks_s < 65)]
    assert np.mean([np.abs(peaks - t).min() < 0.75 for t in late]) > 0.9


def test_breaths_before_a_cut_do_not_depend_on_what_follows(recordings: Path) -> None:
    rng = np.random.default_rng(7)
    path = recordings / "labelled" / "bidmc_10.csv"
    recording = read_recording(path, rate_hz=125)
    whole = analyze_recording(recording).breaths
    for last in rng.integers(20 * 125, len(recording.t_s), 4):
        part = replace(recording, t_s=recording.t_s[:last], values=recording.values[:last])
        found = analyze_recording(part).breaths
        before = [b for b in whole if b.peak_decided_s <= part.t_s[-1]]
        assert [_final(b) for b in found] == [_final(b) for b in before]


def _final(breath: object) -> tuple[object, ...]:
    names = ("inhale_start_s", "inhale_peak_s", "peak_decided_s", "amplitude", "quality", "kind", "doubts")
    return tuple(getattr(breath, name) for name in names)
