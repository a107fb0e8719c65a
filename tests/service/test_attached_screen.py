"""`session --attach` on the screen, in a pseudo terminal: it shows the service's session, and leaves it running."""

import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("websockets", reason="the extra `service` is not installed")
pty = pytest.importorskip("pty", reason="no pseudo terminals here")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")

COMMAND = [sys.executable, "-m", "breathsync"]
PORT_LINE = "ws://127.0.0.1:"
WITHIN_S = 30
SAVED = b"Stopped, and saved."
TRACE = b"20 s"  # its axis; there is no trace before the service has shown its session
CTRL_C, ESCAPE = b"\x03", b"\x1b"


class Screen:
    """The screen attached to the service at `port`."""

    def __init__(self, port: str) -> None:
        self.end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, "session", "--attach", "--sound", "silent", "--port", port],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(theirs)

    def until(self, wanted: bytes) -> bytes:
        got, stop = b"", time.monotonic() + WITHIN_S
        while wanted not in got:
            assert time.monotonic() < stop, got[-2000:]
            if select.select([self.end], [], [], 0.1)[0]:
                got += os.read(self.end, 65536)
        return got

    def leave(self, key: bytes) -> int:
        os.write(self.end, key)
        stop = time.monotonic() + WITHIN_S
        while self.process.poll() is None:
            assert time.monotonic() < stop, "it did not end"
            if select.select([self.end], [], [], 0.1)[0]:
                try:
                    os.read(self.end, 65536)
                except OSError:
                    break
        os.close(self.end)
        return self.process.wait(WITHIN_S)


@pytest.fixture
def service() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [*COMMAND, "serve", "first-time", "--source", "sim:steady@belt", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        yield process, process.stderr.readline().split(PORT_LINE)[1].split(";")[0]
        process.terminate()


def test_the_screen_shows_the_session_and_leaving_leaves_it_running(
    service: tuple["subprocess.Popen[str]", str],
) -> None:
    process, port = service
    first = Screen(port)
    first.until(TRACE)
    assert first.leave(CTRL_C) == 0
    assert process.poll() is None, "the session must go on"
    second = Screen(port)
    second.until(TRACE)
    os.write(second.end, ESCAPE)  # STOP; nobody is in a twist yet, so it ends at once
    second.until(SAVED)
    assert second.leave(CTRL_C) == 0
    assert process.wait(WITHIN_S) == 0


@pytest.mark.parametrize("how", ["terminal closed", "killed"])
def test_the_session_outlives_its_terminal(service: tuple["subprocess.Popen[str]", str], how: str) -> None:
    process, port = service
    first = Screen(port)
    first.until(TRACE)
    if how == "killed":
        first.process.kill()
        os.close(first.end)
    else:
        os.close(first.end)
        first.process.send_signal(signal.SIGHUP)  # as the system does to whom the terminal belonged
    first.process.wait(WITHIN_S)
    assert process.poll() is None, "the session must go on"
    second = Screen(port)
    second.until(TRACE)
    assert second.leave(CTRL_C) == 0
