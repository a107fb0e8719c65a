"""The installed command, as a person types it: a whole session, wrong words, and every way to break it off."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "breathsync"]
WITHIN_S = 90
FAST = ["--speed", "150", "--sensor", "belt", "--seed", "3"]


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """A whole demo as plain lines, and the folder of its logbook."""
    folder = tmp_path_factory.mktemp("logbook")
    done = subprocess.run(
        [*COMMAND, "demo", "--plain", *FAST],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "BREATHSYNC_LOGBOOK": str(folder)},
        check=False,
    )
    return folder, done


def test_the_demo_goes_through_to_the_summary(told: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    _, done = told
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any("Point 1 passed, right side." in line for line in lines)
    assert any("Point 1 passed, left side." in line for line in lines)
    assert "Session finished." in done.stdout
    assert "SIMULATED" in lines[-1]


def test_no_point_is_passed_without_a_full_breath_before_it(
    told: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    lines = told[1].stdout.splitlines()
    passed = [i for i, line in enumerate(lines) if " passed, " in line and "Point" in line]
    assert passed
    for i in passed:
        assert "Full breath." in lines[i - 1]


def test_the_session_lies_in_the_logbook_and_comes_out_as_tables(
    told: "tuple[Path, subprocess.CompletedProcess[str]]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREATHSYNC_LOGBOOK", str(told[0]))
    listed = _run("log", "list")
    assert "first-time" in listed.stdout
    assert "finished" in listed.stdout
    assert _run("log", "show", "last").returncode == 0
    out = tmp_path / "tables"
    exported = _run("log", "export", "last", "--format", "csv", "-o", str(out))
    assert exported.returncode == 0, exported.stderr
    tables = {path.stem.split("_")[-1] for path in out.rglob("*.csv")}
    assert {"breaths", "verdicts", "events"} <= tables
    verdicts = next(path for path in out.rglob("*.csv") if path.stem.endswith("verdicts"))
    with verdicts.open(newline="") as file:
        assert any(row["opened"] in ("1", "true", "True") for row in csv.DictReader(file))


def test_g15_the_log_replays_to_the_same_verdicts(
    told: "tuple[Path, subprocess.CompletedProcess[str]]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREATHSYNC_LOGBOOK", str(told[0]))
    replayed = _run("log", "replay", "last")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "dentical" in replayed.stdout


def test_without_a_terminal_the_screen_says_so_and_suggests_plain() -> None:
    done = _run("demo")
    assert done.returncode == 2
    assert "--plain" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["session", "seated-twits", "--simulate"], "seated-twist"),
        (["session", "--source", "bel:H10"], "ble"),
        (["session", "--source", "sim:stedy"], "steady"),
        (["session", "--source", "sim:steady@belf"], "belt"),
        (["session", "--simulate", "--language", "dee"], "de"),
        (["session", "--source", "sim:you"], "Leave --plain out"),
        (["log", "export", "last", "--format", "cvs"], "csv"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest_and_exit_2(words: list[str], nearest: str) -> None:
    plain = ["--plain"] if words[0] == "session" else []
    done = _run(*words, *plain)
    assert done.returncode == 2, done.stderr
    assert nearest in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_the_session_as_stopped(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo", "--plain", "--sensor", "belt", "--seed", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "stopped by the person" in _run("log", "list").stdout


def test_a_recording_plays_as_a_session_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "resp.csv"
    path.write_text("resp\n" + "\n".join(str(i % 40) for i in range(400)))
    done = _run(
        "session", "breath-only", "--source", f"file:{path}@40", "--plain", "--speed", "50", "--no-check-in"
    )
    assert done.returncode == 0, done.stderr
    assert "Session over: the sensor or recording ended." in done.stdout
