"""How well and how early breaths are found: `python -m tests.benchmarks.detection` prints the tables.

Ours goes through the whole live chain (`analyze_recording`, the Follower). Recordings come from the folder of
`BREATHSYNC_DATA` or ../shared/data; what is absent is skipped and said.
"""

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from breathsync.analysis import Inhale, analyze_recording
from breathsync.breath.detector import Detector
from breathsync.samples import Stream
from breathsync.sensors.recording import Recording, read_recording
from tests.benchmarks.made_breaths import CONVENTIONS, WAYS, Trace, make_trace
from tests.benchmarks.others import Array, biopeaks_style, neurokit, physiokit_style, plain_rule
from tests.benchmarks.scoring import HEAD, NARROW_S, WIDE_S, Score, pairs, table

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("BREATHSYNC_DATA") or ROOT.parent / "shared" / "data")
RATE_LABELLED_HZ, RATE_ACCELERATION_HZ = 125.0, 50.0
CUE_SPAN_S = 30.0
OFFSETS_S = np.arange(-1.0, 1.001, 0.05)
SEEDS = range(8)

Found = tuple[list[float], list[float] | None]


def ours(recording: Recording, inhales: Iterable[Inhale] = ()) -> Found:
    """Peaks of the live chain and when each was known."""
    breaths = [b for b in analyze_recording(recording, inhales=list(inhales)).breaths if b.counts]
    return [b.inhale_peak_s for b in breaths], [b.peak_decided_s for b in breaths]


def numbers(path: Path) -> Array:
    """The one column of a small CSV."""
    return np.loadtxt(path, skiprows=1, ndmin=1)


def as_recording(t_s: Array, x: Array, rate_hz: float | None, *, name: str = "made") -> Recording:
    """An array as a recording of a force belt."""
    return Recording(
        path=Path(name), stream=Stream.FORCE, t_s=t_s, values=x[:, None], rate_hz=rate_hz, unit="N"
    )


OTHERS: dict[str, Callable[[Array, float], Array]] = {
    "NeuroKit2 default": lambda x, hz: neurokit(x, hz, "khodadad2018"),
    "NeuroKit2 biosppy": lambda x, hz: neurokit(x, hz, "biosppy"),
    "biopeaks-style": biopeaks_style,
    "physiokit-style": physiokit_style,
}


def labelled() -> str:
    """The 15 labelled recordings: ours, a plain causal rule, the libraries, the second annotator."""
    scores = {
        name: Score() for name in ("breathsync (causal)", "plain rule (causal)", *OTHERS, "second annotator")
    }
    for path in sorted((DATA / "labelled").glob("bidmc_??.csv")):
        recording = read_recording(path, rate_hz=RATE_LABELLED_HZ)
        x, until_s = recording.values[:, 0], recording.seconds
        truth = numbers(path.with_suffix(".breaths.csv"))
        peaks, decided = ours(recording)
        scores["breathsync (causal)"].add(peaks, truth, until_s=until_s, decided=decided)
        plain, known = plain_rule(x, RATE_LABELLED_HZ)
        scores["plain rule (causal)"].add(plain, truth, until_s=until_s, decided=known)
        for name, method in OTHERS.items():
            scores[name].add(list(method(x, RATE_LABELLED_HZ)), truth, until_s=until_s)
        second = numbers(path.with_suffix(".breaths2.csv"))
        scores["second annotator"].add(list(second), truth, until_s=until_s)
    return table(
        "Labelled (15 recordings, first annotator as truth)", [(n, s.row()) for n, s in scores.items()]
    )


def unlabelled() -> str:
    """Belts without labels: agreement with NeuroKit2's biosppy method, which is no truth."""
    rows = []
    for path in sorted((DATA / "unlabelled").glob("*.csv")):
        recording = read_recording(path, rate_hz=1000.0 if "biosppy" in path.name else 100.0)
        x, rate_hz = recording.values[:, 0], float(recording.rate_hz or 0)
        reference = neurokit(x, rate_hz, "biosppy")
        peaks, decided = ours(recording)
        score = Score()
        score.add(peaks, reference, until_s=recording.seconds, decided=decided)
        rows.append((path.stem, [f"{len(peaks)} / {len(reference)}", *score.row()]))
    return table("Unlabelled (against NeuroKit2 biosppy)", rows, ["breaths ours / theirs", *HEAD])


