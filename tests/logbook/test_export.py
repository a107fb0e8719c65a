"""Exports are whole or not at all, never written over unasked, anonymous where asked, and safe in a spreadsheet."""

import csv
import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from breathsync.breath.events import Calibrated, Calibration, MotionChanged, Posture
from breathsync.errors import BreathsyncError, LogbookError, UnknownNameError, UsageError
from breathsync.guide.events import Ended, EndKind
from breathsync.logbook.anonymous import anonymised
from breathsync.logbook.export.atomic import whole
from breathsync.logbook.export.breath_signal import breath_signal
from breathsync.logbook.export.even import even
from breathsync.logbook.export.formats import FORMATS, export, find_format
from breathsync.logbook.export.quiet import quiet_rate
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.store import Logbook
from breathsync.samples import Samples, Stream
from breathsync.settings import Settings
from tests.logbook.synthetic import AXIS, FORMULA, GAP_S, INFO, ROUTINE, SERIAL, acceleration, breath_mg

ALL = [pytest.param(name, id=name) for name in FORMATS]


def write(log: SessionLog, name: str, folder: Path) -> Path:
    form = find_format(name)
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    (path,) = export(
        [log], form, folder / f"out{form.suffix}", force=False, many=False, progress=lambda log, done_s: None
    )
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def everything(path: Path) -> bytes:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return b"".join(file.name.encode() + file.read_bytes() for file in files)


@pytest.mark.parametrize("name", ALL)
def test_every_format_is_written_and_only_it(log: SessionLog, tmp_path: Path, name: str) -> None:
    path = write(log, name, tmp_path)
    assert list(tmp_path.iterdir()) == [path], "no half-written files are left"
    assert path.is_dir() == FORMATS[name].is_folder


@pytest.mark.parametrize("name", ALL)
def test_what_is_there_is_not_written_over_without_force(log: SessionLog, tmp_path: Path, name: str) -> None:
    path = write(log, name, tmp_path)
    before = everything(path)
    with pytest.raises(UsageError, match="already there"):
        write(log, name, tmp_path)
    export([log], find_format(name), path, force=True, many=False, progress=lambda log, done_s: None)
    assert len(everything(path)) == len(before)


@pytest.mark.parametrize("name", [*ALL[:-1], ALL[-1]])
def test_an_anonymous_export_names_nobody_and_no_day(log: SessionLog, tmp_path: Path, name: str) -> None:
    (anonymous,) = anonymised([log])
    found = everything(write(anonymous, name, tmp_path))
    for secret in (SERIAL.encode(), b"2026", b"Slept badly", b"it pulls"):
        assert secret not in found
    assert SERIAL.encode() in everything(write(log, "jsonl", tmp_path / "open"))


def test_an_anonymous_session_keeps_what_the_body_did(log: SessionLog) -> None:
    (anonymous,) = anonymised([log])
    for span in log.streams():
        one, two = log.samples(span.stream), anonymous.samples(span.stream)
        assert (one.t_s.tobytes(), one.values.tobytes()) == (two.t_s.tobytes(), two.values.tobytes())
    assert f"{anonymous.header.started_at:%Y-%m-%d}" == "2000-01-01"


@pytest.mark.parametrize("folder", [True, False])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, folder: bool) -> None:
    target = tmp_path / "out"
    target.write_text("before")
    with suppress(ZeroDivisionError), whole(target, folder=folder, force=True) as part:
        (part / "half" if folder else part).write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_said(log: SessionLog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogbookError, match="cannot be written"):
        export(
            [log],
            find_format("jsonl"),
            tmp_path / "file" / "out",
            force=False,
            many=False,
            progress=lambda *_: None,
        )


def test_many_sessions_go_into_a_folder(log: SessionLog, tmp_path: Path) -> None:
    made = export(
        [log], find_format("edf"), tmp_path / "all", force=False, many=True, progress=lambda *_: None
    )
    assert made == [tmp_path / "all" / "20261122-101500.edf"]


def test_an_unknown_format_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        find_format("json")


def test_samples_in_csv_read_back_to_the_same_bits(log: SessionLog, tmp_path: Path) -> None:
    path = write(log, "csv", tmp_path)
    read = np.loadtxt(path / "samples_acceleration.csv", delimiter=",", skiprows=1, usecols=(0, 1, 2, 3))
    samples = log.samples(Stream.ACCELERATION)
    assert read[:, 0].tobytes() == samples.t_s.tobytes()
    assert np.ascontiguousarray(read[:, 1:]).tobytes() == samples.values.tobytes()


def test_wall_times_in_csv_are_iso_with_the_offset(log: SessionLog, tmp_path: Path) -> None:
    path = write(log, "csv", tmp_path)
    about = json.loads((path / "dictionary.json").read_text())["session"]
    assert about["started_at"] == "2026-11-22T10:15:00.250000+01:00"
    assert rows(path / "verdicts.csv")[0]["time"] == "2026-11-22T10:16:15.450000+01:00"


def test_a_formula_in_free_text_is_no_formula_in_a_spreadsheet(log: SessionLog, tmp_path: Path) -> None:
    path = write(log, "csv", tmp_path)
    (answer,) = [row for row in rows(path / "events.csv") if row["text"].endswith(FORMULA)]
    assert answer["text"] == "'" + FORMULA
    for table in ("events", "verdicts", "clauses", "breaths"):
        for row in rows(path / f"{table}.csv"):
            for cell in row.values():
                assert not cell.startswith(("=", "@", "\t", "\r"))


