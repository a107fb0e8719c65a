"""`breathsync cues`: hear and check the sounds."""

import time
from pathlib import Path
from typing import Annotated

import typer

from breathsync.errors import BreathsyncError, UnknownNameError
from breathsync.guide.events import CueKind

app = typer.Typer(no_args_is_help=True, help="Hear the cues: list, play one, render them to a file.")


@app.command("list")
def list_cues() -> None:
    """All cues with the length of their tone."""
    from breathsync.cues.tones import RATE_HZ, tone  # numpy only when needed

    for kind in CueKind:
        length_s = len(tone(kind)) / RATE_HZ
        typer.echo(f"{kind.value:<10} {length_s:4.1f} s")


@app.command()
def play(name: Annotated[str, typer.Argument(help="A name from `cues list`.")]) -> None:
    """Play one cue's tone."""
    from breathsync.cues.player import Player  # the sound library only when needed
    from breathsync.cues.tones import RATE_HZ, tone

    kind = _kind(name)
    player = Player()
    player.start()
    if not player.open:
        raise BreathsyncError(player.why, advice="`breathsync cues render out.wav` writes a file instead.")
    player.play(tone(kind))
    time.sleep(len(tone(kind)) / RATE_HZ + 0.3)
    player.close()


@app.command()
def render(
    out: Annotated[Path, typer.Argument(help="The WAV file to write.")],
    session: Annotated[
        str, typer.Option(help="Render the cues of this session of the log instead of each cue once.")
    ] = "",
    voice: Annotated[bool, typer.Option(help="With the spoken sentences (needs espeak-ng).")] = True,
) -> None:
    """Write all cues, or a whole session as it was heard, to a WAV file."""
    from breathsync.cues.render import mix, write_wav  # scipy only when needed
    from breathsync.guide.events import Cue

    if session:
        from breathsync.logbook.store import open_logbook

        cues = list(open_logbook().find(session).records(Cue))
    else:
        cues = [
            Cue(t_s=2.0 * i, kind=kind, sentence=kind.value.replace("_", " "))
            for i, kind in enumerate(CueKind)
        ]
    write_wav(out, mix(cues, voice=voice))
    typer.echo(f"{out}: {len(cues)} cues.", err=True)


def _kind(name: str) -> CueKind:
    try:
        return CueKind(name)
    except ValueError:
        raise UnknownNameError("cue", name, [kind.value for kind in CueKind]) from None
