"""When was the top? Crossings of a level looked for backwards, and the apex of the crown of a breath.

Both annotators of the labelled recordings put the peak to the middle of the crown, not to its highest sample: with
noise on a flat top that sample may lie anywhere. So the crown (the highest part of the breath as far as it is known)
is fitted by a parabola, whose apex lies where rise and fall meet, and which a ripple moves little; within the
narrow stretch nearest the top, since a slow rise before a quick fall draws the parabola away from the turn.
All functions take stamps `t` in seconds and values `y`, equally long, and look back from sample `i` as far as `stop`.
"""


def fell_to(t: list[float], y: list[float], i: int, level: float, stop: int) -> tuple[int, float]:
    """The last sample before `i` at `level` or above, and when the level was left."""
    j = i
    while j > stop and y[j] < level:
        j -= 1
    if j == i or y[j] < level:
        return j, t[j]
    return j, t[j] + (t[j + 1] - t[j]) * (y[j] - level) / (y[j] - y[j + 1])


def rose_to(t: list[float], y: list[float], i: int, level: float, stop: int) -> tuple[int, float]:
    """The last sample before `i` below `level`, and when the level was left."""
    j = i
    while j > stop and y[j] >= level:
        j -= 1
    if j == i or y[j] >= level:
        return j, t[j]
    return j, t[j] + (t[j + 1] - t[j]) * (level - y[j]) / (y[j + 1] - y[j])


def apex(t: list[float], y: list[float]) -> float | None:
    """When the parabola through all of `t`, `y` (least squares) is highest; None where it has no top."""
    n = len(t)
    if n < 3:
        return None
    middle, first = sum(t) / n, y[0]
    s2 = s3 = s4 = y0 = y1 = y2 = 0.0
    for stamp, value in zip(t, y, strict=True):
        u, v = stamp - middle, value - first
        uu = u * u
        s2 += uu
        s3 += uu * u
        s4 += uu * uu
        y0 += v
        y1 += u * v
        y2 += uu * v
    # u and u * u - lean * u - mean are orthogonal to each other and to a constant, so each coefficient stands alone.
    lean, mean = s3 / s2, s2 / n
    size = s4 - lean * s3 - mean * s2
    bend = (y2 - lean * y1 - mean * y0) / size if size > 0 else 0.0
    return middle - (y1 / s2 - bend * lean) / (2 * bend) if bend < 0 else None
