"""Arbitrary events against the plain model of the clauses.

The full run of 100,000 steps is one command: `python -m tests.guide.test_machine 100000`.
"""

import math
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from breathsync.breath.events import (
    BreathEnded,
    BreathKind,
    BreathReturned,
    Calibrated,
    CalibrationProgress,
    CalibrationRefused,
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
from breathsync.guide.events import Answered, Place, QuestionKind, Said, Tick, Word
from breathsync.guide.guide import Guide
from breathsync.routine_files import load_routine
from breathsync.samples import SensorChange, SensorState
from breathsync.settings import LimitSettings, Settings
from tests.guide.model import Model
from tests.guide.pretend import BELT, CHEST, HEART, LEARNED, QUIET_MG, TURNING, a_breath

TICK_S = 0.25
ROUTINES = {name: load_routine(name) for name in ("seated-twist", "first-time", "breath-only")}
SENSORS = {info.kind: info for info in (CHEST, BELT, TURNING, HEART)}
odd = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e9, 0.3])
flaws = st.sampled_from(
    [
        {},
        {},
        {},
        {"kind": BreathKind.MOVEMENT},
        {"kind": BreathKind.TALK},
        {"kind": BreathKind.DOUBLE_GASP, "rises": 2},
        {"kind": BreathKind.HOLD},
        {"doubts": (Doubt.HEART_DISAGREES,)},
        {"doubts": (Doubt.BELOW_NOISE, Doubt.MOVEMENT)},
        {"still_before_s": 1.2},
        {"still_before_s": math.nan},
        {"tilt_change_deg": 1.4},
        {"tilt_change_deg": None},
        {"level_change": None},
        {"level_change": 9.0},
        {"burst": True},
        {"gap_max_s": 0.7},
        {"noise": math.nan},
        {"quality": 0.2},
        {"returned_s": None},
        {"returned_fraction": 0.4},
        {"amplitude_quiet": None},
        {"witness": Witness.DISAGREES},
    ]
)
places_apart = st.one_of(st.floats(0.2, 30.0), st.sampled_from([1.5, 4.0, 12.0]))


