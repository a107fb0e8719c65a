"""Drives a profile's scripts in a test: no link, no radio, no clock."""

from collections.abc import Callable

from breathsync.sensors.ble.profiles.base import (
    Answer,
    Ask,
    Connection,
    Facts,
    Profile,
    Read,
    Script,
    Step,
    T,
)

Notifications = list[tuple[str, bytes]]


class Strap:
    """Answers steps from a function and hands what it notifies to the profile, as the link would.

    `respond(step)` returns the bytes of a Read, or what is notified, as (characteristic, data), after a write.
    """

    def __init__(self, profile: Profile, respond: Callable[[Step], bytes | Notifications | None]) -> None:
        self.profile = profile
        self.respond = respond
        self.steps: list[Step] = []
        self.heard: list[object] = []

    def run(self, script: Script[T]) -> T:
        reply: bytes | None = None
        while True:
            try:
                step = script.send(reply)
            except StopIteration as done:
                return done.value
            self.steps.append(step)
            reply = self._carry_out(step)

    def start(self, connection: Connection) -> Facts:
        return self.run(self.profile.start(connection))

    def stop(self) -> None:
        self.run(self.profile.stop())

    def _carry_out(self, step: Step) -> bytes | None:
        response = self.respond(step)
        if isinstance(step, Read):
            assert response is None or isinstance(response, bytes)
            return response
        answer = None
        for characteristic, data in response or []:
            for heard in self.profile.feed(characteristic, data):
                if isinstance(step, Ask) and isinstance(heard, Answer) and answer is None:
                    answer = heard.data
                else:
                    self.heard.append(heard)
        if isinstance(step, Ask) and answer is None:
            assert step.optional, f"no answer to {step}"
        return answer
