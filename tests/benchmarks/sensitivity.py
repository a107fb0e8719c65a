"""How much each setting of the breath model matters: `python -m tests.benchmarks.sensitivity` prints a table.

Each is moved by a third down and up, all others left; the worst change of F1 (in points) over the labelled
recordings and the made-up traces is shown. A setting on a knife's edge would show here.
"""

import sys

from breathsync.breath import model
from breathsync.breath.detector import Detector
from breathsync.breath.events import PeakSeen
from breathsync.sensors.recording import read_recording
from tests.benchmarks.detection import DATA, RATE_LABELLED_HZ, SEEDS, Array, numbers
from tests.benchmarks.made_breaths import WAYS, make_trace
from tests.benchmarks.scoring import NARROW_S, WIDE_S, Score, table

SETTINGS = [
    "FALL_FULL",
    "FALL_EARLY",
    "FULLNESS_SPAN",
    "RISE_SOON",
    "RISE_LATE",
    "RISE_EASES_S",
    "UNRETURNED_S",
    "FALL_BEFORE_NEXT",
    "OVER_RIPPLE",
    "RIPPLE_MOST_S",
    "RIPPLE_UP",
    "RIPPLE_DOWN",
    "RIPPLE_FADES",
    "CAP",
    "ONSET_FRACTION",
    "GOES_ON",
]

Case = tuple[Array, Array, Array, float | None]


def cases() -> dict[str, list[Case]]:
    """The signals: stamps, values, true peaks, rate."""
    found: dict[str, list[Case]] = {"labelled": []}
    for path in sorted((DATA / "labelled").glob("bidmc_??.csv")):
        recording = read_recording(path, rate_hz=RATE_LABELLED_HZ)
        truth = numbers(path.with_suffix(".breaths.csv"))
        found["labelled"].append((recording.t_s, recording.values[:, 0], truth, RATE_LABELLED_HZ))
    for way in WAYS:
        traces = [make_trace(way, seed) for seed in SEEDS]
        found[way] = [(t.t_s, t.x, t.peaks_s, t.rate_hz) for t in traces]
    return {name: signals for name, signals in found.items() if signals}


def f1(signals: dict[str, list[Case]]) -> dict[tuple[str, float], float]:
    """F1 in per cent of each set, at each tolerance."""
    result = {}
    for name, group in signals.items():
        score = Score()
        for t_s, x, truth, rate_hz in group:
            events = Detector(rate_hz=rate_hz).push(t_s, x)
            score.add([e.t_s for e in events if isinstance(e, PeakSeen)], truth, until_s=float(t_s[-1]))
        result |= {(name, within_s): 100 * score.f1(within_s) for within_s in (WIDE_S, NARROW_S)}
    return result


def main() -> None:
    """Print the table."""
    signals = cases()
    as_it_is = f1(signals)
    rows = []
    for setting in SETTINGS:
        print(f"{setting} ...", file=sys.stderr)
        value, cells = getattr(model, setting), [f"{getattr(model, setting):g}"]
        for factor in (2 / 3, 4 / 3):
            setattr(model, setting, value * factor)
            moved = f1(signals)
            change, (name, within_s) = min((moved[k] - as_it_is[k], k) for k in as_it_is)
            cells.append(f"{min(change, 0.0):.1f} ({name}, ±{within_s} s)" if change < -0.05 else "0.0")
        setattr(model, setting, value)
        rows.append((setting, cells))
    print(table("Worst change of F1, points", rows, ["value", "a third less", "a third more"]))


if __name__ == "__main__":
    main()