class Machine(RuleBasedStateMachine):
    """One guide, one model, and whatever comes."""

    @initialize(
        routine=st.sampled_from(list(ROUTINES)),
        sensor=st.sampled_from(list(SENSORS)),
        screening=st.booleans(),
        deep_per_session=st.sampled_from([30, 7]),
        way=st.sampled_from(
            [None, 0, Place.WARM_UP, Place.EASE, Place.SETTLE, Place.BREATHE, Place.BREATHE, Place.BREATHE]
        ),
    )
    def begin(self, routine, sensor, screening, deep_per_session, way):
        """Begin with nothing known, with a sensor that streams, or led to a place on the way."""
        self.routine, self.info, self.now_s = ROUTINES[routine], SENSORS[sensor], 0.0
        self.settings = Settings(limits=LimitSettings(deep_per_session=deep_per_session))
        self.start(screening, way)

    def start(self, screening, way):
        guide = Guide(routine=self.routine, settings=self.settings, info=self.info, screening=screening)
        self.model = Model(guide, settings=self.settings, info=self.info)
        if way is not None:
            self.stream()
        helps = 0
        while way and self.model.place is not way and helps < 40:
            self.help_on()
            helps += 1

    def put(self, event):
        met = (
            event.word
            if isinstance(event, Said)
            else event.state
            if isinstance(event, SensorChange)
            else None
        )
        if met is not None:
            _met[met, self.model.place] += 1
        return self.model.put(event)

    def stream(self):
        self.put(SensorChange(t_s=self.now_s, state=SensorState.STREAMING))
        self.put(SignalChanged(t_s=self.now_s, doubts=()))
        self.put(MotionChanged(t_s=self.now_s, still=True))

    def ticks(self, seconds):
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += TICK_S
            self.put(Tick(t_s=self.now_s))

    def breathe(self, *, amplitude, ti_s=2.5, te_s=3.5, returned=True, ended=True, **flaw):
        """One breath in its own time, with the ticks between."""
        start_s = self.now_s + 0.1
        calibration = self.model.calibration
        posture = Posture(self.model.at[0].value) if self.model.at[0] else Posture.UPRIGHT
        scale = calibration.scales.get(posture, 1.0) if calibration else 1.0
        breath = replace(a_breath(start_s, ti_s=ti_s, te_s=te_s), amplitude=amplitude * scale)
        kind = BreathKind.SIGH if amplitude >= 2 * QUIET_MG else BreathKind.BREATH
        breath = replace(breath, amplitude_quiet=amplitude / QUIET_MG, kind=kind)
        breath = with_flaw(breath, flaw)
        self.put(InhaleBegan(t_s=start_s, decided_s=start_s + 0.2))
        self.ticks(ti_s)
        self.put(
            PeakSeen(t_s=start_s + ti_s, decided_s=self.now_s, inhale_start_s=start_s, amplitude=amplitude)
        )
        self.ticks(breath.decided_s - self.now_s)
        if returned:
            self.put(BreathReturned(breath=breath))
        end_s = start_s + ti_s + te_s
        self.ticks(end_s - self.now_s)
        if ended:
            self.put(
                BreathEnded(breath=replace(breath, exhale_end_s=end_s, decided_s=max(end_s, self.now_s)))
            )

    # -- a helpful person and follower, so that the far places are reached

    @rule()
    def help(self):
        if self.model.ended:
            self.note_counts()
            self.start(False, Place.SETTLE)
        self.help_on()

    @rule(times=st.integers(2, 12))
    def help_along(self, times):
        for _ in range(times):
            self.help_on()

    def help_on(self):
        view = self.model.guide.view
        match view.step.place:
            case Place.CHECK_IN | Place.CLOSE if view.question:
                value = False if view.question.kind is QuestionKind.YES_NO else 3
                self.put(Answered(t_s=self.now_s, question=view.question.question, value=value))
            case Place.CHECK_IN | Place.CLOSE:
                self.ticks(1.0)
            case Place.FIND_BREATH:
                self.ticks(2.0)
                self.put(CalibrationProgress(t_s=self.now_s, stage="quiet", counted=6, needed=6))
            case Place.FIND_FULL:
                self.ticks(2.0)
                self.learn(Posture.UPRIGHT)
            case Place.WARM_UP | Place.SET_UP | Place.EASE | Place.LENGTHEN:
                self.ticks(3.0)
                self.put(Said(t_s=self.now_s, word=Word.GO_ON))
            case Place.SETTLE:
                self.put(MotionChanged(t_s=self.now_s, still=True))
                for _ in range(2):
                    self.breathe(amplitude=QUIET_MG, ti_s=1.2, te_s=1.8)
                if view.step.side:
                    self.learn(view.step.side.posture)
                self.ticks(1.0)
            case Place.BREATHE:
                self.breathe(amplitude=18.0)
            case Place.REST:
                self.ticks(10.0)
            case Place.COME_BACK:
                self.breathe(amplitude=QUIET_MG, ti_s=1.2, te_s=1.8)
            case Place.LOST:
                self.stream()
                self.ticks(0.5)
                self.put(Said(t_s=self.now_s, word=Word.GO_ON))
            case Place.PAUSED:
                self.put(Said(t_s=self.now_s, word=Word.GO_ON))
            case _:
                pass

    def learn(self, posture):
        known = self.model.calibration
        scales = {**(known.scales if known else {Posture.UPRIGHT: 1.0}), posture: 0.8}
        axis = None if self.info is BELT else LEARNED.axis
        learned = replace(LEARNED, axis=axis, scales=scales)
        self.put(Calibrated(t_s=self.now_s, calibration=learned, posture=posture))

    # -- and whatever else may come

    @rule(seconds=st.sampled_from([0.25, 1.0, 5.0, 21.0]))
    def time_passes(self, seconds):
        self.ticks(seconds)

    @rule(times=st.integers(3, 8), still_before_s=st.sampled_from([0.5, 5.0]))
    def eager(self, times, still_before_s):
        """Deep breaths one after the other, asked for or not."""
        for _ in range(times):
            self.breathe(amplitude=18.0, ti_s=1.6, te_s=2.5, still_before_s=still_before_s)

    @rule(flaw=flaws)
    def a_full_breath_with_a_flaw(self, flaw):
        self.breathe(amplitude=18.0, **flaw)

    @rule(
        flaw=flaws,
        seconds=st.sampled_from([0.0, 2.0, 40.0]),
        amplitude=st.sampled_from([18.0, 18.0, 12.7, 11.0, 8.0, 6.0]),
        te_s=st.sampled_from([3.5, 2.0]),
    )
    def at_the_gate(self, flaw, seconds, amplitude, te_s):
        """Led to the gate again, kept waiting there, and then a full breath with or without a flaw."""
        for _ in range(6):
            if self.model.place is Place.BREATHE:
                break
            self.help_on()
        self.ticks(seconds)
        self.breathe(amplitude=amplitude, te_s=te_s, **flaw)

    @rule(
        amplitude=st.sampled_from([2.0, 6.0, 8.0, 11.0, 12.7, 18.0, 40.0, math.nan]),
        ti_s=st.sampled_from([0.6, 1.6, 2.5, 6.0]),
        te_s=st.sampled_from([1.5, 3.0, 8.0]),
        flaw=flaws,
        returned=st.booleans(),
        ended=st.booleans(),
    )
    def any_breath(self, amplitude, ti_s, te_s, flaw, returned, ended):
        self.breathe(amplitude=amplitude, ti_s=ti_s, te_s=te_s, returned=returned, ended=ended, **flaw)

    @rule(back_s=places_apart, ti_s=odd, amplitude=odd, flaw=flaws, over=st.booleans())
    def a_breath_out_of_nowhere(self, back_s, ti_s, amplitude, flaw, over):
        breath = replace(a_breath(self.now_s - back_s), amplitude=amplitude, decided_s=self.now_s)
        breath = with_flaw(replace(breath, inhale_peak_s=breath.inhale_start_s + ti_s), flaw)
        self.put(BreathEnded(breath=breath) if over else BreathReturned(breath=breath))

    @rule(back_s=places_apart)
    def the_same_breath_again(self, back_s):
        breath = replace(a_breath(round(self.now_s) - 6.0), decided_s=self.now_s)
        self.put(BreathReturned(breath=breath))
        self.put(BreathReturned(breath=breath))

    @rule(word=st.sampled_from([w for w in Word if w is not Word.STOP]))
    def a_word(self, word):
        self.put(Said(t_s=self.now_s, word=word))

    @rule(
        way=st.sampled_from([p for p in Place if p is not Place.ENDED]),
        word=st.sampled_from(Word),
        state=st.sampled_from([None, SensorState.STALE, SensorState.LOST, SensorState.RECONNECTING]),
    )
    def a_word_or_a_loss_somewhere(self, way, word, state):
        """Helped on for a while towards a place, and there a word or a loss of the sensor."""
        helps = 0
        while self.model.place is not way and helps < 12 and not self.model.ended:
            self.help_on()
            helps += 1
        if state:
            self.put(SensorChange(t_s=self.now_s, state=state))
        elif word is not Word.STOP or helps == 0:
            self.put(Said(t_s=self.now_s, word=word))

    @rule(chance=st.sampled_from(range(12)), by_taps=st.booleans())
    def stop(self, chance, by_taps):
        if chance == 11:
            self.put(Tapped(t_s=self.now_s, count=3) if by_taps else Said(t_s=self.now_s, word=Word.STOP))

    @rule(count=st.sampled_from([1, 2]))
    def taps(self, count):
        self.put(Tapped(t_s=self.now_s, count=count))

    @rule(still=st.booleans(), sudden=st.booleans())
    def motion(self, still, sudden):
        self.put(MotionChanged(t_s=self.now_s, still=still, sudden=sudden))

    @rule(
        doubts=st.sampled_from(
            [(), (), (Doubt.NOT_WORN,), (Doubt.NO_DATA,), (Doubt.LOOSE,), (Doubt.BELOW_NOISE,)]
        )
    )
    def signal(self, doubts):
        self.put(SignalChanged(t_s=self.now_s, doubts=doubts))

    @rule(
        state=st.sampled_from(
            [s for s in SensorState if s is not SensorState.ENDED] + [SensorState.STREAMING] * 4
        )
    )
    def sensor(self, state):
        self.put(SensorChange(t_s=self.now_s, state=state))

    @rule(turn_deg=st.one_of(st.floats(-60, 60), odd))
    def turn(self, turn_deg):
        self.put(TurnSeen(t_s=self.now_s, turn_deg=turn_deg))

    @rule(
        a_quiet=st.one_of(st.just(6.0), odd),
        a_full=st.one_of(st.just(18.0), odd),
        posture=st.sampled_from(Posture),
    )
    def any_calibration(self, a_quiet, a_full, posture):
        learned = replace(LEARNED, a_quiet=a_quiet, a_full=a_full, scales={posture: 1.0})
        self.put(Calibrated(t_s=self.now_s, calibration=learned, posture=posture))

    @rule(reason=st.sampled_from(Refusal))
    def refused(self, reason):
        self.put(CalibrationRefused(t_s=self.now_s, reason=reason, sentence="Not yet."))

    @rule(stage=st.sampled_from(["quiet", "full"]), counted=st.integers(0, 7))
    def progress(self, stage, counted):
        self.put(CalibrationProgress(t_s=self.now_s, stage=stage, counted=counted, needed=6))

    @rule(
        question=st.sampled_from(["now_seat", "back", "nonsense"]),
        value=st.sampled_from([True, False, 5, 99, None]),
    )
    def any_answer(self, question, value):
        self.put(Answered(t_s=self.now_s, question=question, value=value))

    @rule(back_s=st.floats(0, 5))
    def an_old_tick(self, back_s):
        self.put(Tick(t_s=self.now_s - back_s))

    def teardown(self):
        """Never stuck: silence alone leads out, and the word does so at once."""
        if not hasattr(self, "model"):
            return
        steps = self.model.steps
        if self.model.place is Place.CHECK_IN or steps % 4:
            self.put(Said(t_s=self.now_s, word=Word.STOP))
            self.ticks(62.0)
        else:
            self.put(SensorChange(t_s=self.now_s, state=SensorState.LOST))
            waited_s = 0.0
            while self.model.ended is None and waited_s < 2400.0:
                self.ticks(5.0)
                waited_s += 5.0
        assert self.model.ended is not None
        assert not self.model.turned
        self.note_counts()

    def note_counts(self):
        _count.append(self.model.steps)
        _verdicts.append(len(self.model.judged))
        _opened.append(len(self.model.opened))


