"""A plain model of the clauses: looks at what went into a guide and what came out, and says what must never be.

It knows nothing of how the guide works; every rule here is a sentence of domain.md, section 3.
"""

import math

from breathsync.breath.events import (
    Breath,
    BreathEnded,
    BreathKind,
    BreathReturned,
    Calibrated,
    Calibration,
    Doubt,
    Forget,
    LearnQuiet,
    Posture,
    SignalChanged,
    Tapped,
)
from breathsync.guide.events import (
    ConfirmedBy,
    Cue,
    Ended,
    Offer,
    Place,
    PointPassed,
    Said,
    Side,
    Step,
    Verdict,
    Word,
)
from breathsync.guide.guide import Guide
from breathsync.samples import SensorChange, SensorInfo, SensorState, Stream
from breathsync.settings import Settings

TURNED = {Place.SET_UP, Place.EASE, Place.LENGTHEN, Place.SETTLE, Place.BREATHE}
MIDDLE = {Place.CHECK_IN, Place.FIND_BREATH, Place.FIND_FULL, Place.WARM_UP, Place.CLOSE, Place.ENDED}
GRAIN_S = 0.26
"""Events come at least as often as the ticks of the grid."""


class Model:
    """Watches one guide."""

    def __init__(self, guide: Guide, *, settings: Settings, info: SensorInfo) -> None:
        self.guide = guide
        self.settings = settings
        self.motion = info.breath_stream is Stream.ACCELERATION
        self.now_s = 0.0
        self.place = Place.CHECK_IN
        self.turned = False
        self.twist_s = self.point_s = 0.0
        self.at = (None, 0)
        self.sensor = SensorState.OFF
        self.doubts: tuple[Doubt, ...] = (Doubt.NO_DATA,)
        self.calibration: Calibration | None = None
        self.armed_s = math.inf
        self.breaths: dict[float, Breath] = {}
        self.opened: list[Verdict] = []
        self.judged: set[float] = set()
        self.refusals = 0
        """Refused verdicts at this point since the last offer was taken, or the point began (G10)."""
        self.refusals_since_a_break = 0
        self.deep: list[float] = []
        self.deep_until_s = -math.inf
        self.passed = {Side.LEFT: 0, Side.RIGHT: 0}
        self.spoken: dict[str, float] = {}
        self.stopping_s: float | None = None
        self.ended: Ended | None = None
        self.steps = 0

    def put(self, event: object) -> list:
        """Put an event into the guide and hold every rule against what follows."""
        self.steps += 1
        was_turned, was_place, was_ended = self.turned, self.place, self.ended
        got = self.guide.put(event)  # type: ignore[arg-type]
        self._note(event)
        if was_ended:
            assert got == [], "after the end nothing follows"
            return got
        for k, output in enumerate(got):
            self._hold(output, event, got[:k])
        self._keep_states(event, was_turned, was_place, got)
        return got

    # -- what is known from outside

    def _note(self, event: object) -> None:
        t_s = getattr(event, "t_s", None)
        match event:
            case BreathReturned() | BreathEnded():
                t_s = event.breath.decided_s
                self.breaths[event.breath.inhale_start_s] = event.breath
                self._count(event.breath)
            case SensorChange():
                self.sensor = event.state
            case SignalChanged():
                self.doubts = event.doubts
            case Calibrated():
                if self.place is Place.FIND_FULL or self.calibration is not None:
                    self.calibration = event.calibration
            case _:
                t_s = getattr(event, "decided_s", t_s)
        if t_s is not None and math.isfinite(t_s):
            self.now_s = max(self.now_s, t_s)

    def _count(self, breath: Breath) -> None:
        """G11: a deep breath, asked for or not; the same breath counts once."""
        plain = breath.kind in (BreathKind.BREATH, BreathKind.SIGH)
        if self.calibration is None or not plain or self.ended or breath.inhale_start_s < self.deep_until_s:
            return
        posture = Posture(self.at[0].value) if self.at[0] and self.turned else Posture.UPRIGHT
        quiet = self.calibration.a_quiet * self.calibration.scales.get(posture, math.inf)
        if quiet > 0 and breath.amplitude >= 2.0 * quiet:
            peak_s, known_s = breath.inhale_peak_s, max(self.now_s, breath.decided_s)
            self.deep.append(min(peak_s, known_s) if math.isfinite(peak_s) else known_s)
            self.deep_until_s = breath.decided_s if breath.returned_s is None else breath.returned_s

    def _deep_in_minute(self, now_s: float) -> list[float]:
        return [peak_s for peak_s in self.deep if peak_s > now_s - 60.0]

    # -- every output

    def _hold(self, output: object, event: object, before: list) -> None:
        match output:
            case Step():
                self._step(output)
            case Verdict():
                self._verdict(output)
            case PointPassed():
                self._passed(output, event, before)
            case Cue():
                if output.sentence:
                    last_s = self.spoken.get(output.sentence, -math.inf)
                    assert output.t_s - last_s >= 12.0, f"said twice within 12 s: {output.sentence}"
                    self.spoken[output.sentence] = output.t_s
            case Offer() if Word.BACK_OFF in output.words and self.guide.view.armed:
                assert self.refusals >= 3, "G10: after 3 refusals, not before"
            case Forget() | LearnQuiet():
                self.calibration = None
            case Ended():
                assert not self.turned, "every path ends in the middle"
                assert self.ended is None
                self.ended = output
            case _:
                pass

    def _step(self, step: Step) -> None:
        self.place = step.place
        self.armed_s = self.now_s if step.place is Place.BREATHE else math.inf
        if step.place in TURNED:
            if not self.turned:
                self.turned, self.twist_s = True, self.now_s
            assert step.side is not None
            if step.point:
                assert step.point == self.passed[step.side] + 1, "no point is skipped"
                if (step.side, step.point) != self.at or self.point_s == math.inf:
                    self.at, self.point_s = (step.side, step.point), self.now_s
                    self.refusals = self.refusals_since_a_break = 0
        elif step.place is Place.COME_BACK:
            self.turned, self.point_s, self.at = False, math.inf, (None, 0)
        elif not self.turned:
            assert step.place not in (Place.EASE, Place.SETTLE)
        if step.place in MIDDLE:
            assert not self.turned, f"{step.place} is in the middle"
        if step.place is Place.BREATHE and self.guide.view.armed:
            assert len(self._deep_in_minute(self.now_s)) < self.settings.limits.deep_per_minute, "G11"

    def _passed(self, passed: PointPassed, event: object, before: list) -> None:
        self.passed[passed.side] += 1
        assert passed.point == self.passed[passed.side]
        if passed.confirmed_by is ConfirmedBy.HAND:
            assert isinstance(event, Said), "G9: by hand is the person's word"
            assert event.word is Word.BY_HAND
        else:
            verdicts = [o for o in before if isinstance(o, Verdict)]
            assert verdicts, "G9: nothing but a breath"
            assert verdicts[-1].opened

    def _verdict(self, verdict: Verdict) -> None:
        assert verdict.sentence
        assert verdict.inhale_start_s not in self.judged, "one verdict for one breath"
        self.judged.add(verdict.inhale_start_s)
        assert self.place is Place.BREATHE
        assert verdict.opened == (not verdict.refused_by)
        if verdict.opened:
            self._may_open(verdict)
            self.opened.append(verdict)
        else:
            self.refusals += 1
            self.refusals_since_a_break += 1

    def _may_open(self, verdict: Verdict) -> None:
        breath = self.breaths[verdict.inhale_start_s]
        gate, limits, held = self.settings.gate, self.settings.limits, breath.conditions
        learned = self.calibration
        posture = Posture(verdict.side.value) if verdict.side else Posture.UPRIGHT
        # G1
        assert learned is not None
        assert learned.a_full >= 1.5 * learned.a_quiet > 0
        assert not self.motion or (learned.axis is not None and posture in learned.scales)
        # G2
        assert self.sensor is SensorState.STREAMING
        assert self.doubts == () == breath.doubts
        assert held.gap_max_s <= 0.5
        assert breath.quality >= gate.quality
        assert breath.amplitude >= held.noise
        # G3
        assert held.still_before_s >= 2.0
        assert not held.burst
        scale = learned.scales.get(posture, 1.0)
        if self.motion:
            assert abs(held.tilt_change_deg) <= 1.0
        else:
            assert abs(held.level_change) <= 0.5 * scale * learned.a_quiet
        # G4
        assert breath.inhale_start_s >= self.armed_s
        # G5, G10: the smallest bar there may ever be
        quiet, full = scale * learned.a_quiet, scale * learned.a_full
        low = min(max(2.0 * quiet, 0.7 * full), 0.9 * full)
        assert breath.amplitude >= min(low, max(0.85 * low, 1.5 * quiet)) - 1e-9
        # G6
        assert breath.inhale_peak_s - breath.inhale_start_s >= 1.5
        assert breath.rises == 1
        assert breath.returned_fraction >= 0.7
        over_s = breath.exhale_end_s if breath.exhale_end_s is not None else verdict.decided_s
        assert over_s - breath.inhale_start_s >= 4.0 - 1e-9
        # G7
        assert breath.returned_s is not None
        assert 0 <= verdict.decided_s - breath.returned_s <= 1.0
        # G9
        assert breath.kind in (BreathKind.BREATH, BreathKind.SIGH)
        # G11
        assert len(self._deep_in_minute(breath.inhale_peak_s)) <= limits.deep_per_minute
        assert len(self.deep) <= limits.deep_per_session
        assert self.guide.view.deep_breaths <= limits.deep_per_session
        # G12
        assert self.now_s - self.twist_s <= limits.twist_s
        assert self.now_s - self.point_s <= limits.point_s

    # -- after every event

    def _keep_states(self, event: object, was_turned: bool, was_place: Place, got: list) -> None:
        view, limits = self.guide.view, self.settings.limits
        streaming = self.sensor is SensorState.STREAMING and not {Doubt.NOT_WORN, Doubt.NO_DATA} & set(
            self.doubts
        )
        assert view.step.place is self.place
        self._keep_offer(event)
        if view.armed:
            assert self.place is Place.BREATHE
            assert streaming, "G13: shut while lost"
        if self.ended:
            assert view.words == ()
        else:
            assert Word.STOP in view.words, "G14: stop at every moment"
        if self.turned:
            assert self.now_s - self.twist_s < limits.twist_s + GRAIN_S, "G12: never a trap"
            if self.at[1]:
                assert self.now_s - self.point_s < limits.point_s + GRAIN_S, "G12: 90 s at a point"
        if was_place is Place.LOST and self.place not in (Place.LOST, Place.COME_BACK, Place.ENDED):
            assert streaming, "G13: only when it streams again"
            assert _is_go_on(event), "G13: only at the person's word"
        if was_place is Place.PAUSED and self.place not in (
            Place.PAUSED,
            Place.LOST,
            Place.COME_BACK,
            Place.ENDED,
        ):
            assert _is_go_on(event) or any(isinstance(o, Step) and o.place is Place.CLOSE for o in got)
        if _is_stop(event):
            assert (
                self.ended or (was_turned and self.place is Place.COME_BACK) or was_place is Place.COME_BACK
            )
            self.stopping_s = self.stopping_s if self.stopping_s is not None else self.now_s
        if self.stopping_s is not None and not self.ended:
            assert self.place is Place.COME_BACK, "G14: out, and nowhere else"
            assert self.now_s - self.stopping_s < 60.0 + GRAIN_S

    def _keep_offer(self, event: object) -> None:
        """G10: after 3 refusals the ways out are offered, and stay so until one is taken or the point is left."""
        offer = self.guide.view.offer
        if isinstance(event, Said) and event.word in (Word.SMALLER_BAR, Word.BACK_OFF) and offer is None:
            self.refusals = self.refusals_since_a_break = 0
        if self.place in (Place.PAUSED, Place.LOST):
            self.refusals_since_a_break = 0
        if self.place is Place.BREATHE and self.guide.view.armed and self.refusals_since_a_break >= 3:
            assert offer is not None, "G10: never stuck"
            assert {Word.BY_HAND, Word.BACK_OFF, Word.STOP} <= set(offer.words)
            assert (Word.SMALLER_BAR in offer.words) != self.guide.view.smaller


def _is_go_on(event: object) -> bool:
    if isinstance(event, Tapped):
        return event.count == 2
    return isinstance(event, Said) and event.word is Word.GO_ON


def _is_stop(event: object) -> bool:
    if isinstance(event, Tapped):
        return event.count >= 3
    return isinstance(event, Said) and event.word is Word.STOP
