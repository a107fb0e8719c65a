"""Carries out what the guide wants learned: quiet breaths, full breaths, the axis, a new posture."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, inf, log

import numpy as np

from breathsync.breath import axis as axes
from breathsync.breath.axis_guess import AxisGuess
from breathsync.breath.body import Body
from breathsync.breath.calibration import (
    SENTENCES,
    Level,
    SeenBreath,
    answers,
    full_level,
    posture_scale,
    quiet_level,
)
from breathsync.breath.detector import Detector
from breathsync.breath.drift import Steadied
from breathsync.breath.events import (
    Breath,
    Calibrated,
    Calibration,
    CalibrationProgress,
    CalibrationRefused,
    Doubt,
    FollowerEvent,
    Posture,
    Refusal,
)
from breathsync.breath.hindsight import Hindsight, is_clean
from breathsync.breath.judge import Judge
from breathsync.breath.quality import shape
from breathsync.samples import FloatArray
from breathsync.settings import Settings

LOOK_EVERY_S = 2
CUE_SEES_S = 16.0
"""An inhale that answers a cue has peaked by then (it takes 3 to 7 s, after the breath that was under way)."""
CUE_WAITS_S = 32.0
"""So long after the last cue the three full breaths are waited for; 3 breaths a minute must work."""
PATIENT_CUES, PATIENT_S = 6, 55.0
"""A motion sensor learns its axis and both levels from the cues, so it refuses only after so many of them; between
two there may be a rest (G11) and a slow breath."""
UNTAUGHT_S, UNTAUGHT_BREATHS = 75.0, 3
"""Before the axis is known many breaths look too small or too uneven: once some were seen, the cues come after so
long, and the quiet breaths are counted along the axis that they teach."""
UNCUED_S = 90.0
QUIET_AT_MOST = 1.8
QUIET_AT_LEAST = 0.3
"""A breath counts as quiet in a new posture between these shares of the quiet breath expected there."""
POSTURE_BREATHS_KEPT = 40
"""All quiet breaths taken in a posture since it was entered, over its restriction points, make its scale."""
SEEN_AT_MOST = 400
SAME_AXIS = 0.96
"""Cosine of 16 degrees."""


class Learner:
    """Listens to breaths and orders; sets the judge's calibration and the body's wanted axis."""

    def __init__(
        self, *, body: Body, judge: Judge, settings: Settings, make: Callable[[], Detector | Steadied]
    ) -> None:
        self._body = body
        self._judge = judge
        self._settings = settings.calibration
        self.axis_changed = False
        """A learned axis waits in `body.wanted_axis`."""
        self.hindsight = Hindsight(body=body, make=make, unit=judge.unit)
        self.guess = AxisGuess(body=body, hindsight=self.hindsight)
        self._upright: axes.Axis | None = None
        self._stage = ""
        self._clear()

    def _clear(self) -> None:
        self._seen: list[SeenBreath] = []
        self._quiet: Level | None = None
        self._quiet_from_s = self._full_from_s = 0.0
        self._cues: list[float] = []
        self._told = -1
        self._lack = Refusal.TOO_FEW
        self._usual: list[float] = []
        self._here: list[float] = []
        self._counted = 0
        self._settle_from_s: float | None = None

    @property
    def learning(self) -> bool:
        """Whether a calibration is under way."""
        return self._stage != ""

    # ---- orders -------------------------------------------------------------------------------------------

    def begin_quiet(self, now_s: float) -> None:
        """A new calibration begins with quiet breaths."""
        cued = self.guess.cued
        self.forget()
        self.guess.cued = cued
        self._stage, self._quiet_from_s = "quiet", now_s
        self._body.wanted_axis = self._body.axis
        self.axis_changed = self._body.columns == 3

    def begin_full(self, now_s: float) -> None:
        """From now on full breaths on cue."""
        self._stage, self._full_from_s = "full", now_s
        self._cues.clear()
        self._told = -1
        self._lack = Refusal.TOO_FEW

    def cue(self, t_s: float) -> None:
        """The person was asked to breathe in at `t_s`."""
        if self._stage == "full":
            self._cues.append(t_s)

    def turns(self) -> None:
        """The person is going to turn: what is seen from here on is not upright."""
        self._settle_from_s = self._settle_from_s or inf

    def settle(self, now_s: float, posture: Posture) -> None:
        """The person is in `posture` now: learn its scale and axis from the quiet breaths to come."""
        judge = self._judge
        if judge.calibration is None:
            judge.posture = posture
            return
        if posture is not judge.posture:
            self._here.clear()
            judge.quiet_way = None
        judge.posture = posture
        self._settle_from_s = now_s
        self._counted = 0
        if posture is not Posture.UPRIGHT:
            scales = {p: s for p, s in judge.calibration.scales.items() if p is not posture}
            judge.calibration = replace(judge.calibration, scales=scales)
        self._carry(now_s)

    def forget(self) -> None:
        """Nothing that was learned holds any more."""
        self._judge.calibration = None
        self._judge.posture = Posture.UPRIGHT
        self._judge.quiet_way = None
        self._judge.template = type(self._judge.template)()
        self._body.upright_mg = None
        self._body.wear.forget()
        self._body.heart.forget()
        self.guess.cued = False
        self._stage = ""
        self._clear()

    def full_known(self, t_s: float, full: Callable[[float], float]) -> list[FollowerEvent]:
        """The quiet stage is over, and `A_full` is known from outside: `full(A_quiet)`, in the sensor's unit.

        A motion sensor needs an axis that prompted inhales have taught.
        """
        seen, axis = self._seen, self._body.axis
        if self._body.columns == 3:
            if axis is None or not self.guess.taught:
                return self._refuse(t_s, Refusal.NO_AXIS)
            self._body.wanted_axis = axis
            seen = self.hindsight.seen_along(axis, self._quiet_from_s, t_s)
        level = quiet_level(self._quiet_breaths(seen), self._settings)
        if level.amplitude is None:
            return self._refuse(t_s, level.refusal or Refusal.TOO_FEW)
        a_full = full(level.amplitude)
        if not a_full >= self._settings.full_over_quiet * level.amplitude:
            return self._refuse(t_s, Refusal.FULL_TOO_SMALL)
        self._full_from_s = t_s
        known = Level(counted=self._settings.full_breaths, amplitude=a_full, noise=level.noise)
        return self._finish(t_s, level, known, seen)

    # ---- breaths ------------------------------------------------------------------------------------------

    def breath(self, breath: Breath) -> list[FollowerEvent]:
        """A breath was decided (returned far enough, or over)."""
        if self._stage:
            self._note(_seen_breath(breath))
        if self._stage == "quiet":
            return self._quiet_progress(breath.decided_s)
        if self._stage == "full" and self._body.columns == 1:
            return self._full_progress(breath.decided_s, self._seen)
        if breath.exhale_end_s is None or self._judge.calibration is None:
            return []
        if self._settle_from_s is not None:
            return self._settled(breath)
        self._note_usual([_seen_breath(breath)], self._judge.calibration.a_quiet)
        return []

    def _note(self, seen: SeenBreath) -> None:
        if self._seen and self._seen[-1].inhale_start_s == seen.inhale_start_s:
            self._seen[-1] = seen
        else:
            self._seen = [*self._seen[-SEEN_AT_MOST:], seen]

    def _note_usual(self, seen: list[SeenBreath], a_quiet: float) -> None:
        """Usual breaths upright, as shares of `A_quiet` (logarithm): the median of six is no ruler for a scale."""
        shares = [b.amplitude / a_quiet for b in seen if b.clean]
        self._usual += [log(share) for share in shares if QUIET_AT_LEAST < share < QUIET_AT_MOST]

    def second(self, t_s: float) -> list[FollowerEvent]:
        """Once a second of stream time: time limits, and what cues and prompts teach a motion sensor."""
        events: list[FollowerEvent] = []
        if self._body.columns == 3 and self._judge.calibration is None and self.guess.prompted(t_s):
            self.axis_changed = True
        if self._stage == "quiet" and self._quiet is None:
            for_s = t_s - self._quiet_from_s
            if for_s >= self._settings.quiet_limit_s:
                level = quiet_level(self._quiet_breaths(self._seen), self._settings)
                events.extend(self._refuse(t_s, self._why_not_quiet(level)))
            elif for_s >= UNTAUGHT_S and self._is_untaught_but_seen():
                needed = self._settings.quiet_breaths
                self._quiet = Level(counted=needed)
                events.append(_progress(t_s, "quiet", needed, needed))
        elif self._stage == "full":
            if self._body.columns == 3 and int(t_s) % LOOK_EVERY_S == 0:
                events.extend(self._full_by_cues(t_s))
            if self._stage == "full" and self._waited_enough(t_s):
                events.extend(self._refuse(t_s, self._lack))
        return events

    def _is_untaught_but_seen(self) -> bool:
        if self._body.columns == 1 or self.guess.taught or Doubt.NOT_WORN in self._judge.signal:
            return False
        return sum(b.clean for b in self._quiet_breaths(self._seen)) >= UNTAUGHT_BREATHS

    def _waited_enough(self, t_s: float) -> bool:
        if len(self._cues) >= self._settings.full_breaths:
            patient = self._body.columns == 3 and len(self._cues) < PATIENT_CUES
            return t_s - self._cues[-1] > (PATIENT_S if patient else CUE_WAITS_S)
        return t_s - max([self._full_from_s, *self._cues[-1:]]) > UNCUED_S

    # ---- quiet --------------------------------------------------------------------------------------------

    def _quiet_breaths(self, seen: list[SeenBreath]) -> list[SeenBreath]:
        since = [b for b in seen if self._quiet_from_s <= b.inhale_start_s]
        if self._stage != "full":
            return since
        if self._body.columns == 1:
            return [b for b in since if b.decided_s <= self._full_from_s + 6.0]
        asked = answers(since, self._cues, 0.0, now_s=float("inf"))
        return [
            b
            for b in since
            if all(b.decided_s <= a.inhale_start_s or b.inhale_start_s >= a.decided_s for a in asked)
        ]

    def _quiet_progress(self, t_s: float) -> list[FollowerEvent]:
        if self._quiet is not None:
            return []
        level = quiet_level(self._quiet_breaths(self._seen), self._settings)
        if level.refusal is Refusal.CLIPPED:
            return self._refuse(t_s, Refusal.CLIPPED)
        if level.amplitude is not None:
            self._quiet = level
        if level.counted == self._told:
            return []
        self._told = level.counted
        return [_progress(t_s, "quiet", level.counted, self._settings.quiet_breaths)]

    def _why_not_quiet(self, level: Level) -> Refusal:
        if len(self._body) == 0 or Doubt.NOT_WORN in self._judge.signal:
            return Refusal.NO_SIGNAL
        return level.refusal or Refusal.TOO_FEW

    # ---- full ---------------------------------------------------------------------------------------------

    def _full_progress(self, t_s: float, seen: list[SeenBreath]) -> list[FollowerEvent]:
        quiet = self._quiet
        if quiet is None or quiet.amplitude is None:
            return self._refuse(t_s, Refusal.TOO_FEW)
        after = [b for b in seen if b.inhale_peak_s >= self._full_from_s]
        answered = answers(after, self._cues, quiet.amplitude, now_s=t_s)
        level = full_level(answered, quiet.amplitude, self._settings)
        events: list[FollowerEvent] = []
        needed = self._settings.full_breaths
        counted = level.counted if level.amplitude is not None else min(level.counted, needed - 1)
        if counted != self._told and level.refusal is not Refusal.CLIPPED:
            self._told = counted
            events.append(_progress(t_s, "full", counted, needed))
        if level.amplitude is not None:
            return [*events, *self._finish(t_s, quiet, level, seen)]
        if level.refusal is not Refusal.TOO_FEW and level.refusal is not None:
            return [*events, *self._lacks(t_s, level.refusal)]
        self._lack = Refusal.TOO_FEW
        return events

    def _full_by_cues(self, t_s: float) -> list[FollowerEvent]:
        """A motion sensor: the cued inhales teach the axis, and the whole calibration is seen again along it."""
        due = [c for c in self._cues if t_s >= c + 4.0]
        if not due:
            return []
        ways = [w for w in (self._way_after(c, t_s) for c in due) if w is not None]
        direction = axes.from_inhales(ways)
        if direction is None:
            return self._lacks(t_s, Refusal.NO_AXIS)
        self.guess.cued = True
        found = self.hindsight.weighted(self._sharpened(direction, t_s), self._quiet_from_s, t_s)
        seen = self.hindsight.seen_along(found, self._quiet_from_s, t_s)
        quiet = quiet_level(self._quiet_breaths(seen), self._settings)
        known = self._body.axis
        if known is None or float((known.direction * found.direction).sum()) < SAME_AXIS:
            self._body.wanted_axis = found
            self.axis_changed = True
        if quiet.amplitude is None:
            return self._lacks(t_s, quiet.refusal or Refusal.TOO_FEW)
        self._quiet = quiet
        self._body.wanted_axis = found
        return self._full_progress(t_s, seen)

    def _lacks(self, t_s: float, why: Refusal) -> list[FollowerEvent]:
        """What there is does not do: refused, unless a motion sensor has more cues to come that may mend it."""
        self._lack = why
        may_mend = self._body.columns == 3 and why is not Refusal.CLIPPED
        if may_mend and (len(self._cues) < PATIENT_CUES or t_s <= self._cues[-1] + CUE_SEES_S):
            return []
        return self._refuse(t_s, why)

    def _way_after(self, cue_s: float, t_s: float) -> FloatArray | None:
        """The way (3,) that the inhale after a cue went, whenever within the next seconds it came."""
        later = [c for c in self._cues if c > cue_s]
        stop_s = min(t_s, cue_s + CUE_SEES_S, *(c - 0.5 for c in later[:1]))
        if self._body.movement.moved_within(cue_s, stop_s):
            return None
        rows = self._body.smooth_rows(cue_s - 1.0, stop_s, t_s)
        return axes.way_after_cue(rows[:, 1:], rate_hz=self._body.rate_hz)

    def _sharpened(self, direction: FloatArray, t_s: float) -> FloatArray:
        """The direction again, from the onsets and peaks of the full breaths seen along the first guess."""
        seen = self.hindsight.seen_along(axes.plain(direction), self._full_from_s - 5.0, t_s)
        ways = []
        for b in answers(seen, self._cues, 0.0, now_s=t_s):
            way = self._body.way(b.inhale_start_s, b.inhale_peak_s, t_s)
            if b.clean and way is not None:
                ways.append(way)
        better = axes.from_inhales(ways) if ways else None
        return direction if better is None else better

    def _finish(self, t_s: float, quiet: Level, full: Level, seen: list[SeenBreath]) -> list[FollowerEvent]:
        assert quiet.amplitude is not None
        assert full.amplitude is not None
        body, judge = self._body, self._judge
        axis = body.wanted_axis if body.columns == 3 else None
        judge.calibration = Calibration(
            a_quiet=quiet.amplitude,
            a_full=full.amplitude,
            noise=quiet.noise,
            unit=judge.unit,
            axis=_three(axis.direction) if axis is not None else None,
        )
        judge.posture = Posture.UPRIGHT
        base = body.smooth_mean(self._quiet_from_s, self._full_from_s, t_s)
        if body.columns == 3:
            body.upright_mg = base
            self.axis_changed = True
        body.wear.learn(
            calm_power=body.movement.calm_power, level=float(base[0]) if base is not None else 0.0
        )
        self._learn_shapes(seen, axis, t_s)
        body.axis = self._upright = axis
        answered = answers(seen, self._cues, quiet.amplitude, now_s=t_s)
        self._note_usual([b for b in seen if b not in answered], quiet.amplitude)
        full_spans = [(b.inhale_start_s, b.decided_s) for b in answered]
        body.heart.learn(full_spans, lambda t: body.levels(t, t_s))
        self._stage = ""
        return [Calibrated(t_s=t_s, calibration=judge.calibration, posture=Posture.UPRIGHT)]

    def _learn_shapes(self, seen: list[SeenBreath], axis: axes.Axis | None, t_s: float) -> None:
        for b in seen:
            rows = self._body.smooth_rows(b.inhale_start_s, b.decided_s, t_s)
            x = self._body.project(rows[:, 1:4], axis) if axis is not None else rows[:, 1]
            if not b.clean or len(x) < 8:
                continue
            low = b.inhale_peak_s
            fallen = np.flatnonzero((rows[:, 0] > low) & (x <= x.max() - 0.7 * b.amplitude))
            if len(fallen):
                end = float(rows[fallen[0], 0])
                form = shape(rows[:, 0], x, start_s=b.inhale_start_s, peak_s=low, end_s=end)
                if form is not None:
                    self._judge.template.learn(form)

    def _refuse(self, t_s: float, why: Refusal) -> list[FollowerEvent]:
        self._stage = ""
        return [CalibrationRefused(t_s=t_s, reason=why, sentence=SENTENCES[why])]

    # ---- another posture ----------------------------------------------------------------------------------

    def _carry(self, now_s: float) -> None:
        """Carry the learned axis over to where gravity points now."""
        body, calibration = self._body, self._judge.calibration
        if calibration is None or self._upright is None or body.upright_mg is None:
            return
        gravity = body.smooth_mean(now_s - 2.0, now_s, now_s)
        if gravity is not None:
            body.wanted_axis = self._upright.carried(body.upright_mg, gravity)
            self.axis_changed = True

    def _settled(self, breath: Breath) -> list[FollowerEvent]:
        """A quiet breath in the new posture counts towards its scale."""
        judge, calibration = self._judge, self._judge.calibration
        if calibration is None or self._settle_from_s is None or breath.inhale_start_s < self._settle_from_s:
            return []
        posture = judge.posture
        expected = calibration.a_quiet * exp(np.mean(self._here or self._usual or [0.0]))
        if not (is_clean(breath) and QUIET_AT_LEAST < breath.amplitude / expected < QUIET_AT_MOST):
            return []
        self._here = [*self._here[1 - POSTURE_BREATHS_KEPT :], log(breath.amplitude / calibration.a_quiet)]
        self._counted += 1
        if self._body.columns == 3:
            way = self._body.way(breath.inhale_start_s, breath.inhale_peak_s, breath.decided_s)
            if way is not None:
                judge.quiet_way = way if judge.quiet_way is None else judge.quiet_way + way
        if self._counted < self._settings.posture_breaths:
            return []
        scale = 1.0
        if posture is not Posture.UPRIGHT:
            others = (s for p, s in calibration.scales.items() if p not in (Posture.UPRIGHT, posture))
            scale = posture_scale(
                self._here,
                usual=self._usual,
                other_side=next(others, None),
                motion_sensor=self._body.columns == 3,
            )
        known = judge.calibration = replace(calibration, scales={**calibration.scales, posture: scale})
        return [Calibrated(t_s=breath.decided_s, calibration=known, posture=posture)]


def _three(vector: FloatArray) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return x, y, z


def _seen_breath(breath: Breath) -> SeenBreath:
    return SeenBreath(
        inhale_start_s=breath.inhale_start_s,
        inhale_peak_s=breath.inhale_peak_s,
        decided_s=breath.decided_s,
        amplitude=breath.amplitude,
        noise=breath.conditions.noise,
        clean=is_clean(breath),
        clipped=Doubt.CLIPPED in breath.doubts,
    )


def _progress(t_s: float, stage: str, counted: int, needed: int) -> CalibrationProgress:
    return CalibrationProgress(t_s=t_s, stage=stage, counted=counted, needed=needed)
