"""What goes into a session and what comes of it, as the log, the faces and other programs see it."""

from dataclasses import dataclass

from breathsync.breath.events import FollowerEvent, Live
from breathsync.guide.events import (
    Answered,
    Cue,
    Ended,
    GuideView,
    Offer,
    PointPassed,
    Question,
    Said,
    Step,
    Verdict,
)
from breathsync.samples import SensorChange, SensorEvent, SensorInfo

Input = SensorEvent | Said | Answered
Outcome = FollowerEvent | SensorChange | Step | Cue | Verdict | PointPassed | Question | Offer | Ended
"""Everything a session says of itself, in order; the log holds all of it, faces show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The whole session at one moment, for a face."""

    t_s: float
    guide: GuideView
    live: Live
    sensor: SensorChange
    info: SensorInfo
    battery_percent: int | None = None
