"""How much the screen costs, and how soon it answers.

    python -m tests.benchmarks.screen [--seconds 20]

Runs the app in a terminal of its own (a pty, Linux and macOS), with a simulated H10 at the speed of life, and prints
a table: time to the first frame, share of a core with detection included, memory, bytes to the terminal, from the
arrival of a frame of samples to its paint, from a key to its effect: `?` opens and closes help; space (the word "go
on") reaches the session, which writes it down and sounds its tone, leaves a pause and paints the next screen; ESC
(STOP), a single time. A frame of the H10 holds 36 samples, so the oldest of them is 180 ms older than its arrival.

Prints the machine's load first: on a busy machine the figures are its own. Where one may, `chrt -r 5 python -m
tests.benchmarks.screen` measures the program and not its neighbours.
"""

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import suppress
from pathlib import Path

SIZES = ((80, 24), (120, 40))
SETTLE_S = 8.0
KEYS = 30
CHILD = "tests.benchmarks.screen_child"
FIRST_FRAME = "█".encode()  # the big letters
HELP_ON, HELP_OFF = b"Space or ? closes this", b"ESC STOP"
PAUSED, GOES_ON = b"Paused.", b"breathe as usual:"
STOPPED = b"Stopped, and saved"


def start(size: tuple[int, int], out: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The app in a fresh pty. Returns the process and the terminal's end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    environment = os.environ | {
        "TERM": "xterm-256color", "COLORTERM": "truecolor", "BREATHSYNC_LOGBOOK": str(folder / "log"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", CHILD, str(out)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
        start_new_session=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def read_until(terminal: int, wanted: bytes, *, timeout_s: float) -> tuple[float, bytes]:
    """Read until `wanted` was written; how long it took (s), and what was read."""
    begin, got = time.perf_counter(), b""
    while time.perf_counter() - begin < timeout_s:
        if select.select([terminal], [], [], 0.01)[0]:
            got += os.read(terminal, 65536)
            if wanted in got:
                return time.perf_counter() - begin, got
    raise TimeoutError(f"{wanted!r} was not written within {timeout_s} s")


def read_for(terminal: int, seconds: float) -> int:
    """Read for a while; how many bytes came."""
    end, count = time.perf_counter() + seconds, 0
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], min(left, 0.1))[0]:
            count += len(os.read(terminal, 65536))
    return count


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def measure(size: tuple[int, int], *, seconds: float) -> dict[str, float]:
    """One run at one size."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "child.json"
        process, terminal = start(size, out, Path(folder))
        try:
            first_s, _ = read_until(terminal, FIRST_FRAME, timeout_s=20)
            read_for(terminal, SETTLE_S)
            before, begin_s = cpu_s(process.pid), time.perf_counter()
            written = read_for(terminal, seconds)
            share = (cpu_s(process.pid) - before) / seconds
            memory = memory_mb(process.pid)
            keys, words, said = [], [], []
            for _ in range(KEYS):
                for wanted in (HELP_ON, HELP_OFF):
                    os.write(terminal, b"?")
                    keys.append(read_until(terminal, wanted, timeout_s=5)[0])
                    read_for(terminal, 0.1)
            for _ in range(KEYS):
                for key, wanted in ((b"p", PAUSED), (b" ", GOES_ON)):
                    said.append(time.perf_counter())
                    os.write(terminal, key)
                    words.append(read_until(terminal, wanted, timeout_s=5)[0])
                    read_for(terminal, 0.1)
            pressed_s = time.perf_counter()
            os.write(terminal, b"\x1b")
            stop_s, _ = read_until(terminal, STOPPED, timeout_s=5)
            process.send_signal(signal.SIGTERM)
            with suppress(OSError):  # the terminal is closed by its last user
                while process.poll() is None:
                    read_for(terminal, 0.1)
            process.wait(timeout=20)
        finally:
            process.kill()
            os.close(terminal)
        child = json.loads(out.read_text())
    keys.sort()
    words.sort()
    paints = [at for at in child["paints_at_s"] if begin_s < at < begin_s + seconds]
    waits = sorted(wait for at, wait in child["waits_s"] if begin_s < at < begin_s + seconds)
    acted = sorted(at - pressed for pressed, at in zip(said, child["words_at_s"], strict=False))
    return {
        "first frame, s": first_s,
        "core, %": 100 * share,
        "memory, MB": memory,
        "terminal, kB/s": written / seconds / 1000,
        "frames a second": len(paints) / seconds,
        "sample to paint p50, ms": 1000 * waits[len(waits) // 2],
        "sample to paint p95, ms": 1000 * waits[int(0.95 * len(waits))],
        "help to paint p50, ms": 1000 * keys[len(keys) // 2],
        "help to paint p95, ms": 1000 * keys[int(0.95 * len(keys))],
        "key to word p50, ms": 1000 * acted[len(acted) // 2],
        "key to word p95, ms": 1000 * acted[int(0.95 * len(acted))],
        "word to paint p50, ms": 1000 * words[len(words) // 2],
        "word to paint p95, ms": 1000 * words[int(0.95 * len(words))],
        "ESC to word, ms": 1000 * (child["words_at_s"][len(said)] - pressed_s),
        "ESC to paint, ms": 1000 * stop_s,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    print("load average: " + " ".join(f"{load:.2f}" for load in os.getloadavg()))
    results = {size: measure(size, seconds=seconds) for size in SIZES}
    print(f"{'':<26}" + "".join(f"{f'{w}x{h}':>10}" for w, h in results))
    for name in next(iter(results.values())):
        print(f"{name:<26}" + "".join(f"{result[name]:>10.2f}" for result in results.values()))


if __name__ == "__main__":
    main()
