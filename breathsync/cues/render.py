"""A session's cues as one WAV file, to listen to and to measure."""

import subprocess
import tempfile
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from breathsync.cues.tones import RATE_HZ, Sound, tone
from breathsync.cues.voice import speaker_command
from breathsync.guide.events import Cue

TAIL_S = 3.0
VOICE_PEAK = 0.45


def speech(sentence: str, *, language: str = "en") -> Sound:
    """The sentence as spoken by espeak-ng: mono float32 at RATE_HZ; empty where espeak-ng is not installed."""
    command = speaker_command(sentence, language=language)
    if command is None or "espeak" not in command[0]:
        return np.zeros(0, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        subprocess.run([*command[:-2], "-w", str(path), "--", sentence], check=True, timeout=20)
        with wave.open(str(path)) as file:
            rate_hz = file.getframerate()
            spoken = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    sound = resample_poly(spoken, RATE_HZ, rate_hz)
    return np.asarray(sound * VOICE_PEAK / max(np.abs(sound).max(initial=0.0), 1e-9), dtype=np.float32)


def mix(cues: Iterable[Cue], *, voice: bool = True, language: str = "en") -> Sound:
    """All cues at their times, from the first one on; what is said in one moment is one utterance,
    which ends when the next begins, as in a session."""
    cues = list(cues)
    if not cues:
        return np.zeros(0, dtype=np.float32)
    start_s = cues[0].t_s
    out = np.zeros(round((cues[-1].t_s - start_s + TAIL_S) * RATE_HZ), dtype=np.float32)
    spoken: dict[float, str] = {}
    for cue in cues:
        _lay(out, tone(cue.kind), at_s=cue.t_s - start_s)
        if cue.sentence:
            spoken[cue.t_s] = f"{spoken.get(cue.t_s, '')} {cue.sentence}".strip()
    if voice:
        for (at_s, said), until_s in zip(spoken.items(), [*list(spoken)[1:], np.inf], strict=True):
            sound = speech(said, language=language)
            _lay(out, sound[: int(min((until_s - at_s) * RATE_HZ, len(sound)))], at_s=at_s - start_s)
    return np.clip(out, -1.0, 1.0)


def _lay(out: Sound, sound: Sound, *, at_s: float) -> None:
    start = round(at_s * RATE_HZ)
    part = sound[: max(0, len(out) - start)]
    out[start : start + len(part)] += part


def write_wav(path: Path, sound: Sound) -> None:
    """Write mono 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
