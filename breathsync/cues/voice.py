"""Speaks sentences with the voice the system has, in a process of its own.

A subprocess with a time limit, because a speech service can hang for ever (`spd-say` does where no audio server
runs), and because speech libraries pull the Windows thread into a mode in which Bluetooth callbacks never come.
The newest sentence wins: an older one is cut off, never queued.
"""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

LONGEST_S = 12.0
"""No sentence of ours takes longer; a speaker that does has hung."""

WORDS_PER_MINUTE = 165

Spawn = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


def _spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def speaker_command(
    sentence: str,
    *,
    rate_wpm: int = WORDS_PER_MINUTE,
    language: str = "en",
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> list[str] | None:
    """The command that speaks `sentence` here, or None where no voice is found.

    The sentence is one argument of an argument list: no shell reads it.
    """
    if platform == "darwin":
        return ["say", "-r", str(rate_wpm), "--", sentence]
    if platform == "win32":
        # SAPI counts its rate from -10 to 10 about 180 words a minute. A quote is doubled inside PowerShell quotes.
        rate = max(-10, min(10, round((rate_wpm - 180) / 18)))
        quoted = sentence.replace("'", "''")
        script = (
            "Add-Type -AssemblyName System.Speech;"
            "$s = New-Object System.Speech.Synthesis.SpeechSynthesizer;"
            f"$s.Rate = {rate}; $s.Speak('{quoted}')"
        )
        return ["powershell", "-NoProfile", "-Command", script]
    if espeak := which("espeak-ng") or which("espeak"):
        return [espeak, "-v", language, "-s", str(rate_wpm), "--", sentence]
    if spd_say := which("spd-say"):
        rate = max(-100, min(100, round((rate_wpm - 180) / 1.8)))
        return [spd_say, "-w", "-l", language, "-r", str(rate), "--", sentence]
    return None


class Voice:
    """One voice, one sentence at a time."""

    def __init__(
        self,
        *,
        rate_wpm: int = WORDS_PER_MINUTE,
        language: str = "en",
        spawn: Spawn = _spawn,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._rate_wpm = rate_wpm
        self._language = language
        self._spawn = spawn
        self._longest_s = longest_s
        self._speaking: subprocess.Popen[bytes] | None = None
        self._limit: threading.Timer | None = None
        self.why = ""
        if speaker_command("", rate_wpm=rate_wpm) is None:
            self.why = (
                "No voice was found (on Linux: install espeak-ng): sentences are shown, tones are played."
            )

    def say(self, sentence: str) -> None:
        """Speak now and return at once; whatever is being said is cut off."""
        self.hush()
        command = speaker_command(sentence, rate_wpm=self._rate_wpm, language=self._language)
        if command is None or self.why:
            return
        try:
            self._speaking = self._spawn(command)
        except OSError as error:
            self.why = f"The system's voice cannot be started ({error.strerror}): sentences are shown only."
            return
        self._limit = threading.Timer(self._longest_s, self._speaking.kill)
        self._limit.daemon = True
        self._limit.start()

    def hush(self) -> None:
        """Stop speaking and leave no process behind."""
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        if self._speaking is not None:
            if self._speaking.poll() is None:
                self._speaking.kill()
            self._speaking.wait()
            self._speaking = None
