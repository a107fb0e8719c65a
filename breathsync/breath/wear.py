"""Whether the signal as a whole can be trusted: stuck, clipped, not worn, loose, below the noise, broken.

Sensors' own contact bits are not asked: they are wrong both ways. What is asked: does the value still change,
is it at the end of its range, does the body's own tremor (heart beat, small muscles) still shake the sensor,
did the force of the belt fall away, was a breath seen lately above the noise.
"""

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.events import Doubt
from breathsync.samples import FloatArray

STUCK_S = {1: 8.0, 3: 2.0}
"""One axis of an accelerometer never stands still to the last digit for 2 s on a living body; a coarse belt
between two slow breaths may, for some seconds."""
RAIL_MG = 1900.0
"""No resting accelerometer reads this much; the same value again and again up there is the end of its range."""
RAIL_S = 0.2
FLAT_S = 0.4
ENTERED_STEPS = 8.0
"""A belt's flat top is a rail, not a slow peak, when it was reached in full swing: this many of its smallest
steps within 0.3 s. A parabola flat for 0.4 s cannot come in with more than about 5."""
RECENT_S = 5.0
"""How long a mark speaks against the signal as a whole."""
BREATH_WITHIN_S = 45.0
"""At 2 breaths a minute there is one each 30 s."""
CALM_SHARE = 0.1
"""Off the body the tremor's power falls to a small share of what it was worn."""
OFF_S = 4.0
STARTING_S = 8.0
"""The power of the calm is not known sooner after a break."""
TIPPED_DEG = 75.0
"""Nobody sits like this against their own upright; a strap on a table does."""
SLACK_SHARE = 0.35
"""A belt whose force falls under this share of the worn level hangs loose or is off."""


class Marks:
    """Moments at which something bad was seen; asked for stretches of time, never beyond what is known."""

    def __init__(self) -> None:
        self._t: list[float] = []

    def add(self, t_s: float) -> None:
        """Something bad at `t_s` (growing)."""
        self._t.append(t_s)
        if len(self._t) > 8192:
            del self._t[:4096]

    def within(self, start_s: float, known_s: float) -> bool:
        """Whether there is a mark in start_s..known_s."""
        return bool(self._t) and bisect_left(self._t, start_s) < bisect_right(self._t, known_s)

    def clear(self) -> None:
        """Forget all."""
        self._t.clear()


class Rails:
    """Finds values that do not change any more (`stuck`) or repeat at the end of the range (`clipped`)."""

    def __init__(self, *, rate_hz: float, columns: int) -> None:
        self.stuck = Marks()
        self.clipped = Marks()
        self._columns = columns
        self._stuck_n = max(3, round(STUCK_S[columns] * rate_hz))
        self._flat_n = max(3, round((RAIL_S if columns == 3 else FLAT_S) * rate_hz))
        self._before_n = max(1, round(0.3 * rate_hz))
        self._past_n = round(4.0 * rate_hz)
        self.reset()

    def reset(self) -> None:
        """The stream starts afresh."""
        self._last = np.full(self._columns, np.nan)
        self._run = np.zeros(self._columns, dtype=np.int64)
        self._past = np.zeros(0)
        self._top, self._bottom = -np.inf, np.inf

    def push(self, t_s: FloatArray, raw: FloatArray) -> None:
        """Take the sensor's own values (n, columns) at the working rate."""
        n = len(raw)
        changed = np.empty(raw.shape, dtype=bool)
        changed[0] = raw[0] != self._last
        changed[1:] = raw[1:] != raw[:-1]
        self._last = raw[-1].copy()
        if changed.all() and not self._run.any():
            if self._columns == 1:
                self._remember(raw[:, 0])
            return
        index = np.arange(n)[:, None]
        run = index - np.maximum.accumulate(np.where(changed, index, -1 - self._run), axis=0)
        self._run = run[-1].copy()
        if run.max() >= min(self._stuck_n, self._flat_n):
            self._mark(t_s, raw, run)
        if self._columns == 1:
            self._remember(raw[:, 0])

    def _mark(self, t_s: FloatArray, raw: FloatArray, run: NDArray[np.int64]) -> None:
        """Mark what `run` (n, columns), for how many samples each value has not changed, shows."""
        for i in np.flatnonzero((run >= self._stuck_n).any(axis=1)).tolist():
            self.stuck.add(float(t_s[i]))
        if self._columns == 3:
            railed = ((run >= self._flat_n) & (np.abs(raw) >= RAIL_MG)).any(axis=1)
            for i in np.flatnonzero(railed).tolist():
                self.clipped.add(float(t_s[i]))
        else:
            for i in np.flatnonzero(run[:, 0] == self._flat_n).tolist():
                if self._is_rail(raw[: i + 1, 0]):
                    self.clipped.add(float(t_s[i]))

    def _remember(self, x: FloatArray) -> None:
        self._past = np.concatenate((self._past, x))[-self._past_n :]
        self._top, self._bottom = max(self._top, float(x.max())), min(self._bottom, float(x.min()))

    def _is_rail(self, x: FloatArray) -> bool:
        past = np.concatenate((self._past, x))[-self._past_n :]
        value, start = float(past[-1]), len(past) - 1 - self._flat_n
        top, bottom = max(self._top, float(x.max())), min(self._bottom, float(x.min()))
        if start < self._before_n or bottom < value < top:
            return False
        steps = np.abs(np.diff(past))
        steps = steps[steps > 0]
        if len(steps) == 0:
            return False
        return abs(value - float(past[start - self._before_n])) >= ENTERED_STEPS * float(steps.min())


