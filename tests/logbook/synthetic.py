"""A session made up for tests of the logbook: not conducted, but with everything in it that a log can hold.

It breathes 12 times a minute for a minute, then fully 4 times a minute; it has a gap, a refusal, an opened gate, a
point passed by hand, words with a spreadsheet formula in them, and a stop.
"""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from breathsync.breath.events import (
    Breath,
    BreathEnded,
    BreathKind,
    BreathReturned,
    Calibrated,
    Calibration,
    CalibrationProgress,
    CalibrationRefused,
    Conditions,
    Doubt,
    InhaleBegan,
    MotionChanged,
    PeakSeen,
    Posture,
    Refusal,
    SignalChanged,
    Tapped,
    TurnSeen,
    Witness,
)
from breathsync.guide.events import (
    Answered,
    ClauseResult,
    ConfirmedBy,
    Cue,
    CueKind,
    Ended,
    EndKind,
    Offer,
    Place,
    PointPassed,
    Question,
    QuestionKind,
    Said,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.guide.routine import Routine, Sides, Texts
from breathsync.logbook.records import Record
from breathsync.logbook.store import Logbook
from breathsync.samples import Battery, Heartbeat, Samples, SensorChange, SensorInfo, SensorState, Stream
from breathsync.settings import Settings

RATE_HZ = 200.0
ECG_HZ = 130.0
SECONDS = 180
GAP_S = (100.0, 104.0)
STARTED_AT = datetime(2026, 11, 22, 10, 15, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
FORMULA = '=1+1 it pulls, "left"\n+ more'
SERIAL = "0A1B2C3D"
INFO = SensorInfo(
    name=f"Polar H10 {SERIAL}",
    kind="h10",
    streams=(Stream.ACCELERATION, Stream.ECG, Stream.RR, Stream.HEART_RATE),
    rates_hz={Stream.ACCELERATION: RATE_HZ, Stream.ECG: ECG_HZ},
    model="H10",
    firmware="5.0.0",
    serial=SERIAL,
    simulated=True,
)
ROUTINE = Routine(
    name="seated-twist",
    texts={"en": Texts(title="Seated twist", about="A twist.", set_up=("Sit.", "Turn {side}."))},
    sides=Sides(points=2),
)
AXIS = (0.0, 0.6, 0.8)


def breath_mg(t_s: np.ndarray) -> np.ndarray:
    """The breath along the axis at each time: quiet until 60 s, then full."""
    quiet = 5.0 * (1 - np.cos(2 * np.pi * t_s / 5.0))
    full = 13.0 * (1 - np.cos(2 * np.pi * (t_s - 60.0) / 15.0))
    return np.where(t_s < 60.0, quiet, full)


def peaks_s() -> list[float]:
    """The true inhale peaks."""
    return [2.5 + 5 * n for n in range(12)] + [67.5 + 15 * n for n in range(8)]


def acceleration(t_s: np.ndarray, *, seed: int = 0) -> Samples:
    """What the strap sends: whole mg, gravity, breath and noise."""
    noise = np.random.default_rng((seed, round(t_s[0] * 1000))).normal(0.0, 1.5, (len(t_s), 3))
    values = np.array([20.0, -30.0, 990.0]) + breath_mg(t_s)[:, None] * np.array(AXIS) + noise
    return Samples(stream=Stream.ACCELERATION, t_s=t_s, values=np.round(values))


def a_breath(peak_s: float, *, amplitude: float, period_s: float) -> Breath:
    start_s, end_s = peak_s - period_s / 2, peak_s + period_s / 2
    return Breath(
        inhale_start_s=start_s,
        inhale_peak_s=peak_s,
        peak_decided_s=peak_s + 0.5,
        returned_s=peak_s + 0.35 * period_s,
        exhale_end_s=end_s,
        decided_s=end_s + 0.2,
        amplitude=amplitude,
        amplitude_quiet=amplitude / 10.0,
        unit="mg",
        returned_fraction=1.0,
        rises=1,
        kind=BreathKind.SIGH if amplitude > 20 else BreathKind.BREATH,
        quality=0.9,
        doubts=(),
        conditions=Conditions(
            still_before_s=3.0,
            tilt_change_deg=0.1,
            level_change=float("nan"),
            burst=False,
            gap_max_s=0.01,
            noise=0.5,
        ),
        witness=Witness.AGREES,
    )


def a_verdict(breath: Breath, *, side: Side, point: int, opened: bool) -> Verdict:
    return Verdict(
        decided_s=breath.decided_s,
        inhale_start_s=breath.inhale_start_s,
        inhale_peak_s=breath.inhale_peak_s,
        returned_s=breath.returned_s,
        side=side,
        point=point,
        opened=opened,
        amplitude=breath.amplitude,
        amplitude_quiet=breath.amplitude_quiet,
        clauses=(
            ClauseResult(clause="G1", ok=True),
            ClauseResult(clause="G3", ok=True, value=3.0, limit=2.0, unit="s"),
            ClauseResult(
                clause="G5",
                ok=opened,
                value=breath.amplitude,
                limit=25.0 if opened else 27.0,
                unit="mg",
                why="" if opened else "fuller",
            ),
        ),
        phrase="opened" if opened else "fuller",
        sentence="That was a full breath." if opened else "a little fuller",
    )


def events() -> list[tuple[float, list[Record]]]:
    """What is said when; the inputs among them come first at their moment."""
    streaming = SensorChange(t_s=0.0, state=SensorState.STREAMING)
    lost = SensorChange(t_s=102.1, state=SensorState.STALE, why="Nothing has come from the sensor for 2 s.")
    back = SensorChange(t_s=104.0, state=SensorState.STREAMING)
    calibration = Calibration(a_quiet=10.0, a_full=26.0, noise=0.5, unit="mg", axis=AXIS)
    said: list[tuple[float, list[Record]]] = [
        (0.0, [streaming, streaming, Battery(t_s=0.0, percent=82), INFO]),
        (0.1, [Question(t_s=0.1, question="back", kind=QuestionKind.SCALE, text="How is your back?")]),
        (0.2, [Answered(t_s=0.2, question="back", value=6, note=FORMULA)]),
        (
            0.3,
            [
                Answered(t_s=0.3, question="recent_fall", value=False),
                Answered(t_s=0.3, question="hips", value=None),
            ],
        ),
        (
            0.4,
            [
                step(0.4, Place.FIND_BREATH),
                Cue(t_s=0.4, kind=CueKind.STEP, phrase="find", sentence="Breathe."),
            ],
        ),
        (
            0.5,
            [SignalChanged(t_s=0.5, doubts=()), MotionChanged(t_s=0.5, still=True), Tapped(t_s=0.5, count=2)],
        ),
        (20.0, [CalibrationProgress(t_s=20.0, stage="quiet", counted=3, needed=6)]),
        (25.0, [CalibrationRefused(t_s=25.0, reason=Refusal.SPREAD, sentence="They differed; once more.")]),
        (58.0, [Calibrated(t_s=58.0, calibration=calibration, posture=Posture.UPRIGHT)]),
        (59.0, [step(59.0, Place.BREATHE, Side.RIGHT, 1), TurnSeen(t_s=59.0, turn_deg=21.5)]),
        (102.1, [Heartbeat(t_s=102.1), lost, SignalChanged(t_s=102.1, doubts=(Doubt.NO_DATA, Doubt.GAP))]),
        (104.0, [back, Said(t_s=104.0, word=Word.GO_ON)]),
        (130.0, [Offer(t_s=130.0, words=(Word.BY_HAND, Word.BACK_OFF), sentence="By hand?")]),
        (131.0, [Said(t_s=131.0, word=Word.BY_HAND)]),
        (
            131.0,
            [PointPassed(t_s=131.0, side=Side.RIGHT, point=2, confirmed_by=ConfirmedBy.HAND, gained_deg=2.5)],
        ),
        (165.0, [step(165.0, Place.CLOSE)]),
        (166.0, [Answered(t_s=166.0, question="back", value=4)]),
        (170.0, [Said(t_s=170.0, word=Word.STOP), Ended(t_s=170.0, how=EndKind.STOPPED)]),
    ]
    for peak_s in peaks_s():
        full = peak_s > 60
        breath = a_breath(peak_s, amplitude=26.0 if full else 10.0, period_s=15.0 if full else 5.0)
        said.append(
            (breath.inhale_start_s, [InhaleBegan(t_s=breath.inhale_start_s, decided_s=breath.inhale_start_s)])
        )
        seen = PeakSeen(
            t_s=peak_s,
            decided_s=peak_s + 0.5,
            inhale_start_s=breath.inhale_start_s,
            amplitude=breath.amplitude,
        )
        said.append((peak_s + 0.5, [seen]))
        ended: list[Record] = [BreathReturned(breath=breath), BreathEnded(breath=breath)]
        if full and peak_s < 90:
            ended.append(a_verdict(breath, side=Side.RIGHT, point=1, opened=peak_s > 70))
            if peak_s > 70:
                passed = PointPassed(
                    t_s=breath.decided_s, side=Side.RIGHT, point=1, confirmed_by=ConfirmedBy.BREATH
                )
                ended.append(passed)
        said.append((breath.decided_s, ended))
    return sorted(said, key=lambda moment: moment[0])


def step(t_s: float, place: Place, side: Side | None = None, point: int = 0) -> Step:
    return Step(t_s=t_s, place=place, side=side, point=point, points=2, sentence=f"Now {place}.")


def items(seconds: float = SECONDS) -> list[Samples | Record]:
    """The whole session in the order in which it is put."""
    timed: list[tuple[float, int, Samples | Record]] = []
    edges = np.arange(0, seconds * RATE_HZ, 36, dtype=int)
    for start in edges:
        t_s = (np.arange(start, start + 36) + 0.125) / RATE_HZ
        if not GAP_S[0] < t_s[-1] < GAP_S[1]:
            timed.append((float(t_s[-1]), 0, acceleration(t_s)))
    for start in np.arange(0, seconds * ECG_HZ, 73, dtype=int):
        t_s = np.arange(start, start + 73) / ECG_HZ
        ecg = np.round(800.0 * np.exp(-(((t_s % 0.9) - 0.45) ** 2) / 0.0004))[:, None]
        timed.append((float(t_s[-1]), 1, Samples(stream=Stream.ECG, t_s=t_s, values=ecg)))
    for beat_s in np.arange(0.9, seconds, 0.9):
        at = np.array([beat_s])
        timed.append((float(beat_s), 2, Samples(stream=Stream.RR, t_s=at, values=np.array([[900.0]]))))
        timed.append((float(beat_s), 3, Samples(stream=Stream.HEART_RATE, t_s=at, values=np.array([[67.0]]))))
    timed += [(at_s, 4, record) for at_s, records in events() for record in records]
    return [item for _, _, item in sorted(timed, key=lambda entry: entry[:2])]


def logbook_with_session(folder: Path, *, note: str = "Slept badly.") -> Logbook:
    """A logbook that holds the session."""
    logbook = Logbook(folder)
    writer = logbook.begin(
        info=INFO, routine=ROUTINE, settings=Settings(), started_at=STARTED_AT, language="en", screening=True
    )
    for item in items():
        writer.put(item)
    writer.close(Ended(t_s=170.0, how=EndKind.STOPPED))
    assert not writer.trouble
    if note:
        logbook.note(writer.id, note)
    return logbook
