"""Polar Measurement Data on one connection: what to ask for, and what to make of what comes.

Polar H10 (acceleration raw, ECG) and Verity Sense (acceleration compressed, gyroscope where offered). Codecs are
in `polar_control` and `polar_frames`; heart rate and RR come by the Heart Rate Service.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

from breathsync.errors import DecodeError, SensorError, SensorTrouble
from breathsync.samples import Stream
from breathsync.sensors.ble.profiles._bytes import fail
from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    Connection,
    DeviceBlock,
    Facts,
    Heard,
    Read,
    Script,
    Stopped,
    Subscribe,
)
from breathsync.sensors.ble.profiles.polar_control import (
    FEATURES_HEAD,
    STOPPED_HEAD,
    Command,
    ControlAnswer,
    Features,
    Measurement,
    Op,
    Setting,
    Settings,
    Status,
    stopped,
)
from breathsync.sensors.ble.profiles.polar_frames import Frame, frame_times

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
FILE_TRANSFER = "fb005c51-02e7-f387-1cad-8acd2d8df0c8"
"""All an H10 shows whose firmware is too old for PMD."""
COMPANY_ID = 0x006B

DOUBLED_WITHIN_NS = 2_000_000_000
"""A timestamp seen before, or a little earlier, is a notification doubled (bleak issue 2002). One much earlier
means that the device's clock was set anew."""
LONGEST_ANSWER = 4096

STREAMS = {
    Measurement.ACC: Stream.ACCELERATION,
    Measurement.GYRO: Stream.GYROSCOPE,
    Measurement.ECG: Stream.ECG,
}
"""What is asked for, in the order of starting: the breath first."""

BEST_RATE_HZ = {Measurement.ACC: 200, Measurement.GYRO: 52, Measurement.ECG: 130}
"""Acceleration at 200 Hz for its delay: an H10 fills a frame of 36 samples in 180 ms; at 25 Hz it takes 1.44 s."""
BEST_RANGE = {Measurement.ACC: 8, Measurement.GYRO: 500}
"""g and deg/s."""

MOST_TRIES = 12
"""So many combinations of settings are tried before a strap's refusal is believed."""
_NAMED_IN_START = (Setting.SAMPLE_RATE_HZ, Setting.RESOLUTION_BITS, Setting.RANGE, Setting.CHANNELS)

_ADVICE = {
    Status.INVALID_MTU: "The adapter offers too small packets (MTU 23): try another adapter, or a newer system.",
    Status.IN_CHARGER: "Take the sensor off its charger.",
    Status.INVALID_STATE: "Is it recording, or held by another app? Stop that and try again.",
    Status.DISK_FULL: "Free its memory in Polar Flow.",
}


@dataclass
class _Running:
    """A stream that flows: what is needed to read its frames."""

    rate_hz: float
    factor: float = 1.0
    last_ns: int | None = None


def _offers(offered: Settings, measurement: Measurement) -> Iterator[Settings]:
    """Choices of settings to try, best first: the rate nearest below the best, the range nearest the best.

    An H10 wants every setting it offers named, and one value of each (polar-ble-sdk issue 124).
    """
    best_rate_hz, best_range = BEST_RATE_HZ[measurement], BEST_RANGE.get(measurement, 0)
    rates = sorted(
        offered.of(Setting.SAMPLE_RATE_HZ), key=lambda r: (r > best_rate_hz, abs(r - best_rate_hz))
    )
    ranges = sorted(offered.of(Setting.RANGE), key=lambda r: abs(r - best_range))
    for rate_hz, range_ in product([r for r in rates if r > 0] or [0.0], ranges or [0.0]):
        chosen = {Setting.SAMPLE_RATE_HZ: rate_hz, Setting.RANGE: range_}
        yield Settings(
            values=tuple(
                (setting, (chosen.get(setting, max(values)),))
                for setting, values in offered.values
                if setting in _NAMED_IN_START
            )
        )


