"""A session as tables of plain rows, with a dictionary that says what each column is. CSV and Parquet write these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from breathsync.breath.events import BreathEnded, BreathReturned, Calibrated, MotionChanged, SignalChanged
from breathsync.guide.events import Answered, Cue, Ended, Offer, PointPassed, Question, Said, Step, Verdict
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.records import Record, encode, kind_of, time_of
from breathsync.samples import COLUMNS, UNITS, Battery, Heartbeat, SensorChange, SensorInfo, Stream

Cell = str | float | int | bool | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: `kind` is number, integer, boolean, text or datetime; `free` text may hold what a person typed."""

    name: str
    kind: str
    what: str
    unit: str = ""
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a session: its columns, and a way to get its rows."""

    name: str
    what: str
    columns: tuple[Column, ...]

    def rows(self, log: SessionLog) -> Iterator[tuple[Cell, ...]]:
        """The rows, in the order of the log."""
        return _ROWS[self.name](log)


def _number(name: str, what: str, unit: str = "s") -> Column:
    return Column(name=name, kind="number", what=what, unit=unit)


def _text(name: str, what: str, *, free: bool = False) -> Column:
    return Column(name=name, kind="text", what=what, free=free)


TIME = Column(name="time", kind="datetime", what="Wall time, ISO 8601 with UTC offset.")
_SIDE = _text("side", "The way the chest turns: left or right; empty outside of the twist.")
_POINT = Column(name="point", kind="integer", what="Restriction point, counted from 1; 0 outside.")
_VERDICT = Column(
    name="verdict", kind="integer", what="The verdict's number in this session, counted from 1."
)

BREATHS = Table(
    name="breaths",
    what="Every breath when it was over, in order; times in seconds since the session's zero.",
    columns=(
        TIME,
        _number("inhale_start_s", "Onset of the inhale."),
        _number("inhale_peak_s", "End of inspiration."),
        _number("peak_decided_s", "When the peak was known."),
        _number("returned_s", "When the exhale had come back by 70 % of the rise."),
        _number("exhale_end_s", "End of the exhale; empty when the breath was broken off."),
        _number("decided_s", "When the breath was known as it stands here."),
        _number("ti_s", "Inspiration time Ti."),
        _number("te_s", "Expiration time Te."),
        _number("amplitude", "Trough to peak, in the unit of column `unit`.", "see column unit"),
        _text("unit", "Unit of amplitude, level_change and noise."),
        _number("amplitude_quiet", "Amplitude in this posture's quiet breaths.", "quiet breaths"),
        _number("returned_fraction", "How much of the rise had come back.", "1"),
        Column(name="rises", kind="integer", what="Separate rises within the inhale; 2 is a double gasp."),
        _text("kind", "breath, sigh, double_gasp, hold, talk, cough or movement."),
        _number("quality", "0 (not to be trusted) to 1.", "1"),
        _text("doubts", "Why quality is low, joined by semicolons."),
        _number("still_before_s", "How long the person had been still when the inhale began."),
        _number("tilt_change_deg", "Tilt after the exhale minus tilt before the inhale.", "deg"),
        _number("level_change", "Level after the exhale minus level before the inhale.", "see column unit"),
        Column(name="burst", kind="boolean", what="Whether there was movement inside the breath."),
        _number("gap_max_s", "Longest silence of the sensor inside the breath."),
        _number("noise", "Peak-to-peak noise of the breath signal.", "see column unit"),
        _text("witness", "What the heart says of this breath: agrees, disagrees or silent."),
    ),
)
VERDICTS = Table(
    name="verdicts",
    what="What an armed gate decided of each breath.",
    columns=(
        _VERDICT,
        TIME,
        _number("decided_s", "When it was decided, in signal time."),
        _number("inhale_start_s", "Onset of the inhale judged."),
        _number("inhale_peak_s", "Its peak."),
        _number("returned_s", "When its exhale had come back by 70 %."),
        _SIDE,
        _POINT,
        Column(name="opened", kind="boolean", what="Whether the gate opened."),
        _number("amplitude", "Trough to peak in the sensor's unit.", "see table breaths"),
        _number("amplitude_quiet", "The same in quiet breaths.", "quiet breaths"),
        _text("refused_by", "The clauses that said no, joined by semicolons."),
        _text("sentence", "What the person was told."),
    ),
)
CLAUSES = Table(
    name="clauses",
    what="Every clause of every verdict, with its number and its limit.",
    columns=(
        _VERDICT,
        _text("clause", "The clause, as in the domain's contract (G1, G2 ...)."),
        Column(name="ok", kind="boolean", what="Whether it agreed."),
        _number("value", "What was measured; empty where a number does not apply.", "see column unit"),
        _number("limit", "What it was held against.", "see column unit"),
        _text("unit", "Unit of value and limit."),
        _text("why", "In words."),
    ),
)
EVENTS = Table(
    name="events",
    what="Everything else, in order: steps, cues, words, answers, the sensor's state, calibration, notes.",
    columns=(
        Column(name="seq", kind="integer", what="Place in the log; empty for a note written afterwards."),
        TIME,
        _number("t_s", "Seconds since the session's zero."),
        _text("event", "The kind of record (Step, Cue, Said ...)."),
        _text("what", "Its own kind, state, word or question."),
        _SIDE,
        _POINT,
        _text("value", "Its value: an answer, a percentage, degrees."),
        _text("text", "Its sentence, or what the person wrote.", free=True),
        _text("data", "The whole record as JSON.", free=True),
    ),
)
TABLES = (BREATHS, VERDICTS, CLAUSES, EVENTS)


def samples_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of a stream's samples."""
    values = (_number(name, f"{stream}, as the sensor sent it.", UNITS[stream]) for name in COLUMNS[stream])
    return (_number("t_s", "Seconds since the session's zero, its `started_at`."), *values)


