"""`breathsync session` and `breathsync demo`: on the screen, or as plain lines."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breathsync.cli.numbers import a_speed
from breathsync.cli.stopping import on_signals
from breathsync.cli.terminal import has_terminal
from breathsync.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from breathsync.cues.sound_face import SoundFace
    from breathsync.guide.events import Ended
    from breathsync.plan import Plan
    from breathsync.session import Session

Plain = Annotated[
    bool, typer.Option("--plain", help="Lines of text instead of the screen; needs no terminal.")
]
Speed = Annotated[
    float,
    typer.Option(help="Times the speed of life; for simulated people and recordings.", callback=a_speed),
]
Sound = Annotated[str, typer.Option(help="voice, tones or silent.")]
Volume = Annotated[int, typer.Option(help="Of the tones, in per cent.", min=0, max=100)]
VoiceRate = Annotated[int, typer.Option(help="Of the voice, in words a minute.", min=80, max=300)]
Language = Annotated[str, typer.Option(help="Language of the texts: en or de.")]
Seed = Annotated[
    int | None, typer.Option(help="Of the simulated person; the same seed is the same person again.")
]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A TOML file of settings.")]
DEMO_ROUTINE = "first-time"
DEMO_PERSON = "steady"
DEMO_SENSOR = "belt"
"""A force belt sees the breath best, and a first look is to show the gate, not a strap's limits."""


def demo(
    plain: Plain = False,
    speed: Speed = 1.0,
    person: Annotated[
        str, typer.Option(help="The simulated person; see `breathsync simulate people`.")
    ] = DEMO_PERSON,
    sensor: Annotated[str, typer.Option(help="What the person wears: belt, h10, imu6.")] = DEMO_SENSOR,
    sound: Sound = "voice",
    volume: Volume = 80,
    voice_rate: VoiceRate = 165,
    language: Language = "en",
    seed: Seed = None,
) -> None:
    """Watch a simulated person go through the seated twist: no strap needed."""
    session(
        DEMO_ROUTINE,
        source=f"sim:{person}@{sensor}",
        plain=plain,
        speed=speed,
        sound=sound,
        volume=volume,
        voice_rate=voice_rate,
        language=language,
        seed=seed,
    )


def session(
    routine: Annotated[
        str, typer.Argument(help="A name from `breathsync routine list`, or a file.")
    ] = "seated-twist",
    source: Annotated[str, typer.Option(help="sim:PERSON[@SENSOR], file:RECORDING.csv or ble:NAME.")] = "",
    simulate: Annotated[
        bool, typer.Option("--simulate", help="The same as --source sim:steady@belt.")
    ] = False,
    plain: Plain = False,
    speed: Speed = 1.0,
    sound: Sound = "voice",
    volume: Volume = 80,
    voice_rate: VoiceRate = 165,
    language: Language = "en",
    seed: Seed = None,
    settings: SettingsFile = None,
    check_in: Annotated[bool, typer.Option(help="Ask the safety questions and how the back feels.")] = True,
    to: Annotated[
        list[str] | None,
        typer.Option(
            help="Who else hears it: mqtt://HOST/TOPIC, osc://HOST:PORT, lsl:NAME. May be repeated."
        ),
    ] = None,
    attach: Annotated[
        bool,
        typer.Option(
            "--attach", help="Follow the session that `breathsync serve` holds; it outlives this window."
        ),
    ] = False,
    port: Annotated[int, typer.Option(help="Of that service.", min=1, max=65535)] = 8787,
) -> None:
    """Go through a routine with a strap, a recording or a simulated person."""
    from breathsync.cues.sound_face import Loudness
    from breathsync.guide.phrases import PHRASES
    from breathsync.plan import Plan
    from breathsync.settings_file import load_settings

    if simulate and source:
        raise UsageError("--simulate and --source exclude each other.", advice="Leave one of them out.")
    source = source or (f"sim:{DEMO_PERSON}@{DEMO_SENSOR}" if simulate else "")
    if not source and not attach:
        raise UsageError(
            "No source was named.",
            advice="Add --simulate for a simulated person, or --source ble:NAME; `breathsync pair` finds straps.",
        )
    if plain and source == "sim:you":
        raise UsageError("sim:you is moved by the arrow keys of the screen.", advice="Leave --plain out.")
    if not plain and not has_terminal():
        raise UsageError(
            "The screen needs a terminal, and this is none.", advice="Add --plain for lines of text."
        )
    if sound not in list(Loudness):
        raise UsageError(f"--sound {sound} is unknown.", advice="Choose voice, tones or silent.")
    if language not in PHRASES:
        raise UnknownNameError("language", language, PHRASES)
    plan = Plan(
        routine=routine,
        source=source,
        speed=speed,
        seed=seed,
        language=language,
        check_in=check_in,
        settings=load_settings(settings) if settings else None,
        to=tuple(to or ()),
    )
    if attach and (settings or to):
        raise UsageError(
            "With --attach the service has the settings and the sinks.",
            advice="Leave --settings and --to out.",
        )
    # A voice cannot follow a session that runs faster than life.
    heard = Loudness(sound) if speed == 1 else Loudness.SILENT
    sound_face = _sound(heard, volume=volume, rate_wpm=voice_rate, language=language)
    if attach:
        from breathsync.cli.attach import attach_plain, attach_screen

        (attach_plain if plain else attach_screen)(plan, sound_face, port=port)
    elif plain:
        _run_plain(plan, sound_face)
    else:
        _run_screen(plan, sound_face)


