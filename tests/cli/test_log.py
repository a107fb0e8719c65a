"""`breathsync log` as a person uses it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from breathsync_simulators.play import Task, play
from breathsync_simulators.wearers import open_wearer
from typer.testing import CliRunner, Result

from breathsync.cli.log import app
from breathsync.cli.log_export import bar
from breathsync.errors import BreathsyncError, LogbookError, UnknownNameError, UsageError
from breathsync.logbook.store import Logbook, open_logbook
from breathsync.routine_files import load_routine
from breathsync.settings import Settings
from tests.logbook.synthetic import logbook_with_session

ID = "20261122-101500"


@pytest.fixture
def book(tmp_path: Path) -> Logbook:
    """The person's own logbook, with one session in it."""
    logbook_with_session(tmp_path / "logbook").close()
    return open_logbook()


def run(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=answer)


def fails(*words: str) -> BreathsyncError:
    result = run(*words)
    assert isinstance(result.exception, BreathsyncError), result.output
    return result.exception


def test_an_empty_logbook_says_what_to_do() -> None:
    result = run("list")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "breathsync demo" in result.stderr


def test_list_shows_what_one_looks_for(book: Logbook) -> None:
    _, line = run("list").stdout.splitlines()
    for word in (ID, "2026-11-22 10:15", "seated-twist", "(simulated)", "3:00", "1 + 1 by hand", "stopped"):
        assert word in line


def test_list_and_show_as_json_are_pure_and_whole(book: Logbook) -> None:
    listed = run("list", "--json")
    assert listed.stderr == ""
    (line,) = listed.stdout.splitlines()
    session = json.loads(line)
    assert session["id"] == ID
    assert session["summary"]["points"]["right"] == {"measured": 1, "by_hand": 1}
    shown = json.loads(run("show", "last", "--json").stdout)
    assert shown | session == shown
    assert [verdict["opened"] for verdict in shown["verdicts"]].count(True) == session["summary"]["opened"]
    assert shown["verdicts"][0]["clauses"][0]["clause"] == "G1"
    assert "Slept badly." in shown["notes"][0]["text"]
    assert isinstance(run("show", "last", "--json", "--why", "right1").exception, UsageError)


def test_an_empty_logbook_lists_nothing_as_json(tmp_path: Path) -> None:
    assert (run("list", "--json").stdout, run("list", "--json").exit_code) == ("", 0)


def test_show_tells_the_session_in_words(book: Logbook) -> None:
    out = run("show", "last").stdout
    for sentence in (
        "SIMULATED",
        "Restriction points passed: 1 + 1 by hand on the right side.",
        "20 breaths, 8 of them deep.",
        "The gate stayed shut 1×. Missing was: full enough 1×.",
        "Afterwards the back felt easier by 2 of 10.",
        "Slept badly.",
        "a little fuller",
    ):
        assert sentence in out


def test_why_prints_each_clause_with_its_number_and_limit(book: Logbook) -> None:
    out = run("show", ID, "--why", "right1").stdout
    assert "Verdict 1, right 1, at 1:15: the gate stayed shut (G5)." in out
    assert "NO   G5 full enough: 26 mg, at least 27 mg (A little fuller.)" in out
    assert "yes  G3 still: 3 s, at least 2 s" in out
    assert run("show", ID, "--why", "1").stdout == "".join(out.partition("Verdict 2")[:1])


def test_why_says_what_was_confirmed_by_hand(book: Logbook) -> None:
    assert "confirmed by hand; it does not count as measured" in run("show", ID, "--why", "right 2").stdout


@pytest.mark.parametrize("gate", ["left3", "9", "north1"])
def test_why_of_a_gate_that_was_not_says_which_were(book: Logbook, gate: str) -> None:
    assert isinstance(fails("show", ID, "--why", gate), UsageError)


def test_an_unknown_session_is_said(book: Logbook) -> None:
    assert "There is no session 'x'" in fails("show", "x").message


def test_a_note_is_kept(book: Logbook) -> None:
    assert run("note", "last", "Better today.").exit_code == 0
    assert "Better today." in run("show").stdout
    assert isinstance(fails("note", "last", "  "), UsageError)


def test_delete_asks_or_wants_yes(book: Logbook) -> None:
    assert "Add --yes" in str(fails("delete", ID))
    assert book.sessions()
    assert run("delete", ID, "--yes").exit_code == 0
    assert book.sessions() == []


def test_trends_are_a_table_and_a_plot(book: Logbook) -> None:
    out = run("trends").stdout
    assert "last 7 days" in out
    assert "last 60 days" in out
    assert "left" in out
    assert "right" in out


