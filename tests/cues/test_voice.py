"""The voice: one sentence at a time, never a shell, never a hang."""

import subprocess
from collections.abc import Sequence

import pytest

from breathsync.cues.voice import Voice, speaker_command

AWKWARD = 'it\'s "yours"; $(rm -rf) -x'


class _Speaker:
    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.killed = False
        self.waited = False

    def poll(self) -> int | None:
        return -9 if self.killed else None

    def kill(self) -> None:
        self.killed = True

    def wait(self) -> int:
        self.waited = True
        return -9


@pytest.mark.parametrize("platform", ["darwin", "linux"])
def test_the_sentence_is_one_argument_as_it_stands(platform: str) -> None:
    command = speaker_command(AWKWARD, platform=platform, which=lambda name: f"/usr/bin/{name}")
    assert command is not None
    assert command[-2:] == ["--", AWKWARD]


def test_windows_quotes_are_doubled() -> None:
    command = speaker_command("it's time", platform="win32")
    assert command is not None
    assert "'it''s time'" in command[-1]


def test_linux_without_any_voice_has_no_command() -> None:
    assert speaker_command("hello", platform="linux", which=lambda name: None) is None


def test_linux_falls_back_to_spd_say() -> None:
    command = speaker_command(
        "hello", platform="linux", which=lambda name: name if name == "spd-say" else None
    )
    assert command is not None
    assert command[0] == "spd-say"


@pytest.fixture
def _any_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("breathsync.cues.voice.speaker_command", lambda sentence, **_: ["speak", sentence])


@pytest.mark.usefixtures("_any_voice")
def test_the_newest_sentence_wins() -> None:
    spoken: list[_Speaker] = []

    def spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
        spoken.append(_Speaker(command))
        return spoken[-1]  # type: ignore[return-value]

    voice = Voice(spawn=spawn)
    voice.say("one")
    voice.say("two")
    assert [s.command[-1] for s in spoken] == ["one", "two"]
    assert [s.killed for s in spoken] == [True, False]
    voice.hush()
    assert all(s.killed and s.waited for s in spoken)


@pytest.mark.usefixtures("_any_voice")
def test_a_voice_that_cannot_start_is_said_once_and_not_tried_again() -> None:
    tries = 0

    def spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
        nonlocal tries
        tries += 1
        raise OSError(2, "No such file")

    voice = Voice(spawn=spawn)
    voice.say("one")
    voice.say("two")
    assert tries == 1
    assert "cannot be started" in voice.why
