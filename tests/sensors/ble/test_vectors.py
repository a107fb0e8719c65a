"""Every frame in firmware-notes/vectors decodes to its published values, and encodes back where it can."""

import json
from pathlib import Path

import numpy as np
import pytest

from breathsync.sensors.ble.profiles import (
    bangle,
    go_direct,
    infinitime,
    microbit,
    movesense,
    nordic_uart,
    open_strap,
    polar_delta,
)
from breathsync.sensors.ble.profiles.heart_rate import HeartRateMeasurement, battery_percent
from breathsync.sensors.ble.profiles.polar_control import (
    Command,
    ControlAnswer,
    Features,
    Measurement,
    Settings,
)
from breathsync.sensors.ble.profiles.polar_frames import Frame

NOTES = Path(__file__).parents[3] / "firmware-notes"


def _settings(settings):
    return {setting.name: list(values) for setting, values in settings.values}


def pmd_frame(data, vector):
    frame = Frame.from_bytes(data)
    found = {
        "measurement": frame.measurement.name,
        "frame_type": frame.frame_type,
        "timestamp_ns": frame.timestamp_ns,
        "count": len(frame.samples),
    }
    values = frame.values(vector.get("factor", 1.0)).tolist()
    for key, have in (("values", values), ("values_start", values), ("first_samples", frame.samples)):
        if key in vector["expect"]:
            found[key] = have[: len(vector["expect"][key])] if key != "values" else have
    return found, frame.to_bytes


def delta(data, vector):
    samples = polar_delta.decompress(data, channels=vector["channels"], bits=vector["bits"])
    return {"samples": samples}, None


def features(data, vector):
    found = Features.from_bytes(data)
    return {"measurements": sorted(m.name for m in Measurement if m in found)}, found.to_bytes


def answer(data, vector):
    found = ControlAnswer.from_bytes(data)
    values = {
        "op": found.op.name,
        "measurement": found.measurement.name,
        "status": found.status.name,
        "more": found.more,
    }
    if "settings" in vector["expect"]:
        values["settings"] = _settings(found.settings)
    else:
        values["parameters"] = found.parameters.hex(" ")
    return values, found.to_bytes


def settings(data, vector):
    found = Settings.from_bytes(data)
    return {"settings": _settings(found)}, found.to_bytes


def command(data, vector):
    found = Command.from_bytes(data)
    values = {
        "op": found.op.name,
        "measurement": found.measurement.name,
        "settings": _settings(found.settings),
    }
    return values, found.to_bytes


def heart_rate(data, vector):
    found = HeartRateMeasurement.from_bytes(data)
    values = {name: getattr(found, name) for name in vector["expect"]}
    return values, found.to_bytes


def battery(data, vector):
    return {"percent": battery_percent(data)}, None


def go_measurement(data, vector):
    found = go_direct.Measurement.from_bytes(data)
    return {"kind": found.kind.name, "sensors": found.sensors, "rows": found.rows}, found.to_bytes


def go_command(data, vector):
    found = go_direct.Command.from_bytes(data)
    return {"op": found.op.name, "counter": found.counter, "payload": found.payload.hex(" ")}, found.to_bytes


def movesense_command(data, vector):
    found = movesense.Command.from_bytes(data)
    return {"code": found.code.name, "ref": found.ref, "path": found.path}, found.to_bytes


def movesense_answer(data, vector):
    found = movesense.Notification.from_bytes(data)
    return {"ref": found.ref, "status": found.status}, found.to_bytes


def movesense_imu6(data, vector):
    found = movesense.MotionPacket.from_bytes(data, gyroscope=True)
    return {name: getattr(found, name) for name in vector["expect"]}, found.to_bytes


def movesense_acc(data, vector):
    found = movesense.MotionPacket.from_bytes(data, gyroscope=False)
    return {name: getattr(found, name) for name in vector["expect"]}, found.to_bytes


def movesense_heart_counted(data, vector):
    return movesense_heart(data, vector)[0], None


def movesense_heart(data, vector):
    found = movesense.HeartPacket.from_bytes(data)
    return {"average_bpm": found.average_bpm, "rr_ms": found.rr_ms}, found.to_bytes


def open_capabilities(data, vector):
    found = open_strap.Capabilities.from_bytes(data)
    streams = [[stream.kind, stream.scale, *stream.periods_us] for stream in found.streams]
    return {"version": found.version, "feels_skin": found.feels_skin, "streams": streams}, found.to_bytes