def _sound(loudness: str, *, volume: int, rate_wpm: int, language: str) -> "SoundFace":
    from breathsync.cues.player import Player
    from breathsync.cues.sound_face import Loudness, SoundFace
    from breathsync.cues.voice import Voice

    voice = Voice(rate_wpm=rate_wpm, language=language)
    return SoundFace(player=Player(volume=volume / 100), voice=voice, loudness=Loudness(loudness))


def home() -> None:
    """The home screen: start again, try the simulator, pair a strap, history."""
    if not has_terminal():
        raise UsageError(
            "The screen needs a terminal, and this is none.",
            advice="Try `breathsync demo --plain`, or `breathsync --help` for all commands.",
        )
    from breathsync.tui.run import run_home  # textual only for the screen

    run_home()


def _run_screen(plan: "Plan", sound: "SoundFace") -> None:
    from breathsync.tui.run import run_session_app

    sound.start()  # what is missing is seen on the screen: every cue is text there, too
    try:
        run_session_app(plan, sound=sound)
    finally:
        sound.close()


def _run_plain(plan: "Plan", sound: "SoundFace") -> None:
    ended = asyncio.run(_plain(plan, sound))
    if ended is None:
        raise typer.Exit(130)


async def _plain(plan: "Plan", sound: "SoundFace") -> "Ended | None":
    """Run as lines of text; None when a signal, or the end of whoever read the lines, ended it."""
    from breathsync.compose import open_session
    from breathsync.plain import PlainFace, listen
    from breathsync.tongue import speak

    speak(plan.language)
    session: Session | None = None
    reaching = asyncio.current_task()
    unread = False

    def stop() -> None:
        """Save the session as stopped; a sensor that is not reached yet is let go."""
        if session is not None:
            session.stop_now()
        elif reaching is not None:
            reaching.cancel()

    def say(line: str) -> None:
        nonlocal unread
        if unread:
            return
        try:
            print(line, flush=True)
        except BrokenPipeError:
            unread = True
            stop()

    def complain(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    came = on_signals(stop)
    if plan.source.startswith("ble:"):
        complain(f"Looking for {plan.source.removeprefix('ble:')} ...")
    try:
        session = await open_session(
            plan, faces=[PlainFace(out=say), sound], on_trouble=complain, invite=complain
        )
    except asyncio.CancelledError:
        if came:
            return None
        raise
    for missing in sound.start():
        complain(missing)
    listen(session, lines=sys.stdin)
    try:
        ended = await session.run()
    finally:
        sound.close()
    return None if came or unread else ended
