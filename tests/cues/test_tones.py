"""The tones can be told apart and never clip."""

import numpy as np
import pytest

from breathsync.cues.player import PERIOD_MS, PERIODS, Mixer, Player
from breathsync.cues.tones import PEAK, RATE_HZ, Sound, tone
from breathsync.guide.events import CueKind

HEARD = [kind for kind in CueKind if len(tone(kind)) > 1]


def _pitch_hz(sound: Sound) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE_HZ / len(sound))


@pytest.mark.parametrize("kind", HEARD)
def test_a_tone_stays_below_its_peak_and_begins_and_ends_silent(kind: CueKind) -> None:
    sound = tone(kind)
    assert 0.1 < np.abs(sound).max() <= PEAK + 1e-6
    assert abs(sound[0]) < 0.01
    assert abs(sound[-1]) < 0.01


def test_only_a_hint_has_no_tone() -> None:
    assert set(CueKind) - set(HEARD) == {CueKind.HINT}


def test_in_rises_and_out_falls_an_octave_lower() -> None:
    inhale, exhale = tone(CueKind.INHALE), tone(CueKind.EXHALE)
    halves = [_pitch_hz(part) for sound in (inhale, exhale) for part in np.array_split(sound, 2)]
    assert halves[0] < halves[1]
    assert halves[2] > halves[3]
    assert halves[0] > 1.3 * halves[2]


@pytest.mark.parametrize("kind", [CueKind.REFUSED, CueKind.LOST, CueKind.COME_BACK])
def test_opened_sounds_higher_than_what_is_not_good_news(kind: CueKind) -> None:
    assert _pitch_hz(tone(CueKind.OPENED)) > 1.5 * _pitch_hz(tone(kind))


def test_the_mixer_adds_what_overlaps_and_forgets_what_is_over() -> None:
    mixer = Mixer()
    ones = np.full(6, 0.25, dtype=np.float32)
    mixer.add(ones)
    first = mixer.pull(4)
    mixer.add(ones)
    second = mixer.pull(4)
    third = mixer.pull(4)
    assert first.tolist() == [0.25] * 4
    assert second.tolist() == [0.5, 0.5, 0.25, 0.25]
    assert third.tolist() == [0.25, 0.25, 0.0, 0.0]
    assert mixer.pull(2).tolist() == [0.0, 0.0]


def test_the_device_gets_silence_then_the_tone_then_silence() -> None:
    player = Player()
    stream = player._stream()
    next(stream)
    silence = stream.send(4)
    assert list(silence) == [0.0] * 4
    assert stream.send(4) is silence
    player.mixer.add(np.full(6, 0.25, dtype=np.float32))
    assert list(stream.send(4)) == [0.25] * 4
    assert list(stream.send(4)) == [0.25, 0.25, 0.0, 0.0]
    assert list(stream.send(2)) == [0.0] * 2


def test_a_tone_waits_no_longer_than_it_may() -> None:
    assert PERIOD_MS * PERIODS <= 60


def test_the_mixer_never_exceeds_full_scale() -> None:
    mixer = Mixer()
    for _ in range(5):
        mixer.add(np.full(8, 0.9, dtype=np.float32))
    assert mixer.pull(8).max() == 1.0
