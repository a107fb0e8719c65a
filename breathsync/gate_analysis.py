"""The gate over whole recordings: armed again after each verdict, and every breath judged.

The same follower and the same clauses as in a session, with the calibration a session makes: quiet breaths of the
first seconds, full breaths from prompts or a level known before. Without a full level there is no calibration, and
the gate stays shut (G1). Nobody follows instructions in a recording, so the budget (G11) and the time limits (G12),
which protect somebody who does, are not counted: each breath meets a fresh gate.

Causal: a verdict depends on nothing after its `decided_s`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from breathsync.analysis import Inhale
from breathsync.breath.events import (
    Breath,
    BreathEnded,
    BreathReturned,
    Calibrated,
    CalibrationRefused,
    CueInhale,
    Doubt,
    FollowerEvent,
    FollowerOrder,
    LearnFull,
    LearnQuiet,
    Posture,
    SignalChanged,
)
from breathsync.breath.follower import Follower
from breathsync.guide.events import Verdict
from breathsync.guide.gate import Armed, judge
from breathsync.samples import Samples, Stream
from breathsync.sensors.recording import Recording
from breathsync.settings import Settings

CUE_BEFORE_S = 1.0
"""A prompt is heard before its inhale begins; the calibration waits for the answer to a cue."""
BEFORE_FIRST_CUE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """What is known of a recording: quiet breaths within the first `quiet_s`, and the full level in one of two ways.

    `full_cues`: prompted full breaths. `full_level`: from `A_quiet` to `A_full`, in the recording's unit. Neither: the
    gate stays shut. `inhales`: prompted inhales that teach a motion sensor its axis.
    """

    quiet_s: float
    full_cues: Sequence[Inhale] = ()
    full_level: Callable[[float], float] | None = None
    inhales: Sequence[Inhale] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One verdict, with the end of the exhale where the recording shows it (later than the verdict)."""

    verdict: Verdict
    exhale_end_s: float | None


@dataclass(slots=True)
class GateAnalysis:
    """All verdicts over one recording, and what came of the calibration."""

    judged: list[Judged] = field(default_factory=list)
    calibrated: Calibrated | None = None
    refused: CalibrationRefused | None = None


def judge_recording(
    recording: Recording, *, teaching: Teaching, settings: Settings | None = None
) -> GateAnalysis:
    """Play the recording to the gate. Raises nothing for what is in it."""
    settings = settings or Settings()
    gate = _Gate(
        motion_sensor=recording.stream is Stream.ACCELERATION,
        settings=settings,
        from_s=teaching.quiet_s,
        moment_s=recording.info.moment_s,
    )
    follower = Follower(info=recording.info, settings=settings)
    for inhale in teaching.inhales:
        follower.teach_inhale(start_s=inhale.start_s, end_s=inhale.end_s)
    start = 0
    for until_s, order in _lesson(teaching):
        stop = max(start, int(np.searchsorted(recording.t_s, until_s)))
        part = slice(start, stop)
        start = stop
        samples = Samples(stream=recording.stream, t_s=recording.t_s[part], values=recording.values[part])
        for event in follower.push(samples):
            gate.take(event)
        if isinstance(order, FollowerOrder):
            follower.order(order)
        elif order is not None:
            for event in follower.full_known(order):
                gate.take(event)
    ends = {e.inhale_start_s: e.exhale_end_s for e in gate.ended}
    return GateAnalysis(
        judged=[Judged(verdict=v, exhale_end_s=ends.get(v.inhale_start_s)) for v in gate.verdicts],
        calibrated=gate.calibrated,
        refused=gate.refused,
    )


Order = FollowerOrder | Callable[[float], float] | None


def _lesson(teaching: Teaching) -> list[tuple[float, Order]]:
    """What the follower is told, and at which second of the recording; the last entry plays it to its end."""
    lesson: list[tuple[float, Order]] = [(0.0, LearnQuiet())]
    if teaching.full_cues:
        first_s = teaching.full_cues[0].start_s - BEFORE_FIRST_CUE_S
        lesson.append((min(teaching.quiet_s, first_s), LearnFull()))
        for cue in teaching.full_cues:
            lesson.append((cue.start_s - CUE_BEFORE_S, CueInhale(t_s=cue.start_s - CUE_BEFORE_S)))
    elif teaching.full_level is not None:
        lesson.append((teaching.quiet_s, teaching.full_level))
    return [*lesson, (np.inf, None)]


class _Gate:
    """Arms itself after each verdict and judges each breath once, as an armed guide does."""

    def __init__(self, *, motion_sensor: bool, settings: Settings, from_s: float, moment_s: float) -> None:
        self._motion_sensor = motion_sensor
        self._moment_s = moment_s
        self._settings = settings
        self._armed_s = from_s
        self._judged_s = -np.inf
        self._doubts: tuple[Doubt, ...] = ()
        self.calibrated: Calibrated | None = None
        self.refused: CalibrationRefused | None = None
        self.verdicts: list[Verdict] = []
        self.ended: list[Breath] = []

    def take(self, event: FollowerEvent) -> None:
        """Take in what the follower says."""
        match event:
            case Calibrated():
                self.calibrated = event
                self._armed_s = max(self._armed_s, event.t_s)
            case CalibrationRefused():
                self.refused = event
            case SignalChanged():
                self._doubts = event.doubts
            case BreathReturned():
                self._judge(event.breath)
            case BreathEnded():
                self.ended.append(event.breath)
                self._judge(event.breath)
            case _:
                pass

    def _judge(self, breath: Breath) -> None:
        if breath.inhale_start_s < self._armed_s or breath.inhale_start_s <= self._judged_s:
            return
        armed = Armed(
            armed_s=self._armed_s,
            settings=self._settings,
            motion_sensor=self._motion_sensor,
            posture=Posture.UPRIGHT,
            calibration=self.calibrated.calibration if self.calibrated else None,
            streaming=True,
            doubts=self._doubts,
            judged_until_s=self._judged_s,
            moment_s=self._moment_s,
        )
        self.verdicts.append(judge(breath, armed))
        self._judged_s = breath.inhale_start_s
