"""LSL there and back: what goes into an outlet comes out of `lsl:NAME` with its time, unit and values.

Runs in a process of its own, with an LSL that sees this machine alone.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from breathsync.samples import Stream
from breathsync.sensors.lsl import meaning

HERE_ALONE = """
[ports]
IPv6=disable
[multicast]
ResolveScope=machine
AddressesOverride={127.0.0.1}
[lab]
SessionID=breathsync-test
[log]
level=-3
"""

THERE_AND_BACK = """
import asyncio, json
import numpy as np
import pylsl
from breathsync.breath.events import Phase
from breathsync.clock import SessionClock
from breathsync.errors import SensorError
from breathsync.samples import Samples, Stream
from breathsync.sensors.lsl import LslSensor
from breathsync.service.lsl import LslSink
from tests.service.fakes import VERDICT, StillSession, view

async def main():
    clock = SessionClock()
    sink = LslSink(name="lab")
    await sink.reach()
    sink.begin(StillSession(clock), routine="first-time")
    sensor = LslSensor(name="lab", clock=clock)
    await sensor.connect()
    events = sensor.events()
    await anext(events)
    marks = pylsl.StreamInlet(pylsl.resolve_byprop("name", "lab events", 1, 5)[0])
    marks.open_stream(timeout=5)
    t_s = clock.now_s() - 0.5 + np.arange(50) / 100
    values = np.sin(t_s)[:, None]
    sink.show(Samples(stream=Stream.FORCE, t_s=t_s, values=values))
    sink.hear(VERDICT, view())
    got = []
    async with asyncio.timeout(10):
        while sum(map(len, got)) < 50:
            got.append(await anext(events))
    mark, stamp = marks.pull_sample(timeout=5)
    info = marks.info()
    await sink.close()
    await sensor.close()
    try:
        await LslSensor(name="nobody", clock=clock).connect()
        refused = ""
    except SensorError as error:
        refused = str(error)
    print(json.dumps({
        "streams": [str(s) for s in sensor.info.streams],
        "rates": {str(s): r for s, r in sensor.info.rates_hz.items()},
        "late_s": float(np.abs(np.concatenate([b.t_s for b in got]) - t_s).max()),
        "off": float(np.abs(np.concatenate([b.values for b in got]) - values).max()),
        "mark": json.loads(mark[0])["type"],
        "type": info.type(),
        "mark_s": stamp - pylsl.local_clock() + clock.now_s(),
        "refused": refused,
    }))

asyncio.run(main())
"""


def test_there_and_back(tmp_path: Path) -> None:
    pytest.importorskip("pylsl", reason="the extra `lsl` is not installed, or liblsl does not load here")
    (tmp_path / "lsl.cfg").write_text(HERE_ALONE)
    done = subprocess.run(
        [sys.executable, "-c", THERE_AND_BACK],
        env={**os.environ, "LSLAPICFG": str(tmp_path / "lsl.cfg")},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    import json

    told = json.loads(done.stdout.splitlines()[-1])
    assert told["streams"] == ["force"]
    assert told["rates"] == {"force": 100.0}
    assert told["late_s"] < 0.01
    assert told["off"] == 0
    assert (told["mark"], told["type"]) == ("verdict", "Markers")
    assert told["mark_s"] == pytest.approx(12.5, abs=0.01)
    assert "nobody" in told["refused"]


@pytest.mark.parametrize(
    ("kind", "labels", "units", "meant"),
    [
        ("Accelerometer", ["ax_mg", "ay_mg", "az_mg"], ["mg"] * 3, (Stream.ACCELERATION, 1.0)),
        ("accelerometer", ["X", "Y", "Z"], ["g"] * 3, (Stream.ACCELERATION, 1000.0)),
        ("Respiration", ["belt"], ["N"], (Stream.FORCE, 1.0)),
        ("RESP", [""], [""], (Stream.IMPEDANCE, 1.0)),
        ("Accelerometer", ["X", "Y", "Z"], ["g", "g", "deg"], None),
        ("Accelerometer", ["X", "Y", "Z"], ["", "", ""], None),
        ("EEG", ["C3"], ["uV"], None),
    ],
)
def test_only_what_is_plainly_said_is_understood(
    kind: str, labels: list[str], units: list[str], meant: tuple[Stream, float] | None
) -> None:
    assert meaning(kind=kind, labels=labels, units=units) == meant