class Wear:
    """Asked once a second of stream time: what speaks against the signal now."""

    def __init__(self, *, columns: int, is_force: bool) -> None:
        self._columns = columns
        self._is_force = is_force
        self._worn_calm: float | None = None
        self._worn_level: float | None = None
        self._low_since: float | None = None
        self.since_s = 0.0
        self.last_breath_s = 0.0
        self.quiet_typical: float | None = None

    def restart(self, t_s: float) -> None:
        """The stream starts afresh at `t_s`."""
        self.since_s = self.last_breath_s = t_s
        self._low_since = None

    def learn(self, *, calm_power: float, level: float) -> None:
        """The calibration holds: this is what being worn looks like."""
        self._worn_calm = calm_power
        self._worn_level = level

    def forget(self) -> None:
        """A new wearing."""
        self._worn_calm = self._worn_level = None

    def off(self, t_s: float, *, power: float, level: float, tilt_from_upright_deg: float | None) -> bool:
        """Whether the sensor seems not to be worn: for `OFF_S` it looked so, each second."""
        if t_s - self.since_s < STARTING_S:
            return False
        if self._columns == 3:
            still_thing = self._worn_calm is not None and power < CALM_SHARE * self._worn_calm
            low = still_thing or (tilt_from_upright_deg is not None and tilt_from_upright_deg > TIPPED_DEG)
        elif self._is_force:
            worn = self._worn_level
            low = level < SLACK_SHARE * worn if worn is not None and worn > 1.0 else abs(level) < 0.3
        else:
            low = False
        if not low:
            self._low_since = None
        elif self._low_since is None:
            self._low_since = t_s
        return self._low_since is not None and t_s - self._low_since >= OFF_S

    def unseen(self, t_s: float) -> bool:
        """Whether no breath was seen above the noise for longer than anybody goes without."""
        return t_s - max(self.last_breath_s, self.since_s) > BREATH_WITHIN_S


def signal_doubts(
    t_s: float, *, rails: Rails, off: bool, unseen: bool, loose: bool, clock: bool
) -> tuple[Doubt, ...]:
    """What speaks against the signal as a whole at `t_s`, the worst first."""
    doubts: list[Doubt] = []
    if off:
        doubts.append(Doubt.NOT_WORN)
    if rails.stuck.within(t_s - RECENT_S, t_s):
        doubts.append(Doubt.STUCK)
    if rails.clipped.within(t_s - RECENT_S, t_s):
        doubts.append(Doubt.CLIPPED)
    if clock:
        doubts.append(Doubt.CLOCK)
    if loose:
        doubts.append(Doubt.LOOSE)
    if unseen:
        doubts.append(Doubt.BELOW_NOISE)
    return tuple(doubts)
