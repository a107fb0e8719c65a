"""A sensor on a body: from angles, walls and beats to the numbers that sensor would give.

The chest's frame: x forward, y to the left, z up. An accelerometer at rest measures +1 g along what is up.
`lean` turns it about y (forward), `side` about x, `turn` about z; a turn alone moves no accelerometer.
"""

import numpy as np
from numpy.typing import NDArray

from breathsync.samples import FloatArray, Samples, Stream
from breathsync_simulators.people.body import Body, Fault
from breathsync_simulators.people.track import Tape, Track
from breathsync_simulators.places import ECG_HZ, Place

USUAL_CHEST = 0.575
"""The chest's share of a usual quiet breath; `tilt_deg` and `force_n` of a body hold for it."""
MG = 1000.0
RAD = np.pi / 180
RR_GRAIN_MS = 1000 / 1024
"""The heart rate service counts in 1/1024 s."""
SHAKE_HZ = 12.0
SWAY_HZ = 0.5
WOBBLE_HZ = 3.0
TAP_S = 0.12


class Grid:
    """The times of an even stream: sample k at k / rate_hz, plus a sensor's own jitter of the moment."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._next = 1

    def until(self, t_s: float) -> FloatArray:
        """The times since the last call up to and with `t_s`."""
        last = int(np.floor(t_s * self._rate_hz + 1e-9))
        times = np.arange(self._next, last + 1) / self._rate_hz
        self._next = max(self._next, last + 1)
        return np.asarray(times)


class WornSensor:
    """Measures one body. The same body, seed and place give the same samples however they are asked for."""

    def __init__(self, *, body: Body, place: Place, seed: np.random.SeedSequence) -> None:
        rngs = [np.random.default_rng(s) for s in seed.spawn(10)]
        mount, self._rng = rngs[0], rngs[1]
        rate = place.rate_hz
        self._body, self._place = body, place
        self._wear = body.traits.wear
        self._grid, self._ecg_grid = Grid(rate), Grid(ECG_HZ)
        self._asked_s = 0.0
        self._mount = mounting(body, place, mount)
        self._along = _unit(np.array([0.8, 0.0, 0.5]) + 0.25 * mount.standard_normal(3))
        self._belt = _BeltPull(body, mount)
        self._noise = Tape(rngs[2], columns=3)
        self._gyro_noise = Tape(rngs[3], columns=3)
        self._shaking = Tape(rngs[4], columns=3, rate_hz=rate, corner_hz=min(SHAKE_HZ, 0.4 * rate))
        self._wobble = Tape(rngs[9], columns=2, rate_hz=rate, corner_hz=min(WOBBLE_HZ, 0.3 * rate))
        self._sway = Tape(rngs[5], columns=2, rate_hz=rate, corner_hz=min(SWAY_HZ, 0.2 * rate))
        self._jitter = rngs[6]
        self._ecg_noise = Tape(rngs[7], columns=1)
        self._bias = 0.35 * mount.standard_normal(3)
        self._bias_walk = Track()
        self._bias_rng = rngs[8]
        self._last_angles: FloatArray | None = None
        self._stuck_at: dict[tuple[float, int], float] = {}

    def until(self, t_s: float) -> list[Samples]:
        """All samples since the last call up to `t_s`. The body must have lived to `t_s`."""
        blocks: list[Samples] = []
        streams = self._place.streams
        if Stream.FORCE in streams or Stream.ACCELERATION in streams:
            times = self._grid.until(t_s)
            if len(times):
                blocks += self._force(times) if Stream.FORCE in streams else self._motion(times)
        if Stream.ECG in streams:
            times = self._ecg_grid.until(t_s)
            if len(times):
                blocks.append(self._ecg(times))
        if Stream.RR in streams:
            blocks += self._heart(t_s)
        self._asked_s = t_s
        return blocks

    def _site(self, t_s: FloatArray, turn_deg: FloatArray) -> FloatArray:
        """What of the breath arrives at the sensor, quiet breath = 1 for a usual body."""
        place, body = self._place, self._body
        chest, belly = place.chest, place.belly
        if self._wear.on_belly:
            chest, belly = 0.15 * place.chest, place.chest + place.belly
        site = chest / USUAL_CHEST * body.breathing.chest(t_s)
        if belly:
            site = site + belly / (1 - USUAL_CHEST) * body.breathing.belly(t_s)
        traits = body.traits.body
        twist = np.minimum(np.abs(turn_deg) / max(traits.twist_deg, 1.0), 1.3)
        bent = site * (1 - traits.deep_loss * np.maximum(site - 1, 0) / 3)
        return np.asarray(bent * (1 - traits.twist_loss * twist))

    def _angles_deg(self, t_s: FloatArray) -> FloatArray:
        """Lean, side and turn of the sensor, shape (n, 3), degrees.

        A trunk leans at the hips, and the chest may be turned against them: then a lean is partly a side lean to
        the chest. Slump, breath and what a strap does happen in the chest itself.
        """
        body, traits = self._body, self._body.traits.body
        p = body.posture
        turn = p.turn(t_s)
        site = self._site(t_s, turn) * traits.tilt_deg
        cos, sin = np.cos(turn * RAD), np.sin(turn * RAD)
        sway = self._sway.take(len(t_s)) * traits.sway_deg
        at_hips = p.lean(t_s) + p.wander_lean(t_s) + sway[:, 0]
        side_at_hips = p.side(t_s) + p.wander_side(t_s) + sway[:, 1]
        lean = cos * at_hips - sin * side_at_hips + body.strap_lean(t_s) - site
        lean += traits.slump_deg * (1 - p.tall(t_s))
        side = sin * at_hips + cos * side_at_hips + body.strap_side(t_s)
        side += site * (traits.side_tilt + 0.35 * sin)
        return np.array((lean, side, turn)).T

    def _shakes(self, t_s: FloatArray) -> FloatArray | None:
        """How hard the sensor shakes at each time: columns rms mg, degrees and N; None when not at all."""
        live = [s for s in self._body.shakes if s.start_s < t_s[-1] and s.end_s > t_s[0]]
        if not live:
            return None
        rms = np.zeros((len(t_s), 3))
        for shake in live:
            share = np.clip((t_s - shake.start_s) / max(shake.end_s - shake.start_s, 0.05), 0, 1)
            swell = np.sin(np.pi * share) ** 0.5
            rms += swell[:, None] * (shake.rms_mg, shake.rms_deg, shake.rms_n)
        return rms

    def _motion(self, t_s: FloatArray) -> list[Samples]:
        place, n = self._place, len(t_s)
        angles = self._angles_deg(t_s)
        rms, wobble = self._shakes(t_s), self._wobble.take(n)
        if rms is not None:
            angles[:, :2] += rms[:, 1:2] * wobble
        acc = up_in_trunk(angles) * MG
        ripple = self._body.heart.ripple(t_s) * self._body.traits.heart.ripple_mg * place.ripple
        acc += ripple[:, None] * self._along
        shaking = self._shaking.take(n)
        if rms is not None:
            acc += rms[:, :1] * shaking
        for at_s, peak_mg in self._body.taps:
            if t_s[0] - TAP_S < at_s <= t_s[-1]:
                acc += peak_mg * tap(t_s - at_s)[:, None] * self._along
        off = self._fault("off", t_s)
        if off is not None:
            acc[off] = MG * np.array([0.2, 0.1, -0.95]) + 80 * shaking[off]
        mg = acc @ self._mount + self._noise.take(n) * (place.noise * self._wear.noise)
        mg = np.round(mg / place.grain) * place.grain
        mg = np.minimum(np.maximum(mg, -self._wear.clip_mg), self._wear.clip_mg)
        self._stick(t_s, mg)
        blocks = [Samples(stream=Stream.ACCELERATION, t_s=t_s, values=mg)]
        if Stream.GYROSCOPE in place.streams:
            blocks.append(self._gyro(t_s, angles, rms, shaking))
        self._last_angles = angles[-1:]
        return blocks

    def _gyro(
        self, t_s: FloatArray, angles: FloatArray, rms: FloatArray | None, shaking: FloatArray
    ) -> Samples:
        before = angles[:1] if self._last_angles is None else self._last_angles
        rates = (angles - np.concatenate((before, angles[:-1]))) * self._place.rate_hz
        lean, side = angles[:, 0] * RAD, angles[:, 1] * RAD
        lean_rate, side_rate, turn_rate = rates.T
        cos_lean, sin_side, cos_side = np.cos(lean), np.sin(side), np.cos(side)
        omega = np.empty((len(t_s), 3))
        omega[:, 0] = side_rate - np.sin(lean) * turn_rate
        omega[:, 1] = cos_side * lean_rate + sin_side * cos_lean * turn_rate
        omega[:, 2] = -sin_side * lean_rate + cos_lean * cos_side * turn_rate
        if rms is not None:
            omega += 0.12 * rms[:, :1] * shaking
        while self._bias_walk.end_s < t_s[-1] + 1:
            step = 0.03 * float(self._bias_rng.standard_normal())
            self._bias_walk.add(self._bias_walk.end_s + 20, self._bias_walk.last + step)
        values = omega @ self._mount + self._bias + self._bias_walk(t_s)[:, None]
        values = values + self._gyro_noise.take(len(t_s)) * (self._place.gyro_noise * self._wear.noise)
        return Samples(stream=Stream.GYROSCOPE, t_s=t_s, values=np.round(values / 0.07) * 0.07)

    def _force(self, t_s: FloatArray) -> list[Samples]:
        place, n = self._place, len(t_s)
        force = self._belt(t_s, self._site(t_s, self._body.posture.turn(t_s)), self._sway.take(n))
        shaking = self._shaking.take(n)[:, 0]
        rms, wobble = self._shakes(t_s), self._wobble.take(n)[:, 0]
        if rms is not None:
            force += 0.006 * self._body.traits.body.force_n * rms[:, 0] * shaking + rms[:, 2] * wobble
        off = self._fault("off", t_s)
        if off is not None:
            force[off] = 0.15 + 0.3 * np.abs(shaking[off])
        force += self._noise.take(n)[:, 0] * (place.noise * self._wear.noise)
        force = np.clip(np.round(force / place.grain) * place.grain, 0.0, self._wear.clip_n)[:, None]
        self._stick(t_s, force)
        dated = t_s + np.clip(place.jitter_s * self._jitter.standard_normal(n), -0.04, 0.04)
        return [Samples(stream=Stream.FORCE, t_s=dated, values=force)]

    def _ecg(self, t_s: FloatArray) -> Samples:
        body = self._body
        uv = body.heart.ecg_uv(t_s, body.breathing.chest(t_s) / USUAL_CHEST)
        rms = self._shakes(t_s)
        noise = self._ecg_noise.take(len(t_s))[:, 0]
        uv = uv + noise * (12.0 if rms is None else 12.0 + 4 * rms[:, 0])
        return Samples(stream=Stream.ECG, t_s=t_s, values=np.round(uv)[:, None])

    def _heart(self, t_s: float) -> list[Samples]:
        beats = [b for b in self._body.heart.between(self._asked_s, t_s) if not self._is_off(b[0])]
        if not beats:
            return []
        times = np.array([at_s for at_s, _ in beats])
        rr_ms = np.array([rr for _, rr in beats])
        counted = np.round(rr_ms / RR_GRAIN_MS) * RR_GRAIN_MS
        return [
            Samples(stream=Stream.RR, t_s=times, values=counted[:, None]),
            Samples(stream=Stream.HEART_RATE, t_s=times, values=np.round(60000 / rr_ms)[:, None]),
        ]

    def _is_off(self, t_s: float) -> bool:
        return any(f.kind == "off" and f.start_s <= t_s < f.end_s for f in self._body.faults)

    def _faults(self, kind: str, t_s: FloatArray) -> list[Fault]:
        return [f for f in self._body.faults if f.kind == kind and f.start_s <= t_s[-1] and f.end_s > t_s[0]]

    def _fault(self, kind: str, t_s: FloatArray) -> NDArray[np.bool_] | None:
        faults = self._faults(kind, t_s)
        if not faults:
            return None
        return np.asarray(np.any([(t_s >= f.start_s) & (t_s < f.end_s) for f in faults], axis=0))

    def _stick(self, t_s: FloatArray, values: FloatArray) -> None:
        """Keep one column at the value it had when it stuck."""
        for fault in self._faults("stuck", t_s):
            column = fault.axis % values.shape[1]
            inside = (t_s >= fault.start_s) & (t_s < fault.end_s)
            if inside.any():
                key = (fault.start_s, column)
                values[inside, column] = self._stuck_at.setdefault(key, float(values[inside, column][0]))


class _BeltPull:
    """The force in a belt: its rest, the breath, and what posture does to it, with a slow give of the fabric."""

    def __init__(self, body: Body, rng: np.random.Generator) -> None:
        scale = body.traits.body.force_n
        self._body = body
        self._give = Track()
        self._rng = rng
        self._per_lean = scale * float(rng.uniform(-0.03, 0.14))
        self._per_side = scale * float(rng.uniform(-0.08, 0.08))
        self._per_turn = scale * float(rng.uniform(-0.02, 0.05))
        self._per_tall = scale * float(rng.uniform(0.2, 1.3))
        self._scale = scale

    def __call__(self, t_s: FloatArray, site: FloatArray, sway: FloatArray) -> FloatArray:
        p, body = self._body.posture, self._body
        while self._give.end_s < t_s[-1] + 1:
            step = 0.12 * self._scale * float(self._rng.standard_normal()) - 0.03 * self._scale
            self._give.add(self._give.end_s + float(self._rng.uniform(10, 30)), self._give.last + step)
        return np.asarray(
            body.traits.body.belt_n
            + self._scale * site
            + self._per_lean * (p.lean(t_s) + p.wander_lean(t_s))
            + self._per_side * (p.side(t_s) + p.wander_side(t_s))
            + self._per_turn * np.abs(p.turn(t_s))
            + self._per_tall * p.tall(t_s)
            + 0.5 * self._scale * body.traits.body.sway_deg * sway[:, 0]
            + body.strap_pull_n(t_s)
            + self._give(t_s)
        )


def up_in_trunk(angles_deg: FloatArray) -> FloatArray:
    """The unit vector that points up, seen from a trunk held at (lean, side, turn), shape (n, 3)."""
    lean, side = angles_deg[:, 0] * RAD, angles_deg[:, 1] * RAD
    over = np.cos(lean)
    up = np.empty((len(lean), 3))
    up[:, 0], up[:, 1], up[:, 2] = -np.sin(lean), over * np.sin(side), over * np.cos(side)
    return up


def tap(after_s: FloatArray) -> FloatArray:
    """What a finger on the strap does to an accelerometer: a blow of 10 ms that rings out, peak about 1."""
    x = np.clip(after_s, 0, None)
    return np.asarray(np.where(after_s >= 0, np.exp(-x / 0.014) * np.cos(2 * np.pi * 38 * x), 0.0))


def mounting(body: Body, place: Place, rng: np.random.Generator) -> FloatArray:
    """The rotation from the trunk's frame to the sensor's, shape (3, 3): `sensor = trunk @ mounting`.

    A sensor lies on the chest with its z forward; it is turned in that plane by how it usually sits, by being
    upside down and by being put on crookedly, and tipped by the slope of the chest.
    """
    wear = body.traits.wear
    crooked = wear.crooked_deg * float(rng.choice([-1, 1]))
    in_plane = (place.turned_deg + (180 if wear.upside_down else 0) + crooked) * RAD
    tipped = float(rng.uniform(-25, 5)) * RAD
    c, s = np.cos(in_plane), np.sin(in_plane)
    flat = np.array([[0.0, 0.0, 1.0], [-s, c, 0.0], [c, s, 0.0]])
    slope = np.array(
        [[np.cos(tipped), 0.0, np.sin(tipped)], [0.0, 1.0, 0.0], [-np.sin(tipped), 0.0, np.cos(tipped)]]
    )
    return np.asarray(slope @ flat)


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector))
