"""A session, a gate and a verdict in plain words."""

import re
from collections.abc import Iterable

from breathsync.errors import UsageError
from breathsync.guide.events import ClauseResult, ConfirmedBy, EndKind, PointPassed, Side, Verdict
from breathsync.guide.phrases import PHRASES
from breathsync.logbook.history import Listed, Points, Summary, ease
from breathsync.logbook.reader import SessionLog

CLAUSES = {
    "G1": "calibrated",
    "G2": "a good signal",
    "G3": "still",
    "G4": "begun after the gate was armed",
    "G5": "full enough",
    "G6": "slow enough and in one rise",
    "G7": "decided in time",
    "G9": "nothing else",
    "G11": "not too many deep breaths",
    "G12": "not too long here",
    "G13": "the signal not lost",
}
"""What each clause of the gate asks, in a few words (domain.md 3)."""

ENDS = {
    EndKind.FINISHED: "finished",
    EndKind.STOPPED: "stopped by the person",
    EndKind.SCREENED_OUT: "not begun: the safety questions advised against it",
    EndKind.SENSOR_ENDED: "the sensor or recording ended",
    EndKind.INTERRUPTED: "interrupted",
}


def clock(seconds: float) -> str:
    """Minutes and seconds, as 4:07; hours in front where there are some."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def number(value: float) -> str:
    """A number with three figures that matter, or one decimal."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 100 else f"{value:.3g}"


def points(points: Points) -> str:
    """Points passed: "3", or "3 + 1 by hand"."""
    return f"{points.measured} + {points.by_hand} by hand" if points.by_hand else str(points.measured)


def ended(session: Listed) -> str:
    """How a session ended."""
    return "not ended" if session.ended is None else ENDS[session.ended.how]


def in_words(summary: Summary) -> list[str]:
    """A session in a few sentences. No score, no praise."""
    sides = [f"{points(p)} on the {side} side" for side, p in summary.points.items() if p != Points()]
    sentences = [
        f"Restriction points passed: {' and '.join(sides)}." if sides else "No restriction point was passed.",
        f"{summary.breaths} breaths, {summary.deep_breaths} of them deep.",
    ]
    if summary.refused:
        reasons = ", ".join(f"{CLAUSES.get(clause, clause)} {n}×" for clause, n in summary.refused_by.items())
        sentences.append(f"The gate stayed shut {summary.refused}×. Missing was: {reasons}.")
    eased = ease(summary)
    if eased is not None:
        change = "easier" if eased > 0 else "less easy" if eased < 0 else "the same"
        by = f" by {number(abs(eased))} of 10" if eased else ""
        together = ", both sides together" if len(summary.after) > 1 else ""
        sentences.append(f"Afterwards the back felt {change}{by}{together}.")
    return sentences


def answers_in_words(answers: dict[str, int]) -> str:
    """The answers 0..10, as "back 4, hips 2"; those of the close as "left 3"."""
    return ", ".join(
        f"{name.removeprefix('close_').replace('_', ' ')} {value}" for name, value in answers.items()
    )


def routine_title(log: SessionLog) -> str:
    """The routine's name as a person reads it."""
    texts = log.header.routine.get("texts", {})
    return str(texts.get("en", {}).get("title") or log.header.routine_name or "Session")


def clause_in_words(result: ClauseResult) -> str:
    """One clause: what it asks, what it found, and its limit."""
    name = f"{result.clause} {CLAUSES.get(result.clause, '')}".rstrip()
    unit = f" {result.unit}" if result.unit else ""
    found = "" if result.value is None else f": {number(result.value)}{unit}"
    against = "" if result.limit is None else f", {_relation(result)} {number(result.limit)}{unit}"
    why = f" ({_in_words(result.why)})" if result.why else ""
    return f"{'yes' if result.ok else 'NO '}  {name}{found}{against}{why}"


def _relation(result: ClauseResult) -> str:
    """Whether the limit is the least or the most allowed, as the outcome shows."""
    if result.value is None or result.limit is None or result.value == result.limit:
        return "limit"
    quality = result.clause == "G2" and not result.unit
    return "at least" if quality or (result.value > result.limit) == result.ok else "at most"


def _in_words(why: str) -> str:
    """A clause's reason: the sentence of its phrase, or the reason itself where it is none."""
    return PHRASES["en"].get(why, why)


def verdict_in_words(number_: int, verdict: Verdict) -> list[str]:
    """A verdict: what was decided, what was said, and each clause."""
    where = f"{verdict.side} {verdict.point}" if verdict.side else f"point {verdict.point}"
    what = "the gate opened" if verdict.opened else f"the gate stayed shut ({', '.join(verdict.refused_by)})"
    lines = [f"Verdict {number_}, {where}, at {clock(verdict.decided_s)}: {what}."]
    if verdict.sentence:
        lines.append(f'  "{verdict.sentence}"')
    return lines + [f"  {clause_in_words(result)}" for result in verdict.clauses]


def explain_gate(log: SessionLog, gate: str) -> list[str]:
    """Every verdict at a gate, in words. `gate`: `left2`, `right 1`, or a verdict's number.

    Raises UsageError for a gate that cannot be understood or saw no verdict.
    """
    match = re.fullmatch(r"(?:(l|left|r|right)[ :-]?)?(\d+)", gate.strip().lower())
    if match is None:
        raise UsageError(f"{gate!r} is no gate.", advice="Write left2 or right1, or a verdict's number.")
    side = {"l": Side.LEFT, "r": Side.RIGHT}.get((match[1] or " ")[0])
    wanted = int(match[2])
    verdicts = list(enumerate(log.records(Verdict), start=1))
    if side is None:
        chosen = [pair for pair in verdicts if pair[0] == wanted]
    else:
        chosen = [pair for pair in verdicts if (pair[1].side, pair[1].point) == (side, wanted)]
    by_hand = [p for p in log.records(PointPassed) if (p.side, p.point) == (side, wanted)]
    lines = [line for pair in chosen for line in verdict_in_words(*pair)]
    lines += [
        f"Passed at {clock(p.t_s)}, confirmed by hand; it does not count as measured."
        for p in by_hand
        if p.confirmed_by is ConfirmedBy.HAND
    ]
    if not lines:
        raise UsageError(
            f"No breath was judged at {gate!r}.",
            advice=_places(v for _, v in verdicts),
        )
    return lines


def _places(verdicts: Iterable[Verdict]) -> str:
    places = ", ".join(dict.fromkeys(f"{v.side}{v.point}" for v in verdicts if v.side))
    return f"There are verdicts at {places}." if places else "No breath was judged at any gate."
