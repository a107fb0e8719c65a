"""The breath under way: a small model of one breath that decides onset, peak, return and end sample by sample.

Known of a person at any moment, all learned from the past alone: how large their recent breaths were (`typical`)
and how long they breathed in, how large the wobble is that is no breath (`ripple`: heart beat, friction of the
belt, noise), where the last exhale came to rest (`trough`), and how far the breath under way has come. The peak is
taken to be past as soon as the fall from the top is more than the wobble explains and more than a fraction of this
rise; the fraction is small for a rise as full, or as long, as the recent ones, where a peak is due, and large for one
that is neither, which may be a halt on the way in. So a big slow breath does not have to give back a third of
itself before its peak is known, and a small one after it is not lost.
"""

from bisect import bisect_right
from enum import IntEnum
from math import exp, inf

from breathsync.breath.crown import fell_to, middle_above, rose_to
from breathsync.breath.events import BreathKind, InhaleBegan, PeakSeen, Phase
from breathsync.breath.raw import DetectorEvent, Ended, RawBreath, Returned

FALL_FULL = 0.02
"""Fall from the top, of the rise, that ends an inhale as full or as long as the recent ones."""
FALL_EARLY = 0.4
"""The same for a rise that is far from either."""
FULLNESS_SPAN = 0.6
"""Between these two the fraction runs straight as the share of the usual, in size or time, goes from 1 to 1 - this."""
LEAST_INHALE_S = 0.2
"""No inhale is taken to be shorter."""
RISE_SOON = 0.3
"""Rise from the trough, of a typical breath, that begins a breath right after the exhale has come back."""
RISE_LATE = 0.05
"""The same when long has passed since."""
RISE_EASES_S = 2.0
"""How fast the one becomes the other."""
UNRETURNED_S = 3.0
"""The same easing begins this long after the peak when the exhale never comes back (the level has wandered)."""
FALL_BEFORE_NEXT = 0.25
"""No new breath begins before this much of the last rise has been given back."""
OVER_RIPPLE = 1.5
"""A rise or a fall must be this many times the usual wobble."""
ROUNDING = 1e-9
"""A rise smaller than this share of the level is rounding, not movement."""
RIPPLE_MOST_S = 0.5
"""A swing faster than this from turn to turn is wobble: at 40 breaths a minute an inhale takes 0.6 s or more."""
RIPPLE_UP, RIPPLE_DOWN, RIPPLE_FADES = 0.3, 0.05, 0.02
"""Share of the way to a swing's size that the usual wobble goes: to a larger one, to a smaller; and with none."""
CAP = 0.015
"""The peak is dated to the centre of gravity of this highest part of the rise; of more where the wobble is larger."""
ONSET_FRACTION = 0.05
"""The onset is where the rise last left this fraction above the trough; the exhale ends where it gets there."""
REST_S = 1.0
"""An exhale that has come back and then sinks by less than that fraction of the rise in this time is over."""
GASP_FALL, GASP_S = 0.08, 1.5
"""A dip of this fraction of the whole rise, and no longer, between two rises makes a double gasp..."""
GASP_OVER_RIPPLE = 2.0
"""... if it is also this many times the usual wobble..."""
PART_OF_WHOLE = 0.3
"""... and the first was this much of the whole; less is a bump at the start of an inhale."""
GOES_ON = 0.1
"""An inhale that rises by this much of itself above a peak already said has its higher peak said as well; less is a
wobble at the top, and no second rise."""
COUGH_RISE_S = 0.35
"""A rise quicker than this is no inhale."""
HOLD_S, HOLD_FALL = 3.0, 0.05
"""A hold stays this long within this fraction below the top, and longer than the rise to there took. (The top of a slow
breath is within 10 % for a fifth of it, and is no hold.)"""
TALK_INHALE_S, TALK_SHARE, TALK_OVER_RIPPLE = 0.9, 0.25, 4.0
"""Speech is breathed in quickly and let out slowly (Conrad and Schönle 1979): an inhale no longer than this, and a
smaller share of inhale and exhale together, in a breath this many times the wobble."""
SIGH_OVER_TYPICAL, RECENT = 2.0, 5
"""A sigh is at least twice the median of the last five breaths (Sleep 1983;6:234), or of four where one is new."""
_LOOK_BACK = 2000
"""Samples that a crossing is looked for: 80 s at the working rate."""


class _Stage(IntEnum):
    """Where the breath under way stands."""

    START = 0
    """Nothing known yet."""
    OUT = 1
    """Falling, or at rest: waiting for a rise."""
    IN = 2
    """Rising: waiting for the top."""


