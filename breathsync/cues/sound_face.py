"""The face one hears: plays each cue's tone and speaks its sentence."""

import math
from enum import StrEnum

from breathsync.cues.player import Player
from breathsync.cues.tones import tone
from breathsync.cues.voice import Voice
from breathsync.guide.events import Cue
from breathsync.outcome import Outcome, View


class Loudness(StrEnum):
    """How much is heard."""

    VOICE = "voice"
    """Voice and tones."""
    TONES = "tones"
    SILENT = "silent"


class SoundFace:
    """A `Face` for the ear."""

    def __init__(self, *, player: Player, voice: Voice, loudness: Loudness = Loudness.VOICE) -> None:
        self._player = player
        self._voice = voice
        self._said = ""
        self._said_s = -math.inf
        self.loudness = loudness

    def start(self) -> list[str]:
        """Open the devices. Returns what is missing, each in one sentence, to be said once."""
        if self.loudness is Loudness.SILENT:
            return []
        self._player.start()
        missing = [self._player.why]
        if self.loudness is Loudness.VOICE:
            missing.append(self._voice.why)
        return [sentence for sentence in missing if sentence]

    def hear(self, outcome: Outcome, view: View) -> None:
        """Sound one cue; everything else is silent."""
        if not isinstance(outcome, Cue) or self.loudness is Loudness.SILENT:
            return
        self._player.play(tone(outcome.kind))
        if outcome.sentence and self.loudness is Loudness.VOICE and self._player.open:
            # What is said in one moment is one utterance: the voice would cut the first sentence off.
            before = f"{self._said} " if outcome.t_s == self._said_s else ""
            self._said, self._said_s = before + outcome.sentence, outcome.t_s
            self._voice.say(self._said)

    def close(self) -> None:
        """Fall silent and let go of the devices."""
        self._voice.hush()
        self._player.close()
