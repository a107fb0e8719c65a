"""Learning this person's quiet and full breath (domain.md, 4): what counts, when it is enough, when it is refused.

`A_quiet` is the median of at least six clean quiet breaths, `A_full` the median of three cued full ones. There
are no defaults: what cannot be learned is refused with a reason and one sentence that helps.

Spread: people's quiet breaths differ by a fifth or a quarter from one to the next, so the range of six of them
is nearly always over 30 %. The spread of quiet breaths here is the median deviation from the median over the
median: at 30 %, half of the breaths lie within 30 % of `A_quiet`. It bears a sigh or a swallow among them (Hampel,
J. Am. Stat. Assoc. 69, 1974). For the three full breaths it is half their range over the median.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, median, pstdev

from breathsync.breath.events import Refusal
from breathsync.settings import CalibrationSettings, GateSettings

NOISE_TIMES = 1.6
"""A quiet breath must be this many times the peak-to-peak noise, or it cannot be told from it. Its height must be twice
(`quality.VISIBLE`), and in such noise the height is a fifth more than the breath."""
EARLIEST_S = 4.0
PEAK_FROM_S = 0.7
PEAK_TO_S = 22.0
"""A full breath answers a cue when its inhale began no more than 4 s before it (an onset found in noise may be early)
and peaks 0.7 to 22 s after it: at 3 breaths a minute people first finish the breath they are in."""
ANSWER_S = 8.0
"""A breath that peaked in time has come back by then."""
WOBBLE = 0.3
"""A rise and fall under this share of the larger ones (their upper quartile) is a wobble between slow breaths."""
MEANT = 1.3
"""A breath this much larger than a quiet one is meant as a full one."""

PRIOR_BREATHS = 2.0
TURNED = 0.85
"""The scale of a posture starts from 1 with the weight of so many breaths; a motion sensor's from the other side's,
where that is known, since the body turns nearly as far there, else from this: a turn takes some of the travel, and what
moves beneath a breath makes the quiet ones look larger rather than smaller (measured scales were a tenth above the true
ones when they started from 1). A turn changes what a belt feels of a breath less."""
LEAST_SCALE, LARGEST_SCALE = 0.4, 2.0
SCALE_DOUBT = 0.5
"""The scale of a posture is taken higher by this share of its standard error: what passes a bar by less than the
bar may be wrong by is not known to be full (G2). Half of it is what full breaths can bear."""

SENTENCES = {
    Refusal.TOO_FEW: "I did not see enough clear breaths: sit still, breathe as usual, and we try again.",
    Refusal.FULL_TOO_SMALL: "Your full breaths looked much like your quiet ones: "
    "breathe in slowly until you naturally stop, or put the strap where your breath moves you most.",
    Refusal.BELOW_NOISE: "I cannot see your breath: wear the strap a little tighter or lower, wet it, and sit upright.",
    Refusal.CLIPPED: "The sensor was at the end of its range: loosen the strap a little or set a wider range.",
    Refusal.SPREAD: "Your breaths differed a lot from one to the next: let them come evenly, and we try again.",
    Refusal.NO_SIGNAL: "Nothing useful came from the sensor: check that it is worn and connected.",
    Refusal.NO_AXIS: "I could not tell which way your chest moves as you breathe in: "
    "sit still and breathe in when you hear the cue.",
}
"""One helpful sentence for each reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBreath:
    """What the calibration needs of a breath. `clean`: still, without gap, one plain rise and fall."""

    inhale_start_s: float
    inhale_peak_s: float
    decided_s: float
    amplitude: float
    noise: float
    clean: bool
    clipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The outcome for quiet or for full breaths: an amplitude, or the reason why there is none (yet)."""

    counted: int
    amplitude: float | None = None
    noise: float = 0.0
    refusal: Refusal | None = None


def quiet_level(breaths: Sequence[SeenBreath], settings: CalibrationSettings) -> Level:
    """`A_quiet` from breaths since the person was asked to breathe as usual.

    `counted` stays one short of what is needed until the breaths agree, so a counter never shows "6 of 6"
    without a result.
    """
    clean = _without_wobbles([b for b in breaths if b.clean])
    needed = settings.quiet_breaths
    if any(b.clipped for b in breaths):
        return Level(counted=min(len(clean), needed - 1), refusal=Refusal.CLIPPED)
    if len(clean) < needed:
        return Level(counted=len(clean), refusal=Refusal.TOO_FEW if breaths else Refusal.BELOW_NOISE)
    amplitudes = [b.amplitude for b in clean]
    middle = median(amplitudes)
    noise = median(b.noise for b in clean)
    if middle <= NOISE_TIMES * noise:
        return Level(counted=needed - 1, refusal=Refusal.BELOW_NOISE)
    if median(abs(a - middle) for a in amplitudes) > settings.spread * middle:
        return Level(counted=needed - 1, refusal=Refusal.SPREAD)
    return Level(counted=needed, amplitude=middle, noise=noise)


def _without_wobbles(breaths: list[SeenBreath]) -> list[SeenBreath]:
    larger = sorted(b.amplitude for b in breaths)[3 * len(breaths) // 4 :]
    return [b for b in breaths if b.amplitude >= WOBBLE * larger[0]]


def answers(
    breaths: Sequence[SeenBreath], cues_s: Sequence[float], a_quiet: float, *, now_s: float
) -> list[SeenBreath]:
    """The breaths that answered the cues by `now_s`, at most one each: the largest that began near the cue. One no
    larger than a quiet breath is taken for the answer only when no other can come any more.

    Without any cue (a belt needs none) each breath well above a quiet one is taken as meant.
    """
    if not cues_s:
        return [b for b in breaths if b.amplitude >= MEANT * a_quiet]
    found: list[SeenBreath] = []
    for i, cue in enumerate(cues_s):
        next_cue = cues_s[i + 1] if i + 1 < len(cues_s) else float("inf")
        last = min(cue + PEAK_TO_S, next_cue + PEAK_FROM_S)
        near = [
            b
            for b in breaths
            if b.inhale_start_s >= cue - EARLIEST_S and cue + PEAK_FROM_S <= b.inhale_peak_s < last
        ]
        largest = max(near, key=lambda b: b.amplitude) if near else None
        if largest and (largest.amplitude >= MEANT * a_quiet or now_s > last + ANSWER_S):
            found.append(largest)
    return found


def full_level(answered: Sequence[SeenBreath], a_quiet: float, settings: CalibrationSettings) -> Level:
    """`A_full` from the breaths that answered the cues; only the clean ones count."""
    if any(b.clipped for b in answered):
        return Level(counted=0, refusal=Refusal.CLIPPED)
    clean = [b for b in answered if b.clean]
    needed = settings.full_breaths
    if len(clean) < needed:
        return Level(counted=len(clean), refusal=Refusal.TOO_FEW)
    amplitudes = [b.amplitude for b in clean[-needed:]]
    middle = median(amplitudes)
    noise = median(b.noise for b in clean[-needed:])
    if middle < settings.full_over_quiet * a_quiet:
        return Level(counted=needed, refusal=Refusal.FULL_TOO_SMALL)
    if max(amplitudes) - min(amplitudes) > 2.0 * settings.spread * middle:
        return Level(counted=needed, refusal=Refusal.SPREAD)
    return Level(counted=needed, amplitude=middle, noise=noise)


def low_bar(*, quiet: float, full: float, gate: GateSettings) -> float:
    """The least amplitude of a full breath (G5), of levels in any unit."""
    return min(max(gate.low_quiet * quiet, gate.low_full * full), gate.cap_full * full)


def posture_scale(
    here: Sequence[float], *, usual: Sequence[float], other_side: float | None, motion_sensor: bool
) -> float:
    """How large a breath looks in a posture beside upright: from the quiet breaths `here` and the `usual` ones upright,
    as logarithms of their share of `A_quiet`, and the scale of the `other_side` where it is known.

    Breaths differ from one to the next, and so do means of a few of them; a scale counts that doubt.
    """
    start = (log(other_side) if other_side is not None else log(TURNED)) if motion_sensor else 0.0
    upright = fmean(usual) if usual else 0.0
    weight = len(here) + PRIOR_BREATHS
    error = pstdev(usual) * sqrt(1.0 / weight + 1.0 / len(usual)) if usual else 0.0
    shares = sum(share - upright for share in here) + PRIOR_BREATHS * start
    scale = exp(shares / weight + SCALE_DOUBT * error)
    return min(max(scale, LEAST_SCALE), LARGEST_SCALE)
