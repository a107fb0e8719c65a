"""The sound of each cue, made by arithmetic: nothing to ship, nothing to load, alike on every machine.

In and out must be told apart by somebody who hears only one of them: in rises a fifth, out falls an octave
lower, and their timbres differ (a plain tone against one with overtones).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from breathsync.guide.events import CueKind

RATE_HZ = 44_100
PEAK = 0.5
"""Highest sample of any tone; two may sound together without clipping."""

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One part of a tone: a glide from `from_hz` to `to_hz` over `length_s`, beginning at `at_s`.

    `overtones`: strength of each harmonic from the second on. `loud`: 0..1.
    """

    from_hz: float
    to_hz: float
    length_s: float
    at_s: float = 0.0
    loud: float = 1.0
    overtones: tuple[float, ...] = ()


TONES: dict[CueKind, tuple[Note, ...]] = {
    CueKind.INHALE: (Note(from_hz=392, to_hz=587, length_s=0.45, loud=0.7),),
    CueKind.EXHALE: (Note(from_hz=294, to_hz=196, length_s=0.55, loud=0.7, overtones=(0.5, 0.25)),),
    CueKind.OPENED: (
        Note(from_hz=1175, to_hz=1175, length_s=0.08, loud=0.6),
        Note(from_hz=1568, to_hz=1568, length_s=0.22, at_s=0.09, loud=0.6),
    ),
    CueKind.REFUSED: (
        Note(from_hz=220, to_hz=208, length_s=0.16, overtones=(0.3,)),
        Note(from_hz=220, to_hz=208, length_s=0.2, at_s=0.2, overtones=(0.3,)),
    ),
    CueKind.LOST: tuple(
        Note(from_hz=hz, to_hz=hz, length_s=0.25, at_s=0.3 * i, overtones=(0.2,))
        for i, hz in enumerate((659, 523, 415))
    ),
    CueKind.REST: (Note(from_hz=330, to_hz=330, length_s=0.9, loud=0.5, overtones=(0.15,)),),
    CueKind.COME_BACK: tuple(
        Note(from_hz=hz, to_hz=hz, length_s=0.5, at_s=0.4 * i, loud=0.7)
        for i, hz in enumerate((523, 440, 349))
    ),
    CueKind.STEP: (Note(from_hz=698, to_hz=698, length_s=0.15, loud=0.4),),
    CueKind.ASK: (Note(from_hz=587, to_hz=784, length_s=0.2, loud=0.4),),
    CueKind.STOPPED: (Note(from_hz=262, to_hz=196, length_s=0.8, overtones=(0.2,)),),
    CueKind.DONE: tuple(
        Note(from_hz=hz, to_hz=hz, length_s=0.6, at_s=0.18 * i, loud=0.6)
        for i, hz in enumerate((523, 659, 784))
    ),
    CueKind.HINT: (),
}
"""A hint is spoken or shown; it has no tone, so that coaching never sounds like a verdict."""


@cache
def tone(kind: CueKind) -> Sound:
    """The tone of a cue: mono float32 at `RATE_HZ`, within ±PEAK; empty for a kind that has none."""
    notes = TONES[kind]
    length_s = max((n.at_s + n.length_s for n in notes), default=0.0)
    sound = np.zeros(round(length_s * RATE_HZ) + 1)
    for note in notes:
        wave = _wave(note)
        start = round(note.at_s * RATE_HZ)
        sound[start : start + len(wave)] += wave[: len(sound) - start]
    loudest = np.abs(sound).max(initial=0.0)
    scale = PEAK * max((n.loud for n in notes), default=0.0) / loudest if loudest else 0.0
    return (sound * scale).astype(np.float32)


def _wave(note: Note) -> NDArray[np.float64]:
    t_s = np.arange(round(note.length_s * RATE_HZ)) / RATE_HZ
    # A glide that is even to the ear: the pitch moves exponentially.
    pitch_hz = note.from_hz * (note.to_hz / note.from_hz) ** (t_s / note.length_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    wave = np.sin(phase)
    for harmonic, strength in enumerate(note.overtones, start=2):
        wave = wave + strength * np.sin(harmonic * phase)
    # 10 ms in and a long way out: no clicks.
    attack = np.minimum(1.0, t_s / 0.01)
    decay = np.minimum(1.0, (note.length_s - t_s) / (0.5 * note.length_s))
    return note.loud * wave * attack * decay
