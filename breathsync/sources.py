"""Names of sources, as one types them: `sim:PERSON[@SENSOR]`, `file:RECORDING.csv`, `ble:NAME`, a phone's address."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from breathsync.clock import SessionClock
from breathsync.errors import UnknownNameError, UsageError
from breathsync.paths import data_folder
from breathsync.sensors.base import Sensor

MAX_RATE_HZ = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a source is to be opened. `invite` is given what a person must see before the source can be reached."""

    clock: SessionClock
    seed: int | None = None
    invite: Callable[[str], None] | None = None
    language: str = "en"


def open_source(
    source: str,
    *,
    clock: SessionClock,
    seed: int | None = None,
    invite: Callable[[str], None] | None = None,
    language: str = "en",
) -> Sensor:
    """The sensor a source names, not yet connected; `A+B` is two: the breath from A, the heart from B.

    Raises UnknownNameError for a kind, person or sensor there is not, UsageError for a name left out or a port that
    is none.
    """
    breath, plus, heart = source.partition("+")
    if plus and heart.partition(":")[0] in KINDS:
        from breathsync.sensors.together import Together

        return Together(
            breath=open_source(breath, clock=clock, seed=seed, invite=invite, language=language),
            heart=open_source(heart, clock=clock, seed=seed, invite=invite, language=language),
        )
    kind, _, name = source.partition(":")
    if kind not in KINDS:
        raise UnknownNameError("kind of source", kind, KINDS)
    known = KINDS[kind]
    if not name and not known.nameless:
        raise UsageError(f"{source!r} lacks a name.", advice=f"Write {known.example}.")
    if clock.speed != 1 and not known.any_speed:
        raise UsageError("A real sensor runs at the speed of life.", advice="Leave --speed out.")
    return known.open(name, How(clock=clock, seed=seed, invite=invite, language=language))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source. `any_speed`: its time is its own, so it may run faster than life."""

    open: Callable[[str, "How"], Sensor]
    example: str
    any_speed: bool = False
    nameless: bool = False


def _simulated(name: str, how: "How") -> Sensor:
    # On use, so that the program does not need its simulators to run.
    from breathsync_simulators.source import SimulatedSensor
    from breathsync_simulators.you import YourSensor

    if name == "you":
        return YourSensor(clock=how.clock, seed=how.seed or 0)

    person, _, sensor = name.partition("@")
    return SimulatedSensor(person=person, sensor=sensor or "h10", seed=how.seed or 0, clock=how.clock)


def _recorded(name: str, how: "How") -> Sensor:
    from breathsync.sensors.recording import RecordingSensor, read_recording

    before, at, rate = name.rpartition("@")
    rated = bool(at) and not Path(name).exists()
    path = Path(before if rated else name)
    if not path.exists():
        raise UnknownNameError("recording", str(path), [str(near) for near in path.parent.glob("*.csv")])
    rate_hz = _rate_hz(rate) if rated else None
    return RecordingSensor(recording=read_recording(path, rate_hz=rate_hz), clock=how.clock)


def _bluetooth(name: str, how: "How") -> Sensor:
    from breathsync.sensors.ble.radio import open_radio
    from breathsync.sensors.ble.strap import StrapSensor

    return StrapSensor(name=name, clock=how.clock, open_radio=open_radio)


def _phyphox(name: str, how: "How") -> Sensor:
    _needs_phone_extra()
    from breathsync.sensors.phone.phyphox import DEFAULT_PORT, PhyphoxSensor

    host, port = _host_and_port(name, DEFAULT_PORT)
    return PhyphoxSensor(host=host, port=port, clock=how.clock)


def _sensorserver(name: str, how: "How") -> Sensor:
    _needs_phone_extra()
    from breathsync.sensors.phone.sensorserver import DEFAULT_PORT, SensorServerSensor

    host, port = _host_and_port(name, DEFAULT_PORT)
    return SensorServerSensor(host=host, port=port, clock=how.clock)


def _sensorlogger(name: str, how: "How") -> Sensor:
    _needs_phone_extra()
    from breathsync.sensors.phone.sensorlogger import DEFAULT_PORT, SensorLoggerSensor

    return SensorLoggerSensor(port=_port(name) if name else DEFAULT_PORT, clock=how.clock)


def _page(name: str, how: "How") -> Sensor:
    _needs_phone_extra()
    from breathsync.sensors.phone.page.server import DEFAULT_PORT, PageSensor

    port = _port(name) if name else DEFAULT_PORT
    return PageSensor(
        clock=how.clock, folder=data_folder(), port=port, invite=how.invite, language=how.language
    )


def _lsl(name: str, how: "How") -> Sensor:
    from breathsync.sensors.lsl import LslSensor

    return LslSensor(name=name, clock=how.clock)


def _needs_phone_extra() -> None:
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        raise UsageError(
            "A phone as the strap needs the extra `phone`.", advice="pip install 'breathsync[phone]'"
        ) from None


def _host_and_port(name: str, default: int) -> tuple[str, int]:
    host, colon, port = name.rpartition(":")
    return (host, _port(port)) if colon else (name, default)


def _rate_hz(text: str) -> float:
    try:
        rate_hz = float(text)
    except ValueError:
        rate_hz = 0.0
    if not 0 < rate_hz < MAX_RATE_HZ:
        raise UsageError(
            f"{text!r} is no rate.", advice=f"Write the samples a second, as in {KINDS['file'].example}."
        )
    return rate_hz


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"{text!r} is no port.", advice="A port is a number from 1 to 65535.")
    return int(text)


KINDS = {
    "sim": Kind(open=_simulated, example="sim:steady or sim:steady@belt", any_speed=True),
    "file": Kind(
        open=_recorded,
        example="file:recording.csv, or file:recording.csv@125 for 125 samples a second",
        any_speed=True,
    ),
    "ble": Kind(open=_bluetooth, example="ble:NAME, as `breathsync pair` shows it"),
    "phyphox": Kind(open=_phyphox, example="phyphox:192.168.1.20:8080, as the app shows it"),
    "sensorserver": Kind(open=_sensorserver, example="sensorserver:192.168.1.20:8080, as the app shows it"),
    "phone": Kind(open=_page, example="phone: or phone:8443, and open the page on the phone", nameless=True),
    "lsl": Kind(open=_lsl, example="lsl:NAME, the name of a stream of the Lab Streaming Layer"),
    "sensorlogger": Kind(open=_sensorlogger, example="sensorlogger: or sensorlogger:8000", nameless=True),
}
