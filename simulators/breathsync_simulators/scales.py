"""Measure real recordings: the scales that the simulated bodies are checked against.

`python -m breathsync_simulators.scales DATA_FOLDER` prints one table for the labelled impedance recordings and
the unlabelled belts, one for the accelerometer on the breastbone, and one of the same figures for simulated
people. `simulators/README.md` quotes them.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import signal

from breathsync.samples import FloatArray, Stream
from breathsync_simulators.wearers import open_wearer

BREATH_BAND_HZ = 1.0
BANDS_HZ = ((0.02, 0.1), (0.15, 0.45), (0.5, 0.8), (0.8, 3.0), (3.0, 10.0), (10.0, 20.0))
"""Slow drift, usual breath, its harmonics, beat and sway, ripple, noise."""


IMPEDANCE_RATE_HZ = 125.0
STERNUM_RATE_HZ = 50.0
BELT_RATES_HZ = {"biosppy_resp": 1000.0}
"""Others of the unlabelled belts were kept at 100 Hz."""


def _table(path: Path) -> FloatArray:
    table = np.genfromtxt(path, delimiter=",", skip_header=1, dtype=np.float64)
    return table.reshape(len(table), -1)


def _low_pass(x: FloatArray, rate_hz: float) -> FloatArray:
    sos = signal.butter(2, BREATH_BAND_HZ, fs=rate_hz, output="sos")
    return np.asarray(signal.sosfiltfilt(sos, x, axis=0), dtype=np.float64)


def variability(t_s: FloatArray, x: FloatArray, peaks_s: FloatArray) -> dict[str, float]:
    """Rate, spread of period and depth, their lag-1 autocorrelation, Ti/Ttot, sighs (depth over twice the median)."""
    troughs = []
    for a, b in pairwise(peaks_s):
        inside = np.flatnonzero((t_s > a) & (t_s < b))
        troughs.append(inside[np.argmin(x[inside])] if len(inside) else 0)
    at = np.array(troughs)
    peaks = np.searchsorted(t_s, peaks_s[1:]).clip(0, len(t_s) - 1)
    depth = x[peaks] - x[at]
    ti = peaks_s[1:] - t_s[at]
    period = np.diff(peaks_s)
    keep = (depth > 0) & (period > 0.8) & (period < 20)
    depth, ti, period = depth[keep], ti[keep], period[keep]
    return {
        "breaths": len(period),
        "per_min": 60 / float(np.median(period)),
        "period_cv": _spread(period),
        "period_ac1": _autocorrelation(period),
        "depth_cv": _spread(depth),
        "depth_ac1": _autocorrelation(depth),
        "ti_ttot": float(np.median(ti / period)),
        "over_twice_pct": 100 * float(np.mean(depth > 2 * np.median(depth))),
    }


def _spread(x: FloatArray) -> float:
    """Robust coefficient of variation: interquartile range / 1.349 over the median."""
    low, mid, high = np.percentile(x, [25, 50, 75])
    return float((high - low) / 1.349 / mid)


def _autocorrelation(x: FloatArray) -> float:
    ranks = np.argsort(np.argsort(x)).astype(np.float64)
    return float(np.corrcoef(ranks[:-1], ranks[1:])[0, 1])


def sternum(path: Path) -> dict[str, float]:
    """Breath travel along its own axis, heart ripple, white noise and slow drift of a breastbone accelerometer."""
    table = _table(path)
    rate_hz = STERNUM_RATE_HZ
    t_s, acc_mg = np.arange(len(table)) / rate_hz, table * 1000
    ends_s = _table(path.with_suffix("").with_suffix(".breaths.csv"))[:, 0]
    starts_s = _table(path.with_suffix("").with_suffix(".inhale_start.csv"))[:, 0]
    slow = _low_pass(acc_mg, rate_hz)
    moves = []
    for start in starts_s:
        end = ends_s[ends_s > start]
        if len(end) and end[0] - start < 6:
            a, b = np.searchsorted(t_s, [start, end[0]]).clip(0, len(t_s) - 1)
            moves.append(slow[b] - slow[a])
    steps = np.array(moves)
    return {
        "per_min": 60 / float(np.median(np.diff(ends_s))),
        "period_cv": _spread(np.diff(ends_s)),
        "travel_mg": float(np.median(np.linalg.norm(steps, axis=1))),
        **bands(acc_mg[500:], rate_hz),
    }


def bands(acc_mg: FloatArray, rate_hz: float) -> dict[str, float]:
    """Root mean square over all three axes in each of `BANDS_HZ`, mg."""
    out = {}
    for band in BANDS_HZ:
        sos = signal.butter(2, band, btype="band", fs=rate_hz, output="sos")
        part = np.asarray(signal.sosfiltfilt(sos, acc_mg - acc_mg.mean(axis=0), axis=0))
        out[f"{band[0]:g}-{band[1]:g} Hz"] = float(np.sqrt((part**2).sum(axis=1).mean()))
    return out


def simulated(person: str, seeds: range) -> dict[str, dict[str, float]]:
    """The same of simulated people: their belt's variability from truth, and the bands of their chest at 50 Hz."""
    rows = {}
    for seed in seeds:
        worn = open_wearer(person, "h10", seed=seed)
        mg, wall = [], []
        for second in range(1, 301):
            mg += [b.values for b in worn.until(second) if b.stream is Stream.ACCELERATION]
            wall.append(worn.person.body.breathing.wall(np.arange(50) / 50 + second - 1))
        t_s = np.arange(300 * 50) / 50
        peaks_s = np.array([b.peak_s for b in worn.truth.breaths])
        spread = variability(t_s, np.concatenate(wall), peaks_s)
        rows[f"{person} {seed}"] = {**spread, **bands(np.concatenate(mg)[500 * 4 : 5500 * 4 : 4], 50.0)}
    return rows


