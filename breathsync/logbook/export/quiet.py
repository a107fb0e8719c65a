"""The quiet breathing rate of a session, the one figure that health records know a place for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from breathsync.breath.events import BreathEnded, BreathKind
from breathsync.errors import LogbookError
from breathsync.guide.events import Place, Step
from breathsync.logbook.reader import SessionLog

FEWEST_BREATHS = 6
"""As many as a calibration asks for (domain.md 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietRate:
    """Breaths a minute while the person was asked to breathe as usual, upright, at the start of a session.

    `id` is the same each time it is exported.
    """

    id: str
    rate_per_min: float
    breaths: int
    start: datetime
    end: datetime
    simulated: bool


def quiet_rate(log: SessionLog) -> QuietRate:
    """The quiet rate, from inhale to inhale over the breaths that were clean.

    Raises LogbookError where there is none: a paced rate is not a resting one, so nothing else stands in for it.
    """
    spans = _asked_for_quiet(log)
    inhales: list[float] = []
    for event in log.records(BreathEnded):
        breath = event.breath
        quiet = any(
            start_s <= breath.inhale_start_s and breath.decided_s <= end_s for start_s, end_s in spans
        )
        if quiet and breath.kind in (BreathKind.BREATH, BreathKind.SIGH) and breath.exhale_end_s is not None:
            inhales.append(breath.inhale_start_s)
    if len(inhales) < FEWEST_BREATHS:
        raise LogbookError(
            f"Session {log.id} holds {len(inhales)} quiet breaths; a quiet rate needs {FEWEST_BREATHS}.",
            advice="Health records get nothing but the quiet rate; csv and jsonl hold everything.",
        )
    return QuietRate(
        id=str(uuid5(NAMESPACE_URL, f"breathsync:{log.id}:quiet-rate")),
        rate_per_min=round(60.0 * (len(inhales) - 1) / (inhales[-1] - inhales[0]), 1),
        breaths=len(inhales),
        start=log.at(inhales[0]),
        end=log.at(inhales[-1]),
        simulated=log.header.info.simulated,
    )


def _asked_for_quiet(log: SessionLog) -> list[tuple[float, float]]:
    steps = list(log.records(Step))
    ends = [step.t_s for step in steps[1:]] + [log.duration_s()]
    return [
        (step.t_s, end_s) for step, end_s in zip(steps, ends, strict=False) if step.place is Place.FIND_BREATH
    ]
