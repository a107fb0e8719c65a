"""`pair`, `straps`, `check`, `doctor` and `simulate strap`, as one types them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from breathsync_simulators.straps import go_direct, heart_only, polar_h10
from breathsync_simulators.straps.quirks import Quirks
from typer.testing import CliRunner, Result

from breathsync.cli.main import app
from breathsync.errors import SensorError, SensorTrouble, SettingsError, UnknownNameError, UsageError
from breathsync.samples import Stream
from breathsync.sensors.known_straps import KnownStraps, Remembered
from tests.cli.air_thread import AirThread
from tests.sensors.ble.bodies import SineBody

pytestmark = pytest.mark.radio

OnAir = Callable[..., AirThread]


@pytest.fixture
def on_air(monkeypatch: pytest.MonkeyPatch) -> Iterator[OnAir]:
    if sys.platform != "linux":
        pytest.skip("the fake BlueZ needs D-Bus (Linux)")
    from breathsync_simulators.air.bus import missing

    if reason := missing():
        pytest.skip(reason)
    airs: list[AirThread] = []

    def put(*straps: object) -> AirThread:
        air = AirThread(*straps)  # type: ignore[arg-type]
        airs.append(air.__enter__())
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", air.address)
        return air

    yield put
    for air in airs:
        air.__exit__(None, None, None)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def h10(quirks: Quirks | None = None):  # type: ignore[no-untyped-def]
    return polar_h10.strap(SineBody(), quirks)


def test_pair_finds_tries_and_remembers(on_air: OnAir) -> None:
    strap = h10()
    on_air(strap)
    result = run("pair", "--plain", "--name", "mine", "--seconds", "0.6", "--watch", "1.5")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "Polar H10 5F1E2D3C" in lines[0]
    assert "dBm" in lines[0]
    assert any("firmware 3.3.1, battery 90 %" in line for line in lines)
    assert any("●" in line for line in lines)
    assert lines[-1].startswith("Remembered as mine.")
    assert not strap.is_connected
    known = KnownStraps().find("mine")
    assert (known.key, known.serial, known.paired) == ("polar-h10", polar_h10.SERIAL, False)
    assert "mine" in run("straps").stdout


def test_pair_as_json(on_air: OnAir) -> None:
    on_air(h10(Quirks(pairing=True)))
    result = run("pair", "--json", "--seconds", "0.6", "--watch", "1")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[:2] == ["found", "connected"]
    assert events[1]["battery_percent"] == 90
    assert kinds[-2:] == ["seen", "remembered"]
    assert events[0]["sees_breath"] is True
    assert KnownStraps().find("Polar H10 5F1E2D3C").paired


def test_pair_lists_what_sees_the_breath_first_and_asks_which(on_air: OnAir) -> None:
    on_air(heart_only.strap(SineBody()), go_direct.strap(SineBody(Stream.FORCE)))
    result = run("pair", "--plain", "--seconds", "0.8")
    assert isinstance(result.exception, UsageError)
    assert result.stdout.splitlines()[0].split()[1] == "GDX-RB"
    assert "GDX-RB" in result.exception.advice


def test_pair_takes_the_named_one_and_says_what_a_heart_strap_cannot(on_air: OnAir) -> None:
    on_air(heart_only.strap(SineBody()), go_direct.strap(SineBody(Stream.FORCE)))
    result = run("pair", "HRM-Sim 4711", "--plain", "--seconds", "0.8")
    assert result.exit_code == 0, result.output
    assert "the gate stays shut" in result.stdout


def test_pair_offers_the_nearest_name(on_air: OnAir) -> None:
    on_air(h10())
    result = run("pair", "Polar H10 5F1E2D3D", "--plain", "--seconds", "0.6")
    assert isinstance(result.exception, UnknownNameError)
    assert result.exception.nearest == ["Polar H10 5F1E2D3C"]


def test_pair_with_nothing_in_sight(on_air: OnAir) -> None:
    on_air(h10(Quirks(held=True)))
    result = run("pair", "--plain", "--seconds", "0.4")
    assert isinstance(result.exception, SensorError)
    assert result.exception.trouble is SensorTrouble.NOT_FOUND


def test_a_name_that_another_strap_has_is_refused(on_air: OnAir) -> None:
    other = Remembered(name="mine", address="1", advertised="Polar H10 1", key="polar-h10")
    KnownStraps().remember(other)
    strap = h10()
    on_air(strap)
    result = run("pair", "--plain", "--name", "MINE", "--seconds", "0.6", "--watch", "0")
    assert isinstance(result.exception, SettingsError)
    assert "Another strap is called 'mine'" in result.exception.message
    assert KnownStraps().all() == [other]
    assert not strap.is_connected


def test_pairing_again_under_the_same_or_another_name_is_fine(on_air: OnAir) -> None:
    on_air(h10())
    for name in ("mine", "mine", "chest"):
        words = ("pair", "--plain", "--name", name, "--seconds", "0.6", "--watch", "0")
        assert run(*words).exit_code == 0
    assert [strap.name for strap in KnownStraps().all()] == ["chest"]


def test_check_shows_how_well_the_breath_is_seen(on_air: OnAir) -> None:
    strap = h10()
    on_air(strap)
    assert run("pair", "--plain", "--name", "mine", "--seconds", "0.6", "--watch", "0").exit_code == 0
    result = run("check", "--plain", "--seconds", "1.5")  # the only strap there is
    assert result.exit_code == 0, result.output
    assert "mg" in result.stdout
    assert not strap.is_connected


def test_check_of_a_simulated_person_sees_the_breath() -> None:
    result = run("check", "sim:steady@belt", "--json", "--seconds", "1")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["event"] == "seen"


def test_check_without_a_strap_says_how_to_get_one() -> None:
    result = run("check")
    assert isinstance(result.exception, UsageError)
    assert "breathsync pair" in result.exception.advice


def test_straps_rename_and_forget(on_air: OnAir) -> None:
    KnownStraps().remember(Remembered(name="a", address="1", advertised="Polar H10 1", key="polar-h10"))
    assert run("straps", "rename", "a", "b").exit_code == 0
    assert json.loads(run("straps", "--json").stdout)["name"] == "b"
    assert isinstance(run("straps", "forget", "a").exception, UnknownNameError)
    assert run("straps", "forget", "b").exit_code == 0
    assert KnownStraps().all() == []


def test_forgetting_a_paired_strap_unpairs_it(on_air: OnAir) -> None:
    strap = h10(Quirks(pairing=True))
    on_air(strap)
    assert run("pair", "--plain", "--name", "mine", "--seconds", "0.6", "--watch", "0").exit_code == 0
    assert strap.bonded
    assert run("straps", "forget", "mine").exit_code == 0
    assert not strap.bonded


def test_a_list_of_straps_that_cannot_be_read_is_said() -> None:
    path = KnownStraps().path
    path.parent.mkdir(parents=True)
    path.write_text("{broken")
    result = run("straps")
    assert isinstance(result.exception, SettingsError)
    assert str(path) in result.exception.message


def test_doctor_finds_all_well(on_air: OnAir) -> None:
    on_air(h10())
    KnownStraps().remember(
        Remembered(name="mine", address="?", advertised="Polar H10 5F1E2D3C", key="polar-h10")
    )
    result = run("doctor", "--json")
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0, findings
    assert [f["trouble"] for f in findings] == [None] * len(findings)
    assert any(f["looked_at"] == "mine" for f in findings)


def test_doctor_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    result = run("doctor")
    assert result.exit_code == 1
    assert "Start the system's Bluetooth service" in result.stdout


# Processes of their own ----------------------------------------------------------------------------------------

BREATHSYNC = [sys.executable, "-c", "from breathsync.cli.main import run; run()"]


def test_a_simulated_strap_is_found_by_a_program_that_knows_nothing_of_it(tmp_path: object) -> None:
    if sys.platform != "linux":
        pytest.skip("the fake BlueZ needs D-Bus (Linux)")
    strap = subprocess.Popen(
        [*BREATHSYNC, "simulate", "strap", "polar-h10", "--person", "steady"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strap.stdout is not None
    try:
        name, _, value = strap.stdout.readline().strip().partition("=")
        assert name == "DBUS_SYSTEM_BUS_ADDRESS"
        stranger = (
            "import asyncio, bleak\n"
            "async def main():\n"
            "    d = await bleak.BleakScanner.find_device_by_name('Polar H10 5F1E2D3C', timeout=5)\n"
            "    async with bleak.BleakClient(d) as c: print((await c.read_gatt_char('2a24')).decode())\n"
            "asyncio.run(main())\n"
        )
        found = subprocess.run(
            [sys.executable, "-c", stranger],
            env={**os.environ, name: value},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert found.stdout.strip() == "H10"
        strap.send_signal(signal.SIGINT)
        assert strap.wait(10) == 0
    finally:
        strap.kill()
        strap.communicate()
    assert not os.path.exists(value.removeprefix("unix:path="))


def test_sigterm_stops_the_stream_on_the_strap(on_air: OnAir) -> None:
    strap = h10()
    on_air(strap)
    check = subprocess.Popen(
        [*BREATHSYNC, "check", "polar-h10", "--plain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert check.stdout is not None
    try:
        assert check.stdout.readline()
        deadline = time.monotonic() + 15
        while not strap.streaming and time.monotonic() < deadline:
            time.sleep(0.05)
        assert strap.streaming
        check.send_signal(signal.SIGTERM)
        assert check.wait(10) == 130
    finally:
        check.kill()
        check.communicate()
    assert not strap.streaming
    assert not strap.is_connected


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_session_looks_for_its_strap_lets_go(on_air: OnAir, number: signal.Signals) -> None:
    on_air(h10(Quirks(held=True)))
    looking = subprocess.Popen(
        [*BREATHSYNC, "session", "breath-only", "--source", "ble:polar-h10", "--plain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert looking.stderr is not None
    assert looking.stderr.readline() == "Looking for polar-h10 ...\n"
    time.sleep(0.3)
    looking.send_signal(number)
    said, errors = looking.communicate(timeout=15)
    assert looking.returncode == 130, errors
    assert (said, errors) == ("", "")


def test_over_tcp_the_product_finds_the_strap(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bumble")
    strap = subprocess.Popen(
        [*BREATHSYNC, "simulate", "strap", "polar-h10", "--tcp", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strap.stdout is not None
    try:
        name, _, value = strap.stdout.readline().strip().partition("=")
        monkeypatch.setenv(name, value)
        result = run("pair", "--plain", "--name", "far", "--seconds", "1", "--watch", "0")
        assert result.exit_code == 0, result.output
        assert KnownStraps().find("far").key == "polar-h10"
    finally:
        strap.terminate()
        strap.communicate(timeout=10)
    assert strap.returncode == 0


@pytest.mark.parametrize("words", [("strap", "polar-h11"), ("strap", "polar-h10", "--quirk", "dubbled")])
def test_unknown_names_are_offered_the_nearest(words: tuple[str, ...]) -> None:
    result = run("simulate", *words)
    assert isinstance(result.exception, UnknownNameError)
    assert result.exception.nearest


def test_a_radio_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from breathsync.errors import BreathsyncError
    from breathsync.sensors.ble.radio import open_radio

    async def opened() -> None:
        async with open_radio():
            pass

    monkeypatch.setenv("BREATHSYNC_RADIO", "carrier-pigeon")
    with pytest.raises(UsageError):
        asyncio.run(opened())
    pytest.importorskip("bumble")
    monkeypatch.setenv("BREATHSYNC_RADIO", "tcp:1")
    with pytest.raises(BreathsyncError, match="Nobody listens"):
        asyncio.run(opened())


def test_whoever_sits_beside_a_simulated_strap_breathes_for_the_person() -> None:
    from breathsync_simulators.wearers import open_wearer

    from breathsync.cli.simulate_strap import _breathe

    def travel(seconds: float) -> float:
        blocks = [block for block in wearer.until(seconds) if block.stream is Stream.FORCE]
        values = np.concatenate([block.values[:, 0] for block in blocks])
        return float(np.max(values) - np.min(values))

    wearer = open_wearer("steady", "belt", seed=1)
    quiet = travel(40.0)
    _breathe(wearer)
    assert travel(55.0) > 1.5 * quiet
