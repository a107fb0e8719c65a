"""`session --attach`: another process's session, seen and steered from here."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from breathsync_simulators.wearers import open_wearer

pytest.importorskip("websockets", reason="the extra `service` is not installed")

from breathsync.conductor import Conductor
from breathsync.errors import DecodeError
from breathsync.guide.guide import Guide
from breathsync.outcome import Outcome, View
from breathsync.routine_files import load_routine
from breathsync.samples import SensorChange, SensorState
from breathsync.service.attached import AttachedTrace
from breathsync.service.decode import parse_message
from breathsync.service.messages import WholeView, encode, event
from breathsync.service.trace_sent import KEPT_S, TraceSent
from breathsync.settings import Settings

COMMAND = [sys.executable, "-m", "breathsync"]
WITHIN_S = 60
PORT_LINE = "ws://127.0.0.1:"


def _play(seconds: float) -> tuple[Conductor, list[tuple[Outcome, View]]]:
    """A session with a simulated person: the conductor after it, and every outcome with its view."""
    wearer = open_wearer("steady", "belt", seed=3)
    routine, settings = load_routine("first-time"), Settings()
    guide = Guide(routine=routine, settings=settings, info=wearer.info, screening=False, comfort=False)
    conductor = Conductor(info=wearer.info, routine=routine, settings=settings, guide=guide)
    seen: list[tuple[Outcome, View]] = []

    def put(item: object) -> None:
        for outcome in conductor.put(item):  # type: ignore[arg-type]
            seen.append((outcome, conductor.view))
            wearer.hear(outcome, conductor.view)

    put(SensorChange(t_s=0.0, state=SensorState.STREAMING))
    for block in range(1, int(seconds / 0.5)):
        for samples in wearer.until(block * 0.5):
            put(samples)
        for word in wearer.said():
            put(word)
    return conductor, seen


def test_every_outcome_and_view_of_a_session_comes_back_as_it_was() -> None:
    _, seen = _play(420.0)
    assert len({type(outcome) for outcome, _ in seen}) >= 9
    for outcome, view in seen:
        assert parse_message(event(outcome)) == outcome
        assert parse_message(encode(WholeView(view=view))) == WholeView(view=view)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"type": "gate"}', '{"type": "verdict"}', '{"type": 3}'])
def test_what_is_no_message_is_said_to_be_none(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_message(text)


def test_the_trace_arrives_whole_in_pieces_and_after_its_zero_moved() -> None:
    conductor, _ = _play(60.0)
    trace = conductor.follower.trace
    sent, got = TraceSent(), AttachedTrace()
    got.take(sent.piece(trace.window(KEPT_S)))
    t_s = trace.window(1.0).t_s[-1]
    rows = np.arange(1, 20) / 25.0
    trace.append(t_s + rows, rows, rows * 0, conductor.view.live.phase)
    piece = sent.piece(trace.window(KEPT_S))
    assert len(piece.t_s) == len(rows)
    got.take(piece)
    trace.shift(3.0)
    piece = sent.piece(trace.window(KEPT_S))
    assert piece.anew
    got.take(piece)
    assert np.allclose(got.window(20).level, trace.window(20).level)
    assert np.allclose(got.t_s, trace.window(KEPT_S).t_s, atol=1e-3)


@pytest.fixture
def served() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`breathsync serve` in a process of its own, and its port."""
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        port = _read_until(process.stderr, PORT_LINE).split(PORT_LINE)[1].split(";")[0]
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def _read_until(lines: IO[str], wanted: str) -> str:
    for line in lines:
        if wanted in line:
            return line
    raise AssertionError(f"{wanted!r} was never said")


def _attach(port: str, *words: str) -> "subprocess.Popen[str]":
    command = [*COMMAND, "session", *words, "--attach", "--plain", "--sound", "silent", "--port", port]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_session_outlives_its_window_and_is_stopped_from_the_next(
    served: tuple["subprocess.Popen[str]", str],
) -> None:
    _, port = served
    first = _attach(port, "first-time", "--source", "sim:steady@belt", "--no-check-in")
    assert first.stdout is not None
    _read_until(first.stdout, "USUAL")
    first.send_signal(signal.SIGHUP)
    _, said = first.communicate(timeout=WITHIN_S)
    assert first.returncode == 130
    assert "goes on" in said
    second = _attach(port)
    assert second.stdin is not None
    assert second.stdout is not None
    _read_until(second.stdout, "Attached.")
    second.stdin.write("nonsense\nstop\nstop\n")
    second.stdin.flush()
    told, said = second.communicate(timeout=WITHIN_S)
    assert second.returncode == 0, said
    assert "Session stopped." in told
    assert "Not understood" in said
    logbook = subprocess.run(
        [*COMMAND, "log", "list"], capture_output=True, text=True, timeout=WITHIN_S, check=True
    )
    assert logbook.stdout.count("stopped") == 1


def test_a_whole_session_is_told_to_whoever_is_attached(
    served: tuple["subprocess.Popen[str]", str],
) -> None:
    told, said = _attach(
        served[1], "first-time", "--source", "sim:steady@belt", "--speed", "100", "--seed", "3"
    ).communicate(timeout=WITHIN_S)
    assert "Session finished." in told, said
    assert "SIMULATED" in told.splitlines()[-1]
    lines = told.splitlines()
    passed = [i for i, line in enumerate(lines) if "Point" in line and " passed, " in line]
    assert passed
    assert all("Full breath." in lines[i - 1] for i in passed)


def test_without_a_service_it_is_said_how_to_get_one(served: tuple["subprocess.Popen[str]", str]) -> None:
    process, port = served
    told = _attach(port)
    _, said = told.communicate(timeout=WITHIN_S)
    assert told.returncode == 2
    assert "No session is running" in said
    process.terminate()
    process.wait(WITHIN_S)
    told = _attach(port)
    _, said = told.communicate(timeout=WITHIN_S)
    assert told.returncode == 1
    assert "breathsync serve" in said


def test_a_service_that_dies_is_not_taken_for_an_end(served: tuple["subprocess.Popen[str]", str]) -> None:
    process, port = served
    told = _attach(port, "first-time", "--source", "sim:steady@belt", "--no-check-in")
    assert told.stdout is not None
    _read_until(told.stdout, "USUAL")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(WITHIN_S)
    _, said = told.communicate(timeout=WITHIN_S)
    assert told.returncode == 1
    assert "gone" in said
    assert "Traceback" not in said


def test_two_services_keep_their_tokens_apart(
    served: tuple["subprocess.Popen[str]", str], tmp_path: Path
) -> None:
    _, first = served
    other = subprocess.Popen([*COMMAND, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert other.stderr is not None
    second = _read_until(other.stderr, PORT_LINE).split(PORT_LINE)[1].split(";")[0]
    kept = {path.name for path in (tmp_path / "logbook").glob("service-token*")}
    assert kept == {f"service-token-{first}", f"service-token-{second}"}
    for port in (first, second):
        told = _attach(port)
        _, said = told.communicate(timeout=WITHIN_S)
        assert "No session is running" in said
    other.terminate()
    other.communicate(timeout=WITHIN_S)
    assert not (tmp_path / "logbook" / f"service-token-{second}").exists(), (
        "a token nobody listens to is litter"
    )