def _breaths(log: SessionLog) -> Iterator[tuple[Cell, ...]]:
    for event in log.records(BreathEnded):
        b, c = event.breath, event.breath.conditions
        yield (
            log.at(b.inhale_start_s),
            b.inhale_start_s,
            b.inhale_peak_s,
            b.peak_decided_s,
            b.returned_s,
            b.exhale_end_s,
            b.decided_s,
            b.ti_s,
            b.te_s,
            b.amplitude,
            b.unit,
            b.amplitude_quiet,
            b.returned_fraction,
            b.rises,
            str(b.kind),
            b.quality,
            ";".join(b.doubts),
            c.still_before_s,
            c.tilt_change_deg,
            c.level_change,
            c.burst,
            c.gap_max_s,
            c.noise,
            str(b.witness),
        )


def _verdicts(log: SessionLog) -> Iterator[tuple[Cell, ...]]:
    for number, v in zip(count(1), log.records(Verdict), strict=False):
        yield (
            number,
            log.at(v.decided_s),
            v.decided_s,
            v.inhale_start_s,
            v.inhale_peak_s,
            v.returned_s,
            None if v.side is None else str(v.side),
            v.point,
            v.opened,
            v.amplitude,
            v.amplitude_quiet,
            ";".join(v.refused_by),
            v.sentence,
        )


def _clauses(log: SessionLog) -> Iterator[tuple[Cell, ...]]:
    for number, v in zip(count(1), log.records(Verdict), strict=False):
        for c in v.clauses:
            yield number, c.clause, c.ok, c.value, c.limit, c.unit, c.why


_ELSEWHERE = (BreathEnded, BreathReturned, Verdict, Heartbeat)


def _events(log: SessionLog) -> Iterator[tuple[Cell, ...]]:
    for seq, record in log.numbered():
        if isinstance(record, _ELSEWHERE):
            continue
        t_s = time_of(record)
        side, point = (record.side, record.point) if isinstance(record, (Step, PointPassed)) else (None, None)
        what, value, text = _said(record)
        time = None if t_s is None else log.at(t_s)
        where = None if side is None else str(side)
        yield seq, time, t_s, kind_of(record), what, where, point, value, text, encode(record).decode()
    for note in log.notes():
        # In the session's own zone: a column of times with two offsets is no column of times to most readers.
        written_at = note.written_at.astimezone(log.header.started_at.tzinfo)
        yield None, written_at, None, "Note", None, None, None, None, note.text, None


def _said(record: Record) -> tuple[str | None, str | None, str | None]:
    """What an event is about, its value, and its text."""
    match record:
        case Step():
            return str(record.place), None, record.sentence
        case Cue():
            return str(record.kind), record.phrase or None, record.sentence
        case Said():
            return str(record.word), record.by, None
        case Answered():
            return (
                record.question,
                None if record.value is None else str(record.value).lower(),
                record.note or None,
            )
        case Question():
            return record.question, str(record.kind), record.text
        case Offer():
            return None, ";".join(record.words), record.sentence
        case PointPassed():
            return (
                str(record.confirmed_by),
                None if record.gained_deg is None else str(record.gained_deg),
                None,
            )
        case Ended():
            return str(record.how), None, record.why
        case SensorChange():
            return str(record.state), None, record.why
        case SensorInfo():
            return record.kind, None, record.name
        case Battery():
            return None, str(record.percent), None
        case SignalChanged():
            return ";".join(record.doubts) or "good", None, None
        case MotionChanged():
            return "still" if record.still else "moving", "sudden" if record.sudden else None, None
        case Calibrated():
            return str(record.posture), None, None
        case _:
            return None, None, None


_ROWS: dict[str, Callable[[SessionLog], Iterator[tuple[Cell, ...]]]] = {
    "breaths": _breaths,
    "verdicts": _verdicts,
    "clauses": _clauses,
    "events": _events,
}
