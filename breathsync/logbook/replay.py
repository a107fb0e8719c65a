"""The same again (G15): a session computed anew from its raw samples and the person's words, and compared.

The inputs of the log are put, in their order, into a conductor made as the first one was; what it says must be what
the log holds, bit for bit. With other settings it tells what those would have decided of the same breaths.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast, get_type_hints

import msgspec

from breathsync.conductor import Conductor
from breathsync.errors import BreathsyncError, LogbookError
from breathsync.guide.events import EndKind, Verdict
from breathsync.guide.guide import Guide
from breathsync.guide.routine import Routine
from breathsync.logbook.header import Header, versions_now
from breathsync.logbook.reader import Entry, SessionLog
from breathsync.logbook.records import Record, decode, encode, kind_of, plain
from breathsync.outcome import Input, Outcome
from breathsync.samples import Samples
from breathsync.settings import Settings

SAME_BREATH_S = 0.5
"""With other settings an inhale may be dated a little otherwise; this near it is the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place where log and replay part: `then` stands in the log, `now` came out; None where nothing did."""

    seq: int
    then: Record | None
    now: Record | None

    @property
    def sentence(self) -> str:
        """The difference in words, with the first field that differs."""
        if self.then is None or self.now is None:
            who, what = ("log", self.then) if self.now is None else ("replay", self.now)
            return f"At {self.seq} only the {who} says {_named(what)}."
        if type(self.then) is not type(self.now):
            return f"At {self.seq} the log says {_named(self.then)}, the replay {_named(self.now)}."
        path, old, new = next(_differing(plain(self.then), plain(self.now), kind_of(self.then)))
        return f"At {self.seq}, {path} was {old!r} and is now {new!r}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to."""

    inputs: int
    outcomes: int
    verdicts: int
    difference: Difference | None
    versions_differ: bool

    @property
    def identical(self) -> bool:
        """Whether every outcome came out the same, bit for bit."""
        return self.difference is None

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.difference is None:
            return (
                f"Identical: {self.outcomes} outcomes, {self.verdicts} verdicts among them, "
                f"from {self.inputs} inputs."
            )
        hint = " It was recorded with other versions than these." if self.versions_differ else ""
        return f"Different. {self.difference.sentence}{hint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One breath that was judged then, now or both. `then` and `now`: opened, or shut and by which clauses, or -."""

    decided_s: float
    where: str
    then: str
    now: str


def replay(log: SessionLog, *, progress: Callable[[float], None] = lambda _: None) -> Replayed:
    """Compute a session again and compare; `progress` hears how much is done, 0..1.

    Raises LogbookError where it cannot be made again.
    """
    missing = log.missing()
    if missing:
        raise LogbookError(
            f"{missing} entries of {log.id} were lost while it could not be written; it cannot be replayed."
        )
    conductor = conductor_of(log.header)
    end_s = log.duration_s()
    cut_short = log.ended is None or log.ended.how is EndKind.INTERRUPTED
    waiting: deque[Outcome] = deque()
    inputs = outcomes = verdicts = 0
    seq, difference = 0, None
    for entry in log.entries():
        seq = entry.seq
        if entry.is_input:
            if waiting:
                difference = Difference(seq=seq, then=None, now=waiting[0])
                break
            inputs += 1
            _tell(progress, entry, end_s)
            waiting.extend(conductor.put(cast(Input, entry.item)))
            continue
        assert not isinstance(entry.item, Samples)
        now = _as_logged(waiting.popleft()) if waiting else None
        if now is None or not _same(entry.item, now):
            difference = Difference(seq=seq, then=entry.item, now=now)
            break
        outcomes += 1
        verdicts += isinstance(now, Verdict)
    if difference is None and waiting and not cut_short:
        difference = Difference(seq=seq + 1, then=None, now=waiting[0])
    return Replayed(
        inputs=inputs,
        outcomes=outcomes,
        verdicts=verdicts,
        difference=difference,
        versions_differ=log.header.versions != versions_now(),
    )


def what_if(
    log: SessionLog, *, settings: Settings, progress: Callable[[float], None] = lambda _: None
) -> list[Changed]:
    """What other settings would have decided of each breath.

    From the first breath decided otherwise, the guide asks for other things than it asked then, while the person in
    the log still does what was asked then; so what follows it is a hint, not a proof.
    """
    conductor = conductor_of(log.header, settings=settings)
    now: list[Verdict] = []
    end_s = log.duration_s()
    for entry in log.entries():
        if entry.is_input:
            _tell(progress, entry, end_s)
            now += [o for o in conductor.put(cast(Input, entry.item)) if isinstance(o, Verdict)]
    return _paired(list(log.records(Verdict)), now)


def _tell(progress: Callable[[float], None], entry: Entry, end_s: float) -> None:
    if isinstance(entry.item, Samples) and len(entry.item) and end_s:
        progress(float(entry.item.t_s[-1]) / end_s)


def _paired(then: list[Verdict], now: list[Verdict]) -> list[Changed]:
    left = list(now)
    rows: list[Changed] = []
    for old in then:
        new = next((v for v in left if abs(v.inhale_start_s - old.inhale_start_s) <= SAME_BREATH_S), None)
        if new is not None:
            left.remove(new)
        rows.append(_row(old, then=_decided(old), now="not judged" if new is None else _decided(new)))
    rows += [_row(new, then="not judged", now=_decided(new)) for new in left]
    return sorted(rows, key=lambda row: row.decided_s)


def _row(verdict: Verdict, *, then: str, now: str) -> Changed:
    where = f"{verdict.side}{verdict.point}" if verdict.side else str(verdict.point)
    return Changed(decided_s=verdict.decided_s, where=where, then=then, now=now)


def _decided(verdict: Verdict) -> str:
    return "opened" if verdict.opened else f"shut: {', '.join(verdict.refused_by)}"


def conductor_of(header: Header, *, settings: Settings | None = None) -> Conductor:
    """A conductor made as the session's was."""
    in_force = settings or _read(Settings, header.settings, "settings")
    routine = _read(Routine, header.routine, "routine")
    hints = get_type_hints(Guide.__init__)
    unknown = header.options.keys() - hints.keys()
    if unknown:
        raise LogbookError(
            f"The guide of this version knows nothing of {', '.join(sorted(unknown))}, which the log sets."
        )
    options = {name: _read(hints[name], value, f"option {name}") for name, value in header.options.items()}
    guide = Guide(routine=routine, settings=in_force, info=header.info, **options)
    return Conductor(info=header.info, routine=routine, settings=in_force, guide=guide)


def _read(kind: Any, value: Any, what: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, BreathsyncError) as error:
        raise LogbookError(f"The log's {what} cannot be read by this version: {error}.") from error


def _as_logged(record: Record) -> Record:
    """The record as the log gives it back: a whole number in a field for floats is a float then."""
    return decode(kind_of(record), encode(record))


def _same(then: Record, now: Record) -> bool:
    return type(then) is type(now) and encode(then) == encode(now)


def _named(record: Record | None) -> str:
    return "nothing" if record is None else f"{kind_of(record)} {encode(record).decode()}"


def _differing(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differing(old.get(key), new.get(key), f"{path}.{key}")
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) == len(new):
        for index, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from _differing(one, two, f"{path}[{index}]")
    elif old != new or str(old) != str(new):
        yield path, old, new
