"""A pretended follower with a pretended person: the events a guide hears, without any signal."""

from dataclasses import replace

from breathsync.breath.events import (
    Breath,
    BreathEnded,
    BreathKind,
    BreathReturned,
    Calibrated,
    Calibration,
    CalibrationProgress,
    Conditions,
    CueInhale,
    FollowerOrder,
    Forget,
    InhaleBegan,
    LearnFull,
    LearnQuiet,
    MotionChanged,
    PeakSeen,
    Posture,
    SettleIn,
    SignalChanged,
)
from breathsync.guide.events import Answered, Place, Question, QuestionKind, Said, Step, Tick, Word
from breathsync.guide.guide import Guide
from breathsync.guide.routine import Routine
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.settings import Settings

TICK_S = 0.25
QUIET_MG, FULL_MG = 6.0, 18.0
AXIS = (0.0, 0.0, 1.0)

CHEST = SensorInfo(name="pretended chest strap", kind="h10", streams=(Stream.ACCELERATION, Stream.RR))
BELT = SensorInfo(name="pretended belt", kind="belt", streams=(Stream.FORCE,))
TURNING = SensorInfo(name="pretended imu", kind="imu6", streams=(Stream.ACCELERATION, Stream.GYROSCOPE))
HEART = SensorInfo(name="pretended heart", kind="heart", streams=(Stream.RR, Stream.HEART_RATE))

LEARNED = Calibration(
    a_quiet=QUIET_MG,
    a_full=FULL_MG,
    noise=1.0,
    unit="mg",
    axis=AXIS,
    scales={Posture.UPRIGHT: 1.0, Posture.LEFT: 0.8, Posture.RIGHT: 0.8},
)


def a_breath(
    start_s: float = 100.0, *, amplitude: float = FULL_MG, ti_s: float = 3.0, te_s: float = 4.0, **changes
) -> Breath:
    """A full, clean breath as known 0.2 s after its exhale had come back; `changes` change fields or conditions."""
    held = Conditions(
        still_before_s=5.0, tilt_change_deg=0.1, level_change=0.1, burst=False, gap_max_s=0.05, noise=1.0
    )
    names = set(Conditions.__slots__) & set(changes)
    held = replace(held, **{name: changes.pop(name) for name in names})
    returned_s = start_s + ti_s + 0.6 * te_s
    breath = Breath(
        inhale_start_s=start_s,
        inhale_peak_s=start_s + ti_s,
        peak_decided_s=start_s + ti_s + 0.3,
        returned_s=returned_s,
        exhale_end_s=None,
        decided_s=returned_s + 0.2,
        amplitude=amplitude,
        amplitude_quiet=amplitude / QUIET_MG,
        unit="mg",
        returned_fraction=0.75,
        rises=1,
        kind=BreathKind.SIGH if amplitude >= 2 * QUIET_MG else BreathKind.BREATH,
        quality=0.95,
        doubts=(),
        conditions=held,
    )
    return replace(breath, **changes)


