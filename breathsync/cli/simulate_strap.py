"""`breathsync simulate strap`: a strap that is not there, for any program that looks for one."""

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.numbers import a_speed, a_time
from breathsync.cli.stopping import on_signals
from breathsync.errors import BreathsyncError, UsageError

if TYPE_CHECKING:
    from breathsync_simulators.straps.peripheral import Strap
    from breathsync_simulators.wearers import PersonWearing

# Imports stand in the functions: simulators and radios are loaded only when one is asked for.


def strap(
    kind: Annotated[str, typer.Argument(help="Which strap; leave it out for a list.")] = "",
    person: Annotated[str, typer.Option(help="Who wears it; see `breathsync simulate people`.")] = "steady",
    tcp: Annotated[
        int,
        typer.Option(metavar="PORT", help="Carry it over Bumble, HCI on this TCP port (0: any free one)."),
    ] = -1,
    radio: Annotated[
        str, typer.Option(metavar="TRANSPORT", help="Stand on a spare adapter of Bumble, e.g. usb:0.")
    ] = "",
    quirk: Annotated[
        list[str] | None, typer.Option(help="A bad day: a name or NAME=NUMBER; may be given often.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the person and the quirks.")] = 0,
    speed: Annotated[
        float, typer.Option(help="Body seconds for each second of the wall.", callback=a_speed)
    ] = 1.0,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.", callback=a_time)] = 0.0,
) -> None:
    """Stand as a strap until Ctrl-C.

    On Linux any Bluetooth program finds it when started with the setting that is printed first.
    """
    from breathsync_simulators.straps.quirks import NAMED, parse_quirks
    from breathsync_simulators.straps.registry import STRAPS, make_strap, sensor_of
    from breathsync_simulators.wearers import open_wearer

    if not kind:
        for name in STRAPS:
            typer.echo(name)
        typer.echo(f"Quirks: {', '.join(NAMED)}.", err=True)
        return
    if tcp >= 0 and radio:
        raise UsageError("--tcp and --radio exclude each other.", advice="Leave one of them out.")
    quirks = parse_quirks(quirk or [], seed=seed)
    wearer = open_wearer(person, sensor_of(kind), seed=seed)
    made = make_strap(kind, wearer, quirks)
    try:
        asyncio.run(_stand(made, wearer, tcp=tcp, radio=radio, speed=speed, seconds=seconds))
    except ImportError as error:
        raise BreathsyncError(
            f"This carrier needs a package that is not there ({error.name}).",
            advice="Install it: pip install 'breathsync[radio]'.",
        ) from error


async def _stand(
    strap: "Strap", wearer: "PersonWearing", *, tcp: int, radio: str, speed: float, seconds: float
) -> None:
    enough = asyncio.Event()
    on_signals(enough.set)
    async with AsyncExitStack() as stack:
        if radio:
            await _on_adapter(stack, strap, radio, speed)
        elif tcp >= 0:
            await _over_tcp(stack, strap, tcp, speed)
        else:
            await _on_bluez(stack, strap, speed)
        say(f"{strap.identity.name} is on the air. Enter: one full breath. Ctrl-C ends it.")
        _on_lines(lambda: _breathe(wearer))
        telling = asyncio.create_task(_tell(strap))
        try:
            async with asyncio.timeout(seconds or None):
                await enough.wait()
        except TimeoutError:
            pass
        finally:
            telling.cancel()
    say(f"{strap.identity.name} is gone.")


async def _on_bluez(stack: AsyncExitStack, strap: "Strap", speed: float) -> None:
    if sys.platform != "linux":
        raise UsageError(
            "A simulated BlueZ is for Linux.", advice="Add --tcp PORT; that works on every system."
        )
    from breathsync_simulators.air.bluez import FakeBluez
    from breathsync_simulators.air.bus import PrivateBus

    bus = await stack.enter_async_context(PrivateBus())
    await stack.enter_async_context(FakeBluez(address=bus.address, straps=[strap], speed=speed))
    print(f"DBUS_SYSTEM_BUS_ADDRESS={bus.address}", flush=True)


async def _over_tcp(stack: AsyncExitStack, strap: "Strap", port: int, speed: float) -> None:
    from breathsync_simulators.air.bumble_link import Air, HciServer
    from breathsync_simulators.air.bumble_strap import BumbleStrap

    air = Air()
    controller = air.controller(strap.identity.name)
    await stack.enter_async_context(
        BumbleStrap(strap=strap, source=controller, sink=controller, controller=controller, speed=speed)
    )
    try:
        server = await stack.enter_async_context(HciServer(air=air, port=port))
    except OSError as error:
        raise BreathsyncError(
            f"Port {port} cannot be used: {error.strerror}.", advice="Choose another, or 0 for any free one."
        ) from error
    print(f"BREATHSYNC_RADIO=tcp:{server.port}", flush=True)


async def _on_adapter(stack: AsyncExitStack, strap: "Strap", transport: str, speed: float) -> None:
    from breathsync_simulators.air.bumble_strap import BumbleStrap, open_adapter

    try:
        adapter = await stack.enter_async_context(await open_adapter(transport))
        await stack.enter_async_context(
            BumbleStrap(strap=strap, source=adapter.source, sink=adapter.sink, speed=speed)
        )
    except Exception as error:
        raise BreathsyncError(
            f"The adapter {transport} cannot be used: {error or type(error).__name__}.",
            advice="See Bumble's list of transports; the adapter must not be in use by the system.",
        ) from error
    print(f"BREATHSYNC_ADAPTER={transport}", flush=True)


def _breathe(wearer: "PersonWearing") -> None:
    """The person cannot hear a session in another terminal: whoever sits here breathes for them."""
    body = wearer.person.body
    body.breathing.wish(body.breathing.full(body.now_s))
    say("One full breath.")


def _on_lines(act: Callable[[], None]) -> None:
    """Call `act` at each line typed. A daemon thread: reading a terminal cannot be called off."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended: the strap is gone
            for _ in sys.stdin:
                loop.call_soon_threadsafe(act)

    threading.Thread(target=read, daemon=True).start()


async def _tell(strap: "Strap") -> None:
    """Say when somebody connects and leaves."""
    was = False
    while True:
        await asyncio.sleep(0.2)
        if strap.is_connected != was:
            was = strap.is_connected
            say("Somebody has connected." if was else "The connection has ended.")
        if not strap.powered:
            say("The strap has switched itself off.")
            return


def say(line: str) -> None:
    """Talk goes to stderr; stdout is for the setting."""
    print(line, file=sys.stderr, flush=True)
