"""The deterministic core of a session: inputs in their order → follower and guide → outcomes in their order.

No clock, no I/O, no asyncio. A live session, a headless campaign and a replay all run this same code, so the
same inputs in the same order reach the same verdicts, bit for bit (G15).

Time is the time of the samples. The breath's own stream is cut at a grid of `TICK_S`; at each line of the grid
the guide gets a `Tick` and the guide's orders reach the follower. So how samples are packed into blocks
changes nothing (G16). When samples stay away, the session says so with a `Heartbeat`.
"""

from collections.abc import Iterator

import numpy as np

from breathsync.breath.events import FollowerEvent, FollowerOrder
from breathsync.breath.follower import Follower
from breathsync.guide.events import Answered, Ended, GuideInput, Said, Tick
from breathsync.guide.guide import Guide
from breathsync.guide.routine import Routine
from breathsync.outcome import Input, Outcome, View
from breathsync.samples import Battery, Heartbeat, Samples, SensorChange, SensorInfo, SensorState
from breathsync.settings import Settings

TICK_S = 0.25
"""The grid. Fine enough for every limit of the guide (the shortest is 2 s), coarse enough to cost nothing."""

LONGEST_CATCH_UP_S = 60.0
"""After a longer hole in the clock only its last minute is ticked through: a clock that jumps a year must not
hang the session, and the guide has paused long before."""


class Conductor:
    """Holds one follower and one guide and carries what each says to the other."""

    def __init__(
        self, *, info: SensorInfo, routine: Routine, settings: Settings, guide: Guide | None = None
    ) -> None:
        self.info = info
        self.settings = settings
        self.follower = Follower(info=info, settings=settings)
        self.guide = guide or Guide(routine=routine, settings=settings, info=info)
        self._sensor = SensorChange(t_s=0.0, state=SensorState.OFF)
        self._battery: int | None = None
        self._orders: list[FollowerOrder] = []
        self._ticks = 0
        self._data_s: float | None = None

    @property
    def now_s(self) -> float:
        """The last line of the grid that has been reached."""
        return self._ticks * TICK_S

    @property
    def ended(self) -> Ended | None:
        """How the session ended, once it has."""
        return self.guide.view.ended

    @property
    def view(self) -> View:
        """The session as a face shows it now."""
        return View(
            t_s=self.now_s if self._data_s is None else max(self.now_s, self._data_s),
            guide=self.guide.view,
            live=self.follower.live,
            sensor=self._sensor,
            info=self.info,
            battery_percent=self._battery,
        )

    def put(self, item: Input) -> list[Outcome]:
        """Take in one input and return all that follows from it, in order."""
        match item:
            case Samples():
                if item.stream is self.info.breath_stream:
                    return list(self._breath_samples(item))
                return list(self._tell_all(self.follower.push(item)))
            case SensorChange():
                return list(self._sensor_changed(item))
            case Heartbeat():
                return list(self._tick_to(item.t_s))
            case Said() | Answered():
                return list(self._tell(item))
            case Battery():
                self._battery = item.percent
                return []
            case SensorInfo():
                self.info = item
                return []

    def _breath_samples(self, block: Samples) -> Iterator[Outcome]:
        t_s, values = block.t_s, block.values
        timed = np.isfinite(t_s)
        if not timed.all():  # a sample without a time has no place; the follower sees the gap
            t_s, values = t_s[timed], values[timed]
        cells = np.floor(np.maximum.accumulate(t_s) / TICK_S)
        edges = (np.flatnonzero(cells[1:] != cells[:-1]) + 1).tolist()
        for start, stop in zip([0, *edges], [*edges, len(t_s)], strict=True):
            if start == stop:
                continue
            first_s = float(t_s[start])
            yield from self._tick_to(first_s)
            if self._sensor.state is SensorState.STALE:
                yield from self._sensor_changed(SensorChange(t_s=first_s, state=SensorState.STREAMING))
            latest_s = float(t_s[start:stop].max())
            self._data_s = latest_s if self._data_s is None else max(self._data_s, latest_s)
            part = Samples(stream=block.stream, t_s=t_s[start:stop], values=values[start:stop])
            yield from self._tell_all(self.follower.push(part))

    def _tick_to(self, t_s: float) -> Iterator[Outcome]:
        """Tick through the grid up to `t_s`, noticing on the way that data have become old (G13)."""
        last = int(t_s // TICK_S)
        self._ticks = max(self._ticks, last - int(LONGEST_CATCH_UP_S / TICK_S))
        while self._ticks < last:
            self._ticks += 1
            for order in self._orders:
                self.follower.order(order)
            self._orders.clear()
            if self._is_stale():
                yield from self._sensor_changed(
                    SensorChange(
                        t_s=self.now_s,
                        state=SensorState.STALE,
                        why="Nothing has come from the sensor for 2 s.",
                    )
                )
            yield from self._tell(Tick(t_s=self.now_s))

    def _is_stale(self) -> bool:
        return (
            self._sensor.state is SensorState.STREAMING
            and self._data_s is not None
            and self.now_s - self._data_s > self.settings.limits.stale_s
        )

    def _sensor_changed(self, change: SensorChange) -> Iterator[Outcome]:
        self._sensor = change
        yield change
        yield from self._tell(change)

    def _tell_all(self, events: list[FollowerEvent]) -> Iterator[Outcome]:
        for event in events:
            yield event
            yield from self._tell(event)

    def _tell(self, event: GuideInput) -> Iterator[Outcome]:
        for output in self.guide.put(event):
            if isinstance(output, FollowerOrder):
                self._orders.append(output)
            else:
                yield output
