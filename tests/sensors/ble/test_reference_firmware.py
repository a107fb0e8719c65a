"""The reference firmware's packets against our decoder, made by CPython and by MicroPython.

MicroPython is the `micropython` on the PATH, or beside the Python that runs the tests (the `test` extra puts one there
on Linux); where there is none, those tests are skipped and say so.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from breathsync.sensors.ble.profiles.nordic_uart import UartFrame, crc8
from breathsync.sensors.ble.profiles.open_strap import (
    Capabilities,
    Command,
    ControlAnswer,
    DataFrame,
    Kind,
    Op,
    Status,
)

ROOT = Path(__file__).parents[3]
FIRMWARE = ROOT / "firmware-notes" / "reference"
COMPILE = """
for name in ("packets", "mpu6050", "stretch", "main", "selftest"):
    with open(name + ".py") as file:
        compile(file.read(), name, "exec")
print("compiled by " + sys.implementation.name)
"""


def _run(interpreter, code):
    command = [interpreter, "-c", "import sys\n" + code]
    return subprocess.run(
        command, cwd=FIRMWARE, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def cpython(code):
    return _run(sys.executable, code)


def micropython(code):
    binary = shutil.which("micropython") or shutil.which("micropython", path=sysconfig.get_path("scripts"))
    if not binary:
        pytest.skip("no micropython on the PATH or beside this Python")
    return _run(binary, code)


@pytest.fixture(scope="module", params=[cpython, micropython], ids=["cpython", "micropython"])
def lines(request):
    printed = request.param("import selftest").splitlines()
    return [(name, bytes.fromhex(data)) for name, data in (line.split(": ") for line in printed)]


def of(lines, name):
    return next(data for found, data in lines if found == name)


def test_the_capabilities_are_read(lines):
    found = Capabilities.from_bytes(of(lines, "capabilities"))
    assert [stream.kind for stream in found.streams] == list(Kind)
    assert found.streams[0].scale == 1000 / 16384
    assert found.streams[0].periods_us == (10_000, 20_000)
    assert found.feels_skin
    assert found.to_bytes() == of(lines, "capabilities")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("start acceleration", ControlAnswer(op=Op.START, kind=1, status=Status.OK, period_us=20_000)),
        ("start stretch", ControlAnswer(op=Op.START, kind=4, status=Status.OK, period_us=50_000)),
        ("start temperature", ControlAnswer(op=Op.START, kind=9, status=Status.NO_SUCH_STREAM)),
        ("start at a wrong period", ControlAnswer(op=Op.START, kind=1, status=Status.PERIOD_NOT_OFFERED)),
        ("nonsense", ControlAnswer(op=7, kind=1, status=Status.UNKNOWN_COMMAND)),
        ("stop gyroscope", ControlAnswer(op=Op.STOP, kind=2, status=Status.OK)),
        ("stop all", ControlAnswer(op=Op.STOP, kind=0, status=Status.OK)),
    ],
)
def test_the_answers_are_read(lines, name, answer):
    assert ControlAnswer.from_bytes(of(lines, name)) == answer


def test_our_commands_are_the_ones_the_firmware_was_given():
    assert Command(op=Op.START, kind=1, period_us=20_000).to_bytes().hex() == "0101204e0000"
    assert Command(op=Op.STOP, kind=2).to_bytes().hex() == "0202"


def test_the_frames_hold_every_sample_once_and_in_order(lines):
    frames = [DataFrame.from_bytes(data) for name, data in lines if name == "frame"]
    assert {frame.kind for frame in frames} == {Kind.ACCELERATION, Kind.FORCE, Kind.STRETCH}
    for kind in (Kind.ACCELERATION, Kind.FORCE, Kind.STRETCH):
        own = [frame for frame in frames if frame.kind is kind]
        assert [frame.sequence for frame in own] == list(range(len(own)))
    acceleration = [sample for f in frames if f.kind is Kind.ACCELERATION for sample in f.samples]
    assert acceleration[:12] == [(16 * i, -i, 16384) for i in range(12)]
    smallest = [f for f in frames if f.kind is Kind.ACCELERATION][:6]
    assert [len(f.to_bytes()) for f in smallest] == [18] * 6
    assert [f.first_tick for f in smallest] == [(0xFFFFFF00 + 400 * i) & 0xFFFFFFFF for i in range(6)]


def test_the_lowest_count_means_no_value_and_wear_is_flagged(lines):
    frames = [DataFrame.from_bytes(data) for name, data in lines if name == "frame"]
    stretch = np.concatenate([f.values(1.0) for f in frames if f.kind is Kind.STRETCH])
    assert np.isnan(stretch[5, 0])
    assert stretch[4, 0] == 70004
    assert not all(frame.worn for frame in frames)


def test_the_uart_framing_is_ours(lines):
    assert UartFrame.from_bytes(of(lines, "uart")).payload == of(lines, "capabilities")
    assert of(lines, "crc") == bytes([crc8(b"123456789")]) == b"\xf4"


def test_cpython_and_micropython_make_the_same_bytes():
    assert micropython("import selftest") == cpython("import selftest")


def test_every_file_of_the_firmware_compiles_in_micropython():
    assert micropython(COMPILE).strip() == "compiled by micropython"