class BreathModel:
    """Takes filtered working samples in order and says what is known. `delay_s` is the filter's and all before.

    Between two turns of the signal nothing can happen but that it passes a level or that time runs out. So each
    turn sets two levels and a time to watch, and a sample that passes none of them costs three comparisons.
    Plain numbers, one sample after the other: how the samples are cut into blocks changes nothing (G16).
    """

    def __init__(self, *, delay_s: float, return_fraction: float) -> None:
        self.delay_s = delay_s
        self.return_fraction = return_fraction
        self.ripple = 0.0
        self.typical = 0.0
        self.value = self.trough = 0.0
        self._smaller = 0.0
        self._recent: list[float] = []
        self._lengths: list[float] = []
        self._usual_s = inf
        self._t: list[float] = []
        self._y: list[float] = []
        self._events: list[DetectorEvent] = []
        self.restart()

    def restart(self) -> None:
        """Forget the breath under way, keep what was learned of the person."""
        self._t.clear()
        self._y.clear()
        self._stage = _Stage.START
        self._direction = 0
        self._turn = self._turn_t = self._began_t = 0.0
        self._low = self._low_t = self._high = 0.0
        self._peak: PeakSeen | None = None
        self._inhale_kind = BreathKind.BREATH
        self._peak_t = self._onset_t = self._near_top_t = self._said = 0.0
        self._parts: list[tuple[float, float]] = []
        self._ended = self._held = False
        self._returned_t: float | None = None
        self._rest_level = 0.0
        self._above, self._below, self._until = inf, -inf, inf

    @property
    def baseline(self) -> float:
        """Level of the last still end of exhale: the lowest since the peak once the exhale has come back."""
        if self._stage is _Stage.OUT and self._returned_t is not None:
            return min(self._low, self.value)
        return self.trough

    @property
    def phase(self) -> Phase:
        """Live phase."""
        if self._stage is _Stage.IN:
            return Phase.IN
        if self._stage is _Stage.START:
            return Phase.UNKNOWN
        return Phase.PAUSE if self._peak is None or self._ended else Phase.OUT

    def push(self, t: list[float], y: list[float], events: list[DetectorEvent]) -> None:
        """Take samples: stamps `t` (not corrected) and filtered values `y`; append what is known to `events`."""
        if not y:
            return
        if len(self._t) > 2 * _LOOK_BACK:
            del self._t[:-_LOOK_BACK], self._y[:-_LOOK_BACK]
        first = len(self._t)
        self._t += t
        self._y += y
        self._events = events
        if self._stage is _Stage.START:
            self._low = self._high = self._turn = self.trough = y[0]
            self._low_t = self._turn_t = t[0]
            self._stage = _Stage.OUT
            first += 1
        ts, ys = self._t, self._y
        before = ys[first - 1]
        direction, above, below, until = self._direction, self._above, self._below, self._until
        for i in range(first, len(ys)):
            v = ys[i]
            if v > before:
                if direction != 1:
                    self._turns(i, 1)
                    direction, above, below, until = 1, self._above, self._below, self._until
                if v > above:
                    self._rises_above(i)
                    above, below, until = self._above, self._below, self._until
            elif v < before:
                if direction != -1:
                    self._turns(i, -1)
                    direction, above, below, until = -1, self._above, self._below, self._until
                if v < below:
                    self._falls_below(i)
                    above, below, until = self._above, self._below, self._until
            if ts[i] > until:
                self._rests(i)
                until = self._until
            before = v
        self._direction = direction
        self.value = before

    def break_off(self, decided_s: float, events: list[DetectorEvent]) -> None:
        """The signal was lost or ended: the breath whose peak is known ends as it stands."""
        if self._peak is not None and not self._ended:
            self._low = min(self._low, self.value)
            events.append(Ended(breath=self._breath(decided_s, end_t=None, broken=True)))
        self.restart()

    def _turns(self, i: int, direction: int) -> None:
        """Sample `i` goes the other way than those before it: a low or a top lies at sample i - 1."""
        y, t = self._y[i - 1], self._t[i - 1]
        if self._direction and t - self._turn_t < RIPPLE_MOST_S:
            size = abs(y - self._turn)
            self.ripple += (RIPPLE_UP if size > self.ripple else RIPPLE_DOWN) * (size - self.ripple)
        else:
            self.ripple -= RIPPLE_FADES * self.ripple
        self._turn, self._turn_t = y, t
        self._direction = direction
        if self._stage is _Stage.IN:
            if direction < 0:
                self._high = max(self._high, y)
                self._below = self._high - self._fall_wanted(t)
        elif direction > 0:
            if y < self._low:
                self._low, self._low_t = y, t
            self._above = self._low + self._rise_wanted(inf)
            if self._peak is not None and self._returned_t is None:
                self._above = min(self._high, self._above)

    def _rises_above(self, i: int) -> None:
        """While falling or at rest: a new breath, or the same inhale going on?"""
        y, t = self._y[i], self._t[i]
        if self._peak is None:
            self._inhale_begins(i)
        elif y > self._high and self._returned_t is None:
            self._goes_on(t, y)
        elif self._high - self._low > FALL_BEFORE_NEXT * (self._high - self.trough):
            from_t = self._peak_t + UNRETURNED_S if self._returned_t is None else self._returned_t
            since_s = max(0.0, t - from_t)
            if y - self._low > self._rise_wanted(since_s):
                gasp = self._returned_t is None and self._low_t - self._peak_t < GASP_S
                parts = [(self._high - self.trough, self._high - self._low)] if gasp else []
                if not self._ended:
                    self._exhale_ends(i)
                self._inhale_begins(i, parts=parts)

    def _falls_below(self, i: int) -> None:
        """While rising: the peak is past. While falling: the exhale has come back."""
        if self._stage is _Stage.IN:
            self._peak_is_past(i)
        elif self._peak is not None and self._returned_t is None:
            t = self._t[i]
            self._low, self._low_t = self._y[i], t
            self._returned_t = t
            self._rest_level, self._until = self._y[i], t + REST_S
            self._below = -inf
            self._held = self._held or self._is_held(i)
            self._events.append(Returned(breath=self._breath(t, end_t=None)))

    def _rests(self, i: int) -> None:
        """Time is up: has the exhale come to rest, or is it still sinking?"""
        y, t = self._y[i], self._t[i]
        if y > self._rest_level - ONSET_FRACTION * (self._high - self.trough):
            if y < self._low:
                self._low, self._low_t = y, t
            self._exhale_ends(i)
        else:
            self._rest_level, self._until = y, t + REST_S

    def _rise_wanted(self, since_return_s: float) -> float:
        """How far the signal must rise from its low to begin a breath."""
        share = RISE_LATE + (RISE_SOON - RISE_LATE) * exp(-since_return_s / RISE_EASES_S)
        return max(share * self._smaller, OVER_RIPPLE * self.ripple, ROUNDING * abs(self._low))

    def _fall_wanted(self, t: float) -> float:
        """How far the signal must fall from its top, turning down at `t`, to end the inhale."""
        rise = self._high - self.trough
        fullness = rise / self.typical if self.typical > 0 else 0.0
        due = max(fullness, (t - self._began_t) / self._usual_s)
        lack = min(1.0, max(0.0, (1 - due) / FULLNESS_SPAN))
        fraction = FALL_FULL + (FALL_EARLY - FALL_FULL) * lack
        return max(fraction * rise, OVER_RIPPLE * self.ripple)

    @property
    def _rises(self) -> int:
        """Separate rises of this inhale; what is far smaller than the whole, or like the wobble, is none."""
        if not self._parts:
            return 1
        whole = self._high - self.trough
        least = max(GASP_FALL * whole, GASP_OVER_RIPPLE * self.ripple)
        low, high = PART_OF_WHOLE * whole, (1 - GOES_ON) * whole
        return 1 + sum(low <= part <= high and dip >= least for part, dip in self._parts)

    def _inhale_begins(self, i: int, *, parts: list[tuple[float, float]] | None = None) -> None:
        t, y = self._t[i], self._y[i]
        self.trough, self._high = self._low, y
        level = min(y, self._low + ONSET_FRACTION * self._smaller)
        _, self._began_t = rose_to(self._t, self._y, i, level, max(0, i - _LOOK_BACK))
        self._parts = parts or []
        self._stage = _Stage.IN
        self._above, self._below, self._until = inf, -inf, inf
        self._events.append(InhaleBegan(t_s=self._low_t - self.delay_s, decided_s=t))

    def _goes_on(self, t: float, y: float) -> None:
        """The inhale goes on though its peak seemed past: a wobble at the top, or a halt on the way in."""
        self._parts.append((self._said - self.trough, self._high - self._low))
        if y - self._said > GOES_ON * (self._said - self.trough):
            self._stage = _Stage.IN
            self._above, self._below = inf, -inf
            del self._recent[-1], self._lengths[-1]
        else:
            self._below = y - self.return_fraction * (y - self.trough)
            self._above = y
        self._high, self._peak_t = y, t
        self._low, self._low_t = y, t

    def _peak_is_past(self, i: int) -> None:
        ts, ys, t, rise = self._t, self._y, self._t[i], self._high - self.trough
        stop = max(0, i - _LOOK_BACK)
        j, _ = fell_to(ts, ys, i, self._high, stop)
        foot, self._near_top_t = rose_to(ts, ys, j, self._high - HOLD_FALL * rise, stop)
        _, onset = rose_to(ts, ys, foot, self.trough + ONSET_FRACTION * rise, stop)
        cap = min(max(CAP * rise, OVER_RIPPLE * self.ripple), HOLD_FALL * rise)
        self._peak_t = middle_above(ts, ys, i, self._high - cap, foot)
        self._onset_t = onset
        self._held = self._is_held(i)
        self._inhale_kind = self._kind_of(rise, self._peak_t - onset)
        self._peak = PeakSeen(
            t_s=self._peak_t - self.delay_s,
            decided_s=t,
            inhale_start_s=onset - self.delay_s,
            amplitude=rise,
            kind=BreathKind.DOUBLE_GASP if self._rises > 1 else self._inhale_kind,
        )
        self._events.append(self._peak)
        self._recent = [*self._recent[1 - RECENT :], rise]
        self.typical = sorted(self._recent)[len(self._recent) // 2]
        self._lengths = [*self._lengths[1 - RECENT :], max(LEAST_INHALE_S, self._peak_t - self._began_t)]
        self._usual_s = min(self._lengths[-1], sorted(self._lengths)[len(self._lengths) // 2])
        self._smaller = min(self.typical, rise)
        self._stage = _Stage.OUT
        self._said = self._high
        self._low, self._low_t = self._y[i], t
        self._ended = False
        self._returned_t = None
        self._above, self._below = self._high, self._high - self.return_fraction * rise
        if self._y[i] < self._below:
            self._falls_below(i)

    def _exhale_ends(self, i: int) -> None:
        """The exhale is over: it ended where the fall first came near its lowest level."""
        level = self._low + ONSET_FRACTION * (self._high - self._low)
        t, y = self._t, self._y
        first = bisect_right(t, self._peak_t, max(2, i - _LOOK_BACK + 2), i)
        while first < i and y[first] > level:
            first += 1
        self._ended, self._until = True, inf
        self._events.append(Ended(breath=self._breath(t[i], end_t=t[first])))

    def _breath(self, decided_s: float, *, end_t: float | None, broken: bool = False) -> RawBreath:
        assert self._peak is not None
        rises, kind = self._rises, self._kind(end_t)
        return RawBreath(
            inhale_start_s=self._peak.inhale_start_s,
            inhale_peak_s=self._peak_t - self.delay_s,
            peak_decided_s=self._peak.decided_s,
            returned_s=None if self._returned_t is None else self._returned_t - self.delay_s,
            exhale_end_s=None if end_t is None else end_t - self.delay_s,
            decided_s=decided_s,
            trough=self.trough,
            peak=self._high,
            after=self._low,
            rises=rises,
            kind=BreathKind.DOUBLE_GASP if rises > 1 else kind,
            kind_in_one=kind,
            noise=self.ripple,
            broken=broken,
        )

    def _is_held(self, i: int) -> bool:
        """Whether the stay near the top, as far as sample `i` shows it, was a hold."""
        level = self._high - HOLD_FALL * (self._high - self.trough)
        _, left_t = fell_to(self._t, self._y, i, level, max(0, i - _LOOK_BACK))
        return left_t - self._near_top_t >= max(HOLD_S, self._near_top_t - self._onset_t)

    def _kind(self, end_t: float | None) -> BreathKind:
        """What the whole shape tells but for its rises, as far as it is there; `end_t`: when the exhale ended, None
        before."""
        if self._held:
            return BreathKind.HOLD
        inhale_s = self._peak_t - self._onset_t
        if (
            end_t is not None
            and COUGH_RISE_S <= inhale_s <= TALK_INHALE_S
            and inhale_s < TALK_SHARE * (end_t - self._onset_t)
            and self._high - self.trough >= TALK_OVER_RIPPLE * self.ripple
        ):
            return BreathKind.TALK
        return self._inhale_kind

    def _kind_of(self, rise: float, inhale_s: float) -> BreathKind:
        """What an inhale alone can tell, but for its rises."""
        if self._held:
            return BreathKind.HOLD
        if inhale_s < COUGH_RISE_S:
            return BreathKind.COUGH
        if len(self._recent) >= RECENT - 1 and rise >= SIGH_OVER_TYPICAL * self.typical:
            return BreathKind.SIGH
        return BreathKind.BREATH