def test_every_column_stands_in_the_dictionary(log: SessionLog, tmp_path: Path) -> None:
    path = write(log, "csv", tmp_path)
    tables = json.loads((path / "dictionary.json").read_text())["tables"]
    for table in tables.values():
        with (path / table["file"]).open(encoding="utf-8") as file:
            head = next(csv.reader(file))
        assert head == [column["name"] for column in table["columns"]]
        assert all(column["what"] for column in table["columns"])
    assert {file.name for file in path.iterdir()} == {t["file"] for t in tables.values()} | {
        "dictionary.json"
    }


def test_each_clause_of_each_verdict_is_a_row(log: SessionLog, tmp_path: Path) -> None:
    clauses = rows(write(log, "csv", tmp_path) / "clauses.csv")
    assert [(c["verdict"], c["clause"], c["ok"], c["value"], c["limit"]) for c in clauses][:3] == [
        ("1", "G1", "true", "", ""),
        ("1", "G3", "true", "3.0", "2.0"),
        ("1", "G5", "false", "26.0", "27.0"),
    ]


def test_the_even_breath_is_the_breath_and_says_its_gap(log: SessionLog) -> None:
    found = breath_signal(log, seconds=180)
    assert found is not None
    assert (found.stream, found.rate_hz) == (Stream.ACCELERATION, 25.0)
    t_s = np.arange(len(found.valid)) / found.rate_hz
    away = found.valid & (t_s > 1) & (np.abs(t_s - 102) > 3)
    assert np.std(found.level[away] - breath_mg(t_s)[away]) < 0.5  # of noise of 1.5 mg a sample
    ((start_s, length_s),) = found.lost
    assert start_s == pytest.approx(GAP_S[0], abs=0.25)
    assert start_s + length_s == pytest.approx(GAP_S[1], abs=0.25)


def test_a_lean_is_taken_out_of_the_even_breath(tmp_path: Path) -> None:
    writer = Logbook(tmp_path).begin(info=INFO, routine=ROUTINE, settings=Settings())
    for start in np.arange(0, 40.0, 0.5):
        t_s = start + np.arange(100) / 200.0
        block = acceleration(t_s)
        lean = np.clip((t_s - 20.0) / 2.0, 0.0, 1.0)[:, None] * np.array([90.0, 40.0, -200.0])
        writer.put(Samples(stream=block.stream, t_s=t_s, values=block.values + lean))
    calibration = Calibration(a_quiet=10.0, a_full=26.0, noise=0.5, unit="mg", axis=AXIS)
    writer.put(Calibrated(t_s=1.0, calibration=calibration, posture=Posture.UPRIGHT))
    writer.put(MotionChanged(t_s=20.2, still=False))
    writer.put(MotionChanged(t_s=22.2, still=True))
    writer.close(Ended(t_s=40.0, how=EndKind.FINISHED))
    found = breath_signal(Logbook(tmp_path).find("last"), seconds=40)
    assert found is not None
    assert found.moved == [pytest.approx((19.7, 2.5))]
    # A breath is 10 mg, and the level goes on at another phase of it; the lean was 136 mg along the axis.
    assert np.ptp(found.level[found.valid]) < 22.0


def test_a_stream_at_its_own_rate_is_drawn_from_sample_to_sample(log: SessionLog) -> None:
    found = even(log, Stream.ECG, rate_hz=130.0, seconds=10)
    raw = log.samples(Stream.ECG)
    np.testing.assert_allclose(found.values[:1300, 0], raw.values[:1300, 0], atol=1e-3)
    assert found.valid.all()


def test_the_quiet_rate_is_the_rate_of_the_quiet_breaths(log: SessionLog) -> None:
    rate = quiet_rate(log)
    assert rate.rate_per_min == 12.0
    assert rate.simulated


def test_no_quiet_rate_is_made_up(log: SessionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("breathsync.logbook.export.quiet.FEWEST_BREATHS", 50)
    for name in ("fhir", "openmhealth"):
        with pytest.raises(BreathsyncError, match="quiet breaths"):
            find_format(name).module().write(log, Path("never"), progress=lambda _: None)


def test_the_breath_is_the_same_thinned_as_read_anew(log: SessionLog) -> None:
    fine = even(log, Stream.ACCELERATION, rate_hz=200.0, seconds=180)
    one, two = breath_signal(log, seconds=180, fine=fine), breath_signal(log, seconds=180)
    assert one is not None
    assert two is not None
    both = one.valid & two.valid
    assert both.sum() > 4000
    np.testing.assert_allclose(one.level[both], two.level[both], atol=1.0)


def test_exported_samples_are_a_recording_for_a_file_source(simulated: SessionLog, tmp_path: Path) -> None:
    from breathsync.sensors.recording import read_recording

    path = write(simulated, "csv", tmp_path)
    recording = read_recording(path / "samples_force.csv")
    samples = simulated.samples(Stream.FORCE)
    assert recording.stream is Stream.FORCE
    assert recording.values.tobytes() == samples.values.tobytes()
    np.testing.assert_allclose(recording.t_s, samples.t_s - samples.t_s[0], atol=1e-9)
