"""People with a sensor on: what straps and the `sim:` source ask for samples."""

from breathsync.errors import UnknownNameError
from breathsync.outcome import Outcome, View
from breathsync.samples import Samples, SensorInfo
from breathsync_simulators import scenario
from breathsync_simulators.people.mind import Words
from breathsync_simulators.people.person import Person
from breathsync_simulators.people.truth import Truth
from breathsync_simulators.places import PLACES, Place
from breathsync_simulators.worn import WornSensor


class PersonWearing:
    """A `Wearer`: one person, one sensor, no losses."""

    def __init__(self, *, person: Person, place: Place) -> None:
        self.person = person
        self.place = place
        self.info: SensorInfo = place.info(person.scenario.name)
        worn, self.link_seed = person.sensor_seed.spawn(2)
        self._sensor = WornSensor(body=person.body, place=place, seed=worn)

    def until(self, t_s: float) -> list[Samples]:
        """All samples since the last call up to `t_s`, as the sensor would measure them."""
        self.person.live_to(t_s)
        return self._sensor.until(t_s)

    def hear(self, outcome: Outcome, view: View) -> None:
        """Hear what the guide says."""
        self.person.hear(outcome, view)

    def said(self) -> list[Words]:
        """What the person said since the last call; the session takes it in as `Said` and `Answered`."""
        return self.person.said()

    @property
    def truth(self) -> Truth:
        """What really happened until now."""
        return self.person.truth


def open_wearer(person: str, sensor: str = "h10", *, seed: int = 0) -> PersonWearing:
    """A person by name (or the path of a scenario file) with a sensor on, e.g. `open_wearer("steady", "belt")`.

    Raises UnknownNameError with the nearest names, ScenarioError for a file that cannot be used.
    """
    if sensor not in PLACES:
        raise UnknownNameError("simulated sensor", sensor, PLACES)
    return PersonWearing(person=Person(scenario=scenario.load(person), seed=seed), place=PLACES[sensor])
