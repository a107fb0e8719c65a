"""What happened when, as short texts with an onset and a length: EDF's annotations, BIDS's events, XDF's markers."""

from collections.abc import Iterator
from dataclasses import dataclass

from breathsync.breath.events import BreathEnded
from breathsync.guide.events import Answered, Ended, PointPassed, Said, Step, Verdict
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import Record
from breathsync.samples import SensorChange, SensorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at `t_s` and lasted `duration_s` (0 for a moment)."""

    t_s: float
    duration_s: float
    kind: str
    text: str


def marks(log: SessionLog) -> list[Mark]:
    """All marks of a session in the order of their onset: breaths, verdicts, steps, words, states of the sensor."""
    found = [mark for record in log.only(*_MARKED) for mark in _mark(record)]
    notes = [Mark(t_s=0.0, duration_s=0.0, kind="note", text=_line(note.text)) for note in log.notes()]
    return sorted(notes + found, key=lambda mark: mark.t_s)


_MARKED = (BreathEnded, Verdict, PointPassed, Step, Said, Answered, SensorChange, Ended)


def _mark(record: Record) -> Iterator[Mark]:
    match record:
        case BreathEnded(breath=b):
            end_s = b.decided_s if b.exhale_end_s is None else b.exhale_end_s
            yield Mark(
                t_s=b.inhale_start_s,
                duration_s=max(0.0, end_s - b.inhale_start_s),
                kind="breath",
                text=b.kind,
            )
        case Verdict():
            where = f"{record.side} {record.point}" if record.side else str(record.point)
            decided = "opened" if record.opened else f"shut by {' '.join(record.refused_by)}"
            yield Mark(t_s=record.decided_s, duration_s=0.0, kind="verdict", text=f"gate {where} {decided}")
        case PointPassed():
            text = f"point {record.side} {record.point} passed by {record.confirmed_by}"
            yield Mark(t_s=record.t_s, duration_s=0.0, kind="point", text=text)
        case Step():
            where = f" {record.side} {record.point}" if record.side else ""
            yield Mark(t_s=record.t_s, duration_s=0.0, kind="step", text=f"{record.place}{where}")
        case Said():
            yield Mark(t_s=record.t_s, duration_s=0.0, kind="word", text=f"{record.word} by {record.by}")
        case Answered():
            value = "left out" if record.value is None else str(record.value).lower()
            note = f" ({_line(record.note)})" if record.note else ""
            yield Mark(
                t_s=record.t_s, duration_s=0.0, kind="answer", text=f"{record.question}: {value}{note}"
            )
        case SensorChange():
            if record.state is not SensorState.STREAMING or record.why:
                yield Mark(t_s=record.t_s, duration_s=0.0, kind="sensor", text=f"sensor {record.state}")
        case Ended():
            yield Mark(t_s=record.t_s, duration_s=0.0, kind="end", text=f"ended: {record.how}")


def _line(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
