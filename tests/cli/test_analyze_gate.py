"""`analyze --gate`: the gate over recordings opens for full breaths and for nothing else, and says why."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE_HZ = 25.0
QUIET, FULL, SMALL_FULL = 1.0, 3.0, 1.6
QUIET_S, DEEP_S = 4.0, 9.0
LESSON = [QUIET] * 16 + [FULL, QUIET, QUIET] * 3
PLAN = [*LESSON, QUIET, FULL, QUIET, QUIET, SMALL_FULL, QUIET, FULL, QUIET, QUIET]


def _wave(size: float, seconds: float, share_in: float = 0.4) -> Any:
    t = np.arange(0, seconds, 1 / RATE_HZ) / seconds
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / share_in, 0, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((t - share_in) / (0.9 - share_in), 0, 1))
    return size * np.where(t < share_in, rise, fall)


def _breath(size: float) -> Any:
    return _wave(size, DEEP_S if size > QUIET else QUIET_S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A belt's recording with its cues: usual breaths, three prompted full ones, then a mixture."""
    where = tmp_path_factory.mktemp("gate")
    rng = np.random.default_rng(5)
    force = 10.0 + np.concatenate([_breath(size) for size in PLAN])
    force += rng.normal(0, 0.01, len(force))
    (where / "belt.csv").write_text("force_n\n" + "\n".join(f"{x:.4f}" for x in force))
    starts = np.cumsum([0.0, *(DEEP_S if size > QUIET else QUIET_S for size in PLAN)])
    cues = [starts[i] for i, size in enumerate(LESSON) if size == FULL]
    rows = [f"{t:.2f},{t + 0.4 * DEEP_S:.2f}" for t in cues]
    (where / "cues.csv").write_text("inhale_start_s,inhale_end_s\n" + "\n".join(rows))
    return where


def _analyze(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "breathsync",
        "analyze",
        str(folder / "belt.csv"),
        "--rate",
        f"{RATE_HZ:g}",
    ]
    return subprocess.run(
        [*command, "--gate", "--calibrate", "60", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _verdicts(folder: Path, *words: str) -> list[dict[str, Any]]:
    done = _analyze(folder, "--json", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


LEVELS = [["--full-cues", "CUES"], ["--full-amplitude", "3.0"], ["--full-amplitude", "3x"]]


def _level(folder: Path, words: list[str]) -> list[str]:
    return [str(folder / "cues.csv") if word == "CUES" else word for word in words]


@pytest.mark.parametrize("words", LEVELS)
def test_every_full_breath_opens_it_and_no_other(folder: Path, words: list[str]) -> None:
    verdicts = _verdicts(folder, *_level(folder, words))
    after = [v for v in verdicts if v["inhale_start_s"] > sum(len(_breath(s)) for s in LESSON) / RATE_HZ - 1]
    assert [v["opened"] for v in after if v["amplitude"] > 1.3] == [True, False, True]
    assert not any(v["opened"] for v in verdicts if v["amplitude"] < 2.0)
    assert all(v["clauses"]["G5"]["ok"] == (v["amplitude"] >= v["clauses"]["G5"]["limit"]) for v in after)


def test_each_verdict_has_its_numbers_and_a_sentence(folder: Path) -> None:
    for verdict in _verdicts(folder, "--full-amplitude", "3x"):
        assert set(verdict) == {
            "file",
            "inhale_start_s",
            "inhale_peak_s",
            "exhale_end_s",
            "decided_s",
            "opened",
            "amplitude",
            "clauses",
            "sentence",
        }
        assert verdict["opened"] == all(clause["ok"] for clause in verdict["clauses"].values())
        assert set(verdict["clauses"]["G5"]) == {"ok", "value", "limit"}
        assert verdict["inhale_start_s"] < verdict["inhale_peak_s"] < verdict["decided_s"]
        assert verdict["sentence"]


def test_g1_without_a_full_level_the_gate_stays_shut(folder: Path) -> None:
    verdicts = _verdicts(folder)
    assert verdicts
    assert not any(v["opened"] or v["clauses"]["G1"]["ok"] for v in verdicts)


def test_g1_a_full_level_no_larger_than_a_usual_breath_is_refused(folder: Path) -> None:
    done = _analyze(folder, "--json", "--full-amplitude", "1.2x")
    assert "not calibrated" in done.stderr
    assert not any(json.loads(line)["opened"] for line in done.stdout.splitlines())


def test_g7_a_verdict_depends_on_nothing_after_it(folder: Path, tmp_path: Path) -> None:
    whole = _verdicts(folder, "--full-amplitude", "3x")
    lines = (folder / "belt.csv").read_text().splitlines()
    cut_s = whole[-4]["decided_s"]
    (tmp_path / "belt.csv").write_text("\n".join(lines[: 2 + round(cut_s * RATE_HZ)]))
    cut = _verdicts(tmp_path, "--full-amplitude", "3x")
    drop = {"file", "exhale_end_s"}
    assert [{k: v for k, v in row.items() if k not in drop} for row in cut] == [
        {k: v for k, v in row.items() if k not in drop} for row in whole[: len(cut)]
    ]
    assert len(cut) >= len(whole) - 4


@pytest.mark.parametrize(
    "words",
    [
        ["--full-amplitude", "much"],
        ["--full-amplitude", "-1"],
        ["--full-amplitude", "3", "--full-cues", "x.csv"],
    ],
)
def test_a_level_that_cannot_be_meant_is_said(folder: Path, words: list[str]) -> None:
    done = _analyze(folder, *words)
    assert done.returncode == 2
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_table_counts_what_opened_and_why_not(folder: Path) -> None:
    done = _analyze(folder, "--full-amplitude", "3x")
    assert "OPENED" in done.stdout
    assert "refusals by clause" in done.stdout
