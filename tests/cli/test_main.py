"""Around every command: who reads the output, where it goes, and numbers that mean nothing."""

import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from typer.testing import CliRunner

from breathsync.__main__ import main as start
from breathsync.cli import main
from breathsync.cli.main import app

COMMAND = [sys.executable, "-m", "breathsync"]
WITHIN_S = 60

needs_pipes = pytest.mark.skipif(sys.platform == "win32", reason="pipes and /dev are POSIX's")


def _piped(*words: str, lines: int) -> tuple[int, str]:
    """Exit code and stderr of a command whose reader leaves after so many lines."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    return process.wait(WITHIN_S), errors


@needs_pipes
@pytest.mark.parametrize(
    "words", [["check", "sim:steady@belt", "--json", "--seconds", "5"], ["routine", "schema"]]
)
def test_a_reader_who_has_enough_is_no_failure(words: list[str]) -> None:
    assert _piped(*words, lines=1) == (0, "")


@needs_pipes
def test_a_session_that_nobody_reads_any_more_is_saved_as_stopped() -> None:
    code, errors = _piped("demo", "--plain", "--speed", "20", "--seed", "3", lines=2)
    assert code == 130
    assert "Traceback" not in errors
    assert "stopped by the person" in CliRunner().invoke(app, ["log", "list"]).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full (Linux)")
def test_a_full_disk_behind_stdout_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "routine", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_a_sentence_even_where_no_report_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BREATHSYNC_LOGBOOK", str(tmp_path / "file"))
    monkeypatch.setattr(main, "app", lambda: 1 // 0)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_ctrl_c_while_the_commands_load_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "run", interrupted)
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "breathsync: stopped.\n"


@pytest.mark.parametrize("words", [["log", "list"], ["straps"], ["routine", "list"], ["nonsense"]])
def test_without_a_home_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    def nobody(*_: str, **__: object) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("BREATHSYNC_LOGBOOK")
    monkeypatch.setattr(platformdirs, "user_data_dir", nobody)
    monkeypatch.setattr(platformdirs, "user_config_dir", nobody)
    monkeypatch.setattr(sys, "argv", ["breathsync", *words])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "No such command" in said or "Set HOME to a folder of yours." in said


@pytest.mark.parametrize(
    "words",
    [
        ["check", "sim:steady", "--seconds", "-1"],
        ["check", "sim:steady", "--seconds", "nan"],
        ["pair", "--watch", "-2"],
        ["pair", "--seconds", "inf"],
        ["demo", "--plain", "--speed", "0"],
        ["demo", "--plain", "--speed", "nan"],
        ["simulate", "strap", "polar-h10", "--speed", "nan"],
    ],
)
def test_a_number_that_means_nothing_is_refused(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "Invalid value" in done.stderr
