"""The app in a terminal of its own: leaving, closed windows and slow lines lose nothing."""

import asyncio
import contextlib
import os
import queue
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from breathsync.cli.terminal import has_terminal
from breathsync.guide.events import EndKind, Said, Word
from breathsync.logbook.history import Listed
from breathsync.logbook.store import Logbook
from breathsync.samples import Stream
from breathsync.tui.awake import Awake
from breathsync.tui.run import _when_hung_up

pty = pytest.importorskip("pty", reason="no pseudo terminals here")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")

CODE = (
    "from breathsync.plan import Plan; from breathsync.tui.run import run_house; "
    "from breathsync.tui.house import OwnHouse; from breathsync.tui.prefs import Prefs; h = OwnHouse(); "
    "h.prefs = Prefs(sound='silent'); "
    "run_house(h, plan=Plan(routine='breath-only', source='sim:steady@belt', check_in=False))"
)
BIG_LETTERS = "█".encode()
LEAVE = b"\x03"


class Terminal:
    """A session in a pseudo terminal of 80x24, or another `command` that starts one."""

    def __init__(self, folder: Path, command: Sequence[str] = (sys.executable, "-c", CODE)) -> None:
        self.folder = folder
        self.end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color", "BREATHSYNC_LOGBOOK": str(folder)},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)

    def read(self, seconds: float, *, bytes_per_s: float = 0.0, until: bytes = b"\0never") -> bytes:
        """Read for a while, slowly where asked, or until something was written."""
        got, stop = b"", time.monotonic() + seconds
        with contextlib.suppress(OSError):  # the last user of the terminal closes it
            while time.monotonic() < stop and until not in got:
                if select.select([self.end], [], [], 0.05)[0]:
                    piece = os.read(self.end, 512 if bytes_per_s else 65536)
                    got += piece
                    if bytes_per_s:
                        time.sleep(len(piece) / bytes_per_s)
        return got

    def until_recorded(self) -> None:
        """Wait until the sensor streams into the logbook."""
        for _ in range(300):
            self.read(0.1)
            if (self.folder / "logbook.db").exists():
                self.read(3.0)
                return
        raise TimeoutError("nothing was recorded")

    def wait(self) -> int:
        """Read until the program has ended."""
        stop = time.monotonic() + 20
        while self.process.poll() is None:
            if time.monotonic() > stop:
                raise TimeoutError("it did not end")
            self.read(0.1)
            time.sleep(0.01)
        return self.process.returncode


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    one = Terminal(tmp_path / "log")
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()
        with contextlib.suppress(OSError):
            os.close(one.end)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Terminal]:
    """A session started from a shell with job control."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here: nothing to suspend to")
    script = tmp_path / "session.py"
    script.write_text(CODE.replace("sim:steady@belt", "sim:you"))  # nobody there who says go on
    one = Terminal(tmp_path / "log", [bash, "--norc", "--noprofile", "-i"])
    os.write(one.end, f"{sys.executable} {script}\n".encode())
    try:
        yield one
    finally:
        with contextlib.suppress(OSError):
            os.close(one.end)  # hangs up: the shell passes it on to its jobs
        one.process.wait(timeout=20)


def recorded(folder: Path) -> Listed:
    with contextlib.closing(Logbook(folder)) as logbook:
        (listed,) = logbook.sessions()
        return listed


def test_ctrl_c_restores_the_terminal_and_saves_as_stopped(terminal: Terminal) -> None:
    assert BIG_LETTERS in terminal.read(20, until=BIG_LETTERS)
    terminal.until_recorded()
    os.write(terminal.end, LEAVE)
    left = terminal.read(10, until=b"\x1b[?1049l")
    assert b"\x1b[?1049l" in left, "the alternate screen was not left"
    assert terminal.wait() == 0
    ended = recorded(terminal.folder).ended
    assert ended is not None
    assert ended.how is EndKind.STOPPED


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_saves_as_stopped(terminal: Terminal, name: str) -> None:
    terminal.until_recorded()
    if name == "SIGHUP":
        os.close(terminal.end)
        terminal.process.wait(timeout=20)
    else:
        terminal.process.send_signal(getattr(signal, name))
        terminal.wait()
    ended = recorded(terminal.folder).ended
    assert ended is not None
    assert ended.how is EndKind.STOPPED


def test_ctrl_z_pauses_and_gives_the_shell_back_and_fg_goes_on(shell: Terminal) -> None:
    shell.until_recorded()
    os.write(shell.end, b"\x1a")
    left = shell.read(20, until=b"Stopped")
    assert b"\x1b[?1049l" in left, "the alternate screen was not left"
    assert b"Stopped" in left
    os.write(shell.end, b"echo cooked; sleep 4; fg; echo left with $?\n")
    # paused; or lost, where it was seen that nothing came meanwhile
    back = shell.read(20, until=b"Space goes on")
    assert b"\rcooked\r\n" in back, "the shell's terminal was not whole"
    assert b"\x1b[?1049h" in back
    assert b"Space goes on" in back
    shell.read(2.0)
    os.write(shell.end, b" ")
    assert b"breathe as usual:" in shell.read(10, until=b"breathe as usual:")
    shell.read(4.0)
    os.write(shell.end, LEAVE)
    assert b"left with 0" in shell.read(20, until=b"left with 0")
    with contextlib.closing(Logbook(shell.folder)) as logbook:
        (listed,) = logbook.sessions()
        log = logbook.find("last")
        words = [(said.word, said.t_s) for said in log.records(Said)]
        (span,) = (span for span in log.streams() if span.stream is Stream.FORCE)
    assert [word for word, _ in words[:2]] == [Word.PAUSE, Word.GO_ON]
    assert words[1][1] - words[0][1] > 4.0
    assert span.last_s > words[1][1] + 2.0, "the stream did not go on"
    assert listed.ended is not None
    assert listed.ended.how is EndKind.STOPPED


def test_a_terminal_closed_over_a_suspended_session_saves_it(shell: Terminal) -> None:
    shell.until_recorded()
    os.write(shell.end, b"\x1a")
    assert b"Stopped" in shell.read(20, until=b"Stopped")
    os.close(shell.end)
    shell.process.wait(timeout=20)
    stop = time.monotonic() + 20
    while (ended := recorded(shell.folder).ended) is None and time.monotonic() < stop:
        time.sleep(0.1)
    assert ended is not None
    assert ended.how is EndKind.STOPPED


def test_a_session_halted_from_outside_goes_on_and_can_be_left(terminal: Terminal) -> None:
    terminal.until_recorded()
    terminal.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
    terminal.process.send_signal(signal.SIGCONT)
    assert b"\x1b[?1049h" in terminal.read(20, until=b"\x1b[?1049h"), "it did not begin anew on the terminal"
    os.write(terminal.end, LEAVE)
    assert terminal.wait() == 0
    ended = recorded(terminal.folder).ended
    assert ended is not None
    assert ended.how is EndKind.STOPPED


async def test_a_closed_terminal_is_left_and_never_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGCONT)}
    left, full = asyncio.Event(), queue.Queue[str](1)
    full.put("the writer is gone, nobody takes this")
    driver = SimpleNamespace(_writer_thread=SimpleNamespace(_queue=full))
    app: Any = SimpleNamespace(action_leave=left.set, _driver=driver)
    begun_anew: list[int] = []
    signal.signal(signal.SIGCONT, lambda number, _: begun_anew.append(number))
    try:
        _when_hung_up(app, asyncio.get_running_loop())
        for number in (signal.SIGHUP, signal.SIGCONT):  # as the system does it
            os.kill(os.getpid(), number)
        await asyncio.wait_for(left.wait(), 10)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert not begun_anew
    full.put("waits for nobody", timeout=1)


def test_g14_a_lone_escape_is_stop_and_an_arrow_key_is_not(terminal: Terminal) -> None:
    terminal.until_recorded()
    os.write(terminal.end, b"\x1b[A\x1bOC\x1b[1;2B")
    assert b"Stopped" not in terminal.read(2.0, until=b"Stopped")
    os.write(terminal.end, b"\x1b")
    assert b"Stopped" in terminal.read(10, until=b"Stopped")
    os.write(terminal.end, b"\r")
    assert terminal.wait() == 0
    with contextlib.closing(Logbook(terminal.folder)) as logbook:
        words = [said.word for said in logbook.find("last").records(Said)]
    assert words == [Word.STOP]


def test_another_size_in_the_middle_of_a_session_is_drawn(terminal: Terminal) -> None:
    terminal.until_recorded()
    for columns, rows in ((120, 40), (60, 18)):
        fcntl.ioctl(terminal.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        last_row = f"\x1b[{rows};1H".encode()
        assert last_row in terminal.read(10, until=last_row), f"{columns}x{rows}"
    os.write(terminal.end, LEAVE)
    assert terminal.wait() == 0


def test_a_slow_line_delays_the_picture_not_the_session(terminal: Terminal) -> None:
    terminal.until_recorded()
    terminal.read(8.0, bytes_per_s=5000)
    os.write(terminal.end, LEAVE)
    terminal.wait()
    with contextlib.closing(Logbook(terminal.folder)) as logbook:
        log = logbook.find("last")
        (span,) = (span for span in log.streams() if span.stream is Stream.FORCE)
        assert span.last_s > 8.0
        assert span.rate_hz == pytest.approx(10.0, rel=0.05)


def test_no_terminal_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_terminal()  # pytest captures stdout
    monkeypatch.setattr(sys, "stdin", None)
    assert not has_terminal()


def test_keeping_awake_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Awake, "command", staticmethod(lambda: ["no-such-helper-here"]))
    awake = Awake()
    awake.hold()
    awake.release()
    monkeypatch.setattr(Awake, "command", staticmethod(lambda: [sys.executable, "-c", "input()"]))
    awake.hold()
    awake.release()
