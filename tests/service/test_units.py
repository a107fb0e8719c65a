"""The files for systemd and launchd in docs/service.md are read by those who will read them."""

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "service.md"
SYSTEMD = shutil.which("systemd-analyze")


def _quoted(first: str) -> str:
    """The block of the page that begins with `first`."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().startswith(first))
    block = []
    for line in lines[start:]:
        if line and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block)


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = _quoted("[Unit]")
    assert "%h/.local/bin/breathsync serve" in text
    unit = tmp_path / "breathsync.service"
    unit.write_text(text.replace("%h/.local/bin/breathsync", sys.executable))
    done = subprocess.run(
        [str(SYSTEMD), "--user", "verify", str(unit)],
        capture_output=True, text=True, check=False, timeout=60, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    if "Failed to initialize manager" in done.stderr:
        pytest.skip(f"systemd-analyze cannot run here: {done.stderr.strip()}")
    assert "breathsync" not in done.stderr
    assert done.returncode == 0, done.stderr


def test_the_agent_for_launchd_is_a_property_list() -> None:
    agent = plistlib.loads(_quoted("<?xml").encode())
    assert agent["ProgramArguments"][1:] == ["serve"]
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["Label"] == "org.breathsync.service"
