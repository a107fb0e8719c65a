"""Samples in, breaths and movement out: causal, whatever the sensor, however the samples are packed.

What was seen in a block (movement, rises and falls, the turn of a second) is put into one line by the stamp at
which it was known, and dealt with in that order, each looking only at what had come by then. So the result is
the same to the bit for any packing (G16).
"""

from collections.abc import Callable
from itertools import pairwise
from math import floor
from operator import itemgetter

import numpy as np

from breathsync.breath.body import Body
from breathsync.breath.decimate import Decimator, Intake, Stretch, Working
from breathsync.breath.detector import (
    MOTION_CORNER_HZ,
    SILENCE_S,
    Detector,
    DetectorEvent,
    Ended,
    Returned,
)
from breathsync.breath.drift import Steadied
from breathsync.breath.events import (
    BreathEnded,
    BreathReturned,
    Calibration,
    CueInhale,
    Doubt,
    FollowerEvent,
    FollowerOrder,
    Forget,
    InhaleBegan,
    LearnFull,
    LearnQuiet,
    Live,
    Middle,
    MotionChanged,
    PeakSeen,
    SettleIn,
    SignalChanged,
    Tapped,
    TurnSeen,
)
from breathsync.breath.hindsight import LEAST_NOISE_MG
from breathsync.breath.judge import Judge
from breathsync.breath.learner import Learner
from breathsync.breath.phase_detector import PhaseDetector
from breathsync.breath.raw import known_at_s
from breathsync.breath.taps import AFTER_S, SLOWEST_HZ, Taps
from breathsync.breath.trace import Trace
from breathsync.breath.turn import PIECE_S
from breathsync.samples import UNITS, FloatArray, Samples, SensorInfo, Stream
from breathsync.settings import Settings

EVEN_FROM_HZ = 40.0
"""From this rate on a sensor's stamps are taken as even; slower ones (a belt over Bluetooth) as they come."""
CHUNK_S = 60.0
"""A long block is worked off in pieces, so that the rings hold all that one piece can ask for."""
RATE_EVERY = 8192
"""So many samples make one look at the rate that they really come with; the first look comes after `RATE_FIRST`."""
RATE_FIRST = 256
RATE_OFF = 0.15
TURN_STEP_DEG = 0.5
SAME_PEAK_S = 0.5
CALM_FOR_S = 4.0
GATE_CORNER_HZ = 1.0
"""For a calibrated motion sensor the corner is higher than for one that only shows a breath: full breaths stand
far above the heart beat's ripple, and the gate must decide within 0.3 s (G7)."""
PHASES_SEE_S = 60.0
"""Twice the time within which `Phases` forgets."""
UNKNOWN_RATE_HZ = 25.0