def made() -> str:
    """Made-up breathing: ways that the recordings do not hold."""
    rows, dates = [], []
    for way in WAYS:
        plain = Score()
        mine = {convention: Score() for convention in CONVENTIONS}
        for seed in SEEDS:
            trace = make_trace(way, seed)
            peaks, decided = ours(as_recording(trace.t_s, trace.x, trace.rate_hz))
            for convention, score in mine.items():
                score.add(peaks, trace.by[convention], until_s=trace.t_s[-1], decided=decided)
            found, known = _plain(trace)
            plain.add(found, trace.peaks_s, until_s=trace.t_s[-1], decided=known)
        highest = mine["highest"]
        rows += [(f"{way}: breathsync", highest.row()), (f"{way}: plain rule", plain.row())]
        cells = [f"{score.f1(WIDE_S):.3f} / {score.f1(NARROW_S):.3f}" for score in mine.values()]
        late = np.percentile(mine["fall begins"].delays_s, [50, 90])
        long = [f"{share:.3f}" for share in (highest.long_found, highest.long_true)]
        dates.append((way, [*cells, " / ".join(f"{d:.2f}" for d in late), " / ".join(long)]))
    holes = Score()
    for seed in SEEDS:
        trace = make_trace("quiet", seed)
        there = _with_holes(trace.t_s, seed)
        peaks, decided = ours(as_recording(trace.t_s[there], trace.x[there], None))
        holes.add(peaks, trace.peaks_s, until_s=trace.t_s[-1], decided=decided)
    rows.append(("quiet, a hole of 0.6-1.6 s each 15 s: breathsync", holes.row()))
    count = f"{len(SEEDS)} of 6 min each"
    head = [*CONVENTIONS, "delay from there, median / p90", "breaths ≥ 6 s: Se / PPV"]
    by_date = f"The same by where the peak is taken to be, F1 ±0.75 / ±0.35 s ({count})"
    return table(f"Made-up traces ({count})", rows) + "\n" + table(by_date, dates, head)


def _with_holes(t_s: Array, seed: int) -> NDArray[np.bool_]:
    """Which samples are left when a belt loses packets."""
    rng = np.random.default_rng(seed)
    left = np.ones(len(t_s), dtype=np.bool_)
    for start in np.arange(12.0, t_s[-1], 15.0):
        at = start + rng.uniform(0, 8)
        left &= (t_s < at) | (t_s > at + rng.uniform(0.6, 1.6))
    return left


def _plain(trace: Trace) -> tuple[list[float], list[float]]:
    rate_hz = trace.rate_hz or 10.0
    even = np.arange(trace.t_s[0], trace.t_s[-1], 1 / rate_hz)
    found, known = plain_rule(np.interp(even, trace.t_s, trace.x), rate_hz)
    return [t + trace.t_s[0] for t in found], [t + trace.t_s[0] for t in known]


def acceleration() -> str:
    """The breastbone accelerometer against the wearer's own button, raw and with one offset a record removed."""
    rows = []
    for path in sorted((DATA / "local-only").glob("sternum_acc_*[gex].csv")):
        truth_path, start_path = path.with_suffix(".breaths.csv"), path.with_suffix(".inhale_start.csv")
        if not truth_path.exists():
            continue
        recording = read_recording(path, rate_hz=RATE_ACCELERATION_HZ)
        truth = numbers(truth_path)
        cues = cues_from(numbers(start_path), truth) if start_path.exists() else []
        cells = []
        for inhales in ([], cues):
            peaks = np.array(ours(recording, inhales)[0])
            wanted = truth[truth >= 10.0]
            cells.append(" / ".join(_best(peaks, wanted, w, [0.0]) for w in (WIDE_S, NARROW_S)))
            cells.append(" / ".join(_best(peaks, wanted, w, OFFSETS_S) for w in (WIDE_S, NARROW_S)))
        rows.append((path.stem.removeprefix("sternum_acc_"), cells))
    head = [
        f"{how}, F1 ±0.75 / ±0.35 {what}"
        for how in ("no cues", "cues 30 s")
        for what in ("raw", "offset removed")
    ]
    return table("Accelerometer on the breastbone (one person)", rows, head)


