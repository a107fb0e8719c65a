"""How far an exhale that is under way will still go, from its last half second."""

from bisect import bisect_right

SPEED_S = 0.3
"""A fall's speed is taken over this long, now and just before: a fall that slows down is believed to go on slowing
at that pace, as an exhale does, and one that has stalled goes nowhere."""
AHEAD_S = 2.5
"""No fall is believed to go on at its present speed for longer."""


def still_to_fall(t_s: list[float], x: list[float]) -> float:
    """How far a fall will still go, from stamps and levels of the last two `SPEED_S`.

    Each next stretch is taken to be shorter than the last by the same factor; the sum of that series.
    """
    middle, early = _level_at(t_s, x, t_s[-1] - SPEED_S), _level_at(t_s, x, t_s[-1] - 2.0 * SPEED_S)
    before = early - middle
    now = middle - x[-1]
    if now <= 0.0:
        return 0.0
    most = now * AHEAD_S / SPEED_S
    return min(most, now * now / (before - now)) if before > now else most


def _level_at(t_s: list[float], x: list[float], at_s: float) -> float:
    """The level at a moment before the last stamp. Plain numbers: for one moment `np.interp` takes longer."""
    k = bisect_right(t_s, at_s)
    if k == 0:
        return x[0]
    return (x[k] - x[k - 1]) / (t_s[k] - t_s[k - 1]) * (at_s - t_s[k - 1]) + x[k - 1]
