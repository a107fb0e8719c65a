"""From a rise and fall of the signal to a `Breath`: its conditions, doubts, quality and kind, and when to say it."""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from math import inf, nextafter

import numpy as np

from breathsync.breath.body import Body, Course
from breathsync.breath.calibration import low_bar
from breathsync.breath.detector import RawBreath
from breathsync.breath.events import (
    Breath,
    BreathKind,
    Calibration,
    Conditions,
    Doubt,
    PeakSeen,
    Posture,
    Witness,
)
from breathsync.breath.fall import SPEED_S, still_to_fall
from breathsync.breath.motion import tilt_deg
from breathsync.breath.profile import Profile, profile
from breathsync.breath.quality import CLEAR, Template, is_visible, quality, shape
from breathsync.breath.rises import two_rises
from breathsync.breath.size import sized
from breathsync.breath.through import Through
from breathsync.breath.unrest import LOOKS_BACK_S, unrest
from breathsync.samples import FloatArray
from breathsync.settings import Settings

FIRST_LOOK_S = 0.25
"""A breath that came back 70 % but not yet near its start is looked at again after this long (G7: 0.3 s)."""
LOOKS_AT_S = 2.0 * SPEED_S + 0.1
"""So much of a fall is looked at, and a little more: never less by a rounding."""
EARLY_BELIEF = 0.5
"""Within the first second after the 70 % return only half of what a fall promises is believed."""
SIGH_QUIET = 2.0
CLOSE_LOOK_QUIET = 1.3
BEFORE_S = 1.0
"""A close look at an inhale begins this much before it, for what is smoothed at its onset."""
LOOSE_SHARE = 0.35


