"""Proof by others: readers that are not ours open what we export, from a made-up and from a conducted session.

They are heavy, so they stand in the extra `readers`; each test says what is missing where one is.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breathsync.breath.events import BreathEnded, BreathKind
from breathsync.logbook.export.formats import export, find_format
from breathsync.logbook.export.marks import Mark, marks
from breathsync.logbook.reader import SessionLog
from tests.logbook.synthetic import GAP_S

EXTRA = "install the extra `readers`"


@pytest.fixture(params=["log", "simulated"])
def session(request: pytest.FixtureRequest) -> SessionLog:
    """The made-up session (gap, stop, note) and one that a simulated person went through."""
    found: SessionLog = request.getfixturevalue(request.param)
    return found


def write(session: SessionLog, name: str, folder: Path) -> Path:
    form = find_format(name)
    target = folder / f"out{form.suffix}"
    (path,) = export([session], form, target, force=False, many=False, progress=lambda *_: None)
    return path


def missing(found: list[tuple[float, str]], wanted: list[Mark], *, within_s: float) -> list[Mark]:
    """The marks that are not among what a reader found, at their time (or at 0, where a breath began before it)."""
    left = list(found)
    lost: list[Mark] = []
    for mark in wanted:
        match = next(
            (f for f in left if f[1] == mark.text and abs(f[0] - max(0.0, mark.t_s)) <= within_s), None
        )
        if match is None:
            lost.append(mark)
        else:
            left.remove(match)
    return lost


def test_pyedflib_opens_the_edf_and_finds_every_annotation(session: SessionLog, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib", reason=EXTRA)
    with pyedflib.EdfReader(str(write(session, "edf", tmp_path))) as reader:
        onsets, _, texts = reader.readAnnotations()
        assert (
            missing(list(zip(onsets.tolist(), texts.tolist(), strict=True)), marks(session), within_s=1e-3)
            == []
        )
        labels = reader.getSignalLabels()
        valid = reader.readSignal(labels.index("Valid"))
        assert set(np.unique(valid)) <= {0.0, 1.0}
        assert reader.getStartdatetime() == session.header.started_at.replace(tzinfo=None, microsecond=0)


def test_pyedflib_sees_the_gap(log: SessionLog, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib", reason=EXTRA)
    with pyedflib.EdfReader(str(write(log, "edf", tmp_path))) as reader:
        labels = reader.getSignalLabels()
        valid = reader.readSignal(labels.index("Valid"))
        at_s = np.flatnonzero(valid[: 170 * 25] == 0) / 25.0
        assert (at_s[0], at_s[-1]) == pytest.approx(GAP_S, abs=0.3)
        lost = [(a, d) for a, d, t in zip(*reader.readAnnotations(), strict=True) if t == "signal lost"]
        assert lost[0] == pytest.approx((GAP_S[0], GAP_S[1] - GAP_S[0]), abs=0.3)
        raw = reader.readSignal(labels.index("ax"))
        np.testing.assert_allclose(raw[: 200 * 60], np.round(raw[: 200 * 60] * 8) / 8, atol=0.01)


def test_mne_opens_the_edf_and_finds_every_annotation(session: SessionLog, tmp_path: Path) -> None:
    mne = pytest.importorskip("mne", reason=EXTRA)
    raw = mne.io.read_raw_edf(write(session, "edf", tmp_path), verbose="error")
    found = [(float(a["onset"]), str(a["description"])) for a in raw.annotations]
    assert missing(found, marks(session), within_s=1e-3) == []


def test_the_official_validator_finds_no_error_in_the_bids_dataset(
    session: SessionLog, tmp_path: Path
) -> None:
    pytest.importorskip("bids_validator_deno", reason=EXTRA)
    import sysconfig

    import bids_validator_deno

    validator = Path(sysconfig.get_path("scripts")) / "bids-validator-deno"
    assert bids_validator_deno
    path = write(session, "bids", tmp_path)
    done = subprocess.run(
        [validator, path, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    issues: list[dict[str, Any]] = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue.get("severity") == "error"] == []


def test_pyxdf_reads_every_stream_and_marker(session: SessionLog, tmp_path: Path) -> None:
    pyxdf = pytest.importorskip("pyxdf", reason=EXTRA)
    streams, _ = pyxdf.load_xdf(
        write(session, "xdf", tmp_path), dejitter_timestamps=False, synchronize_clocks=False
    )
    found = {stream["info"]["name"][0]: stream for stream in streams}
    for span in session.streams():
        samples = session.samples(span.stream)
        np.testing.assert_array_equal(found[span.stream.value]["time_stamps"], samples.t_s)
        np.testing.assert_array_equal(found[span.stream.value]["time_series"], samples.values)
    read = found["markers"]
    texts = [
        (max(0.0, t), text.split(": ", 1)[1])
        for t, (text,) in zip(read["time_stamps"], read["time_series"], strict=True)
    ]
    assert missing(texts, marks(session), within_s=0.0) == []


def test_pyarrow_and_duckdb_read_the_parquet(session: SessionLog, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason=EXTRA)
    pq = pytest.importorskip("pyarrow.parquet", reason=EXTRA)
    path = write(session, "parquet", tmp_path)
    for span in session.streams():
        table = pq.read_table(path / f"samples_{span.stream}.parquet")
        assert table.column("t_s").to_numpy().tobytes() == session.samples(span.stream).t_s.tobytes()
        (rows,) = duckdb.sql(f"SELECT count(*) FROM '{path}/samples_{span.stream}.parquet'").fetchall()[0]
        assert rows == span.n
    breaths = duckdb.sql(f"SELECT count(*), avg(amplitude) FROM '{path}/breaths.parquet'").fetchall()[0]
    ended = [e.breath.amplitude for e in session.records(BreathEnded)]
    assert breaths == (len(ended), pytest.approx(np.mean(ended)))
    assert json.loads(pq.read_schema(path / "events.parquet").metadata[b"breathsync"])["id"] == session.id


def test_pandas_reads_the_csv_with_the_types_of_the_dictionary(session: SessionLog, tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas", reason=EXTRA)
    path = write(session, "csv", tmp_path)
    kinds = {"number": "float64", "integer": "Int64", "boolean": "boolean", "text": "string"}
    for table in json.loads((path / "dictionary.json").read_text())["tables"].values():
        columns = table["columns"]
        types = {c["name"]: kinds[c["type"]] for c in columns if c["type"] != "datetime"}
        times = [c["name"] for c in columns if c["type"] == "datetime"]
        frame = pd.read_csv(path / table["file"], dtype=types)
        for name in times:
            read = pd.to_datetime(frame[name], format="ISO8601")
            assert read.dropna().empty or read.dt.tz is not None
        assert list(frame.columns) == [c["name"] for c in columns]


def test_fhir_resources_accepts_the_observation(session: SessionLog, tmp_path: Path) -> None:
    observation = pytest.importorskip("fhir.resources.R4B.observation", reason=EXTRA)
    text = write(session, "fhir", tmp_path).read_text()
    read = observation.Observation.model_validate_json(text)
    assert read.code.coding[0].code == "9279-1"
    assert (read.valueQuantity.code, read.valueQuantity.system) == ("/min", "http://unitsofmeasure.org")


# What Open mHealth's respiratory-rate 2.0 and header 1.2 ask for, in our words
# (https://github.com/openmhealth/schemas; the files themselves are asked too where BREATHSYNC_OMH_SCHEMAS says).
DATE_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$"}
INTERVAL = {
    "type": "object",
    "required": ["start_date_time", "end_date_time"],
    "properties": {"start_date_time": DATE_TIME, "end_date_time": DATE_TIME},
    "additionalProperties": False,
}
RESPIRATORY_RATE = {
    "type": "object",
    "required": ["respiratory_rate", "effective_time_frame"],
    "properties": {
        "respiratory_rate": {
            "required": ["value", "unit"],
            "properties": {"value": {"type": "number"}, "unit": {"enum": ["breaths/min"]}},
        },
        "effective_time_frame": {"required": ["time_interval"], "properties": {"time_interval": INTERVAL}},
        "descriptive_statistic": {"enum": ["average", "minimum", "maximum", "median"]},
        "temporal_relationship_to_physical_activity": {
            "enum": ["at rest", "active", "before exercise", "after exercise", "during exercise"]
        },
    },
    "additionalProperties": False,
}
HEADER = {
    "type": "object",
    "required": ["id", "creation_date_time", "schema_id"],
    "properties": {
        "id": {"type": "string"},
        "creation_date_time": DATE_TIME,
        "schema_id": {"required": ["namespace", "name", "version"]},
        "acquisition_provenance": {
            "required": ["source_name"],
            "properties": {"modality": {"enum": ["sensed", "self-reported"]}},
        },
    },
}


def test_the_open_mhealth_point_is_what_its_schemas_ask_for(session: SessionLog, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason=EXTRA)
    point = json.loads(write(session, "openmhealth", tmp_path).read_text())
    jsonschema.validate(point["body"], RESPIRATORY_RATE)
    jsonschema.validate(point["header"], HEADER)


def test_the_open_mhealth_schemas_accept_the_point(log: SessionLog, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason=EXTRA)
    referencing = pytest.importorskip("referencing", reason=EXTRA)
    folder = os.environ.get("BREATHSYNC_OMH_SCHEMAS")
    if not folder:
        pytest.skip("BREATHSYNC_OMH_SCHEMAS names no folder with Open mHealth's schemas")
    point = json.loads(write(log, "openmhealth", tmp_path).read_text())

    def retrieve(uri: str) -> Any:
        return referencing.Resource.from_contents(
            json.loads((Path(folder) / uri.rsplit("/", 1)[-1]).read_text())
        )

    registry = referencing.Registry(retrieve=retrieve)
    for name, part in (("respiratory-rate-2.0.json", "body"), ("header-1.2.json", "header")):
        schema = json.loads((Path(folder) / name).read_text())
        validator = jsonschema.validators.validator_for(schema)
        validator({**schema, "$id": f"file:///{name}"}, registry=registry).validate(point[part])


def test_neurokit_finds_the_same_breaths_in_the_exported_signal(session: SessionLog, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib", reason=EXTRA)
    nk = pytest.importorskip("neurokit2", reason=EXTRA)
    with pyedflib.EdfReader(str(write(session, "edf", tmp_path))) as reader:
        index = reader.getSignalLabels().index("Resp")
        signal, rate_hz = reader.readSignal(index), reader.getSampleFrequency(index)
        unseen_s = np.flatnonzero(reader.readSignal(index + 1) == 0) / rate_hz
    cleaned = nk.rsp_clean(signal, sampling_rate=rate_hz)
    _, found = nk.rsp_peaks(cleaned, sampling_rate=rate_hz)
    theirs = np.array(found["RSP_Peaks"]) / rate_hz
    breaths = [e.breath for e in session.records(BreathEnded)]
    # A peak finder does not tell talk from breath; whatever rose and fell counts, except what was no breath at all.
    ours = np.array(
        [b.inhale_peak_s for b in breaths if b.kind not in (BreathKind.MOVEMENT, BreathKind.COUGH)]
    )

    def away(peaks_s: np.ndarray) -> np.ndarray:
        """Not at either end, where a breath is cut off, and not beside a gap."""
        near = [len(unseen_s) and np.abs(unseen_s - peak_s).min() < 8.0 for peak_s in peaks_s]
        return peaks_s[
            (peaks_s > 5.0) & (peaks_s < session.duration_s() - 10.0) & ~np.array(near, dtype=bool)
        ]

    assert len(away(ours)) > 10
    assert f1(away(ours), away(theirs), within_s=0.5) >= 0.98


def f1(ours: np.ndarray, theirs: np.ndarray, *, within_s: float) -> float:
    left = list(theirs)
    hits = 0
    for peak_s in ours:
        near = [other for other in left if abs(other - peak_s) <= within_s]
        if near:
            left.remove(min(near, key=lambda other: abs(other - peak_s)))
            hits += 1
    return 2 * hits / (len(ours) + len(theirs))
