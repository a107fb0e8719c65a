"""How soon a tone starts, and what the silence between tones costs.

    python -m tests.benchmarks.tones [--tones 200]

Measured up to the sound device: from the session's cue reaching the sound face to the first sample of its tone handed
to the device's callback, at random moments, with miniaudio's null device, which asks for samples in time as a real one
does. What comes after is the device's: samples wait behind the periods it holds already, which is added as
arithmetic; a driver's and an amplifier's own delay is not known here.
"""

import argparse
import functools
import random
import time
from typing import Any

import miniaudio
import numpy as np

from breathsync.cues import player
from breathsync.cues.sound_face import Loudness, SoundFace
from breathsync.cues.voice import Voice
from breathsync.guide.events import Cue, CueKind

AIM_MS = 60.0
SILENCE_S = 5.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tones", type=int, default=200)
    count = parser.parse_args().tones
    heard: list[float] = []
    pull = player.Mixer.pull

    def watched(self: player.Mixer, frames: int) -> Any:
        out = pull(self, frames)
        if out.any():
            heard.append(time.perf_counter())
        return out

    player.Mixer.pull = watched  # type: ignore[method-assign]
    player.miniaudio.PlaybackDevice = functools.partial(
        miniaudio.PlaybackDevice, backends=[miniaudio.Backend.NULL]
    )
    one = player.Player()
    face = SoundFace(player=one, voice=Voice(), loudness=Loudness.TONES)
    face.start()
    assert one.open, one.why
    before = time.process_time()
    time.sleep(SILENCE_S)
    silence = 100 * (time.process_time() - before) / SILENCE_S
    chance, delays = random.Random(1), []
    for _ in range(count):
        time.sleep(0.03 + 0.03 * chance.random())
        one.mixer._playing.clear()
        time.sleep(0.02)
        heard.clear()
        begin = time.perf_counter()
        face.hear(Cue(t_s=0.0, kind=CueKind.INHALE), None)  # type: ignore[arg-type]
        while not heard:
            time.sleep(0.0005)
        delays.append(1000 * (heard[0] - begin))
    face.close()
    p50, p95, most = (*np.percentile(delays, [50, 95]), max(delays))
    behind = player.PERIOD_MS * (player.PERIODS - 1)
    print(f"cue to the device's callback, ms: p50 {p50:.1f}, p95 {p95:.1f}, most {most:.1f} ({count} tones)")
    print(f"in the device's buffer, at most, ms: {behind}")
    print(f"together, at most, ms: {most + behind:.1f} (aim {AIM_MS:.0f})")
    print(f"silence costs {silence:.2f} % of a core")


if __name__ == "__main__":
    main()
