"""The `sim:` source: a simulated person behind the same protocol as a strap, in real time or faster."""

from collections.abc import AsyncIterator, Callable

from breathsync.outcome import Outcome, View
from breathsync.samples import Battery, SensorChange, SensorEvent, SensorInfo, SensorState
from breathsync.sensors.base import Clock
from breathsync_simulators.link import Link
from breathsync_simulators.people.mind import Words
from breathsync_simulators.wearers import PersonWearing, open_wearer


class SimulatedSensor:
    """A person as a `Sensor`, and at once the `Face` that lets the person hear.

    What the person says goes to `on_word`, called between two blocks and never from within `hear`; without
    one it waits in `said()`.
    """

    def __init__(
        self,
        *,
        person: str = "steady",
        sensor: str = "h10",
        seed: int = 0,
        clock: Clock,
        on_word: Callable[[Words], None] | None = None,
    ) -> None:
        self.wearer: PersonWearing = open_wearer(person, sensor, seed=seed)
        self.on_word = on_word
        self._clock = clock
        self._link = Link(person=self.wearer.person, seed=self.wearer.link_seed)
        self._open = False

    @property
    def info(self) -> SensorInfo:
        """Who the sensor is."""
        return self.wearer.info

    async def connect(self) -> None:
        """Put the strap on: always works."""
        self._open = True

    async def events(self) -> AsyncIterator[SensorEvent]:
        """Blocks as that sensor sends them, from the clock's present on, until `close`."""
        zero_s = self._clock.now_s()
        yield SensorChange(t_s=zero_s, state=SensorState.STREAMING)
        yield Battery(t_s=zero_s, percent=80)
        block_s = self.wearer.place.block_s
        self.wearer.until(zero_s)
        t_s = zero_s
        while self._open:
            t_s += block_s
            await self._clock.sleep_until(t_s)
            for event in self._link.carry(self.wearer.until(t_s), t_s):
                yield event
            if self.on_word:
                for word in self.wearer.said():
                    self.on_word(word)

    async def close(self) -> None:
        """Take the strap off."""
        self._open = False

    def hear(self, outcome: Outcome, view: View) -> None:
        """Let the person hear an outcome of the session."""
        self.wearer.hear(outcome, view)

    def speak_through(self, put: Callable[[Words], None]) -> None:
        """From now on words and answers go to `put`, between two blocks."""
        self.on_word = put

    def said(self) -> list[Words]:
        """What the person said since the last call, where there is no `on_word`."""
        return self.wearer.said()
