"""`breathsync serve`: a session that other programs on this machine can follow."""

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.errors import BreathsyncError, UsageError

if TYPE_CHECKING:
    from breathsync.plan import Plan


def serve(
    routine: Annotated[str, typer.Argument(help="A name from `breathsync routine list`, or a file.")],
    source: Annotated[str, typer.Option(help="sim:PERSON[@SENSOR], file:RECORDING.csv or ble:NAME.")],
    port: Annotated[int, typer.Option(help="On loopback; 0 takes a free one.", min=0, max=65535)] = 8787,
    speed: Annotated[
        float, typer.Option(help="For simulated people and recordings.", min=0.01, max=1000)
    ] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Of the simulated person.")] = None,
) -> None:
    """Run a session without a face and speak of it in JSON over a WebSocket (needs the extra `service`)."""
    try:
        import websockets  # noqa: F401
    except ImportError:
        raise UsageError(
            "`serve` needs the extra `service`.", advice="pip install 'breathsync[service]'"
        ) from None
    from breathsync.plan import Plan

    asyncio.run(_serve(Plan(routine=routine, source=source, speed=speed, seed=seed, check_in=False), port))


async def _serve(plan: "Plan", port: int) -> None:
    from breathsync.compose import open_session
    from breathsync.paths import data_folder
    from breathsync.service.server import HOST, Service, write_token

    token_file = data_folder() / "service-token"
    service = Service(token=write_token(token_file))
    session = await open_session(plan, faces=[service])
    try:
        port = await service.start(session, port=port)
    except OSError as error:
        await session.sensor.close()
        raise BreathsyncError(
            f"Port {port} cannot be had ({error.strerror}).",
            advice="Is another `serve` running? Try --port 0.",
        ) from None
    print(f"Serving on ws://{HOST}:{port}; the token is in {token_file}", file=sys.stderr)
    living = asyncio.create_task(service.stream_live())
    try:
        ended = await session.run()
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
        await service.close()
    print(f"Session {ended.how}. {ended.why}".rstrip(), file=sys.stderr)
