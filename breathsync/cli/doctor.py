"""`breathsync doctor`: what is wrong with Bluetooth here, and what to do."""

import json

import typer

from breathsync.cli.out import Json


def doctor(as_json: Json = False) -> None:
    """Say what is wrong with Bluetooth here, and what to do. Exit code 1 when something is."""
    from breathsync.sensors.ble.doctor import ThisMachine, examine
    from breathsync.sensors.known_straps import KnownStraps

    if not as_json:
        typer.echo("Looking, and listening for a few seconds ...", err=True)
    findings = examine(ThisMachine(), straps=KnownStraps().all())
    for finding in findings:
        if as_json:
            trouble = finding.trouble.value if finding.trouble else None
            entry = {"looked_at": finding.looked_at, "says": finding.says, "trouble": trouble}
            typer.echo(json.dumps(entry | {"advice": finding.advice}))
        else:
            typer.echo(f"{'ok  ' if finding.well else 'look'}  {finding.looked_at}: {finding.says}")
            if finding.advice:
                typer.echo(f"      {finding.advice}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
