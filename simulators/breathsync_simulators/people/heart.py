"""The heart: beats whose interval follows the breath (respiratory sinus arrhythmia), their ripple and their ECG."""

import numpy as np

from breathsync.samples import FloatArray
from breathsync_simulators.people.breathing import Breathing
from breathsync_simulators.scenario import Heart

SHORTEST_MS = 330.0
RIPPLE_S = 0.45
"""How long one beat shakes the chest."""
ECG_S = 0.7


class HeartBeat:
    """Plans beats as time goes on."""

    def __init__(self, *, traits: Heart, rng: np.random.Generator, breathing: Breathing) -> None:
        self._traits = traits
        self._rng = rng
        self._breathing = breathing
        self._wander = 0.0
        self._early = False
        self.excitement = 1.0
        self.beats_s = [float(rng.uniform(0.0, 0.8))]
        self.rr_ms = [60000 / traits.rate_bpm]

    def plan_to(self, t_s: float) -> None:
        """Beat until beyond `t_s`. Breathing must have been planned to `t_s`."""
        h, rng = self._traits, self._rng
        while self.beats_s[-1] <= t_s:
            at_s = self.beats_s[-1]
            wall = self._breathing.chest.at(at_s) + self._breathing.belly.at(at_s)
            self._wander = 0.9 * self._wander + 0.44 * float(rng.standard_normal())
            sinus = h.sinus_ms * (0.5 - float(np.tanh(wall / 2) * 2))
            rr_ms = 60000 / (h.rate_bpm * self.excitement) + sinus + h.wander_ms * self._wander
            if self._early:
                rr_ms *= 1.35
                self._early = False
            elif rng.random() < h.extra_per_hour * rr_ms / 3.6e6:
                rr_ms *= 0.62
                self._early = True
            self.rr_ms.append(max(rr_ms, SHORTEST_MS))
            self.beats_s.append(at_s + self.rr_ms[-1] / 1000)
        if len(self.beats_s) > 400:
            del self.beats_s[:200], self.rr_ms[:200]

    def between(self, after_s: float, to_s: float) -> list[tuple[float, float]]:
        """(time in s, interval in ms) of the beats in (after_s, to_s]."""
        pairs = []
        for at_s, rr_ms in zip(reversed(self.beats_s), reversed(self.rr_ms), strict=True):
            if at_s <= after_s:
                break
            if at_s <= to_s:
                pairs.append((at_s, rr_ms))
        return pairs[::-1]

    def ripple(self, t_s: FloatArray) -> FloatArray:
        """What the beats do to a chest accelerometer along one direction, shape (n,), peak about 1."""
        out = np.zeros(len(t_s))
        for at_s, _ in self.between(float(t_s[0]) - RIPPLE_S, float(t_s[-1])):
            after = t_s - at_s
            live = slice(*after.searchsorted((0.0, RIPPLE_S)))
            x = after[live]
            slow = np.exp(-(((x - 0.22) / 0.1) ** 2)) * np.sin(2 * np.pi * 3 * (x - 0.1))
            out[live] += np.exp(-x / 0.09) * np.sin(2 * np.pi * 11 * x) + 0.8 * slow
        return out

    def ecg_uv(self, t_s: FloatArray, chest: FloatArray) -> FloatArray:
        """One lead in µV, shape (n,); `chest` (wall units) lowers the R wave and moves the foot line."""
        out = -60.0 * chest
        gain = self._traits.r_wave_uv * (1 - 0.07 * chest)
        for at_s, _ in self.between(float(t_s[0]) - ECG_S, float(t_s[-1]) + ECG_S):
            x = t_s - at_s
            wave = np.exp(-((x / 0.011) ** 2)) - 0.22 * np.exp(-(((x - 0.03) / 0.012) ** 2))
            wave += 0.12 * np.exp(-(((x + 0.16) / 0.03) ** 2)) + 0.24 * np.exp(-(((x - 0.27) / 0.06) ** 2))
            out = out + gain * wave
        return np.asarray(out)
