"""`breathsync straps`: those that were paired."""

import typer

from breathsync.cli.out import Json
from breathsync.cli.stopping import run_or_exit
from breathsync.errors import BreathsyncError

straps = typer.Typer(help="The straps that were paired: list, rename, forget.", invoke_without_command=True)


@straps.callback()
def list_straps(context: typer.Context, as_json: Json = False) -> None:
    """The straps that were paired."""
    if context.invoked_subcommand:
        return
    import msgspec

    from breathsync.sensors.known_straps import KnownStraps

    known = KnownStraps().all()
    if not known and not as_json:
        typer.echo("No strap is paired yet; breathsync pair finds one.", err=True)
    if as_json:
        for strap in known:
            typer.echo(msgspec.json.encode(strap).decode())
    elif known:
        from breathsync.cli.table import table

        rows = [(strap.name, strap.advertised, strap.key, strap.firmware or "-") for strap in known]
        for line in table(("name", "advertises", "kind", "firmware"), rows):
            typer.echo(line)


@straps.command()
def rename(name: str, new: str) -> None:
    """Give a strap another name."""
    from breathsync.sensors.known_straps import KnownStraps

    KnownStraps().rename(name, new)
    typer.echo(f"{name} is now called {new}.", err=True)


@straps.command()
def forget(name: str) -> None:
    """Take a strap off the list; unpair it where it was paired."""
    from breathsync.sensors.known_straps import KnownStraps

    strap = KnownStraps().find(name)
    if strap.paired:
        run_or_exit(_unpair(name))
    KnownStraps().forget(name)
    typer.echo(f"{strap.name} is forgotten.", err=True)


async def _unpair(name: str) -> None:
    from breathsync.clock import SessionClock
    from breathsync.sensors.ble.radio import open_radio
    from breathsync.sensors.ble.strap import StrapSensor

    async with open_radio() as radio:
        sensor = StrapSensor(name=name, clock=SessionClock(), radio=radio)
        try:
            await sensor.connect()
            await sensor.forget()
        except BreathsyncError as error:
            typer.echo(f"It could not be unpaired in the system: {error}", err=True)
        finally:
            await sensor.close()