def cues_from(starts: Array, ends: Array) -> list[Inhale]:
    """The inhales of the first 30 s, from the marks of their starts and ends."""
    cues = []
    for start in starts[starts < CUE_SPAN_S]:
        after = ends[(ends > start) & (ends <= min(CUE_SPAN_S, start + 5.0))]
        if len(after):
            cues.append(Inhale(start_s=float(start), end_s=float(after[0])))
    return cues


def best_f1(peaks: Array, truth: Array, within_s: float, offsets: Iterable[float]) -> float:
    """F1 after the warm-up with the offset that suits best."""

    def f1(offset: float) -> float:
        found = peaks[peaks >= 10.0] + offset
        return 2 * len(pairs(found, truth, within_s)) / max(1, len(found) + len(truth))

    return max(f1(float(o)) for o in offsets)


def _best(peaks: Array, truth: Array, within_s: float, offsets: Iterable[float]) -> str:
    return f"{best_f1(peaks, truth, within_s, offsets):.2f}"


def causality(cuts: int = 40, seed: int = 1) -> str:
    """Cut recordings at random points: is every breath decided before the cut the same?"""
    rng = np.random.default_rng(seed)
    paths = sorted((DATA / "labelled").glob("bidmc_??.csv"))
    compared = changed = 0
    for _ in range(cuts):
        whole = read_recording(paths[rng.integers(len(paths))], rate_hz=RATE_LABELLED_HZ)
        last = int(rng.integers(int(20 * RATE_LABELLED_HZ), int(120 * RATE_LABELLED_HZ)))
        cut_s = float(whole.t_s[last - 1])
        x = whole.values[:, 0]
        longer = analyze_recording(as_recording(whole.t_s[: 2 * last], x[: 2 * last], whole.rate_hz))
        shorter = analyze_recording(as_recording(whole.t_s[:last], x[:last], whole.rate_hz))
        before = [b for b in longer.breaths if b.peak_decided_s <= cut_s]
        compared += len(before)
        changed += abs(len(before) - len(shorter.breaths))
        for one, other in zip(before, shorter.breaths, strict=False):
            ended_later = other.exhale_end_s is None or one.exhale_end_s == other.exhale_end_s
            fields = ("inhale_start_s", "inhale_peak_s", "peak_decided_s", "amplitude", "quality", "kind")
            changed += not (ended_later and all(getattr(one, f) == getattr(other, f) for f in fields))
    return f"\nCausality: {cuts} random cuts, {compared} breaths decided before them, {changed} changed.\n"


def speed(runs: int = 9) -> str:
    """An hour of a 100 Hz belt: the whole live chain, and its detector alone, against NeuroKit2, in one run."""
    x = np.tile(numbers(DATA / "unlabelled" / "neurokit_bio_resting_8min_100hz.csv"), 8)[:360_000]
    t_s = np.arange(len(x)) / 100.0
    recording = as_recording(t_s, x, 100.0)
    work: dict[str, Callable[[], object]] = {
        "NeuroKit2 clean + peaks": lambda: neurokit(x, 100.0, "khodadad2018"),
        "breathsync, the whole chain": lambda: ours(recording),
        "breathsync, its detector alone": lambda: Detector(rate_hz=100.0).push(t_s, x),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, call in work.items():
            started = time.process_time()
            call()
            times[name].append(time.process_time() - started)
    theirs = times["NeuroKit2 clean + peaks"]
    rows = []
    for name, taken in times.items():
        ratios = [mine / other for mine, other in zip(taken, theirs, strict=True)]
        rows.append((name, [f"{np.median(taken) * 1e3:.0f} ms", f"{np.median(ratios):.1f}"]))
    title = f"Speed (an hour at 100 Hz, CPU time, medians of {runs} rounds; ratio within each round)"
    return table(title, rows, ["time", "of NeuroKit2's"])


def main() -> None:
    """Print all tables."""
    warnings.simplefilter("ignore")
    for part in (labelled, unlabelled, made, acceleration, causality, speed):
        if part is not made and not DATA.is_dir():
            print(f"{part.__name__}: skipped, no recordings at {DATA} (set BREATHSYNC_DATA)", file=sys.stderr)
            continue
        print(f"{part.__name__} ...", file=sys.stderr)
        print(part(), flush=True)


if __name__ == "__main__":
    main()
