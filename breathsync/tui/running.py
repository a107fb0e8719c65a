"""One session inside the app: it gathers the story, makes pictures, and knows which screen a moment belongs to."""

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from breathsync.guide.events import Ended, Place, Word
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples
from breathsync.tui import words
from breathsync.tui.draw.trace_rows import Window
from breathsync.tui.picture import NOTHING, TRACE_S, Picture, Stretch, scale_of
from breathsync.tui.story import Story

ZERO_GLIDE = 0.2
"""Share of the way a frame: a zero that was found anew moves the picture over a third of a second."""

SOONEST_S = 1 / 30
"""New samples are drawn at once, but no oftener than this; the screen's own timer draws the rest."""

LATELY_S = 6.0
WARM_UP_S = 8.0
"""So long a filter's first swing may take; it is drawn, but it does not set the range."""
NARROWS = 0.995
"""A frame; the range halves in 9 s once the breath has become that much smaller."""


class Body(Protocol):
    """A simulated body that keys move (`breathsync_simulators.you.YourBody` is one)."""

    def breathe_in(self) -> None:
        """Breathe in from here on."""
        ...

    def breathe_out(self) -> None:
        """Breathe out from here on."""
        ...

    def lean(self, way: int) -> None:
        """Lean forward (1) or back (-1) by a step."""
        ...

    def turn(self, way: int) -> None:
        """Turn right (1) or left (-1) by a step."""
        ...


class SessionLike(Protocol):
    """What the screen needs of `breathsync.session.Session`."""

    faces: list[Any]

    @property
    def view(self) -> View:
        """The session now."""
        ...

    def say(self, word: Word, *, by: str = "key") -> None:
        """The person's word."""
        ...

    def answer(self, question: str, value: bool | int | None, *, note: str = "") -> None:
        """The person's answer."""
        ...

    async def run(self) -> Ended:
        """Run to the end."""
        ...


class Running:
    """A session with its story. `notify` is called when something happened that should be drawn at once."""

    def __init__(self, session: SessionLike, *, routine: str, notify: Callable[[], object]) -> None:
        self.session = session
        self._routine = routine
        self.story = Story()
        self._notify = notify
        self._widest = 0.0
        self._zero: float | None = None
        self._first_s = math.inf
        self._pictured_at_s = -math.inf
        self._unseen = False
        session.faces.append(self)
        if hasattr(session, "on_samples"):
            self._others, session.on_samples = session.on_samples, self._samples_came

    @property
    def title(self) -> str:
        """The routine's name; a session that another process holds says itself what it is."""
        return words.routine_words(getattr(self.session, "routine", "") or self._routine)

    @property
    def id(self) -> str:
        """The session's name in the logbook; empty where it is not recorded."""
        return str(getattr(getattr(self.session, "recorder", None), "id", ""))

    @property
    def body(self) -> Body | None:
        """The body that is moved by keys, where the person chose to be it."""
        body: Body | None = getattr(getattr(self.session, "sensor", None), "body", None)
        return body

    def hear(self, outcome: Outcome, view: View) -> None:
        """Take in one outcome (this is the session's `Face`)."""
        self.story.take(outcome)
        self._notify()

    def _samples_came(self, block: Samples) -> None:
        """New samples, just before the session takes them in: the notice waits its turn and is read after that."""
        if self._others is not None:
            self._others(block)
        self._unseen = True
        if time.monotonic() - self._pictured_at_s >= SOONEST_S:
            self._notify()

    @property
    def fresh(self) -> bool:
        """Whether the last picture is a moment old and has all samples in it."""
        return not self._unseen and time.monotonic() - self._pictured_at_s < SOONEST_S

    def picture(self) -> Picture:
        """The session as it is to be drawn now."""
        self._pictured_at_s, self._unseen = time.monotonic(), False
        view = self.session.view
        window = self._window()
        found = view.guide.calibration is not None
        stretch = self._above_exhale(window, view) if found else self._spread_out(window)
        return Picture(
            view=view,
            title=self.title,
            scale=scale_of(view, self._widest),
            level=float(stretch.level[-1]) if len(stretch.level) else 0.0,
            window=stretch,
            marks=tuple(self.story.marks),
            tries=self.story.tries,
            by_keys=self.body is not None,
        )

    def _window(self) -> Window:
        conductor = getattr(self.session, "conductor", None)
        if conductor is None:
            return NOTHING
        window: Window = conductor.follower.trace.window(TRACE_S)
        return window

    def _spread_out(self, window: Window) -> Stretch:
        """Before a calibration: zero and range by what is seen, widening at once and narrowing slowly."""
        if not len(window.t_s):
            return NOTHING
        self._first_s = min(self._first_s, float(window.t_s[0]))
        settled = window.level[window.t_s > self._first_s + WARM_UP_S]
        level = settled if len(settled) else window.level
        level = level[np.isfinite(level)]
        if not len(level):
            return NOTHING
        low, high = (float(edge) for edge in np.percentile(level, [5, 98]))
        self._zero = low
        self._widest = max(high - low, NARROWS * self._widest)
        return Stretch(t_s=window.t_s, level=window.level - low, moving=window.moving)

    def _above_exhale(self, window: Window, view: View) -> Stretch:
        """The trace has no fixed zero; put its zero where the live level has it, gliding when that moves.

        While no gate is armed, a change of posture may have left the last known exhale far behind; then the lowest
        of the last seconds serves, so that the breath stays on the picture.
        """
        if not len(window.t_s):
            return NOTHING
        zero = float(window.level[-1]) - view.live.level
        quiet = view.guide.calibration.a_quiet if view.guide.calibration else 0.0
        lately = window.level[window.t_s > window.t_s[-1] - LATELY_S]
        low = float(np.nanpercentile(lately, 10)) if np.isfinite(lately).any() else zero
        if not view.guide.armed and abs(low - zero) > quiet:
            zero = low
        self._zero = zero if self._zero is None else self._zero + ZERO_GLIDE * (zero - self._zero)
        return Stretch(t_s=window.t_s, level=window.level - self._zero, moving=window.moving)


def screen_name(view: View) -> str:
    """The screen this moment belongs to. A lost signal and the way out come before everything else."""
    guide = view.guide
    if guide.ended:
        return "summary"
    match guide.step.place:
        case Place.LOST | Place.PAUSED:
            return "lost"
        case Place.COME_BACK:
            return "come_back"
        case _ if guide.question:
            return "question"
        case Place.FIND_BREATH | Place.FIND_FULL:
            return "find"
        case _:
            return "session"