class Stage:
    """A guide with a person before it, tick by tick. Change the fields to make the person somebody else."""

    def __init__(
        self,
        routine: Routine,
        *,
        info: SensorInfo = CHEST,
        settings: Settings | None = None,
        screening: bool = True,
        comfort: bool | None = None,
        language: str = "en",
    ) -> None:
        self.guide = Guide(
            routine=routine,
            settings=settings or Settings(),
            info=info,
            screening=screening,
            comfort=comfort,
            language=language,
        )
        self.info = info
        self.now_s = 0.0
        self.out = []
        self.said = []
        """(time, output) of everything."""
        # who the person is
        self.answers = {}
        self.silent = False
        self.full_on_cue = True
        self.full_mg = FULL_MG
        self.quiet_s = (1.7, 2.3)
        self.full_s = (3.0, 4.0)
        self.changes = {}
        """Changes to each full breath at the gate."""
        self.moves = True
        # the pretended follower
        self.breathing = True
        self.calibration = None
        self._orders = []
        self._learn = ""
        self._counted = 0
        self._posture = Posture.UPRIGHT
        self._posture_breaths = 0
        self._events = []
        self._wants_full = False
        self._next_inhale_s = 1.0
        self._still_at_s = None

    # -- running

    def put(self, event):
        got = self.guide.put(event)
        for output in got:
            self.said.append((self.now_s, output))
            if isinstance(output, FollowerOrder):
                self._orders.append(output)
            else:
                self._react(output)
        return got

    def say(self, word: Word):
        return self.put(Said(t_s=self.now_s, word=word))

    def sensor(self, state: SensorState):
        return self.put(SensorChange(t_s=self.now_s, state=state))

    def begin(self):
        self.sensor(SensorState.STREAMING)
        self.put(SignalChanged(t_s=self.now_s, doubts=()))
        self.put(MotionChanged(t_s=self.now_s, still=True))
        return self

    def run(self, seconds: float = 1200.0, *, until: Place | None = None):
        """Run on; until a place is reached, or the end."""
        end_s = self.now_s + seconds
        while self.now_s < end_s and self.guide.view.ended is None:
            self.now_s += TICK_S
            for order in self._orders:
                self._obey(order)
            self._orders.clear()
            self._breathe()
            if self._still_at_s is not None and self.now_s >= self._still_at_s:
                self._still_at_s = None
                self.put(MotionChanged(t_s=self.now_s, still=True))
            self.put(Tick(t_s=self.now_s))
            if until and self.place is until:
                return self
        return self

    @property
    def place(self) -> Place:
        return self.guide.view.step.place

    def all(self, kind):
        return [output for _, output in self.said if isinstance(output, kind)]

    @property
    def places(self) -> list[Place]:
        return [step.place for step in self.all(Step)]

    # -- the person

    def _react(self, output) -> None:
        if isinstance(output, Question) and not self.silent:
            value = self.answers.get(output.question, False if output.kind is QuestionKind.YES_NO else 4)
            self._later(1.0, Answered(t_s=self.now_s + 1.0, question=output.question, value=value))
        if isinstance(output, Step):
            self._wants_full = output.place in (Place.BREATHE, Place.WARM_UP)
            if output.place in (Place.EASE, Place.LENGTHEN, Place.SET_UP, Place.COME_BACK) and self.moves:
                self._later(0.5, MotionChanged(t_s=self.now_s + 0.5, still=False))
                self._still_at_s = self.now_s + 2.5

    def _later(self, after_s: float, event) -> None:
        self._events.append((self.now_s + after_s, event))

    def _breathe(self) -> None:
        due = [e for e in self._events if e[0] <= self.now_s]
        self._events = [e for e in self._events if e[0] > self.now_s]
        for _, event in due:
            if isinstance(event, CueInhale):
                self._wants_full = True
            else:
                self._hear(event)
        if self.breathing and self.info.breath_stream and self.now_s >= self._next_inhale_s:
            self._take_breath()

    def _take_breath(self) -> None:
        start_s = self.now_s
        full = self._wants_full and self.full_on_cue
        ti_s, te_s = self.full_s if full else self.quiet_s
        scale = self.calibration.scales.get(self._posture, 1.0) if self.calibration else 1.0
        amplitude = (self.full_mg if full else QUIET_MG) * scale
        changes = dict(self.changes) if full and self.place is Place.BREATHE else {}
        breath = a_breath(start_s, amplitude=amplitude, ti_s=ti_s, te_s=te_s)
        breath = replace(breath, amplitude_quiet=amplitude / (QUIET_MG * scale))
        names = set(Conditions.__slots__) & set(changes)
        held = replace(breath.conditions, **{name: changes.pop(name) for name in names})
        breath = replace(breath, conditions=held, **changes)
        end_s = start_s + ti_s + te_s
        ended = replace(breath, exhale_end_s=end_s, decided_s=end_s + 0.2, returned_fraction=1.0)
        self._later(0.3, InhaleBegan(t_s=start_s, decided_s=start_s + 0.3))
        peak_s = breath.peak_decided_s
        self._later(
            ti_s + 0.3,
            PeakSeen(t_s=start_s + ti_s, decided_s=peak_s, inhale_start_s=start_s, amplitude=amplitude),
        )
        self._later(breath.decided_s - start_s, BreathReturned(breath=breath))
        self._later(end_s + 0.2 - start_s, BreathEnded(breath=ended))
        self._next_inhale_s = end_s + 0.3
        if full and self.place is not Place.WARM_UP:
            self._wants_full = False

    def _hear(self, event) -> None:
        self.put(event)
        if isinstance(event, BreathEnded):
            self._learn_from(event.breath)

    # -- the follower

    def _obey(self, order) -> None:
        match order:
            case LearnQuiet():
                self._learn, self._counted, self.calibration = "quiet", 0, None
            case LearnFull():
                self._learn, self._counted = "full", 0
            case CueInhale():
                self._later(0.8, order)
            case SettleIn(posture=posture):
                self._posture, self._posture_breaths = posture, 0
                self._learn = "posture"
            case Forget():
                self.calibration = None
            case _:
                self._posture = Posture.UPRIGHT

    def _learn_from(self, breath: Breath) -> None:
        full = breath.amplitude > 2 * QUIET_MG * 0.8
        if self._learn == "quiet" and not full:
            self._count(6)
        elif self._learn == "full" and full:
            self._count(3)
            if self._counted == 3:
                self._learn = ""
                self.calibration = replace(
                    LEARNED, scales={Posture.UPRIGHT: 1.0}, axis=AXIS if self.info is not BELT else None
                )
                self.put(Calibrated(t_s=self.now_s, calibration=self.calibration, posture=Posture.UPRIGHT))
        elif self._learn == "posture" and self.calibration and not full:
            self._posture_breaths += 1
            if self._posture_breaths == 2:
                self._learn = ""
                scales = {**self.calibration.scales, self._posture: 0.8}
                self.calibration = replace(self.calibration, scales=scales)
                self.put(Calibrated(t_s=self.now_s, calibration=self.calibration, posture=self._posture))

    def _count(self, needed: int) -> None:
        self._counted += 1
        self.put(CalibrationProgress(t_s=self.now_s, stage=self._learn, counted=self._counted, needed=needed))
