"""`breathsync log`: what was recorded, why a gate stayed shut, and how to take it elsewhere."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.out import Json
from breathsync.errors import UsageError

# Imports stand in the commands: a list must not wait for what only an export or a replay needs.

if TYPE_CHECKING:
    from breathsync.logbook.export.formats import Format
    from breathsync.logbook.reader import SessionLog
    from breathsync.logbook.store import Logbook

app = typer.Typer(help="The sessions that were recorded.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="A session's id, the beginning of it, or `last`.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def _logbook() -> "Logbook":
    from breathsync.logbook.store import open_logbook

    return open_logbook()


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=0, help="At most so many, the latest first; 0 for all.")] = 30,
    as_json: Json = False,
) -> None:
    """All sessions: when, what, which sensor, points passed, how it felt."""
    from breathsync.cli.log_text import as_json_line, session_lines

    sessions = _logbook().sessions()
    if as_json:
        for session in sessions[: limit or None]:
            typer.echo(as_json_line(session))
        return
    if not sessions:
        typer.echo("The logbook is empty. `breathsync demo` records a first session.", err=True)
        return
    for line in session_lines(sessions[: limit or None]):
        typer.echo(line)
    if limit and len(sessions) > limit:
        typer.echo(f"{len(sessions) - limit} more; `--limit 0` shows all.", err=True)


@app.command()
def show(
    session: Id = "last",
    why: Annotated[
        str, typer.Option(metavar="GATE", help="Explain a gate: left2, right1, or a verdict's number.")
    ] = "",
    as_json: Json = False,
) -> None:
    """One session: what was done, and what the gate decided."""
    from breathsync.cli.log_text import show_lines, shown_as_json
    from breathsync.logbook.words import explain_gate

    if why and as_json:
        raise UsageError("--why is for people.", advice="With --json every verdict says its clauses.")
    log = _logbook().find(session)
    if as_json:
        typer.echo(shown_as_json(log))
        return
    for line in explain_gate(log, why) if why else show_lines(log):
        typer.echo(line)


@app.command()
def note(session: Id, text: Annotated[str, typer.Argument(metavar="TEXT")]) -> None:
    """Write a note under a session."""
    if not text.strip():
        raise UsageError("The note is empty.")
    logbook = _logbook()
    log = logbook.find(session)
    logbook.note(log.id, text)
    typer.echo(f"Noted under {log.id}.", err=True)


@app.command()
def delete(session: Id, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove a session for good."""
    from breathsync.logbook.words import clock

    logbook = _logbook()
    log = logbook.find(session)
    what = f"{log.id}, {log.header.routine_name}, {clock(log.duration_s())}"
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Nobody is there to ask whether {what} may be deleted.", advice="Add --yes.")
        typer.confirm(f"Delete {what}, for good?", abort=True, err=True)
    logbook.delete(log.id)
    typer.echo(f"Deleted {what}.", err=True)


@app.command()
def trends(
    plot: Annotated[bool, typer.Option(help="Draw the last 60 days.")] = True,
) -> None:
    """The last 7 and 60 days, by side. Simulated sessions do not count."""
    from breathsync.cli.log_text import trend_lines

    for line in trend_lines(_logbook().sessions(), today=datetime.now().astimezone(), plot=plot):
        typer.echo(line)


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Made by `log export --format jsonl`.")
    ],
) -> None:
    """Take sessions back that were exported as JSON Lines."""
    from breathsync.cli.log_export import bar
    from breathsync.logbook.importing import import_file

    logbook = _logbook()
    for file in files:
        with bar(f"Importing {file.name}") as progress:
            session = import_file(logbook, file, progress=progress)
        typer.echo(f"Imported {session} from {file}.", err=True)


@app.command()
def export(
    session: Annotated[
        str, typer.Argument(metavar="[ID]", help="A session's id, the beginning of it, or `last`.")
    ] = "",
    format_: Annotated[
        str, typer.Option("--format", help="csv, jsonl, edf, bids, xdf, parquet, fhir or openmhealth.")
    ] = "csv",
    output: Annotated[
        str, typer.Option("-o", "--output", help="Where to; `-` is stdout (jsonl, fhir, openmhealth).")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="All sessions, into a folder.")] = False,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="All sessions since that day (2026-11-22), into a folder.")
    ] = "",
    anonymous: Annotated[
        bool,
        typer.Option("--anonymize", "--anonymous", help="Shift dates; drop names, notes and serial numbers."),
    ] = False,
    force: Force = False,
) -> None:
    """Take sessions elsewhere, in formats that other programs read."""
    from breathsync.cli.log_export import chosen, export_bar, to_stdout
    from breathsync.logbook.export.formats import export as write_files
    from breathsync.logbook.export.formats import find_format

    form = find_format(format_)
    many = every or bool(since)
    logs = chosen(_logbook(), session, every=every, since=since, anonymous=anonymous)
    if output == "-":
        to_stdout(logs, form)
        return
    target = Path(output) if output else _default_target(logs[0], form, many=many)
    with export_bar(logs) as progress:
        made = write_files(logs, form, target, force=force, many=many, progress=progress)
    for path in made:
        typer.echo(f"Wrote {path}.", err=True)


def _default_target(log: "SessionLog", form: "Format", *, many: bool) -> Path:
    return (
        Path("breathsync-sessions") if many else Path(f"breathsync-{log.id}{form.suffix or '-' + form.name}")
    )


@app.command()
def replay(
    session: Id = "last",
    settings: Annotated[
        Path | None, typer.Option(help="What would these settings have decided? A TOML file.")
    ] = None,
) -> None:
    """Compute a session again from its raw samples and the person's words, and compare."""
    from breathsync.cli.log_export import bar
    from breathsync.cli.log_text import what_if_lines
    from breathsync.logbook.replay import replay as run_again
    from breathsync.logbook.replay import what_if
    from breathsync.settings_file import load_settings

    log = _logbook().find(session)
    if settings is not None:
        others = load_settings(settings)
        with bar("Replaying") as progress:
            changes = what_if(log, settings=others, progress=progress)
        for line in what_if_lines(changes):
            typer.echo(line)
        return
    with bar("Replaying") as progress:
        result = run_again(log, progress=progress)
    typer.echo(result.sentence)
    if not result.identical:
        raise typer.Exit(1)


@app.command()
def report(
    session: Id = "last",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file ending in .html, .pdf or .png.")
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymize", "--anonymous", help="As in `log export`.")
    ] = False,
    force: Force = False,
) -> None:
    """One page about a session, to look at, print or share; opens offline in any browser."""
    from breathsync.cli.log_export import chosen
    from breathsync.logbook.export.atomic import refuse_existing, whole
    from breathsync.logbook.report import write_report

    (log,) = chosen(_logbook(), session, every=False, since="", anonymous=anonymous)
    target = output or Path(f"breathsync-{log.id}.html")
    refuse_existing(target, force=force)
    with whole(target, folder=False, force=force) as part:
        write_report(log, part)
    typer.echo(f"Wrote {target}.", err=True)