class PolarPmd:
    """Acceleration, gyroscope and ECG of a Polar device."""

    def __init__(self) -> None:
        self._running: dict[Measurement, _Running] = {}
        self._starting: tuple[Measurement, float] | None = None
        self._part: ControlAnswer | None = None

    def start(self, connection: Connection) -> Script[Facts]:
        """Features, then for each wanted measurement: settings, the best of them, start.

        Raises SensorError when the acceleration cannot be had; other streams refused become a note.
        """
        if CONTROL not in connection.characteristics:
            if FILE_TRANSFER in connection.characteristics:
                raise SensorError(
                    "The strap's firmware is too old to send acceleration.",
                    trouble=SensorTrouble.FIRMWARE,
                    advice="Update it with the Polar Flow or Polar Beat app.",
                )
            return Facts()
        yield Subscribe(characteristic=CONTROL)
        yield Subscribe(characteristic=DATA)
        features = Features.from_bytes((yield Read(characteristic=CONTROL)) or b"")
        facts = Facts()
        for measurement, stream in STREAMS.items():
            if measurement not in features or stream not in connection.wanted:
                continue
            status = yield from self._start(measurement)
            if status is Status.OK:
                rate_hz = self._running[measurement].rate_hz
                facts = facts.with_(Facts(streams=(stream,), rates_hz={stream: rate_hz}))
            elif measurement is Measurement.ACC:
                raise SensorError(
                    f"The strap refuses to send acceleration ({_words(status)}).",
                    trouble=SensorTrouble.REFUSED_SETTINGS,
                    advice=_ADVICE.get(
                        status, "Take it off for a minute and try again; update its firmware."
                    ),
                )
            else:
                facts = facts.with_(Facts(notes=(f"The strap does not send {stream}: {_words(status)}.",)))
        return facts

    def stop(self) -> Script[None]:
        """Stop what runs: a stream left on keeps an H10 awake until its battery is empty."""
        begun = {*self._running, *([self._starting[0]] if self._starting else [])}
        for measurement in sorted(begun):
            yield Ask(
                characteristic=CONTROL,
                data=Command(op=Op.STOP, measurement=measurement).to_bytes(),
                within_s=2.0,
                optional=True,
            )
        self._running.clear()
        self._starting = None

    def feed(self, characteristic: str, data: bytes) -> list[Heard]:
        """Frames, answers (whole, when they came in parts) and streams the device ended by itself."""
        if characteristic == CONTROL:
            return self._control(data)
        return self._frame(data) if characteristic == DATA else []

    def _start(self, measurement: Measurement) -> Script[Status]:
        """Start one measurement with the best settings it takes; the status that decided it."""
        answer = yield from _ask(Command(op=Op.GET_SETTINGS, measurement=measurement))
        if answer.status is not Status.OK:
            return answer.status
        for settings in islice(_offers(answer.settings, measurement), MOST_TRIES):
            rate_hz = (settings.of(Setting.SAMPLE_RATE_HZ) or (0.0,))[0] or BEST_RATE_HZ[measurement]
            self._starting = (measurement, rate_hz)
            command = Command(op=Op.START, measurement=measurement, settings=settings)
            answer = yield from _ask(command)
            if answer.status is Status.ALREADY_IN_STATE:
                yield from _ask(Command(op=Op.STOP, measurement=measurement))
                answer = yield from _ask(command)
            if answer.status not in (Status.INVALID_SAMPLE_RATE, Status.INVALID_RANGE):
                break
        return answer.status

    def _control(self, data: bytes) -> list[Heard]:
        if data[:1] == bytes([STOPPED_HEAD]):
            return [
                Stopped(stream=STREAMS.get(measurement), why="The sensor stopped sending by itself.")
                for measurement in stopped(data)
            ]
        if data[:1] == bytes([FEATURES_HEAD]):
            return []  # a read of the control point, seen as a notification by some systems
        part, self._part = self._part, None
        answer = ControlAnswer.from_bytes(data, continues=part is not None)
        if part and (part.op, part.measurement) == (answer.op, answer.measurement):
            answer = replace(answer, parameters=part.parameters + answer.parameters)
        if len(answer.parameters) > LONGEST_ANSWER:
            raise fail("Polar answer", f"longer than {LONGEST_ANSWER} bytes", data)
        if answer.more:
            self._part = answer
            return []
        if self._starting and answer.op is Op.START and answer.status is Status.OK:
            measurement, rate_hz = self._starting
            if measurement is answer.measurement:  # here and not in the script: frames may follow at once
                self._running[measurement] = _Running(rate_hz=rate_hz, factor=_factor(answer))
        return [Answer(data=answer.to_bytes())]

    def _frame(self, data: bytes) -> list[Heard]:
        frame = Frame.from_bytes(data)
        running = self._running.get(frame.measurement)
        if running is None:
            return []  # still on its way from before a stop
        previous_ns = running.last_ns
        if previous_ns is not None and previous_ns - DOUBLED_WITHIN_NS < frame.timestamp_ns <= previous_ns:
            return []
        running.last_ns = frame.timestamp_ns
        return [
            DeviceBlock(
                stream=frame.layout.stream,
                values=frame.values(running.factor),
                device_time_ns=frame_times(
                    timestamp_ns=frame.timestamp_ns,
                    count=len(frame.samples),
                    rate_hz=running.rate_hz,
                    previous_ns=previous_ns,
                ),
            )
        ]


def _ask(command: Command) -> Script[ControlAnswer]:
    """Send a command and return its answer. An answer to another command is nonsense here."""
    answer = ControlAnswer.from_bytes((yield Ask(characteristic=CONTROL, data=command.to_bytes())) or b"")
    if (answer.op, answer.measurement) != (command.op, command.measurement):
        raise DecodeError(
            f"Polar answer: {answer.op.name} {answer.measurement.name} came, "
            f"{command.op.name} {command.measurement.name} was asked."
        )
    return answer


def _factor(answer: ControlAnswer) -> float:
    """The factor of a START answer, 1 when it has none. Raises DecodeError for one that is not a number."""
    factor = (answer.settings.of(Setting.FACTOR) or (1.0,))[0]
    if not (math.isfinite(factor) and factor > 0):
        raise DecodeError(f"Polar answer: a factor of {factor}.")
    return factor


def _words(status: Status) -> str:
    return status.name.replace("_", " ").lower()
