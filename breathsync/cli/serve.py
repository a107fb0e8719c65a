"""`breathsync serve`: sessions that other programs on this machine can start, follow and steer."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.stopping import run_until_stopped
from breathsync.errors import BreathsyncError, UsageError

if TYPE_CHECKING:
    from breathsync.plan import Plan
    from breathsync.service.messages import Names

MOST_FILES = 8192


def serve(
    routine: Annotated[
        str, typer.Argument(help="Begin with this one; without it wait for a client's `start`.")
    ] = "",
    source: Annotated[str, typer.Option(help="As for `breathsync session`.")] = "",
    port: Annotated[int, typer.Option(help="On loopback; 0 takes a free one.", min=0, max=65535)] = 8787,
    speed: Annotated[
        float, typer.Option(help="For simulated people and recordings.", min=0.01, max=1000)
    ] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Of the simulated person.")] = None,
    check_in: Annotated[
        bool, typer.Option(help="With a routine: ask the safety questions, for a client to answer.")
    ] = True,
    to: Annotated[
        list[str] | None, typer.Option(help="With a routine: who else hears it, as for `breathsync session`.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of all messages and end.")
    ] = False,
) -> None:
    """Run sessions without a face and speak of them in JSON over a WebSocket (needs the extra `service`)."""
    if schema:
        import json

        from breathsync.service.messages import schema as message_schema

        typer.echo(json.dumps(message_schema(), indent=2))
        return
    try:
        import websockets  # noqa: F401
    except ImportError:
        raise UsageError(
            "`serve` needs the extra `service`.", advice="pip install 'breathsync[service]'"
        ) from None
    if bool(routine) != bool(source):
        raise UsageError("A routine needs a --source, and a --source a routine.")
    if to and not routine:
        raise UsageError("--to needs a routine to begin with.", advice="Name it, and a --source.")
    from breathsync.plan import Plan

    plan = None
    if routine:
        plan = Plan(
            routine=routine, source=source, speed=speed, seed=seed, check_in=check_in, to=tuple(to or ())
        )
    if run_until_stopped(_serve(plan, port)):
        raise typer.Exit(130)


async def _serve(plan: "Plan | None", port: int) -> None:
    from breathsync.compose import open_session
    from breathsync.paths import data_folder
    from breathsync.service.attached import token_file
    from breathsync.service.server import HOST, Service, new_token, write_token

    token = new_token()

    def say(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    service = Service(token=token, open_session=open_session, names=_names, say=say)
    _allow_many_connections()
    try:
        port = await service.listen(port=port)
    except OSError as error:
        raise BreathsyncError(
            f"Port {port} cannot be had ({error.strerror}).",
            advice="Is another `serve` running? Try --port 0.",
        ) from None
    kept = token_file(data_folder(), port=port)
    write_token(kept, token)  # not before: another service that has the port keeps its own
    say(f"Serving on ws://{HOST}:{port}; the token is in {kept}")
    try:
        if plan is None:
            await asyncio.Event().wait()
        else:
            ended = await (await service.start(plan))
            say(f"Session {ended.how}. {ended.why}".rstrip())
    finally:
        kept.unlink(missing_ok=True)
        await service.close()


def _names() -> "Names":
    from breathsync.routine_files import routine_names
    from breathsync.sensors.known_straps import KnownStraps
    from breathsync.service.messages import Names

    straps = [f"ble:{strap.name}" for strap in KnownStraps().all()]
    return Names(
        routines=routine_names(),
        sources=[*straps, "phone:", "sensorlogger:", "sim:steady@h10", "sim:steady@belt"],
    )


def _allow_many_connections() -> None:
    """Some systems give a program 256 files: bad connections must not use them up before they are cut off."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
