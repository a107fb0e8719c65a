"""What is known of the body and the sensor on it: where it points, whether it is still, worn and well.

Holds the recent past at the working rate. Each question says up to which stamp it may look (`known_s`).
"""

import numpy as np
from numpy.typing import NDArray

from breathsync.breath.axis import Axis
from breathsync.breath.decimate import Working
from breathsync.breath.drift import STEEPEST
from breathsync.breath.events import Doubt, MotionChanged
from breathsync.breath.heart import Heart
from breathsync.breath.motion import Movement, tilt_deg
from breathsync.breath.ring import Ring
from breathsync.breath.turn import Turn
from breathsync.breath.wear import Rails, Wear, signal_doubts
from breathsync.samples import FloatArray, Samples, SensorInfo, Stream

Course = tuple[list[float], list[float]]
"""Stamps and levels as plain numbers, for what looks at one after the other."""

PAST_S = 330.0
"""So much past is kept: two minutes of quiet breaths, three full ones, and the pauses between; and the follower's
longest piece, since a question may be about its start."""
SETTLE_S = 2.0
"""After a break the filters and marks need this long."""
CLOCK_S = 10.0
SHIFTED_MG = 17.5
"""A new end of exhale this far from the last (1 degree; a belt: a whole quiet breath) is a change of posture, unless a
chest may have sunk so far meanwhile."""


