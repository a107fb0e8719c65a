"""Plays tones through the machine's sound device, mixing those that overlap.

The device runs all session long and mostly plays silence: starting one for each tone would cost more than the
60 ms a tone may be late.
"""

import os
import sys
import threading
from array import array
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import miniaudio
import numpy as np

from breathsync.cues.tones import RATE_HZ, Sound

PERIOD_MS, PERIODS = 10, 4
"""The device asks for so much at a time and keeps so many of them: a tone waits until it asks, at most one, and then
behind the other three, 40 ms in all."""


class Mixer:
    """Adds up the sounds that are playing. Thread-safe: the device pulls from a thread of its own."""

    def __init__(self) -> None:
        self._playing: list[tuple[Sound, int]] = []
        self._lock = threading.Lock()

    def add(self, sound: Sound) -> None:
        """Begin to play `sound` (mono float32 at RATE_HZ) with the next frame that is pulled."""
        with self._lock:
            self._playing.append((sound, 0))

    @property
    def silent(self) -> bool:
        """Whether nothing is playing."""
        return not self._playing

    def pull(self, frames: int) -> Sound:
        """The next `frames` samples, mono float32, never beyond ±1."""
        out = np.zeros(frames, dtype=np.float32)
        with self._lock:
            still: list[tuple[Sound, int]] = []
            for sound, at in self._playing:
                part = sound[at : at + frames]
                out[: len(part)] += part
                if at + frames < len(sound):
                    still.append((sound, at + frames))
            self._playing = still
        return np.clip(out, -1.0, 1.0)


class Player:
    """The machine's sound device; `open` is False, and `why` says so, where there is none."""

    def __init__(self, *, volume: float = 0.8) -> None:
        self.mixer = Mixer()
        self.volume = volume
        self.why = ""
        self._device: miniaudio.PlaybackDevice | None = None

    @property
    def open(self) -> bool:
        """Whether a tone would be heard."""
        return self._device is not None

    def start(self) -> None:
        """Open the device. A machine without one is no error: `why` says it, and `play` does nothing."""
        try:
            with _quiet_libraries():
                device = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.FLOAT32,
                    nchannels=1,
                    sample_rate=RATE_HZ,
                    buffersize_msec=PERIOD_MS,  # of one period, whatever its name says
                    callback_periods=PERIODS,
                )
                stream = self._stream()
                next(stream)
                device.start(stream)
        except miniaudio.MiniaudioError:
            self.why = "This machine has no sound device that works: cues are shown as text only."
            return
        self._device = device

    def play(self, sound: Sound) -> None:
        """Play at once, over whatever sounds."""
        if self._device is not None and len(sound):
            self.mixer.add((sound * self.volume).astype(np.float32))

    def close(self) -> None:
        """Let go of the device."""
        if self._device is not None:
            self._device.close()
            self._device = None

    def _stream(self) -> "Generator[array[float], int, None]":
        silence = array("f")
        wanted = yield silence
        while True:
            if self.mixer.silent:  # nearly always, many times a second
                if len(silence) != wanted:
                    silence = array("f", bytes(silence.itemsize * wanted))
                wanted = yield silence
            else:
                wanted = yield array("f", self.mixer.pull(wanted).tobytes())


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep the system's sound libraries from writing on stderr, where on Linux the screen is drawn.

    They write to the file descriptor itself, so that is what is turned away for the moment.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
