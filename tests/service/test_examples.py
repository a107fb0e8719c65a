"""The example clients, as people run them, each hearing a whole session."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("websockets", reason="the extra `service` is not installed")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NODE = shutil.which("node")
WITHIN_S = 60
PORT_LINE = "ws://127.0.0.1:"


def _node() -> list[str]:
    if NODE is None:
        pytest.skip("node is not installed")
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(version.lstrip("v").split(".")[0])
    if major < 20:
        pytest.skip(f"node {version.strip()} has no WebSocket of its own")
    flag = ["--experimental-websocket"] if major < 22 else []
    return [NODE, "--no-warnings", *flag, str(EXAMPLES / "breaths.mjs")]


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_an_example_client_hears_a_whole_session(language: str, tmp_path: Path) -> None:
    client = [sys.executable, str(EXAMPLES / "breaths.py")] if language == "python" else _node()
    serve = [sys.executable, "-m", "breathsync", "serve", "--port", "0"]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        told_where = service.stderr.readline()
        port = told_where.split(PORT_LINE)[1].split(";")[0]
        token = Path(told_where.split("token is in ")[1].strip())
        try:
            told = subprocess.Popen(
                [*client, str(token), port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            assert told.stdout is not None
            assert "runs: " in told.stdout.readline()
            _start_a_session(token.read_text(), port)
            out, said = told.communicate(timeout=WITHIN_S)
        finally:
            service.terminate()
    assert told.returncode == 0, said
    assert "gate opened" in out
    assert out.splitlines()[-1] == "session finished"
    assert sum(line.endswith(" N") for line in out.splitlines()) > 20


def _start_a_session(token: str, port: str) -> None:
    from websockets.sync.client import connect

    with connect(
        f"ws://127.0.0.1:{port}", additional_headers={"Authorization": f"Bearer {token}"}, proxy=None
    ) as service:
        service.send(
            '{"type": "start", "routine": "first-time", "source": "sim:steady@belt", "speed": 150, "seed": 3}'
        )
        while '"started"' not in service.recv(timeout=WITHIN_S):
            pass


def test_javascript_with_a_wrong_token_is_not_let_in(tmp_path: Path) -> None:
    client = _node()
    wrong = tmp_path / "token"
    wrong.write_text("wrong")
    serve = [sys.executable, "-m", "breathsync", "serve", "--port", "0"]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        port = service.stderr.readline().split(PORT_LINE)[1].split(";")[0]
        done = subprocess.run(
            [*client, str(wrong), port], capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
        service.terminate()
    assert done.returncode == 1
    assert "does not know the token" in done.stderr
