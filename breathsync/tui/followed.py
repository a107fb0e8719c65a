"""A past session's level as it stood on the screen: the log is followed again by the same code."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from breathsync.samples import Samples
from breathsync.tui.draw.trace_rows import Window
from breathsync.tui.past import exhales
from breathsync.tui.picture import NOTHING, Stretch
from breathsync.tui.running import WARM_UP_S

if TYPE_CHECKING:  # the logbook and scipy are loaded on use
    from breathsync.conductor import Conductor
    from breathsync.logbook.reader import SessionLog
    from breathsync.outcome import Input

TRACE_S = 120.0
"""As much as the follower keeps (`breath.trace.TRACE_S`, which comes with scipy)."""


def follow(log: "SessionLog", conductor: "Conductor", *, stop: Callable[[], bool]) -> Stretch | None:
    """The level above the end of exhale as the session's own follower had it, at its own rate.

    `conductor`: made as the session's was. `stop` is asked on the way; None when it said so, or where nothing was
    followed. An hour of a belt takes 8 s.
    """
    early: list[Stretch] = []
    parts: list[Stretch] = []
    last_s = -np.inf
    for entry in log.entries():
        if stop():
            return None
        if not entry.is_input:
            continue
        conductor.put(cast("Input", entry.item))
        if not isinstance(entry.item, Samples) or entry.item.stream is not conductor.info.breath_stream:
            continue
        window = conductor.follower.trace.window(TRACE_S)
        if not len(window.t_s):
            continue
        if conductor.guide.view.calibration is None and not parts:
            # The axis may still be found anew, and then the past is seen along it: the newest window counts.
            start_s = float(window.t_s[0])
            early = [_cut(part, until_s=start_s) for part in early if part.t_s[0] < start_s] + [_cut(window)]
            last_s = float(window.t_s[-1])
            continue
        zero = float(window.level[-1]) - conductor.follower.live.level
        parts.append(_cut(window, after_s=last_s, zero=zero))
        last_s = float(window.t_s[-1])
    if not early and not parts:
        return None
    begin = _joined(early)
    if len(begin.t_s):  # no zero yet; and while filters swing in, no level either
        begin.level[:] -= exhales(begin.t_s, begin.level)
        begin.level[begin.t_s < begin.t_s[0] + WARM_UP_S] = np.nan
    return _joined([begin, *parts])


def _cut(window: Window, *, after_s: float = -np.inf, until_s: float = np.inf, zero: float = 0.0) -> Stretch:
    inside = (window.t_s > after_s) & (window.t_s < until_s)
    return Stretch(t_s=window.t_s[inside], level=window.level[inside] - zero, moving=window.moving[inside])


def _joined(parts: Sequence[Stretch]) -> Stretch:
    if not parts:
        return NOTHING
    return Stretch(
        t_s=np.concatenate([part.t_s for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        moving=np.concatenate([part.moving for part in parts]),
    )
