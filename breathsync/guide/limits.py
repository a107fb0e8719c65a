"""Never too much (G11), never a trap (G12): the budget of deep breaths and the limits that hold for a routine."""

import math
from dataclasses import fields, replace
from typing import Any

from breathsync.breath.events import Breath
from breathsync.guide.routine import Rests, Routine, Targets
from breathsync.settings import GateSettings, LimitSettings, Settings

MINUTE_S = 60.0

GENTLER_IS_MORE = {"usual_between", "rest_s", "low_quiet", "low_full"}
"""For these the larger number is the stricter one; for all other limits the smaller."""


def settings_for(routine: Routine, settings: Settings) -> Settings:
    """The settings with what the routine asks for, where that is stricter. A routine never loosens anything."""

    def stricter(asked: Rests | Targets, group: LimitSettings | GateSettings) -> dict[str, Any]:
        wanted = {f.name: getattr(asked, f.name) for f in fields(asked)}
        return {
            name: (max if name in GENTLER_IS_MORE else min)(value, getattr(group, name))
            for name, value in wanted.items()
            if value is not None
        }

    return replace(
        settings,
        limits=replace(settings.limits, **stricter(routine.rests, settings.limits)),
        gate=replace(settings.gate, **stricter(routine.targets, settings.gate)),
    )


class DeepBudget:
    """Counts every deep breath of a session, asked for or not, and says how long to wait for the next (G11).

    Breaths "in a row" are those without a rest of `rest_s` between them.
    """

    def __init__(self, limits: LimitSettings) -> None:
        self._limits = limits
        self._peaks_s: list[float] = []
        self._last_end_s = -math.inf
        self._row = 0

    def add(self, *, peak_s: float, end_s: float) -> None:
        """One deep breath with its inhale peak at `peak_s`, seen to come back at `end_s`."""
        self._row = self.in_row(peak_s) + 1
        self._peaks_s.append(peak_s)
        self._last_end_s = max(self._last_end_s, end_s)

    @property
    def in_session(self) -> int:
        """Deep breaths so far."""
        return len(self._peaks_s)

    @property
    def spent(self) -> bool:
        """Whether the session's deep breaths are used up."""
        return self.in_session >= self._limits.deep_per_session

    def in_minute(self, now_s: float) -> int:
        """Deep breaths within the 60 s up to `now_s`."""
        return sum(peak_s > now_s - MINUTE_S for peak_s in self._peaks_s[-2 * self._limits.deep_per_minute :])

    def in_row(self, now_s: float) -> int:
        """Deep breaths since the last rest."""
        return 0 if now_s - self._last_end_s >= self._limits.rest_s else self._row

    def wait_s(self, now_s: float) -> float:
        """Seconds until a deep breath is allowed again; infinite when the session's are used up."""
        if self.spent:
            return math.inf
        wait_s = 0.0
        if self.in_row(now_s) >= self._limits.rest_after:
            wait_s = self._last_end_s + self._limits.rest_s - now_s
        if self.in_session >= self._limits.deep_per_minute:
            wait_s = max(wait_s, self._peaks_s[-self._limits.deep_per_minute] + MINUTE_S - now_s)
        return max(wait_s, 0.0)


def back_s(breath: Breath) -> float:
    """When a breath had come back, or was over. No other breath can begin before it, nor this one after.

    A breath that never came back ends where the next inhale begins; that is known only a little later. Never later
    than the breath was decided: what lies ahead belongs to others.
    """
    end_s = breath.exhale_end_s if breath.returned_s is None else breath.returned_s
    return breath.decided_s if end_s is None else min(breath.decided_s, end_s)
