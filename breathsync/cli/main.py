"""The command line: mounts the command groups and turns every error into a sentence and an exit code.

Exit codes: 0 fine, 1 the task failed, 2 wrong use, 130 interrupted.
"""

import os
import sys
import traceback
from typing import Annotated

import typer

from breathsync import __version__
from breathsync.cli import (
    analyze,
    cues,
    log,
    pair,
    routine,
    serve,
    session,
    simulate,
    simulate_strap,
    watch,
    web,
)
from breathsync.errors import BreathsyncError
from breathsync.paths import data_folder

app = typer.Typer(
    name="breathsync",
    help="A breath-paced seated mobility session. Not a medical device; it does not diagnose or treat.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"breathsync {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Without a command: the home screen."""
    if context.invoked_subcommand is None:
        session.home()


app.command("demo")(session.demo)
app.command("session")(session.session)
app.command("analyze")(analyze.analyze)
app.command("pair")(pair.pair)
app.command("check")(pair.check)
app.command("doctor")(pair.doctor)
app.add_typer(pair.straps, name="straps")
app.add_typer(routine.app, name="routine")
app.add_typer(log.app, name="log")
app.add_typer(cues.app, name="cues")
app.command("serve")(serve.serve)
app.command("watch")(watch.watch)
app.command("web")(web.web)
app.add_typer(simulate.app, name="simulate")
simulate.app.command("strap")(simulate_strap.strap)


def run() -> None:
    """Entry point of the `breathsync` command."""
    try:
        app()
    except BreathsyncError as error:
        print(f"breathsync: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("breathsync: stopped.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); the rest has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        # A fault of ours: the person gets a sentence, whoever mends it gets the trace.
        if os.environ.get("BREATHSYNC_DEBUG"):
            raise
        report = data_folder() / "fault.txt"
        report.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        report.write_text("".join(traceback.format_exception(error)))
        print(
            f"breathsync: a fault inside the program ({type(error).__name__}: {error}). "
            f"What was recorded is kept. The details for a report are in {report}.",
            file=sys.stderr,
        )
        sys.exit(1)
