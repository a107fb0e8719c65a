"""`breathsync session --attach`: a face here for a session that `breathsync serve` holds, so that it outlives us."""

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from breathsync.errors import UsageError

if TYPE_CHECKING:
    from breathsync.cues.sound_face import SoundFace
    from breathsync.plan import Plan
    from breathsync.service.attached import AttachedSession


GOES_ON = "The session goes on without this window. Come back: breathsync session --attach"


def attach_plain(plan: "Plan", sound: "SoundFace", *, port: int) -> None:
    """Follow the session as lines of text. Ctrl-C looks away; the session goes on."""
    from breathsync.cli.stopping import run_until_stopped

    if run_until_stopped(_plain(plan, sound, port)):
        print(GOES_ON, file=sys.stderr)
        raise typer.Exit(130)


async def _plain(plan: "Plan", sound: "SoundFace", port: int) -> None:
    from breathsync.plain import PlainFace, listen
    from breathsync.tongue import speak, t

    speak(plan.language)

    def say(line: str) -> None:
        print(line, flush=True)

    def complain(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    session = await _attach(plan, port, say=complain, invite=complain)
    session.faces += [PlainFace(out=say), sound]
    for missing in await asyncio.to_thread(sound.start):
        complain(missing)
    step = session.view.guide.step
    say(f"{t('Attached.')} {t(step.verb)}. {step.sentence}".rstrip())
    listen(session, lines=sys.stdin)
    try:
        await session.run()
    finally:
        sound.close()


def attach_screen(plan: "Plan", sound: "SoundFace", *, port: int) -> None:
    """Follow the session on the screen. Leaving the screen leaves the session running."""
    from breathsync.tui.house import OwnHouse, Say
    from breathsync.tui.run import run_house

    class AttachedHouse(OwnHouse):
        """The usual house, but the session is another process's."""

        async def open(self, plan: "Plan", *, say: Say, invite: Say) -> "AttachedSession":
            session = await _attach(plan, port, say=say, invite=invite)
            session.faces.append(sound)
            for missing in await asyncio.to_thread(sound.start):
                say(missing)
            return session

    if run_house(AttachedHouse(sound=sound), plan=plan) is None:
        print(GOES_ON, file=sys.stderr)


async def _attach(
    plan: "Plan", port: int, *, say: Callable[[str], None], invite: Callable[[str], None]
) -> "AttachedSession":
    try:
        from breathsync.service.attached import attach
    except ImportError:
        raise UsageError(
            "--attach needs the extra `service`.", advice="pip install 'breathsync[service]'"
        ) from None
    from breathsync.paths import data_folder
    from breathsync.service.messages import Start

    start = Start(**{name: getattr(plan, name) for name in Start.__struct_fields__}) if plan.source else None
    return await attach(port=port, folder=data_folder(), start=start, say=say, invite=invite)
