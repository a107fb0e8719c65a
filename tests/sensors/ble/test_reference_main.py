"""The reference firmware's main program on pretended hardware: our profile reads what was measured."""

import importlib
import math
import struct
import sys
import types
import uuid
from pathlib import Path

import numpy as np
import pytest

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles.base import Connection, DeviceBlock, Read
from breathsync.sensors.ble.profiles.open_strap import CAPABILITIES, CONTROL, DATA, SERVICE, Command, Kind, Op
from breathsync.sensors.ble.profiles.open_strap_link import OpenStrap
from tests.sensors.ble.scripts import Strap

FIRMWARE = Path(__file__).parents[3] / "firmware-notes" / "reference"
MODULES = ("main", "packets", "mpu6050", "stretch")
CAPABILITIES_HANDLE, CONTROL_HANDLE, DATA_HANDLE = 10, 12, 15
CONNECT, DISCONNECT, WRITE, MTU = 1, 2, 3, 21


class PowerOffError(Exception):
    """The pretended board is switched off."""


class Board:
    """An ESP32 as far as main.py sees it: a clock, an IMU or an ADC, and a radio with a host that does as planned."""

    def __init__(self, plan, *, seconds, start_us=2**30 - 500_000):
        self.now_us = start_us
        self.start_us = start_us
        self.plan = [(start_us + int(at_s * 1e6), what) for at_s, what in plan]
        self.end_us = start_us + int(seconds * 1e6)
        self.values = {}
        self.indicated, self.notified, self.advertised, self.registers = [], [], [], {}

    # the clock: every look at it costs 20 µs, and events come only while the program sleeps
    def ticks_us(self):
        self.now_us += 20
        return self.now_us % 2**30

    @staticmethod
    def ticks_diff(new, old):
        return (new - old + 2**29) % 2**30 - 2**29

    def sleep_us(self, us):
        self.now_us += us
        while self.plan and self.plan[0][0] <= self.now_us:
            event = self.plan.pop(0)[1]
            if event[0] == WRITE:
                self.values[CONTROL_HANDLE] = event[1]
                event = (WRITE, (1, CONTROL_HANDLE))
            self.handler(*event)
        if self.now_us >= self.end_us:
            raise PowerOffError

    # the radio
    def active(self, on):
        assert on

    def config(self, **settings):
        self.name = settings["gap_name"]

    def irq(self, handler):
        self.handler = handler

    def gatts_register_services(self, services):
        ((service, characteristics),) = services
        assert [str(service.uuid), *(str(c.uuid) for c, _ in characteristics)] == [
            SERVICE,
            CAPABILITIES,
            CONTROL,
            DATA,
        ]
        return ((CAPABILITIES_HANDLE, CONTROL_HANDLE, DATA_HANDLE),)

    def gatts_set_buffer(self, handle, size):
        assert handle == CAPABILITIES_HANDLE
        assert size >= 64

    def gatts_write(self, handle, data):
        self.values[handle] = data

    def gatts_read(self, handle):
        return self.values[handle]

    def gatts_indicate(self, connection, handle, data):
        assert (connection, handle) == (1, CONTROL_HANDLE)
        self.indicated.append(data)

    def gatts_notify(self, connection, handle, data):
        assert (connection, handle) == (1, DATA_HANDLE)
        self.notified.append(data)

    def gap_advertise(self, interval_us, *, adv_data, resp_data):
        assert len(adv_data) <= 31
        assert len(resp_data) <= 31
        self.advertised.append((adv_data, resp_data))

    # the sensors
    def body(self):
        """Acceleration in mg, turn rate in deg/s: a breath of 10 mg on top of gravity, at 15 a minute."""
        t_s = (self.now_us - self.start_us) / 1e6
        return (10 * math.sin(2 * math.pi * t_s / 4), 0.0, 1000.0), (1.0, -2.0, 0.5)

    def writeto_mem(self, address, register, data):
        self.registers[register] = data

    def readfrom_mem(self, address, register, count):
        assert (address, register, count) == (0x68, 0x3B, 14)
        assert self.registers[0x6B] == b"\x01"
        acceleration, turn_rate = self.body()
        counts = [round(v * 16384 / 1000) for v in acceleration]
        turns = [round(v * 32768 / 250) for v in turn_rate]
        return struct.pack(">7h", *counts, 0, *turns)

    def read_u16(self):
        return round(30000 - 100 * self.body()[0][0])


class Uuid:
    def __init__(self, text):
        self.uuid = uuid.UUID(text)

    def __bytes__(self):
        return self.uuid.bytes[::-1]