class Follower:
    """Follows the breath of one wearer of one sensor.

    `push` takes samples of any stream and block size and never raises for bad data; `order` takes what the guide
    wants learned; `live` and `trace` are for pictures only.
    """

    def __init__(self, *, info: SensorInfo, settings: Settings) -> None:
        self.info = info
        self.settings = settings
        self.trace = Trace()
        self._stream = info.breath_stream
        self._columns = 3 if self._stream is Stream.ACCELERATION else 1
        self._unit = UNITS[self._stream] if self._stream else ""
        self._intake = Intake()
        self._now_s = 0.0
        self._second = -1
        self._orders: list[FollowerOrder] = []
        self._shown, self._quality = Live().doubts, Live().quality
        nominal = info.rates_hz.get(self._stream) if self._stream else None
        self._stamps: list[FloatArray] = []
        self._stamps_n = 0
        self._looked = False
        self._prompts: list[tuple[float, float]] = []
        self._build(nominal if nominal and np.isfinite(nominal) and nominal > 1.0 else UNKNOWN_RATE_HZ)

    def _build(self, rate_hz: float) -> None:
        """Make everything that depends on the sensor's rate."""
        self._rate_hz = rate_hz
        self._decimator = Decimator(rate_hz=rate_hz, columns=self._columns)
        self._body = Body(info=self.info, rate_hz=self._decimator.rate_hz, delay_s=self._decimator.delay_s)
        self._taps = Taps(rate_hz=rate_hz) if self._columns == 3 and rate_hz >= SLOWEST_HZ else None
        self._turn_said = 0.0
        self._judge = Judge(body=self._body, settings=self.settings, unit=self._unit)
        self._learner = Learner(
            body=self._body, judge=self._judge, settings=self.settings, make=self._detector
        )
        self._detect: Detector | Steadied | PhaseDetector = (
            self._learner.guess.phases if self._columns == 3 else self._detector()
        )
        self._offset = 0.0
        self._peaked_s = self._said_until_s = -np.inf
        self._moved_on = False
        self._recent: list[float] = []
        self._largest: float | None = None

    def _detector(self, *, learned: bool = True) -> Detector | Steadied:
        fraction = self.settings.gate.return_fraction
        if self._columns == 3:
            corner_hz = GATE_CORNER_HZ if learned else MOTION_CORNER_HZ
            detector = Detector(
                rate_hz=self._body.rate_hz,
                delay_s=self._decimator.delay_s,
                return_fraction=fraction,
                corner_hz=corner_hz,
            )
            return Steadied(detector)
        even = self._rate_hz if self._rate_hz >= EVEN_FROM_HZ else None
        return Detector(rate_hz=even, return_fraction=fraction)

    # ---- what goes in -------------------------------------------------------------------------------------

    def order(self, order: FollowerOrder) -> None:
        """Take an order; it holds from the next sample on."""
        now = self._now_s
        match order:
            case LearnQuiet():
                self._learner.begin_quiet(now)
            case LearnFull():
                self._learner.begin_full(now)
            case CueInhale():
                self._learner.cue(order.t_s)
            case SettleIn():
                self._learner.settle(now, order.posture)
            case Forget():
                self._learner.forget()
            case Middle():
                self._body.middle(now)
                self._learner.turns()

    def push(self, samples: Samples) -> list[FollowerEvent]:
        """Take a block of any stream; return what is now known, in order."""
        if samples.stream is not self._stream:
            self._body.hear(samples)
            return []
        events: list[FollowerEvent] = []
        for stretch in self._intake.push(samples.t_s, samples.values):
            if stretch.fresh:
                self._restart(stretch, events)
            for t_s, values in self._pieces(stretch):
                self._piece(t_s, values, events)
        return events

    def teach_inhale(self, *, start_s: float, end_s: float) -> None:
        """An inhale is known to run from `start_s` to `end_s` (a prompt, a button): it teaches a motion sensor its
        axis and direction as soon as the samples have passed `end_s`. Say it before those samples come."""
        self._prompts.append((start_s, end_s))
        self._learner.guess.teach_inhale(start_s, end_s)

    def full_known(self, full: Callable[[float], float]) -> list[FollowerEvent]:
        """End a quiet stage (`LearnQuiet`) with a full level known from outside, `full(A_quiet)` in the sensor's unit:
        for recordings of people who were measured before. Refused as any calibration is."""
        return self._learner.full_known(self._now_s, full)

    def finish(self) -> list[FollowerEvent]:
        """The source has ended: the breath under way as it stands, for a recording played to its end."""
        events: list[FollowerEvent] = []
        self._finish_breath(events)
        return events

    @property
    def calibration(self) -> Calibration | None:
        """What was learned from this person in this wearing, None before."""
        return self._judge.calibration

    @property
    def live(self) -> Live:
        """The breath at this moment, for a picture."""
        scale = self._judge.quiet_here
        level = self._detect.level
        body = self._body
        return Live(
            doubts=self._shown,
            quality=self._quality,
            t_s=self._now_s,
            phase=self._detect.phase,
            level=level,
            level_quiet=level / scale if scale else None,
            still_for_s=body.movement.still_for_s(self._now_s) if len(body) else 0.0,
            tilt_deg=body.tilt_from_upright_deg(self._now_s),
            turn_deg=body.turn_deg,
        )

    # ---- one piece of the stream --------------------------------------------------------------------------

    def _pieces(self, stretch: Stretch) -> list[tuple[FloatArray, FloatArray]]:
        """Cut where the rate is looked at, and (a motion sensor, whose axis may change there) at each second."""
        t_s, n = stretch.t_s, len(stretch.t_s)
        look = (RATE_EVERY if self._looked else RATE_FIRST) - self._stamps_n
        step = CHUNK_S if self._columns == 1 else 1.0 if self._body.turn is None else PIECE_S
        if look >= n and floor(t_s[0] / step) == floor(t_s[-1] / step):
            return [(t_s, stretch.values)]
        cells = np.floor(t_s / step)
        edges = set((np.flatnonzero(cells[1:] != cells[:-1]) + 1).tolist())
        edges.update(range(look, n, RATE_EVERY))
        bounds = [0, *sorted(edges), n]
        return [(t_s[a:b], stretch.values[a:b]) for a, b in pairwise(bounds) if b > a]

    def _piece(self, t_s: FloatArray, values: FloatArray, events: list[FollowerEvent]) -> None:
        self._look_at_rate(t_s, events)
        work = self._decimator.push(t_s, values)
        line: list[tuple[float, int, object]] = []
        level: FloatArray | None = None
        if len(work.t_s):
            if floor(work.t_s[-1]) != self._second:
                seconds = np.floor(work.t_s)
                before = np.concatenate(((self._second,), seconds[:-1]))
                line = [
                    (float(work.t_s[i]), 0, int(seconds[i]))
                    for i in np.flatnonzero(seconds != before).tolist()
                ]
                self._second = int(seconds[-1])
            if self._columns == 3 and line:
                self._on_second(float(work.t_s[0]), events)
                self._largest = self._judge.largest(self._typical)
            moving, changes = self._body.push(work, largest=self._largest)
            line.extend((change.t_s, 1, change) for change in changes)
            level = self._level(work)
            if level is not None:
                self.trace.append(work.t_s, level, moving, self._detect.phase)
        if self._taps is not None:
            line.extend((word.t_s + AFTER_S, 1, word) for word in self._taps.push(t_s, values))
        line.extend((known_at_s(e), 2, e) for e in self._breaths(t_s, values, work, level))
        line.sort(key=itemgetter(0, 1))
        for known_s, _, what in line:
            if self._judge.waiting:
                self._pending(known_s, events)
            self._now_s = known_s
            if isinstance(what, int):
                if self._columns == 1:
                    self._on_second(known_s, events)
            elif isinstance(what, MotionChanged | Tapped):
                events.append(what)
                if isinstance(what, MotionChanged):
                    self._moved_on = self._body.has_jolted(what, self._typical) or self._moved_on
            else:
                self._detected(what, events)  # type: ignore[arg-type]
        self._now_s = float(t_s[-1])
        self._pending(self._now_s, events)

    def _breaths(
        self, t_s: FloatArray, values: FloatArray, work: Working, level: FloatArray | None
    ) -> list[DetectorEvent]:
        """A motion sensor's phases are followed until a calibration is learned."""
        if self._columns == 1:
            return self._detect.push(t_s, values[:, 0])
        if isinstance(self._detect, PhaseDetector):
            return self._detect.push(work.t_s, work.values)
        return [] if level is None else self._detect.push(work.t_s, level)

    def _level(self, work: Working) -> FloatArray | None:
        """The breath's signal (n,) at the working rate, None while there is no axis to see it along."""
        if self._columns == 1:
            return work.values[:, 0]
        axis = self._body.axis
        return None if axis is None else self._body.project(work.values, axis) + self._offset

    # ---- what was seen ------------------------------------------------------------------------------------

    def _finish_breath(self, events: list[FollowerEvent]) -> None:
        """The breath under way is broken off here; what a new detector sees of it again is not said twice."""
        for event in self._detect.finish():
            self._detected(event, events)
        self._judge.drop()
        self._said_until_s = self._peaked_s + SAME_PEAK_S

    def _detected(self, event: DetectorEvent, events: list[FollowerEvent]) -> None:
        if not isinstance(event, InhaleBegan):
            peak_s = event.t_s if isinstance(event, PeakSeen) else event.breath.inhale_peak_s
            if peak_s <= self._said_until_s:
                return
            self._peaked_s = peak_s
        match event:
            case InhaleBegan():
                self._body.onset(event.t_s, event.decided_s, self._judge.quiet_here or self._typical)
                events.append(event)
            case PeakSeen():
                by_rhythm = isinstance(self._detect, PhaseDetector)
                events.append(self._judge.peak(event, by_rhythm=by_rhythm))
            case Returned():
                self._judge.returned(event.breath)
                self._pending(event.breath.decided_s, events)
            case Ended():
                early = self._judge.give_up_waiting(event.breath)
                if early:
                    events.append(BreathReturned(breath=early))
                breath = self._judge.ended(event.breath)
                if Doubt.MOVEMENT not in breath.doubts:
                    self._recent = [*self._recent[-4:], breath.amplitude]
                events.append(BreathEnded(breath=breath))
                events.extend(self._learner.breath(breath))

    @property
    def _typical(self) -> float | None:
        return sorted(self._recent)[len(self._recent) // 2] if self._recent else None

    def _pending(self, known_s: float, events: list[FollowerEvent]) -> None:
        """A breath that came back 70 %: is its end plain by now?"""
        if breath := self._judge.decide(known_s):
            events.append(BreathReturned(breath=breath))

    def _on_second(self, t_s: float, events: list[FollowerEvent]) -> None:
        """Once a second of stream time: learn what can be learned, say how the signal is."""
        self._now_s = t_s
        if self._columns == 3:
            self._on_motion_second(t_s, events)
        events.extend(self._learner.second(t_s))
        if self._learner.axis_changed:
            self._learner.axis_changed = False
            seen_again = self._learner.learning or self._judge.calibration is not None
            self._new_axis(events, replay_from_s=t_s - 60.0 if seen_again else None)
        doubts = self._body.doubts(t_s, loose=self._judge.loose)
        self._judge.signal = doubts
        if doubts != self._body.said:
            self._body.said = doubts
            events.append(SignalChanged(t_s=t_s, doubts=doubts))
        self._shown = (*doubts, Doubt.NO_AXIS) if self._judge.axis_unlearned else doubts
        self._quality = 0.2 if doubts else self._judge.last_quality

    def _on_motion_second(self, t_s: float, events: list[FollowerEvent]) -> None:
        """The same for a motion sensor alone: its axis, what a movement left behind, the turn."""
        if self._judge.calibration is None:
            guess, learning = self._learner.guess, self._learner.learning
            if learning is isinstance(self._detect, PhaseDetector):
                self._finish_breath(events)
                self._detect = self._detector(learned=False) if learning else self._phases_again(t_s)
            if guess.provisional(t_s) if learning else guess.by_phases(t_s):
                self._new_axis(events)
        if self._moved_on:
            self._moved_on = False
            self._finish_breath(events)
        self._mind_noise(t_s)
        self._body.catch_up(t_s)
        turn_deg = self._body.turn_deg
        if turn_deg is not None and abs(turn_deg - self._turn_said) >= TURN_STEP_DEG:
            self._turn_said = turn_deg
            events.append(TurnSeen(t_s=t_s, turn_deg=turn_deg))

    def _phases_again(self, t_s: float) -> PhaseDetector:
        """Nothing was learned: the phases once more, when they have seen the last minute of a whole stream."""
        phases = self._learner.guess.phases
        rows = self._body.past(max(t_s - PHASES_SEE_S, self._body.wear.since_s), t_s)
        phases.push(rows[:, 0].copy(), rows[:, 1:4])
        phases.finish()
        return phases

    def _mind_noise(self, t_s: float) -> None:
        """A motion sensor: remember the wobble of the calm, so that a cough does not blind what follows it."""
        if self._columns != 3 or isinstance(self._detect, PhaseDetector):
            return
        still_for_s = self._body.movement.still_for_s(t_s)
        if still_for_s >= CALM_FOR_S:
            self._body.calm_noise = self._detect.noise
        elif still_for_s > 0.0:
            self._detect.limit_noise(max(self._body.calm_noise, LEAST_NOISE_MG))

    def _new_axis(self, events: list[FollowerEvent], replay_from_s: float | None = None) -> None:
        """Go on along another axis: from now on at the same level, or (learned) with the past seen along it."""
        axis, wanted = self._body.axis, self._body.wanted_axis
        if wanted is None:
            return
        newest = self._body.newest()
        if axis is not None and newest is not None and replay_from_s is None:
            self._offset += float(((axis.weights - wanted.weights) * newest).sum())
        if replay_from_s is not None:
            self._finish_breath(events)
        self._body.axis = wanted
        if replay_from_s is not None:
            self._offset = 0.0
            learned = self._judge.calibration is not None
            self._detect = self._learner.hindsight.replayed(
                self._detector(learned=learned), wanted, replay_from_s, self._now_s
            )
            self._judge.drop()
            was = self.trace.window(120.0)
            self.trace.clear()
            rows = self._body.past(self._now_s - 120.0, self._now_s)
            if len(rows):
                level = self._body.project(rows[:, 1:4], wanted)
                moved = np.isin(rows[:, 0], was.t_s[was.moving])
                self.trace.append(rows[:, 0], level, moved, self._detect.phase)

    # ---- when the stream breaks ---------------------------------------------------------------------------

    def _restart(self, stretch: Stretch, events: list[FollowerEvent]) -> None:
        """Behind a silence or a jump of the clock. The detector bridges a short silence, so that a breath is not lost
        from the count; `Conditions.gap_max_s` and its doubt keep that breath from the gate (G2)."""
        t_s = float(stretch.t_s[0])
        if stretch.jumped or stretch.gap_s > SILENCE_S:
            self._finish_breath(events)
        self._decimator.reset()
        self._body.restart(t_s, gap_s=stretch.gap_s, jumped=stretch.jumped)
        if self._taps is not None:
            self._taps.reset()
        if stretch.jumped:
            self.trace.clear()
            self._peaked_s = self._said_until_s = -np.inf
        self._stamps, self._stamps_n = [], 0
        self._now_s, self._second = t_s, int(np.floor(t_s)) - 1

    def _look_at_rate(self, t_s: FloatArray, events: list[FollowerEvent]) -> None:
        """Every so many samples: does the rate agree with what was said? If not, go on with the real one."""
        if self._stamps_n >= (RATE_EVERY if self._looked else RATE_FIRST):
            stamps = np.concatenate(self._stamps)
            steps = stamps[1:] - stamps[:-1]
            self._stamps, self._stamps_n, self._looked = [], 0, True
            usual_s = 1.0 / self._rate_hz
            even = 0.9 * usual_s < steps.min() and steps.max() < 1.1 * usual_s
            measured = self._rate_hz if even else 1.0 / float(np.median(steps))
            if abs(measured / self._rate_hz - 1.0) > RATE_OFF:
                self._finish_breath(events)
                axis, detect, uneven = self._body.axis, self._detect, self._rate_hz < EVEN_FROM_HZ
                self._build(measured)
                for start_s, end_s in self._prompts:
                    if start_s > float(t_s[0]):
                        self._learner.guess.teach_inhale(start_s, end_s)
                self._body.restart(float(t_s[0]), gap_s=0.0, jumped=True)
                self._body.axis = self._body.wanted_axis = axis
                if uneven and measured < EVEN_FROM_HZ and self._columns == 1:
                    self._detect = detect
        self._stamps.append(t_s)
        self._stamps_n += len(t_s)
