"""A past session's level as it stood on the screen: the log is followed again by the same code."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np

from breathsync.samples import Samples
from breathsync.tui.picture import Stretch

if TYPE_CHECKING:  # the logbook and scipy are loaded on use
    from breathsync.conductor import Conductor
    from breathsync.logbook.reader import SessionLog
    from breathsync.outcome import Input


def follow(log: "SessionLog", conductor: "Conductor", *, stop: Callable[[], bool]) -> Stretch | None:
    """The level above the end of exhale as the session's own follower had it, at its own rate.

    `conductor`: made as the session's was. `stop` is asked on the way; None when it said so, or where nothing was
    followed. An hour of a belt takes 8 s.
    """
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
        newest_s = float(np.nanmax(entry.item.t_s, initial=last_s))
        window = conductor.follower.trace.window(min(120.0, max(5.0, newest_s - last_s)))
        fresh = window.t_s > last_s
        if not fresh.any():
            continue
        last_s = float(window.t_s[-1])
        zero = float(window.level[-1]) - conductor.follower.live.level
        parts.append(
            Stretch(t_s=window.t_s[fresh], level=window.level[fresh] - zero, moving=window.moving[fresh])
        )
    if not parts:
        return None
    return Stretch(
        t_s=np.concatenate([part.t_s for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        moving=np.concatenate([part.moving for part in parts]),
    )
