"""A person: a body that lives, habits that disturb it, a mind that listens."""

import numpy as np

from breathsync.outcome import Outcome, View
from breathsync_simulators.people.body import Body
from breathsync_simulators.people.habits import Habits
from breathsync_simulators.people.mind import Mind, Words
from breathsync_simulators.people.truth import Truth
from breathsync_simulators.scenario import Scenario


class Person:
    """One person, drawn from a scenario by a seed; the same seed is the same person to the last bit."""

    def __init__(self, *, scenario: Scenario, seed: int) -> None:
        drawn, body, habits, mind, self.sensor_seed = np.random.SeedSequence(seed).spawn(5)
        self.scenario = scenario
        self.traits = scenario.drawn(np.random.default_rng(drawn))
        self.body = Body(traits=self.traits, seed=body)
        self._habits = Habits(body=self.body, rng=np.random.default_rng(habits))
        self._mind = Mind(body=self.body, habits=self._habits, rng=np.random.default_rng(mind))

    @property
    def truth(self) -> Truth:
        """What really happened until now."""
        self.body.settle_truth()
        return self.body.truth

    def live_to(self, t_s: float) -> None:
        """Live on until `t_s`."""
        self.body.advance(t_s)

    def hear(self, outcome: Outcome, view: View) -> None:
        """Hear what the guide says."""
        self._mind.hear(outcome, view)

    def said(self) -> list[Words]:
        """What the person said since the last call."""
        return self._mind.said()