class Judge:
    """Knows the calibration and the posture, and makes breaths of what the detector saw."""

    def __init__(self, *, body: Body, settings: Settings, unit: str) -> None:
        self.body = body
        self.settings = settings
        self.unit = unit
        self.calibration: Calibration | None = None
        self.posture = Posture.UPRIGHT
        self.template = Template()
        self.axis_since_s = -np.inf
        self.quiet_way: FloatArray | None = None
        """Sum of the ways (3,) that the inhales of quiet breaths went in this posture; None before any was seen."""
        self.signal: tuple[Doubt, ...] = (Doubt.NO_DATA,)
        self.last_quality = 0.0
        self._lately: list[float] = []
        self._noise = 0.0
        self._asked: tuple[float, Witness] | None = None
        self._waiting: RawBreath | None = None
        self._looked_s = 0.0
        self._said_of_s = -np.inf
        """Onset of the last breath that was said to be back."""
        self._through = Through(body=body, gate=settings.gate)

    # ---- what is known of this person ---------------------------------------------------------------------

    @property
    def quiet_here(self) -> float | None:
        """A quiet breath in this posture, in the sensor's unit; None until it is learned."""
        if self.calibration is None or self.posture not in self.calibration.scales:
            return None
        return self.calibration.a_quiet * self.calibration.scales[self.posture]

    def largest(self, typical: float | None) -> float | None:
        """About the size of a full breath: learned, or four times a typical breath, or None."""
        if self.calibration is not None:
            return self.calibration.a_full * max(1.0, self.calibration.scales.get(self.posture, 1.0))
        return 4.0 * typical if typical else None

    @property
    def axis_unlearned(self) -> bool:
        """A motion sensor whose axis no inhale has taught yet."""
        return self.body.columns == 3 and (self.calibration is None or self.calibration.axis is None)

    def peak(self, seen: PeakSeen, *, by_rhythm: bool) -> PeakSeen:
        """The peak with what can be said of it already; the noise is the last breath's.

        `by_rhythm`: known by its place among the others (`Phases`), not by this one rise and fall. Then it is a breath
        even where something moved, in doubt all the same.
        """
        body, start_s, known_s = self.body, seen.inhale_start_s, seen.decided_s
        found = (
            (Doubt.STUCK, body.rails.stuck.within(start_s, known_s)),
            (Doubt.CLIPPED, body.rails.clipped.within(start_s, known_s)),
            (Doubt.BELOW_NOISE, not is_visible(seen.amplitude, self._noise, self.unit)),
            (Doubt.MOVEMENT, body.movement.moved_within(start_s, known_s)),
            (Doubt.NO_AXIS, self.axis_unlearned),
        )
        doubts = [*seen.doubts, *(doubt for doubt, yes in found if yes)]
        doubts.extend(d for d in self.signal if d not in doubts and d is not Doubt.BELOW_NOISE)
        if self._sees_through and seen.inhale_start_s != self._said_of_s:
            self._waiting, self._looked_s = self._through.peaked(seen, noise=self._noise), known_s
        moved = not by_rhythm and Doubt.MOVEMENT in doubts and seen.kind is BreathKind.BREATH
        return replace(
            seen,
            kind=BreathKind.MOVEMENT if moved else seen.kind,
            quality=min(seen.quality, quality(seen.amplitude, self._noise, doubts)),
            doubts=tuple(doubts),
        )

    # ---- a breath that has come back ----------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether a breath has come back 70 %, or on a motion sensor may have, and its end is not plain yet."""
        return self._waiting is not None

    def returned(self, raw: RawBreath) -> None:
        """The exhale has come back far enough, as it looks: from now on `decide` is asked."""
        if self._said_of_s == raw.inhale_start_s:
            return
        self._through.looks_back(raw)
        self._waiting, self._looked_s = raw, nextafter(raw.decided_s, -inf)

    def drop(self) -> None:
        """What was waited for is not to be judged any more."""
        self._waiting = None

    def decide(self, known_s: float) -> Breath | None:
        """The breath as soon as its end is plain: near its start, plainly heading there, or a second later."""
        raw = self._waiting
        if raw is None:
            return None
        through = self._sees_through
        course = self.body.course(self._looked_s - LOOKS_AT_S, known_s)
        stamps = course[0]
        for row in stamps[bisect_right(stamps, self._looked_s) :]:
            self._looked_s = row
            breath = self._seen_through(raw, row) if through else self._seen(raw, row, course)
            if breath is not None:
                self._waiting = None
                self._said_of_s = raw.inhale_start_s
                return breath
        return None

    def _seen(self, raw: RawBreath, known_s: float, course: Course) -> Breath | None:
        """A scalar sensor's breath, once its end is plain; or a motion sensor's that nothing was learned for."""
        start = raw.returned_s if raw.returned_s is not None else raw.decided_s
        late = known_s >= start + self.settings.gate.decide_within_s - 2.0 / self.body.rate_hz
        heading = 1.0 if late else EARLY_BELIEF if known_s >= start + FIRST_LOOK_S else 0.0
        left = self._way_left(raw, known_s, heading=heading, course=course)
        if not (late or self._plain(*left, raw)):
            return None
        sized = self._sized(raw, known_s)
        return self._breath(sized, known_s, self._conditions(sized, known_s, left))

    @property
    def _sees_through(self) -> bool:
        """Whether a breath is told apart from what the level does beneath it: on a motion sensor that has learned."""
        return self.body.columns == 3 and self.body.axis is not None and self.quiet_here is not None

    def _seen_through(self, raw: RawBreath, known_s: float) -> Breath | None:
        """A motion sensor's breath, once it has come back apart from its level and is plain."""
        seen = self._through.look(raw, known_s, bar=self._bar)
        if seen is None:
            return None
        left = self._tilt_change_deg(seen, known_s), None
        if not (self._through.last_look or self._plain(*left, seen)):
            return None
        return self._breath(seen, known_s, self._conditions(seen, known_s, left))

    @property
    def _bar(self) -> float:
        """The least size of a full breath here, in the sensor's unit (G5)."""
        assert self.calibration is not None
        assert self.quiet_here is not None
        full = self.quiet_here * self.calibration.a_full / self.calibration.a_quiet
        return low_bar(quiet=self.quiet_here, full=full, gate=self.settings.gate)

    def _sized(self, raw: RawBreath, known_s: float) -> RawBreath:
        """A motion sensor's breath with the size that all of its samples known by `known_s` give it."""
        body = self.body
        if body.columns != 3 or body.axis is None:
            return raw
        rows = body.plain_rows(raw.inhale_start_s + body.input_delay_s - BEFORE_S, known_s, known_s)
        return sized(raw, rows[:, 0] - body.input_delay_s, body.project(rows[:, 1:4], body.axis))

    def give_up_waiting(self, ended: RawBreath) -> Breath | None:
        """The breath is over before its end was plain: judge it as it stands, if it came back at all."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return None
        self._said_of_s = ended.inhale_start_s
        if not self._sees_through or ended.broken:
            return None if ended.returned_s is None else self._over(ended)
        seen = self._through.over(ended)
        if seen is None:
            return None
        left = self._tilt_change_deg(ended, ended.decided_s), None
        return self._breath(seen, ended.decided_s, self._conditions(seen, ended.decided_s, left))

    def _over(self, ended: RawBreath) -> Breath:
        course = self.body.course(ended.decided_s - LOOKS_AT_S, ended.decided_s)
        left = self._way_left(ended, ended.decided_s, heading=0.0, course=course)
        conditions = self._conditions(ended, ended.decided_s, left)
        return self._breath(self._sized(ended, ended.decided_s), ended.decided_s, conditions)

    def ended(self, raw: RawBreath) -> Breath:
        """The breath is over."""
        breath = self._over(raw)
        self._through.ended(raw)
        if breath.amplitude_quiet is not None:
            self._lately = [*self._lately[-4:], breath.amplitude_quiet]
        return breath

    @property
    def loose(self) -> bool:
        """Whether the last five breaths were all far smaller than this person's quiet ones."""
        return len(self._lately) == 5 and max(self._lately) < LOOSE_SHARE

    def _plain(self, tilt_deg: float | None, level: float | None, raw: RawBreath) -> bool:
        gate = self.settings.gate
        if tilt_deg is not None:
            return tilt_deg <= gate.tilt_change_deg
        if level is None:
            return False
        quiet = self.quiet_here or raw.amplitude / 3.0
        return abs(level) <= gate.level_change_quiet * quiet

    # ---- conditions ---------------------------------------------------------------------------------------

    def _conditions(
        self, raw: RawBreath, known_s: float, way_left: tuple[float | None, float | None]
    ) -> Conditions:
        body, onset = self.body, raw.inhale_start_s
        moved = body.movement.moved_within(onset, known_s)
        tilt, level = way_left
        return Conditions(
            still_before_s=body.movement.still_before_s(onset, known_s),
            tilt_change_deg=tilt,
            level_change=level,
            burst=moved,
            gap_max_s=body.gap_max_s(onset, known_s),
            noise=raw.noise,
            unrest=self._unrest(raw, known_s) if self._is_large(raw) else None,
            off_axis_deg=self._off_axis_deg(raw, known_s) if self._is_large(raw) else None,
        )

    def _is_large(self, raw: RawBreath) -> bool:
        """Whether a breath deserves a close look: a usual one opens nothing anyway."""
        quiet = self.quiet_here
        return quiet is not None and raw.amplitude >= CLOSE_LOOK_QUIET * quiet

    def _unrest(self, raw: RawBreath, known_s: float) -> float | None:
        rows = self.body.plain_rows(raw.inhale_start_s - LOOKS_BACK_S, known_s, known_s)
        return unrest(rows[:, 0], rows[:, 1:], start_s=raw.inhale_start_s, amplitude=raw.amplitude)

    def _off_axis_deg(self, raw: RawBreath, known_s: float) -> float | None:
        """Angle between this inhale's way and the way of this person's breath: the axis, or the quiet breaths taken in
        this posture, whichever is nearer.

        Ribs move on their hinges, the same way deep or shallow; a trunk leans at the hips, and in a twist the chest is
        turned against them, so that a lean goes another way across it.
        """
        body = self.body
        way = None if self.quiet_way is None else body.way(raw.inhale_start_s, raw.inhale_peak_s, known_s)
        if way is None or self.quiet_way is None or body.axis is None:
            return None
        return min(tilt_deg(way, known) for known in (body.axis.direction, self.quiet_way))

    def _way_left(
        self, raw: RawBreath, known_s: float, *, heading: float, course: Course
    ) -> tuple[float | None, float | None]:
        """How far the chest is from where the inhale began: change of tilt (motion sensor), of level (belt). `course`:
        of at least the last `LOOKS_AT_S` before `known_s`."""
        if self.body.columns == 3:
            return self._tilt_change_deg(raw, known_s), None
        return None, self._level_change(raw, known_s, heading=heading, course=course)

    def _tilt_change_deg(self, raw: RawBreath, known_s: float) -> float | None:
        """Posture's part of the tilt between before the inhale and now.

        Of the way from there to here, what lies along the breath's axis and is no more than the part of the
        breath that may still come back is breath; all the rest, across the axis or beyond that, is posture.
        """
        body = self.body
        before = body.smooth_mean(raw.inhale_start_s - 0.5, raw.inhale_start_s, known_s)
        end_s = raw.exhale_end_s if raw.exhale_end_s is not None else known_s - body.delay_s
        after = body.smooth_mean(end_s - 0.4, end_s, known_s)
        if before is None or after is None or body.axis is None:
            return None
        way = after - before
        direction = body.axis.direction
        along = float((way * direction).sum())
        across = float(np.sqrt(max(float((way * way).sum()) - along * along, 0.0)))
        newest = body.smooth_mean(end_s - 0.06, end_s, known_s)
        if newest is not None:
            along = float(((newest - before) * direction).sum())
        to_come = (1.0 - self.settings.gate.return_fraction) * raw.amplitude
        beyond = along - min(max(along, 0.0), to_come)
        gravity = float(np.sqrt((before * before).sum()))
        return float(np.degrees(np.arctan2(np.hypot(across, beyond), max(gravity, 1.0))))

    def _level_change(
        self, raw: RawBreath, known_s: float, *, heading: float, course: Course
    ) -> float | None:
        """Level now, less the share `heading` of what the fall still promises, less the level before the inhale."""
        if raw.exhale_end_s is not None:
            return raw.after - raw.trough
        stamps, levels = course
        delay_s = self.body.delay_s
        first = bisect_left(stamps, known_s - delay_s - 2.0 * SPEED_S + delay_s)
        stop = bisect_right(stamps, known_s)
        if stop - first < 3:
            return None
        above = levels[stop - 1] - raw.trough
        if above <= 0 or heading == 0.0:
            return above
        moments = [stamp - delay_s for stamp in stamps[first:stop]]
        return max(0.0, above - heading * still_to_fall(moments, levels[first:stop]))

    # ---- the breath ---------------------------------------------------------------------------------------

    def _profile(self, raw: RawBreath, known_s: float) -> Profile | None:
        """How a breath well above a quiet one went up and down, or None.

        On a motion sensor the heart beat is as large as a cough or a word; see `rises.py` for what can be told.
        """
        if self.body.columns == 3 or not self._is_large(raw):
            return None
        rows = self.body.plain_rows(raw.inhale_start_s, known_s, known_s)
        return profile(rows[:, 0], rows[:, 1], peak_s=raw.inhale_peak_s)

    def _with_its_rises(self, raw: RawBreath, known_s: float) -> RawBreath:
        """A motion sensor's breath well above a quiet one, its rises counted by a closer look: what the detector took
        for a second one may have been sway, and a short gasp it cannot see."""
        body = self.body
        if body.columns != 3 or body.axis is None or not self._is_large(raw):
            return raw
        late_s = body.input_delay_s
        rows = body.plain_rows(raw.inhale_start_s - BEFORE_S + late_s, known_s, known_s)
        if two_rises(
            rows[:, 0] - late_s,
            body.project(rows[:, 1:4], body.axis),
            onset_s=raw.inhale_start_s,
            peak_s=raw.inhale_peak_s,
            amplitude=raw.amplitude,
            ripple=raw.noise,
        ):
            return replace(raw, rises=max(raw.rises, 2), kind=BreathKind.DOUBLE_GASP)
        return raw if raw.rises == 1 else replace(raw, rises=1, kind=raw.kind_in_one)

    def _breath(self, raw: RawBreath, known_s: float, conditions: Conditions) -> Breath:
        quiet = self.quiet_here
        raw = self._with_its_rises(raw, known_s)
        close = self._profile(raw, known_s)
        if close is not None:
            if close.coughed(raw.amplitude):
                conditions = replace(conditions, burst=True)
            if close.gasped(raw.amplitude, raw.noise):
                raw = replace(raw, rises=max(raw.rises, 2), kind=BreathKind.DOUBLE_GASP)
            elif raw.kind in (BreathKind.BREATH, BreathKind.SIGH) and close.talked(raw.amplitude, raw.noise):
                raw = replace(raw, kind=BreathKind.TALK)
        self._noise = raw.noise
        witness = self._witness(raw, known_s)
        doubts = self._doubts(raw, known_s, conditions, witness)
        self.last_quality = quality(raw.height, raw.noise, doubts)
        kind = raw.kind
        moved = (BreathKind.BREATH, BreathKind.SIGH) if self.body.columns == 3 else (BreathKind.BREATH,)
        if kind in moved and Doubt.MOVEMENT in doubts:
            kind = BreathKind.MOVEMENT
        elif kind is BreathKind.BREATH and quiet and raw.amplitude >= SIGH_QUIET * quiet:
            kind = BreathKind.SIGH
        if Doubt.BELOW_NOISE not in doubts and kind is not BreathKind.MOVEMENT:
            self.body.wear.last_breath_s = known_s
        return Breath(
            inhale_start_s=raw.inhale_start_s,
            inhale_peak_s=raw.inhale_peak_s,
            peak_decided_s=raw.peak_decided_s,
            returned_s=raw.returned_s,
            exhale_end_s=raw.exhale_end_s,
            decided_s=known_s,
            amplitude=raw.amplitude,
            amplitude_quiet=raw.amplitude / quiet if quiet else None,
            unit=self.unit,
            returned_fraction=min(max(raw.returned_fraction, 0.0), 1.0),
            rises=raw.rises,
            kind=kind,
            quality=self.last_quality,
            doubts=doubts,
            conditions=conditions,
            witness=witness,
        )

    def _witness(self, raw: RawBreath, known_s: float) -> Witness:
        """What the heart says; asked once of a breath, when it has come back."""
        if self._asked is not None and self._asked[0] == raw.inhale_start_s:
            return self._asked[1]
        quiet = self.quiet_here
        if raw.returned_s is None or self.calibration is None or not quiet:
            return Witness.SILENT
        upright = self.calibration.a_quiet / quiet
        said = self.body.heart.says(
            raw.inhale_start_s, known_s, lambda t: upright * self.body.levels(t, known_s)
        )
        self._asked = (raw.inhale_start_s, said)
        return said

    def _doubts(
        self, raw: RawBreath, known_s: float, conditions: Conditions, witness: Witness
    ) -> tuple[Doubt, ...]:
        body, gate = self.body, self.settings.gate
        onset = raw.inhale_start_s
        tilted = conditions.tilt_change_deg is not None and conditions.tilt_change_deg > gate.tilt_change_deg
        found = [
            (Doubt.GAP, raw.broken or conditions.gap_max_s > gate.gap_s),
            (Doubt.STUCK, body.rails.stuck.within(onset, known_s)),
            (Doubt.CLIPPED, body.rails.clipped.within(onset, known_s)),
            (Doubt.BELOW_NOISE, not is_visible(raw.height, raw.noise, self.unit)),
            (Doubt.MOVEMENT, conditions.burst or tilted),
            (Doubt.UNLIKE_OWN, raw.height > CLEAR * raw.noise and self._is_unlike(raw, known_s)),
            (Doubt.HEART_DISAGREES, witness is Witness.DISAGREES),
            (Doubt.NO_AXIS, self.axis_unlearned or (body.columns == 3 and self.axis_since_s > onset)),
        ]
        here = [doubt for doubt, yes in found if yes]
        here.extend(d for d in self.signal if d not in here and d is not Doubt.BELOW_NOISE)
        return tuple(here)

    def _is_unlike(self, raw: RawBreath, known_s: float) -> bool:
        form = self._form(raw, known_s) if self.template.known else None
        return form is not None and self.template.unlike(form)

    def _form(self, raw: RawBreath, known_s: float) -> FloatArray | None:
        end = raw.returned_s
        if end is None:
            return None
        rows = self.body.smooth_rows(raw.inhale_start_s, end, known_s)
        x = rows[:, 1]
        if self.body.columns == 3:
            if self.body.axis is None:
                return None
            x = self.body.project(rows[:, 1:4], self.body.axis)
        return shape(rows[:, 0], x, start_s=raw.inhale_start_s, peak_s=raw.inhale_peak_s, end_s=end)
