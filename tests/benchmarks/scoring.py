"""Scores of detected peaks against a truth: one-to-one matching, delays, rate error (shared by the benchmarks)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WARM_UP_S = 10.0
WIDE_S, NARROW_S = 0.75, 0.35
LONG_S = 6.0
RATE_WINDOW_S = 30.0


def pairs(found: Array, truth: Array, within_s: float) -> list[tuple[int, int]]:
    """Pairs (index in found, index in truth), one to one, nearest first, at most `within_s` apart."""
    near = [
        (abs(float(truth[j] - found[i])), i, j)
        for i in range(len(found))
        for j in range(
            int(np.searchsorted(truth, found[i] - within_s)),
            int(np.searchsorted(truth, found[i] + within_s, side="right")),
        )
    ]
    used_found: set[int] = set()
    used_truth: set[int] = set()
    matched = []
    for _, i, j in sorted(near):
        if i not in used_found and j not in used_truth:
            used_found.add(i)
            used_truth.add(j)
            matched.append((i, j))
    return matched


@dataclass(slots=True)
class Score:
    """Counts pooled over recordings. `delays_s` and `long_delays_s` are empty for a method that sees the future."""

    hits: dict[float, int] = field(default_factory=lambda: {WIDE_S: 0, NARROW_S: 0})
    false: dict[float, int] = field(default_factory=lambda: {WIDE_S: 0, NARROW_S: 0})
    missed: dict[float, int] = field(default_factory=lambda: {WIDE_S: 0, NARROW_S: 0})
    delays_s: list[float] = field(default_factory=list)
    long_delays_s: list[float] = field(default_factory=list)
    rate_errors: list[float] = field(default_factory=list)
    long: list[int] = field(default_factory=lambda: [0, 0, 0])
    """Long breaths: true ones, those of them found, and peaks found within or at the end of one."""

    def add(
        self, found: Sequence[float], truth: Array, *, until_s: float, decided: Sequence[float] | None = None
    ) -> None:
        """Add one recording of `until_s` seconds."""
        peaks = np.asarray(found, dtype=np.float64)
        kept = peaks >= WARM_UP_S
        peaks, said = peaks[kept], truth[truth >= WARM_UP_S]
        for within_s in self.hits:
            matched = pairs(peaks, said, within_s)
            self.hits[within_s] += len(matched)
            self.false[within_s] += len(peaks) - len(matched)
            self.missed[within_s] += len(said) - len(matched)
        self._add_long(peaks, truth)
        if decided is not None:
            known = np.asarray(decided, dtype=np.float64)[kept]
            skipped = len(truth) - len(said)
            for i, j in pairs(peaks, said, WIDE_S):
                delay = float(known[i] - said[j])
                self.delays_s.append(delay)
                before = truth[j + skipped - 1] if j + skipped > 0 else -np.inf
                if LONG_S <= said[j] - before < np.inf:
                    self.long_delays_s.append(delay)
        for start in np.arange(WARM_UP_S, until_s - RATE_WINDOW_S, RATE_WINDOW_S):
            rates = [_rate(p, start) for p in (peaks, said)]
            if rates[0] is not None and rates[1] is not None:
                self.rate_errors.append(abs(rates[0] - rates[1]))

    def _add_long(self, peaks: Array, truth: Array) -> None:
        """Count what lies at the ends of, or within, the long breaths: from one true peak to the next."""
        for before, at in itertools.pairwise(truth.tolist()):
            if before >= WARM_UP_S and at - before >= LONG_S:
                found = int(((peaks > before + WIDE_S) & (peaks <= at + WIDE_S)).sum())
                self.long[0] += 1
                self.long[1] += bool((np.abs(peaks - at) <= WIDE_S).any())
                self.long[2] += found

    @property
    def long_found(self) -> float:
        """Share of the long breaths that were found (Se)."""
        return self.long[1] / self.long[0] if self.long[0] else 0.0

    @property
    def long_true(self) -> float:
        """Share of the peaks found there that are one (PPV)."""
        return self.long[1] / self.long[2] if self.long[2] else 0.0

    def f1(self, within_s: float) -> float:
        """F1 pooled over all breaths."""
        hits = 2 * self.hits[within_s]
        return hits / (hits + self.false[within_s] + self.missed[within_s]) if hits else 0.0

    def row(self) -> list[str]:
        """Cells: F1 wide, F1 narrow, delay median, delay p90, delay of long breaths, rate error."""
        delays = self.delays_s or [np.nan]
        long = self.long_delays_s or [np.nan]
        numbers = [np.median(delays), np.percentile(delays, 90), np.median(long)]
        cells = [f"{self.f1(WIDE_S):.3f}", f"{self.f1(NARROW_S):.3f}"]
        cells += ["-" if np.isnan(n) else f"{n:.2f}" for n in numbers]
        return [*cells, f"{np.mean(self.rate_errors):.2f}" if self.rate_errors else "-"]


HEAD = ["F1 ±0.75 s", "F1 ±0.35 s", "delay median", "p90", "breaths ≥ 6 s", "rate error /min"]


def _rate(peaks: Array, start_s: float) -> float | None:
    """Breaths/min by the intervals between the peaks of one window."""
    inside = peaks[(peaks >= start_s) & (peaks < start_s + RATE_WINDOW_S)]
    return 60.0 * (len(inside) - 1) / float(inside[-1] - inside[0]) if len(inside) > 1 else None


def table(title: str, rows: Sequence[tuple[str, Sequence[str]]], head: Sequence[str] = tuple(HEAD)) -> str:
    """A Markdown table that lines up."""
    cells = [["", *head], *[[name, *row] for name, row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([f"\n{title}\n", lines[0], rule, *lines[1:]])
