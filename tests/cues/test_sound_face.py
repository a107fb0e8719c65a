"""The face one hears."""

from typing import cast

from breathsync.cues.player import Player
from breathsync.cues.sound_face import Loudness, SoundFace
from breathsync.cues.tones import Sound
from breathsync.cues.voice import Voice
from breathsync.guide.events import Cue, CueKind
from breathsync.outcome import View


class _Heard:
    """A player and a voice that keep what they were given."""

    open = True
    why = ""

    def __init__(self) -> None:
        self.tones = 0
        self.said: list[str] = []

    def play(self, sound: Sound) -> None:
        self.tones += 1

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def _hear(loudness: Loudness, *cues: tuple[float, str]) -> _Heard:
    heard = _Heard()
    face = SoundFace(player=cast(Player, heard), voice=cast(Voice, heard), loudness=loudness)
    for t_s, sentence in cues:
        face.hear(Cue(t_s=t_s, kind=CueKind.REFUSED, sentence=sentence), cast(View, None))
    return heard


def test_what_is_said_in_one_moment_is_one_utterance() -> None:
    heard = _hear(
        Loudness.VOICE, (1.0, "A little fuller."), (1.0, ""), (1.0, "Or back off."), (5.0, "Sit tall.")
    )
    assert heard.said == ["A little fuller.", "A little fuller. Or back off.", "Sit tall."]
    assert heard.tones == 4


def test_tones_alone_say_nothing() -> None:
    assert _hear(Loudness.TONES, (1.0, "A little fuller.")).said == []
    assert _hear(Loudness.SILENT, (1.0, "A little fuller.")).tones == 0