class Body:
    """One sensor on one body. `rate_hz`, `delay_s`: of the working samples."""

    def __init__(self, *, info: SensorInfo, rate_hz: float, delay_s: float) -> None:
        columns = 3 if info.breath_stream is Stream.ACCELERATION else 1
        is_force = info.breath_stream is Stream.FORCE
        self.rate_hz = rate_hz
        self.columns = columns
        """3: a motion sensor, mg; 1: a scalar one."""
        self.heart = Heart(ecg_rate_hz=info.rates_hz.get(Stream.ECG))
        self.turn = (
            Turn(rate_hz=info.rates_hz.get(Stream.GYROSCOPE) or rate_hz)
            if columns == 3 and info.sees_turn
            else None
        )
        self.movement = Movement(rate_hz=rate_hz, columns=columns)
        self.rails = Rails(rate_hz=rate_hz, columns=columns)
        self.wear = Wear(columns=columns, is_force=is_force)
        self.input_delay_s = delay_s
        """Of the working samples behind the body."""
        self.delay_s = delay_s + self.movement.delay_s
        """Of the smooth signal behind the body."""
        self.axis: Axis | None = None
        self.wanted_axis: Axis | None = None
        self.upright_mg: FloatArray | None = None
        self.said: tuple[Doubt, ...] = (Doubt.NO_DATA,)
        self._ring = Ring(columns=1 + 2 * columns, capacity=int(PAST_S * rate_hz) + 64)
        self._last_low: FloatArray | None = None
        self._last_low_s = 0.0
        self.calm_noise = float("inf")
        """The wobble around the breath when the person was last still for some seconds."""
        self.stilled_s: list[float] = []
        """Stamps at which a movement was over."""
        self.shifted_s: list[float] = []
        """Stamps at which a movement was over that left the chest elsewhere."""
        self.jolted_s: list[float] = []
        """Stamps at which a movement was over that left the chest elsewhere or threw it far, a cough for one."""
        self._before_move: FloatArray | None = None
        self._began_s = 0.0
        self._clock_until_s = -np.inf
        self._settled_s = -np.inf

    def __len__(self) -> int:
        return len(self._ring)

    # ---- what comes in ------------------------------------------------------------------------------------

    def push(self, work: Working, *, largest: float | None) -> tuple[NDArray[np.bool_], list[MotionChanged]]:
        """Take working samples; `largest`: size of a full breath where known. Returns which samples moved."""
        turned = None
        if self.turn is not None:
            self.catch_up(float(work.t_s[0]))
            turned = self.turn.turned(work.t_s)
        direction = None if self.axis is None else self.axis.direction
        smooth, moving, changes = self.movement.push(
            work.t_s, work.values, axis=direction, largest=largest, turned=turned
        )
        self.rails.push(work.t_s, work.raw)
        self._ring.append(np.concatenate((work.t_s[:, None], work.values, smooth), axis=1))
        return moving, changes

    def hear(self, samples: Samples) -> None:
        """Take a helper's samples: gyroscope, RR, ECG. What comes of them is seen with the breath's own."""
        if samples.stream is Stream.GYROSCOPE:
            if self.turn is not None:
                self.turn.hear(samples.t_s, samples.values)
        else:
            self.heart.hear(samples)

    def restart(self, t_s: float, *, gap_s: float, jumped: bool) -> None:
        """The stream starts afresh at `t_s` after `gap_s` of silence, or because the clock ran back."""
        if jumped:
            self._ring.clear()
            self.heart.clear()
            self.shifted_s, self.stilled_s, self.jolted_s = [], [], []
            self._clock_until_s = t_s + CLOCK_S
        if gap_s > 0:
            self._settled_s = t_s + SETTLE_S
        self._last_low = None
        self.movement.reset(t_s)
        self.rails.reset()
        self.wear.restart(t_s)

    @property
    def turn_deg(self) -> float | None:
        """Turn since the last middle, positive to the left; None without a gyroscope."""
        return self.turn.turn_deg if self.turn is not None else None

    def catch_up(self, t_s: float) -> None:
        """Let the turn come as near to `t_s` as it may; all samples before that have been pushed."""
        if self.turn is not None and len(self._ring):
            self.turn.advance(t_s, gravity=self._ring, movement=self.movement)

    def middle(self, now_s: float) -> None:
        """The person is in the middle: the turn counts from zero here."""
        if self.turn is not None:
            self.catch_up(now_s)
            self.turn.middle()

    def onset(self, onset_s: float, known_s: float, quiet: float | None) -> None:
        """An inhale began: is the end of exhale where the last one was, with no movement seen between?"""
        low = self.smooth_mean(onset_s - 0.3, onset_s, known_s)
        if low is None:
            return
        if self._last_low is not None and not self.movement.moved_within(self._last_low_s, known_s):
            way = low - self._last_low
            sinks_mg = STEEPEST * (onset_s - self._last_low_s)
            limit = SHIFTED_MG + sinks_mg if self.columns == 3 else quiet or np.inf
            if float(np.sqrt((way * way).sum())) > limit:
                self.movement.told(onset_s)
        self._last_low, self._last_low_s = low, onset_s

    def has_jolted(self, change: MotionChanged, typical: float | None) -> bool:
        """Whether a movement that is over went where no breath goes: the detector starts afresh, or it would take the
        way there or back for the inhale of a breath that never ends."""
        if self.columns != 3:
            return False
        if not change.still:
            self._before_move = self.smooth_mean(change.t_s - 2.0, change.t_s - 0.6, change.t_s)
            self._began_s = change.t_s - 0.6
            return False
        self.stilled_s = [*self.stilled_s[-100:], change.t_s]
        before, now = self._before_move, self.smooth_mean(change.t_s - 0.3, change.t_s, change.t_s)
        if before is None or now is None:
            return False
        far = max(SHIFTED_MG, 1.5 * (typical or 0.0))
        if float(np.sqrt(((now - before) ** 2).sum())) > far:
            self.shifted_s = [*self.shifted_s[-50:], change.t_s]
        off = self.smooth_rows(self._began_s, change.t_s, change.t_s)[:, 1:] - before
        if not len(off) or float(np.sqrt((off * off).sum(axis=1).max())) <= far:
            return False
        self.jolted_s = [*self.jolted_s[-100:], change.t_s]
        return True

    # ---- where things are ---------------------------------------------------------------------------------

    @staticmethod
    def project(values: FloatArray, axis: Axis) -> FloatArray:
        """The breath signal (n,) of values (n, 3), in a fixed order of operations."""
        w = axis.weights
        along: FloatArray = values[:, 0] * w[0] + values[:, 1] * w[1] + values[:, 2] * w[2]
        return along

    def past(self, start_s: float, known_s: float) -> FloatArray:
        """Rows of stamp, values, smooth values with start_s <= stamp <= known_s: a view, valid until the next push."""
        return self._ring.between(start_s, known_s)

    def newest(self) -> FloatArray | None:
        """The newest working values (columns,)."""
        return self._ring.rows[-1, 1 : 1 + self.columns].copy() if len(self._ring) else None

    def smooth_rows(self, start_s: float, stop_s: float, known_s: float) -> FloatArray:
        """Stamps and smooth values of the moments start_s..stop_s (the delay taken off), known by `known_s`."""
        rows = self._ring.between(start_s + self.delay_s, min(stop_s + self.delay_s, known_s))
        smooth = rows[:, self.columns :].copy()
        smooth[:, 0] = rows[:, 0] - self.delay_s
        return smooth

    def plain_rows(self, start_s: float, stop_s: float, known_s: float) -> FloatArray:
        """Stamps and working values, not smoothed, of the moments start_s..stop_s known by `known_s`."""
        return self._ring.between(start_s, min(stop_s, known_s))[:, : 1 + self.columns]

    def course(self, start_s: float, known_s: float) -> Course:
        """Stamps (the delay not taken off) and smooth values of the first column, start_s <= stamp <= known_s."""
        rows = self._ring.between(start_s, known_s)
        return rows[:, 0].tolist(), rows[:, 1 + self.columns].tolist()

    def smooth_mean(self, start_s: float, stop_s: float, known_s: float) -> FloatArray | None:
        """Mean smooth value (columns,) over start_s..stop_s, or None when nothing of it is known."""
        rows = self._ring.between(start_s + self.delay_s, min(stop_s + self.delay_s, known_s))
        return rows[:, 1 + self.columns :].sum(axis=0) / len(rows) if len(rows) else None

    def way(self, start_s: float, peak_s: float, known_s: float) -> FloatArray | None:
        """The way (columns,) an inhale went, from its onset to its peak."""
        low = self.smooth_mean(start_s - 0.3, start_s + 0.1, known_s)
        high = self.smooth_mean(peak_s - 0.2, peak_s + 0.2, known_s)
        return None if low is None or high is None else high - low

    def levels(self, t_s: FloatArray, known_s: float) -> FloatArray:
        """The breath's level at moments `t_s` (n,), in the sensor's unit, zero anywhere; as known by `known_s`."""
        rows = self.smooth_rows(float(t_s.min()) - 0.2, float(t_s.max()) + 0.2, known_s)
        if not len(rows):
            return np.zeros(len(t_s))
        x = rows[:, 1] if self.columns == 1 or self.axis is None else self.project(rows[:, 1:4], self.axis)
        return np.interp(t_s, rows[:, 0], x)

    def tilt_from_upright_deg(self, known_s: float) -> float | None:
        """Tilt against the upright of the calibration, slow; None without a motion sensor or calibration."""
        if self.columns != 3 or self.upright_mg is None:
            return None
        mean = self.smooth_mean(known_s - 1.0, known_s, known_s)
        return None if mean is None else tilt_deg(mean, self.upright_mg)

    def gap_max_s(self, start_s: float, known_s: float) -> float:
        """Longest silence between working samples in start_s..known_s, less the usual step."""
        t = self._ring.stamps(start_s - 1.0, known_s)
        t = t[max(0, int(t.searchsorted(start_s)) - 1) :]
        if len(t) < 2:
            return 0.0
        step = float((t[1:] - t[:-1]).max())
        return step if step > 1.5 / self.rate_hz else 0.0

    # ---- how good it is -----------------------------------------------------------------------------------

    def doubts(self, t_s: float, *, loose: bool) -> tuple[Doubt, ...]:
        """What speaks against the signal as a whole; asked once a second."""
        off = self.wear.off(
            t_s,
            power=self.movement.calm_power,
            level=self._ring.newest(t_s, 2) if self.columns == 1 else 0.0,
            tilt_from_upright_deg=self.tilt_from_upright_deg(t_s),
        )
        doubts = signal_doubts(
            t_s,
            rails=self.rails,
            off=off,
            unseen=self.wear.unseen(t_s),
            loose=loose,
            clock=t_s < self._clock_until_s,
        )
        return (*doubts, Doubt.GAP) if t_s < self._settled_s else doubts