@pytest.fixture
def run(monkeypatch):
    """Run main.py on a board until it is switched off."""

    def run(board, **chosen):
        fakes = {
            "bluetooth": types.SimpleNamespace(UUID=Uuid, BLE=lambda: board),
            "machine": types.SimpleNamespace(
                ADC=type("ADC", (), {"ATTN_11DB": 3, "__new__": lambda cls, pin, atten: board}),
                I2C=lambda bus, sda, scl, freq: board,
                Pin=lambda number: number,
            ),
        }
        for name, fake in fakes.items():
            monkeypatch.setitem(sys.modules, name, fake)
        monkeypatch.syspath_prepend(str(FIRMWARE))
        for name in MODULES:
            monkeypatch.delitem(sys.modules, name, raising=False)
        main = importlib.import_module("main")
        monkeypatch.setattr(
            main,
            "time",
            types.SimpleNamespace(
                ticks_us=board.ticks_us, ticks_diff=board.ticks_diff, sleep_us=board.sleep_us
            ),
        )
        for name, value in chosen.items():
            monkeypatch.setattr(main, name, value)
        with pytest.raises(PowerOffError):
            main.main()
        for name in MODULES:
            monkeypatch.delitem(sys.modules, name, raising=False)

    return run


def start(kind, period_us):
    return (WRITE, Command(op=Op.START, kind=kind, period_us=period_us).to_bytes())


def heard(board):
    """What our profile makes of all the board said."""
    answers = iter(board.indicated)
    strap = Strap(
        OpenStrap(),
        lambda step: (
            board.values[CAPABILITIES_HANDLE] if isinstance(step, Read) else _indication(step, answers)
        ),
    )
    facts = strap.start(Connection(characteristics=frozenset({CAPABILITIES, CONTROL, DATA})))
    blocks = [h for frame in board.notified for h in strap.profile.feed(DATA, frame)]
    return facts, [block for block in blocks if isinstance(block, DeviceBlock)]


def _indication(step, answers):
    return [(CONTROL, next(answers))] if hasattr(step, "within_s") else None


def stream_of(blocks, stream):
    own = [block for block in blocks if block.stream is stream]
    return np.concatenate([b.device_time_ns for b in own]) / 1e9, np.concatenate([b.values for b in own])


@pytest.mark.parametrize(("mtu", "longest"), [(23, 18), (247, 36)])
def test_an_imu_strap_is_read_as_it_was_measured(run, mtu, longest):
    events = [
        (0.1, (CONNECT, (1, 0, b""))),
        (0.3, start(Kind.ACCELERATION, 20_000)),
        (0.4, start(Kind.GYROSCOPE, 20_000)),
    ]
    events += [(0.2, (MTU, (1, mtu)))] if mtu != 23 else []
    board = Board(sorted(events, key=lambda e: e[0]), seconds=10)
    run(board)
    assert max(len(frame) for frame in board.notified) == longest
    facts, blocks = heard(board)
    assert facts.rates_hz == {Stream.ACCELERATION: 50, Stream.GYROSCOPE: 50}
    t_s, acceleration = stream_of(blocks, Stream.ACCELERATION)
    assert len(t_s) >= 50 * 9.5
    assert np.all(np.diff(t_s) > 0)
    np.testing.assert_allclose(np.diff(t_s), 0.02, atol=0.0011)
    np.testing.assert_allclose(acceleration[:, 0], 10 * np.sin(2 * np.pi * t_s / 4), atol=0.1)
    np.testing.assert_allclose(acceleration[:, 2], 1000, atol=0.05)
    _, turn_rate = stream_of(blocks, Stream.GYROSCOPE)
    np.testing.assert_allclose(turn_rate, np.tile([1.0, -2.0, 0.5], (len(turn_rate), 1)), atol=0.01)


def test_a_stretch_strap_grows_with_the_chest(run):
    board = Board([(0.1, (CONNECT, (1, 0, b""))), (0.2, start(Kind.STRETCH, 20_000))], seconds=9)
    run(board, USE_STRETCH=True)
    facts, blocks = heard(board)
    assert facts.streams == (Stream.IMPEDANCE,)
    t_s, stretch = stream_of(blocks, Stream.IMPEDANCE)
    assert np.corrcoef(stretch[:, 0], np.sin(2 * np.pi * t_s / 4))[0, 1] > 0.999


def test_it_advertises_the_service_and_its_name_and_again_when_the_host_is_gone(run):
    events = [
        (0.1, (CONNECT, (1, 0, b""))),
        (0.2, start(Kind.ACCELERATION, 20_000)),
        (1.0, (DISCONNECT, (1, 0, b""))),
    ]
    board = Board(events, seconds=3)
    run(board)
    assert len(board.advertised) == 2
    advertisement, response = board.advertised[0]
    assert advertisement.endswith(uuid.UUID(SERVICE).bytes[::-1])
    assert response.endswith(b"BreathStrap")
    assert len(board.notified) <= 50 * 0.8 / 2 + 1  # nothing after the host has gone


def test_a_clipped_axis_is_sent_as_no_value(run):
    board = Board([(0.1, (CONNECT, (1, 0, b""))), (0.2, start(Kind.ACCELERATION, 20_000))], seconds=1)
    board.body = lambda: ((1999.95, 0.0, -1999.99), (0.0, 0.0, 0.0))
    run(board)
    board.indicated.append(
        bytes.fromhex("81 02 04")
    )  # our profile also asks for the gyroscope, which nobody started
    _, blocks = heard(board)
    values = stream_of(blocks, Stream.ACCELERATION)[1]
    assert np.isnan(values[:, 0]).all()
    assert np.isnan(values[:, 2]).all()
    assert (values[:, 1] == 0).all()