def open_command(data, vector):
    found = open_strap.Command.from_bytes(data)
    return {"op": found.op.name, "kind": found.kind, "period_us": found.period_us}, found.to_bytes


def open_answer(data, vector):
    found = open_strap.ControlAnswer.from_bytes(data)
    values = {"op": found.op, "kind": found.kind, "status": found.status.name, "period_us": found.period_us}
    return values, found.to_bytes


def open_frame(data, vector):
    found = open_strap.DataFrame.from_bytes(data)
    values = {name: getattr(found, name) for name in ("sequence", "first_tick", "worn")}
    return values | {"kind": found.kind.name, "values": found.values(vector["scale"])}, found.to_bytes


def uart_frame(data, vector):
    found = nordic_uart.UartFrame.from_bytes(data)
    return {"channel": found.channel, "payload": found.payload.hex(" ")}, found.to_bytes


def infinitime_motion(data, vector):
    found = infinitime.Motion.from_bytes(data)
    return {"acc_mg": found.acc_mg}, found.to_bytes


def microbit_data(data, vector):
    found = microbit.AccelerometerData.from_bytes(data)
    return {"acc_mg": (found.x_mg, found.y_mg, found.z_mg)}, found.to_bytes


def bangle_line(data, vector):
    found = bangle.Sample.from_bytes(data)
    return {"time_ms": found.time_ms, "acc_g": (found.x_g, found.y_g, found.z_g)}, found.to_bytes


DECODERS = {
    "pmd_frame": pmd_frame,
    "polar_delta": delta,
    "pmd_features": features,
    "pmd_answer": answer,
    "pmd_settings": settings,
    "pmd_command": command,
    "heart_rate": heart_rate,
    "battery": battery,
    "go_measurement": go_measurement,
    "go_command": go_command,
    "movesense_command": movesense_command,
    "movesense_answer": movesense_answer,
    "movesense_imu6": movesense_imu6,
    "movesense_heart": movesense_heart,
    "movesense_acc": movesense_acc,
    "movesense_heart_counted": movesense_heart_counted,
    "open_capabilities": open_capabilities,
    "open_command": open_command,
    "open_answer": open_answer,
    "open_frame": open_frame,
    "uart_frame": uart_frame,
    "infinitime": infinitime_motion,
    "microbit": microbit_data,
    "bangle": bangle_line,
}

FILES = sorted((NOTES / "vectors").glob("*.json"))
VECTORS = [
    pytest.param(vector, id=f"{path.stem}: {vector['name']}")
    for path in FILES
    for vector in json.loads(path.read_text())["vectors"]
]


def _close(have, want):
    """Equal, with numbers to seven digits; null in a vector stands for NaN, no value."""
    if isinstance(want, dict):
        assert have.keys() == want.keys()
        for key in want:
            _close(have[key], want[key])
    elif isinstance(want, list):
        assert len(have) == len(want)
        for one, other in zip(have, want, strict=True):
            _close(one, other)
    elif want is None:
        assert have is None or np.isnan(have)
    elif isinstance(want, float):
        assert have == pytest.approx(want, rel=1e-6)
    else:
        assert have == want


@pytest.mark.parametrize("vector", VECTORS)
def test_vector(vector):
    data = bytes.fromhex(vector["bytes"])
    found, encode = DECODERS[vector["decode"]](data, vector)
    _close(found, vector["expect"])
    if encode and vector.get("roundtrip", True):
        assert encode().hex(" ") == data.hex(" ")
    elif encode:  # another packing of the same values
        again, _ = DECODERS[vector["decode"]](encode(), vector)
        _close(again, vector["expect"])


def test_every_kind_of_vector_has_a_decoder_and_every_decoder_a_vector():
    assert {vector.values[0]["decode"] for vector in VECTORS} == set(DECODERS)


def test_the_open_strap_page_shows_the_bytes_of_its_vectors():
    page = (NOTES / "open-strap-profile.md").read_text()
    for vector in json.loads((NOTES / "vectors" / "open_strap.json").read_text())["vectors"]:
        assert vector["bytes"] in page, vector["name"]


def test_every_vector_names_its_source_and_every_file_its_page():
    assert FILES
    for path in FILES:
        content = json.loads(path.read_text())
        assert (NOTES / content["page"]).is_file()
        assert all(vector["source"] for vector in content["vectors"])