def test_export_and_import_are_a_round_trip(book: Logbook, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    assert run("export", ID, "--format", "jsonl", "-o", str(file)).exit_code == 0
    assert run("delete", ID, "--yes").exit_code == 0
    assert run("import", str(file)).exit_code == 0
    again = tmp_path / "again.jsonl"
    assert run("export", "last", "--format", "jsonl", "-o", str(again)).exit_code == 0
    assert again.read_bytes() == file.read_bytes()
    assert "already there" in str(fails("export", "last", "--format", "jsonl", "-o", str(again)))


def test_export_to_stdout_is_only_data(book: Logbook) -> None:
    lines = run("export", ID, "--format", "jsonl", "-o", "-").stdout.splitlines()
    assert json.loads(lines[0])["id"] == ID
    assert "ended" in json.loads(lines[-1])
    assert "cannot go to stdout" in str(fails("export", ID, "--format", "edf", "-o", "-"))


def test_export_of_many(book: Logbook, tmp_path: Path) -> None:
    assert run("export", "--all", "--format", "edf", "-o", str(tmp_path / "all")).exit_code == 0
    assert [path.name for path in (tmp_path / "all").iterdir()] == [f"{ID}.edf"]
    assert (
        run("export", "--since", "2026-11-22", "--format", "csv", "-o", str(tmp_path / "since")).exit_code
        == 0
    )
    assert isinstance(fails("export", "--since", "2026-11-23", "-o", str(tmp_path / "no")), LogbookError)


@pytest.mark.parametrize(
    "words", [(), (ID, "--all"), ("--all", "--since", "2026-11-22"), ("--since", "yesterday")], ids=" ".join
)
def test_export_wants_to_know_which(book: Logbook, words: tuple[str, ...]) -> None:
    assert isinstance(fails("export", *words), UsageError)


def test_an_unknown_format_gets_the_nearest(book: Logbook) -> None:
    error = fails("export", ID, "--format", "parket")
    assert isinstance(error, UnknownNameError)
    assert "parquet" in error.nearest


def test_an_anonymous_export_does_not_name_the_session(book: Logbook, tmp_path: Path) -> None:
    run("export", ID, "--format", "jsonl", "--anonymize", "-o", str(tmp_path / "a.jsonl"))
    assert "2026" not in (tmp_path / "a.jsonl").read_text()


def test_replay_says_identical_or_the_difference(tmp_path: Path) -> None:
    routine = load_routine("first-time")
    info = open_wearer("steady", "belt", seed=1).info
    writer = open_logbook().begin(info=info, routine=routine, settings=Settings())
    played = play(Task(person="steady", sensor="belt", seed=1), routine=routine, seen=writer.put)
    assert played.ended is not None
    writer.close(played.ended)
    assert run("replay").stdout.startswith("Identical: ")
    settings = tmp_path / "slower.toml"
    settings.write_text("[gate]\ninhale_s = 4.0\n")
    assert "with these settings" in run("replay", "last", "--settings", str(settings)).stdout
    body = "UPDATE record SET body = json_set(body, '$.sentence', 'Sneeze.') WHERE kind = 'Step'"
    book = open_logbook()
    book.connection.execute(body)
    book.close()
    result = run("replay")
    assert result.exit_code == 1
    assert "Step.sentence was 'Sneeze.'" in result.stdout


def test_long_work_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("breathsync.cli.log_export.PATIENCE_S", 0.0)
    with bar("Exporting") as progress:
        progress(0.5)
    assert "Exporting" in capsys.readouterr().err
    monkeypatch.setattr("breathsync.cli.log_export.PATIENCE_S", 60.0)
    with bar("Exporting") as progress:
        progress(0.5)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("show", "last"),
        ("show", "last", "--why", "right1"),
        ("note", "last", "x"),
        ("trends",),
        ("delete", "last", "--yes"),
        ("export", "last", "--format", "csv", "-o", "OUT"),
        ("export", "last", "--format", "jsonl", "-o", "OUT"),
        ("import", "nothing.jsonl"),
        ("replay", "--help"),
        ("report", "--help"),
    ],
    ids=" ".join,
)
def test_no_log_command_starts_with_what_is_slow(
    book: Logbook, tmp_path: Path, words: tuple[str, ...]
) -> None:
    book.close()
    code = (
        "import sys\n"
        "from breathsync.cli.log import app\n"
        "from breathsync.errors import BreathsyncError\n"
        "try:\n    app(sys.argv[1:])\n"
        "except (SystemExit, BreathsyncError):\n    pass\n"
        "slow = {'textual', 'bleak', 'scipy.signal', 'matplotlib', 'bokeh', 'pyarrow', 'edfio'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)\n"
    )
    given = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
