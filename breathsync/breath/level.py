"""How large a breath was on a chest that sinks or rises beneath it.

From sitting tall one sinks, by a milligravity a second and more, and an inhale against that looks too small. The way
out shows how much: a breath that ends lower than it began rose from a falling level.
"""

from dataclasses import replace

from breathsync.breath.detector import RawBreath

MOST = 0.25
"""Of the amplitude: a level that changes explains no more of what a breath lacks or has too much."""


def risen_from(raw: RawBreath, per_s: float) -> RawBreath:
    """The breath with its trough where a level that changes by `per_s`, in its unit a second, has gone by the peak.

    How much of it came back stays the share of the rise that was seen.
    """
    way = per_s * (raw.inhale_peak_s - raw.inhale_start_s)
    trough = raw.trough + min(max(way, -MOST * raw.amplitude), MOST * raw.amplitude)
    return replace(raw, trough=trough, after=raw.peak - raw.returned_fraction * (raw.peak - trough))
