"""A private D-Bus: a `dbus-daemon` of one's own, at an address of one's own, with nothing else on it."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from breathsync.errors import BreathsyncError

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_incoming_bytes">100000000</limit>
  <limit name="max_outgoing_bytes">100000000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""

START_LIMIT_S = 10.0


def missing() -> str:
    """Why there can be no private D-Bus here, or an empty text."""
    return "" if shutil.which("dbus-daemon") else "dbus-daemon is not installed (Debian package dbus-daemon)"


class PrivateBus:
    """`async with PrivateBus() as bus`: `bus.address` is there until the block ends."""

    def __init__(self) -> None:
        self.address = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._daemon: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "PrivateBus":
        """Start the daemon and wait until it listens. Raises BreathsyncError where it cannot."""
        if reason := missing():
            raise BreathsyncError(
                f"A simulated Bluetooth needs a private D-Bus: {reason}.",
                advice="Install it, or carry the strap over Bumble with --tcp PORT.",
            )
        self._folder = tempfile.TemporaryDirectory(prefix="breathsync-air-")
        socket = Path(self._folder.name) / "bus"
        config = Path(self._folder.name) / "bus.conf"
        config.write_text(_CONFIG.format(socket=socket))
        self._daemon = await asyncio.create_subprocess_exec(
            "dbus-daemon",
            f"--config-file={config}",
            "--nofork",
            "--nopidfile",
            "--print-address",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C belongs to us: we tell the straps first, then end the bus
        )
        assert self._daemon.stdout is not None
        try:
            async with asyncio.timeout(START_LIMIT_S):
                printed = (await self._daemon.stdout.readline()).decode().strip()
        except TimeoutError:
            printed = ""
        if not printed:
            await self.close()
            raise BreathsyncError("The private D-Bus did not start.", advice="Try `dbus-daemon --version`.")
        self.address = f"unix:path={socket}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the daemon and take its folder away."""
        await self.close()

    async def close(self) -> None:
        """End the daemon. Safe to call twice."""
        if self._daemon and self._daemon.returncode is None:
            self._daemon.terminate()
            await self._daemon.wait()
        if self._folder:
            self._folder.cleanup()
            self._folder = None
