"""`breathsync simulate`: who the simulated people are, and campaigns that measure the gate on them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.errors import UsageError
from breathsync.settings import Settings

if TYPE_CHECKING:
    from breathsync_simulators.campaign import Campaign

Seed = Annotated[int, typer.Option(min=0, help="Other seeds are other people.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print numbers for programs.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the two error rates into this PNG.")]

app = typer.Typer(
    no_args_is_help=True, help="Simulated people: who they are, and campaigns that measure the gate."
)


@app.command("people")
def people() -> None:
    """List the simulated people and the sensors they can wear."""
    from breathsync_simulators import scenario
    from breathsync_simulators.places import PLACES

    for name in scenario.people():
        typer.echo(f"{name:<14} {scenario.load(name).about}")
    typer.echo(f"\nSensors: {', '.join(PLACES)}. A source is written sim:PERSON@SENSOR.")
    typer.echo("sim:you is you: on the screen, with the arrow keys.")


@app.command("campaign")
def campaign(
    sessions: Annotated[int, typer.Option(min=1, help="Sessions for each person and sensor.")] = 10,
    people: Annotated[
        str, typer.Option(help="Names or scenario files, with commas; all where left out.")
    ] = "all",
    sensor: Annotated[str, typer.Option(help="h10, belt, imu6 or others, with commas.")] = "h10,belt,imu6",
    seed: Seed = 1,
    routine: Annotated[str, typer.Option(help="The routine to play.")] = "seated-twist",
    as_json: AsJson = False,
    keep_worst: Annotated[int, typer.Option(min=0, help="Keep logs of so many of the worst sessions.")] = 0,
    keep_dir: Annotated[Path, typer.Option(help="The logbook folder for them.")] = Path("campaign-worst"),
    plot: Plot = None,
    add_to: Annotated[Path | None, typer.Option(help="Add the counts to this file of campaigns.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes all cores.")] = 0,
) -> None:
    """Play whole sessions of simulated people and count false opens and misses against their truth."""
    from breathsync_simulators import campaign as play
    from breathsync_simulators import campaign_sum, scenario

    names = scenario.people() if people == "all" else _listed(people, "--people")
    todo = play.tasks(names, _listed(sensor, "--sensor"), sessions=sessions, seed=seed, settings=Settings())
    if add_to:
        together = {f"{task.person}@{task.sensor}" for task in todo}
        campaign_sum.check_new(add_to, seed=seed, routine=routine, names=together)
    done = play.run(todo, routine=routine, seed=seed, workers=workers, talk=sys.stderr)
    if add_to:
        campaign_sum.add(done, add_to, command=["breathsync", *sys.argv[1:]])
    _show(done, as_json=as_json, plot=plot)
    if keep_worst:
        play.keep(done.worst[:keep_worst], folder=keep_dir, routine=routine, talk=sys.stderr)


@app.command("sum")
def sum_up(
    file: Annotated[Path, typer.Argument(help="A file that campaigns were added to.")],
    as_json: AsJson = False,
    plot: Plot = None,
    write_into: Annotated[
        Path | None, typer.Option(help="Replace the sum in this Markdown document.")
    ] = None,
) -> None:
    """Add up the campaigns of a file."""
    from breathsync_simulators import campaign_markdown, campaign_sum

    done = campaign_sum.summed(file)
    if write_into:
        campaign_markdown.write_into(write_into, campaign_markdown.markdown(done, campaign_sum.runs(file)))
    _show(done, as_json=as_json, plot=plot)


@app.command("taps")
def taps(
    hours: Annotated[float, typer.Option(min=0.5, help="Hours of life for each sensor.")] = 12.0,
    people: Annotated[
        str, typer.Option(help="Names or scenario files, with commas.")
    ] = "cougher,talker,restless,panicky",
    sensor: Annotated[str, typer.Option(help="Accelerometers of 100 Hz or more, with commas.")] = "h10,imu6",
    every: Annotated[float, typer.Option(min=0, help="They tap every so many seconds; 0: never.")] = 120.0,
    seed: Seed = 1,
) -> None:
    """Let people cough, fidget and talk for hours, tapping now and then: which taps are heard, which are false."""
    from breathsync_simulators import tapping

    names = _listed(people, "--people")
    sensors = _listed(sensor, "--sensor")
    counts = tapping.measure(names, sensors, hours=hours, seed=seed, every_s=every, talk=sys.stderr)
    typer.echo(tapping.table(counts))


def _show(done: "Campaign", *, as_json: bool, plot: Path | None) -> None:
    from breathsync_simulators import campaign, campaign_report

    typer.echo(json.dumps(campaign.as_json(done), indent=1) if as_json else campaign_report.table(done))
    if plot:
        campaign_report.plot(done, plot)
        typer.echo(f"Drawn into {plot}.", err=True)


def _listed(text: str, option: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"{option} names nobody.", advice="Give names with commas between them.")
    return names
