"""When was the top? Crossings of a level looked for backwards, and the centre of gravity of what is highest.

On a flat top noise chooses the highest sample. Both annotators of the labelled recordings put the peak to the middle
of the highest 5 %, a pacer to where the rise ends. So the peak is dated to the centre of gravity of the cap, the area
between the signal and a level little below its top: it lies between the two, is the same for a round top, and a ripple
moves it little. It is whole once the signal has fallen to that level, so nothing is gained by waiting longer.
All functions take stamps `t` in seconds and values `y`, equally long, and look back from sample `i`.
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


def middle_above(t: list[float], y: list[float], i: int, level: float, stop: int) -> float:
    """When the centre of gravity of the area above `level`, from sample `stop` on, was; weighed sample by sample."""
    area = moment = 0.0
    for j in range(stop, i + 1):
        above = y[j] - level
        if above > 0:
            weight = above * (t[min(j + 1, i)] - t[max(j - 1, stop)])
            area += weight
            moment += weight * (t[i] - t[j])
    return t[i] - moment / area if area > 0 else t[i]