def not_met():
    """Words and losses of the sensor that never came at one of the places."""
    losses = (SensorState.STALE, SensorState.LOST, SensorState.RECONNECTING)
    places = (place for place in Place if place is not Place.ENDED)
    return [f"{what} at {place}" for place in places for what in (*Word, *losses) if not _met[what, place]]


_met: Counter = Counter()
_count: list[int] = []
_verdicts: list[int] = []
_opened: list[int] = []


def with_flaw(breath, flaw):
    flaw = dict(flaw)
    names = set(type(breath.conditions).__slots__) & set(flaw)
    held = replace(breath.conditions, **{name: flaw.pop(name) for name in names})
    return replace(breath, conditions=held, **flaw)


def run(examples: int, steps: int = 50, leave_out: Collection[Phase] = ()) -> int:
    """Run the machine; the number of events that were put into a guide."""
    _count.clear()
    _met.clear()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[phase for phase in Phase if phase not in leave_out],
        database=None,
    )
    run_state_machine_as_test(Machine, settings=chosen)
    return sum(_count)


def test_arbitrary_events_never_advance_a_guide_where_the_clauses_forbid_it():
    assert run(examples=60) > 10_000


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(
        f"{run(examples=math.ceil(wanted / 50))} events into guides in {wanted} steps of the machine: no rule broken"
    )
    print("never came: " + (", ".join(not_met()) or "nothing"))