def belts(folder: Path) -> dict[str, dict[str, float]]:
    """`variability` of each labelled recording (first annotator) and of each belt (own peaks)."""
    rows: dict[str, dict[str, float]] = {}
    for path in sorted((folder / "labelled").glob("bidmc_??.csv")):
        x = _low_pass(_table(path)[:, 0], IMPEDANCE_RATE_HZ)
        peaks_s = np.sort(_table(path.with_suffix(".breaths.csv"))[:, 0])
        rows[path.stem] = variability(np.arange(len(x)) / IMPEDANCE_RATE_HZ, x, peaks_s)
    for path in sorted((folder / "unlabelled").glob("*.csv")):
        rate_hz = BELT_RATES_HZ.get(path.stem, 100.0)
        x = _low_pass(_table(path)[:, 0], rate_hz)
        t_s = np.arange(len(x)) / rate_hz
        reach = np.percentile(x, 90) - np.percentile(x, 10)
        peaks, _ = signal.find_peaks(x, prominence=0.25 * reach)
        rows[path.stem] = variability(t_s, x, t_s[peaks])
    return rows


def _print(rows: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(rows.values())))
    width = max(len(name) for name in rows)
    print(" " * width, *(f"{name:>14}" for name in names))
    for row, values in rows.items():
        print(f"{row:<{width}}", *(f"{values[name]:14.3g}" for name in names))
    middle = {name: float(np.nanmedian([values[name] for values in rows.values()])) for name in names}
    print(f"{'median':<{width}}", *(f"{middle[name]:14.3g}" for name in names))


def main() -> int:
    """Print the tables: of real recordings in the folder named on the command line, and of simulated people."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    if not folder.is_dir():
        print(f"There are no recordings in {folder}.", file=sys.stderr)
        return 1
    _print(belts(folder))
    local = sorted(p for p in (folder / "local-only").glob("sternum_acc_*.csv") if p.name.count(".") == 1)
    if local:
        print()
        _print({path.stem.removeprefix("sternum_acc_"): sternum(path) for path in local})
    print()
    _print(simulated("steady", range(8)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
