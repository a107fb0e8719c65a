"""Where in the breath a seated person is, from a signal hardly larger than the sway: rate, phase, axis and sign.

A person who sits sways more than the chest breathes, and mostly along the very axis that a breath tips the chest
along; so neither the direction that moves most nor the height of a wave tells a breath. What tells it is that it comes
back at its own rate, in its own form, along its own line. So all pairs of a rate and a phase are followed at once
(a hidden Markov model on a grid), each with the movement in three axes that goes with a breath if it were true
(a conjugate regression on the form of a breath, forgotten slowly; "per-survivor processing", Raheli, Polydoros and
Tzou, IEEE Trans. Commun. 43, 1995). Where two paths meet, their regressions are mixed by their weights (the first
order generalised pseudo-Bayes of Ackerson and Fu, IEEE Trans. Autom. Control 15, 1970). What is no breath (sway, heart
beat) has an echo: a step tells something of the next. What the last two foretell of it is taken off from what is seen
and from the form alike (an autoregression by the Yule-Walker equations, on what was left over so far).

What is known of people goes in as a prior: about 15 breaths a minute, an inhale that tips the breastbone's face up (see
`axis.likely_in`), an inhale shorter than the exhale and a pause after it. The last two are all that tells the sign
before a cue was given: it is a guess. A cue says the phase.

What was seen later tells of an earlier step as well: `looked_back` weighs each pair of a rate and a phase there by how
well all that it may have gone on to fits what came (the backward pass of Baum, Petrie, Soules and Weiss, Ann. Math.
Stat. 41, 1970, over a few steps).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from breathsync.samples import FloatArray

STEP_S = 0.4
RATES_HZ = np.geomspace(0.035, 0.62, 26)
PHASES = 32
USUAL_HZ, USUAL_SPREAD = 0.25, 0.45
"""15 breaths a minute, give or take half an octave and a bit (log-normal)."""
RATE_WANDERS = 0.07
"""From one breath to the next, log."""
PHASE_WANDERS = 0.25
"""Of a phase bin a second, to each side: no breath is quite even."""
INHALE, PAUSE = 0.42, 0.10
"""Shares of a breath."""
HURRIES = 0.8
"""An exhale left to itself hurries first and lingers at its foot (1: it does not). The second harmonic comes to 0.15 of
the first by that; in the impedance and belts of 18 people it was 0.10-0.55, mostly about 0.25."""
USUAL_MG = 3.0
"""A seated breath along the way an inhale most likely goes; across it nothing is known of its sign."""
SPREAD_MG = (4.0, 4.0, 0.7)
"""Spread of the prior: along that way, across it, along gravity (where a small tilt moves nothing)."""
UNREST_MG = 2.0
"""Both grow with the unrest (steps, root mean square) above this: lying down a breath is ten times as large."""
FORGETS_S = 30.0
"""The axis and the size may change within this time."""
REST_FORGETS_S = 60.0
"""The same for the size of sway and heart beat."""
CLIP = 3.0
"""An echo is expected of so many times the usual step at most."""
UNLIKELY = 12.0
"""A step further off than this (Mahalanobis distance, squared; 3 is usual) is a movement: all that it says counts less,
by the square of how often it is this (a redescending weight, as in Huber, Robust Statistics, 1981)."""
TOO_CALM, CALM = 0.3, 1.5
"""Where a step comes to less than the first (3 is usual), a movement may have made the rest too large, and it is
learned faster by how far the step is under the second: the breaths after a movement were lost for a minute."""
INDEPENDENT = 0.6
"""A step says this much of what it would if it were independent of the last: the filter before it makes it less, and no
breath has quite the form that is looked for."""
CUE_UNSURE = 0.05
"""So often a cue is not followed."""
ECHO_FROM = 20
"""Steps that the echo is taken to be nothing for at first."""
ECHO_LESS = 1.05
"""Keeps the two numbers from where they would ring on (ridge)."""
_FIRST, _EARLY = 8, 20
"""Steps that the size of the unrest is guessed from at first, and at most when they are looked at again."""
_LEAST_REST, _FAINT_REST = 1e-3, 0.05
"""mg squared, added at each step; what a sensor that lies still may have."""
LOOKS_BACK = 8
"""Steps that are kept for a look back."""


def breath_level(phase: FloatArray) -> FloatArray:
    """Level 0..1 of a usual breath at `phase` in cycles: 0 is the peak, then the exhale, the pause, the inhale."""
    exhale = 1.0 - INHALE - PAUSE
    p = phase - np.floor(phase)
    falling = 0.5 + 0.5 * np.cos(np.pi * np.minimum(p / exhale, 1.0) ** HURRIES)
    rising = 0.5 - 0.5 * np.cos(np.pi * (p - exhale - PAUSE) / INHALE)
    return np.asarray(np.where(p < exhale, falling, np.where(p < exhale + PAUSE, 0.0, rising)))


_PHASE = np.arange(PHASES) / PHASES
_LEVELS = [breath_level(_PHASE[None, :] - k * RATES_HZ[:, None] * STEP_S) for k in range(4)]
_FORM, _FORM_BEFORE, _FORM_TWO_BEFORE = (_LEVELS[k] - _LEVELS[k + 1] for k in range(3))
"""How far the level goes in the step that ends at a phase, for each rate; in the step before it and before that."""
_AROUND = np.exp(2j * np.pi * _PHASE)
_LOG_HZ = np.log(RATES_HZ)
_LASTING = np.exp(-STEP_S / FORGETS_S)


def _steps_on() -> csr_array:
    """From the weights of all pairs of a rate and a phase, in a row, to those a step later: each goes on at its rate;
    phases and rates wander a little."""
    rates, pairs = len(RATES_HZ), len(RATES_HZ) * PHASES
    row, column = np.divmod(np.arange(pairs), PHASES)
    shift = RATES_HZ[row] * STEP_S * PHASES
    whole = np.floor(shift).astype(int)
    on = _table(
        ((column - whole) % PHASES + row * PHASES, 1.0 - (shift - whole)),
        ((column - whole - 1) % PHASES + row * PHASES, shift - whole),
    )
    spreads = np.full(pairs, PHASE_WANDERS * STEP_S)
    wandering = _table(
        (np.arange(pairs), 1.0 - 2.0 * spreads),
        ((column - 1) % PHASES + row * PHASES, spreads),
        ((column + 1) % PHASES + row * PHASES, spreads),
    )
    mixes = np.full(pairs, 0.5 * RATE_WANDERS**2 * STEP_S * USUAL_HZ / (_LOG_HZ[1] - _LOG_HZ[0]) ** 2)
    mixing = _table(
        (np.arange(pairs), 1.0 - 2.0 * mixes),
        (np.maximum(row - 1, 0) * PHASES + column, mixes),
        (np.minimum(row + 1, rates - 1) * PHASES + column, mixes),
    )
    return csr_array(mixing @ wandering @ on)


def _table(*parts: tuple[NDArray[np.int_], FloatArray]) -> csr_array:
    """Each part: where every pair comes from, and with what share."""
    pairs = len(parts[0][0])
    shares = np.concatenate([share for _, share in parts])
    rows = np.tile(np.arange(pairs), len(parts))
    return csr_array((shares, (rows, np.concatenate([come for come, _ in parts]))), shape=(pairs, pairs))


_ON = _steps_on()
_BACK = csr_array(_ON.T)


@dataclass(frozen=True, slots=True)
class Where:
    """Where the breath was at a step: `phase` in cycles since the peak, -0.5..0.5; `certainty` 0 where any phase is as
    likely as another, 1 where it is known."""

    phase: float
    certainty: float
    rate_hz: float


def _where(weight: FloatArray) -> Where:
    """Of weights (rates, phases) that sum to 1."""
    around = complex((weight.sum(axis=0) * _AROUND).sum())
    rate_hz = float(np.exp((weight.sum(axis=1) * _LOG_HZ).sum()))
    return Where(float(np.angle(around)) / (2 * np.pi), abs(around), rate_hz)


def _usual(steps: list[FloatArray]) -> float:
    """Mean square of steps (3,), from their median: a movement among them makes it no larger."""
    return max(_FAINT_REST, 2.0 * float(np.median(np.square(steps))))


class Phases:
    """Follows the breath in steps of `STEP_S`: `take` a step of the three axes, then ask where the breath is.

    `like`: another one, whose size and echo of what is no breath these begin with.
    """

    def __init__(self, *, like: "Phases | None" = None) -> None:
        prior = np.exp(-0.5 * (np.log(RATES_HZ / USUAL_HZ) / USUAL_SPREAD) ** 2)
        self._weight = np.repeat(prior[:, None], PHASES, axis=1) / (prior.sum() * PHASES)
        self._seen = np.zeros((len(RATES_HZ), PHASES))
        self._went = np.zeros((len(RATES_HZ), PHASES, 3))
        self._first: list[FloatArray] = []
        self._rest: FloatArray | None = None
        self._before = (np.zeros(3), np.zeros(3))
        self._left = (np.zeros(3), np.zeros(3))
        self._echo = np.array((1.0, 0.0, 0.0))
        self._steps = self._known_for = 0
        self._kept: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=LOOKS_BACK)
        if like is not None and like._rest is not None:
            self._rest = like._rest * min(1.0, 3.0 * _usual(like._first) / float(np.trace(like._rest)))
            self._echo, self._known_for = like._echo, like._steps
        self._turn()

    @property
    def ready(self) -> bool:
        """Whether anything was seen yet."""
        return self._steps > 0

    def take(self, step_mg: FloatArray, base: FloatArray, sure: float) -> None:
        """A step (3,) of the smooth signal in mg, from one point of the grid to the next. `base` (3, 3): unit vectors
        as columns, the way an inhale most likely goes, across it, along gravity; `sure` 0..1: of the first."""
        step = (base * step_mg[:, None]).sum(axis=0)
        if len(self._first) < _EARLY:
            self._first.append(step)
        if self._rest is None:
            if len(self._first) < _FIRST:
                return
            self._rest = np.eye(3) * _usual(self._first)
        self._steps += 1
        scale = max(1.0, float(np.sqrt(np.trace(self._rest) / 3.0)) / UNREST_MG)
        whiten = self._whitening(self._rest, scale)
        clear = (whiten * step).sum(axis=1)
        usual = CLIP * max(1.0, float(np.sqrt(self._echo[0])))
        echoes = step * min(1.0, usual / max(float(np.sqrt((clear * clear).sum())), 1e-12))
        one, two = self._recurs()
        fresh = step - one * self._before[0] - two * self._before[1]
        clear = (whiten * fresh).sum(axis=1)
        form = _FORM - one * _FORM_BEFORE - two * _FORM_TWO_BEFORE
        self._go_on()
        prior_mean = whiten[:, 0] * (USUAL_MG * sure * scale**2)
        known = self._seen[:, :, None] + self._prior
        mean = (np.einsum("ij,fpj->fpi", whiten, self._went) + self._prior * prior_mean) / known
        wider = 1.0 + form[:, :, None] ** 2 / known
        off = clear - mean * form[:, :, None]
        far = (off * off / wider).sum(axis=2)
        counts = (UNLIKELY / max(UNLIKELY, float((self._weight * far).sum()))) ** 2
        gain = -0.5 * INDEPENDENT * counts * (far + np.log(wider).sum(axis=2))
        fits = np.exp(gain - gain.max())
        weight = self._weight * fits
        self._weight = weight / weight.sum()
        self._kept.append((self._weight.reshape(-1), fits.reshape(-1)))
        self._learn_rest(off, counts)
        went = (self._weight[:, :, None] * mean * _FORM[:, :, None]).sum(axis=(0, 1))
        self._learn_echo((whiten * echoes).sum(axis=1) - went)
        self._before = (echoes, self._before[0])
        self._breath = self._unwhiten @ (self._weight[:, :, None] * mean).sum(axis=(0, 1))
        self._seen = _LASTING * (self._seen + counts * form**2)
        self._went = _LASTING * (self._went + form[:, :, None] * (counts * fresh))
        self._turn()

    def cue(self, phase: float, spread: float) -> None:
        """The breath is known to be at about `phase` now, give or take `spread` (cycles)."""
        near = np.exp((np.cos(2 * np.pi * (_PHASE - phase)) - 1.0) / (2 * np.pi * spread) ** 2)
        fits = np.broadcast_to(near + CUE_UNSURE, self._weight.shape)
        weight = self._weight * fits
        self._weight = weight / weight.sum()
        if self._kept:
            _, before = self._kept.pop()
            self._kept.append((self._weight.reshape(-1), before * fits.reshape(-1)))
        self._turn()

    def looked_back(self, steps: int) -> list[Where]:
        """Where the breath was in this step and up to `steps` before it (this one first), by all that was seen."""
        ahead = np.ones(len(RATES_HZ) * PHASES)
        found: list[Where] = []
        for was, fits in [*self._kept][: -steps - 2 : -1]:
            weight = (was * ahead).reshape(self._weight.shape)
            found.append(_where(weight / weight.sum()))
            ahead = _BACK @ (fits * ahead)
            ahead = ahead / ahead.max()
        return found

    @property
    def breath_mg(self) -> FloatArray:
        """The way (3,) of an inhale from trough to peak, in the base of the last step."""
        return self._breath

    @property
    def rest(self) -> FloatArray:
        """Covariance (3, 3) of what is new in the steps and no breath, in the base of the last step."""
        return np.eye(3) if self._rest is None else self._rest

    def spread_mg(self, way: FloatArray) -> float:
        """Standard error of the breath's size along the unit vector `way` (3,), in the base of the last step."""
        if self._rest is None:
            return float("inf")
        seen = float((self._weight * self._seen).sum())
        along = (self._unwhiten * way[:, None]).sum(axis=0)
        return float(np.sqrt((along * along / (seen + self._prior)).sum()))

    # ---- steps of the filter ------------------------------------------------------------------------------

    _breath: FloatArray = np.zeros(3)
    _prior: FloatArray = np.ones(3)
    _unwhiten: FloatArray = np.eye(3)

    def _turn(self) -> None:
        now = _where(self._weight)
        self.certainty, self.phase, self.rate_hz = now.certainty, now.phase, now.rate_hz
        """As of `Where`, by all that was seen so far."""

    def _whitening(self, rest: FloatArray, scale: float) -> FloatArray:
        """A matrix (3, 3) that makes the rest's covariance 1 and the prior's diagonal."""
        low = np.linalg.cholesky(rest)
        inverse = np.linalg.inv(low)
        scaled = inverse * (scale * np.array(SPREAD_MG))
        sizes, turned = np.linalg.eigh(scaled @ scaled.T)
        self._prior = 1.0 / np.maximum(sizes, 1e-9)
        whiten = turned.T @ inverse
        self._unwhiten = low @ turned
        return np.asarray(whiten)

    def _go_on(self) -> None:
        """All breaths go on by a step, each at its rate; rates and phases wander a little."""
        was = np.concatenate(
            (
                self._weight[:, :, None],
                (self._weight * self._seen)[:, :, None],
                self._weight[:, :, None] * self._went,
            ),
            axis=2,
        )
        now = (_ON @ was.reshape(-1, was.shape[2])).reshape(was.shape)
        self._weight = now[:, :, 0]
        each = np.maximum(self._weight, 1e-300)
        self._seen = now[:, :, 1] / each
        self._went = now[:, :, 2:] / each[:, :, None]

    def _learn_rest(self, off: FloatArray, counts: float) -> None:
        """What a step was beside the breath, by the weight of each pair, is sway and heart beat."""
        assert self._rest is not None
        spread = np.einsum("fp,fpi,fpj->ij", self._weight, off, off)
        raw = self._unwhiten @ (counts * spread) @ self._unwhiten.T
        new = max(STEP_S / REST_FORGETS_S, 1.0 / (self._steps + self._known_for + 5))
        calm = float(np.trace(spread))
        if calm < TOO_CALM and float(np.trace(self._rest)) > 3.0 * _FAINT_REST:
            new = min(0.5, new * CALM / max(calm, 1e-9))
        rest = (1.0 - new) * self._rest + new * (raw + _LEAST_REST * np.eye(3))
        self._rest = 0.5 * (rest + rest.T)

    def _learn_echo(self, left: FloatArray) -> None:
        """How much of what is left of a step (3,), whitened, once the breath is taken off comes again one and two steps
        later."""
        before, two_before = self._left
        self._left = (left, before)
        new = max(STEP_S / REST_FORGETS_S, 1.0 / (self._steps + self._known_for + ECHO_FROM))
        now = [(left * other).sum() / 3.0 for other in (left, before, two_before)]
        self._echo = (1.0 - new) * self._echo + new * np.array(now)

    def _recurs(self) -> tuple[float, float]:
        """Shares of the last two steps that come again in the next (Yule-Walker)."""
        whole = ECHO_LESS * float(self._echo[0]) + _LEAST_REST
        one, two = float(self._echo[1]) / whole, float(self._echo[2]) / whole
        less = 1.0 - one * one
        return one * (1.0 - two) / less, (two - one * one) / less
