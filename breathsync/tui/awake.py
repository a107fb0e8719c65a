"""Keeps the display awake during a session, where the system allows it. Nothing depends on it."""

import os
import shutil
import subprocess
import sys

_WINDOWS_KEEP = 0x80000000 | 0x00000002
"""ES_CONTINUOUS | ES_DISPLAY_REQUIRED of SetThreadExecutionState (Windows API, winbase.h)."""
_WINDOWS_RELEASE = 0x80000000


class Awake:
    """Between `hold` and `release` the display does not sleep. A helper of the system's own does it."""

    def __init__(self) -> None:
        self._helper: subprocess.Popen[bytes] | None = None

    @staticmethod
    def command() -> list[str] | None:
        """The system's helper, which ends with this process; None where there is none."""
        pid = str(os.getpid())
        if sys.platform == "darwin" and shutil.which("caffeinate"):
            return ["caffeinate", "-d", "-w", pid]
        if sys.platform == "linux" and shutil.which("systemd-inhibit") and shutil.which("tail"):
            why = ["--what=idle", "--who=breathsync", "--why=a session is running"]
            return ["systemd-inhibit", *why, "tail", f"--pid={pid}", "-f", os.devnull]
        return None

    def hold(self) -> None:
        """Keep the display awake from now on."""
        if sys.platform == "win32":
            _windows(_WINDOWS_KEEP)
            return
        command = self.command()
        if command and self._helper is None:
            try:
                self._helper = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError:
                self._helper = None

    def release(self) -> None:
        """Let it sleep again."""
        if sys.platform == "win32":
            _windows(_WINDOWS_RELEASE)
        if self._helper is not None:
            self._helper.terminate()
            self._helper.wait()
            self._helper = None


def _windows(state: int) -> None:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  only there

        ctypes.windll.kernel32.SetThreadExecutionState(state)
