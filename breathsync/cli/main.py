"""The command line: mounts the command groups and turns every error into a sentence and an exit code.

Exit codes: 0 fine, 1 the task failed, 2 wrong use, 130 interrupted.
"""

import os
import select
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from breathsync import __version__
from breathsync.cli import (
    analyze,
    check,
    cues,
    doctor,
    log,
    pair,
    routine,
    serve,
    session,
    simulate,
    simulate_strap,
    straps,
    watch,
    web,
)
from breathsync.errors import BreathsyncError
from breathsync.paths import data_folder


class _Commands(TyperGroup):
    """All commands. Whoever reads our output may have had enough of it (`| head`): that is no failure."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; its whole output is written when this returns."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except BrokenPipeError as error:
            if not _is_unread():
                raise RuntimeError("another program has hung up") from error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


def _is_unread() -> bool:
    """Whether it is stdout that nobody reads any more, and not a socket of ours. Windows cannot tell; there: yes."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(seen & select.POLLERR for _, seen in poll.poll(0))


app = typer.Typer(
    name="breathsync",
    cls=_Commands,
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
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.add_typer(straps.straps, name="straps")
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
    except OSError as error:
        if os.environ.get("BREATHSYNC_DEBUG"):
            raise
        print(f"breathsync: {error.filename or 'The output'}: {error.strerror or error}.", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        # A fault of ours: the person gets a sentence, whoever mends it gets the trace.
        if os.environ.get("BREATHSYNC_DEBUG"):
            raise
        print(
            f"breathsync: a fault inside the program ({type(error).__name__}: {error}). "
            f"What was recorded is kept. {_report(error)}",
            file=sys.stderr,
        )
        sys.exit(1)


def _report(error: Exception) -> str:
    """Keep the trace beside the logbook; says where."""
    try:
        path = data_folder() / "fault.txt"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text("".join(traceback.format_exception(error)))
    except (OSError, BreathsyncError):
        return "With BREATHSYNC_DEBUG=1 it shows the details."
    return f"The details for a report are in {path}."
