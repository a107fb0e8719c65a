"""Degrees of turn about the vertical, from a gyroscope: for short turns between "middle" and "there".

A gyroscope's zero wanders, so it is learned while the person is still, turns are counted from the last middle,
and a rate too slow to be a turn is not added up. A change under 6 degrees is noise (domain.md, 5).
"""

from math import exp, hypot

import numpy as np

from breathsync.breath.decimate import Decimator, Intake
from breathsync.breath.filters import EvenLowPass
from breathsync.breath.motion import Movement
from breathsync.breath.ring import Ring
from breathsync.samples import FloatArray

WAIT_S = 0.5
"""The gyroscope is dealt with this much behind the accelerometer: by then its samples of the same moment have
come, in whatever order the two arrive, so the packing changes nothing (G16)."""
PIECE_S = 0.25
"""The accelerometer's stream is worked off in pieces no longer than this where there is a gyroscope."""
SMOOTH_HZ = 2.0
SLOWEST_DEG_S = 0.4
"""Under this rate it is not a turn but the zero wandering."""
TURNING_DEG_S = 2.5
"""From this rate on the person is turning: movement, not breath. A breath hardly turns about the vertical."""
TUMBLING_DEG_S = 12.0
"""A full breath turns a chest sensor by two or three degrees in its second and a half; twelve a second is a move."""
ZERO_S = 12.0
"""Time constant of the learned zero."""
STILL_S = 1.0


class Turn:
    """Adds up the turn of one gyroscope, in degrees, positive to the left (counter-clockwise from above)."""

    def __init__(self, *, rate_hz: float) -> None:
        self._intake = Intake()
        self._decimator = Decimator(rate_hz=rate_hz, columns=3)
        self._low_pass = EvenLowPass(
            rate_hz=self._decimator.rate_hz, corner_hz=min(SMOOTH_HZ, self._decimator.rate_hz / 3), columns=3
        )
        self._rows = np.zeros((0, 4))
        self._zero = (0.0, 0.0, 0.0)
        self._learned_s = 0.0
        self._angle = self._from = 0.0
        self._last_s = float("nan")
        self.turning_s: list[float] = []
        """Stamps at which the person was turning or tumbling."""

    @property
    def turn_deg(self) -> float | None:
        """Since the last middle; None until the zero is known (a second of stillness)."""
        return self._angle - self._from if self._learned_s >= STILL_S else None

    def middle(self) -> None:
        """The turn counts from here."""
        self._from = self._angle

    def hear(self, t_s: FloatArray, values: FloatArray) -> None:
        """Take samples of the gyroscope, (n,) and (n, 3) deg/s."""
        for stretch in self._intake.push(t_s, values):
            if stretch.fresh:
                self._decimator.reset()
                self._low_pass.reset()
                if stretch.jumped:
                    self._rows = self._rows[:0]
            work = self._decimator.push(stretch.t_s, stretch.values)
            if len(work.t_s):
                smooth, _ = self._low_pass.push(work.values)
                rows = np.concatenate((work.t_s[:, None], smooth), axis=1)
                self._rows = np.concatenate((self._rows, rows))[-2000:]

    def advance(self, acc_s: float, *, gravity: Ring, movement: Movement) -> None:
        """Go on up to `WAIT_S` before `acc_s`, the first stamp of the accelerometer's next piece. `gravity`: rows whose
        last three columns are the smooth accelerometer signal, all before `acc_s`."""
        n = int(self._rows[:, 0].searchsorted(acc_s - WAIT_S, side="right"))
        if n == 0:
            return
        now, self._rows = self._rows[:n], self._rows[n:]
        at = np.maximum(gravity.t_s.searchsorted(now[:, 0], side="right") - 1, 0)
        ups = gravity.rows[at, -3:].tolist()
        for (t, wx, wy, wz), (ux, uy, uz) in zip(now.tolist(), ups, strict=True):
            self._step(t, (wx, wy, wz), (ux, uy, uz), movement)

    def _step(
        self, t: float, w: tuple[float, float, float], up: tuple[float, float, float], movement: Movement
    ) -> None:
        dt = t - self._last_s
        self._last_s = t
        zx, zy, zz = self._zero
        x, y, z = w[0] - zx, w[1] - zy, w[2] - zz
        length = (up[0] * up[0] + up[1] * up[1] + up[2] * up[2]) ** 0.5
        if not 0 < dt < 0.5 or length <= 0:
            return
        rate = (x * up[0] + y * up[1] + z * up[2]) / length
        learned = self._learned_s >= STILL_S
        turning = learned and (abs(rate) > TURNING_DEG_S or hypot(x, y, z) > TUMBLING_DEG_S)
        if turning:
            self.turning_s.append(t)
            if len(self.turning_s) > 4096:
                del self.turning_s[:2048]
        if learned and abs(rate) > SLOWEST_DEG_S:
            self._angle += rate * dt
        if not turning and movement.still_before_s(t, t) >= STILL_S:
            share = max(1.0 - exp(-dt / ZERO_S), dt / (self._learned_s + dt))
            self._zero = (zx + share * x, zy + share * y, zz + share * z)
            self._learned_s += dt

    def turned(self, t_s: FloatArray) -> FloatArray:
        """For the stamps (n,) of a piece: whether the person was turning `WAIT_S` and a piece before, as 0 or 1."""
        late_s = WAIT_S + PIECE_S
        if not self.turning_s or self.turning_s[-1] <= t_s[0] - late_s - 0.2:
            return np.zeros(len(t_s))
        marks = np.array(self.turning_s[-256:])
        upto = marks.searchsorted(t_s - late_s, side="right")
        since = marks.searchsorted(t_s - late_s - 0.2, side="right")
        return (upto > since).astype(float)
