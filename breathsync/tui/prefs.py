"""The person's choices for the screen: colours, motion, sound. They decide nothing of the gate."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from breathsync.errors import SettingsError

PREFS_FILE = "screen.json"
VOLUME = range(0, 101, 5)
"""Per cent; a key moves it by a step."""
SPEECH = range(80, 301, 5)
"""Words a minute."""


class Colours(StrEnum):
    """The themes offered. The terminal's own keep to the sixteen colours somebody has chosen there."""

    DARK = "breathsync-dark"
    LIGHT = "breathsync-light"
    TERMINAL_DARK = "ansi-dark"
    TERMINAL_LIGHT = "ansi-light"


class Sound(StrEnum):
    """How much is heard (as `breathsync.cues.sound_face.Loudness`, which is imported later)."""

    VOICE = "voice"
    TONES = "tones"
    SILENT = "silent"


class Tongue(StrEnum):
    """The language of the screen, and of sessions started from it."""

    LAST = ""
    """As in the last session."""
    ENGLISH = "en"
    GERMAN = "de"


class Prefs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `screen.json` holds."""

    colours: Colours = Colours.DARK
    sound: Sound = Sound.VOICE
    volume: Annotated[int, msgspec.Meta(ge=VOLUME.start, le=VOLUME[-1])] = 80
    """Of the tones, per cent."""
    words_per_minute: Annotated[int, msgspec.Meta(ge=SPEECH.start, le=SPEECH[-1])] = 165
    """Of the voice (the default as `breathsync.cues.voice`, which is imported later)."""
    calm: bool = False
    """No motion beyond the breath itself."""
    language: Tongue = Tongue.LAST


def load_prefs(folder: Path) -> Prefs:
    """The choices kept in `folder`; the defaults where there are none. Raises SettingsError for a bent file."""
    path = folder / PREFS_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Prefs)
    except FileNotFoundError:
        return Prefs()
    except msgspec.MsgspecError as error:
        raise SettingsError(f"{path} cannot be read: {error}.", advice="Mend it or delete it.") from error


def save_prefs(prefs: Prefs, folder: Path) -> None:
    """Keep the choices, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{PREFS_FILE}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(prefs)))
    os.replace(fresh, folder / PREFS_FILE)
