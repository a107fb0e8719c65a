"""Real breaths in the real unrest of seated people: `python -m tests.benchmarks.seated_real` prints the table.

The breaths of `seated` are made up, and their form is a guess. Here they are those of 15 adults' impedance with the
first annotator's peaks, as they came one after the other, 3.5-8 mg, otherwise as there. Cues are the inhales of the
first 30 s themselves.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfiltfilt

from breathsync.analysis import analyze_recording
from breathsync.samples import Stream
from breathsync.sensors.recording import Recording, read_recording
from tests.benchmarks.detection import (
    DATA,
    OFFSETS_S,
    RATE_ACCELERATION_HZ,
    RATE_LABELLED_HZ,
    best_f1,
    cues_from,
    numbers,
)
from tests.benchmarks.others import Array
from tests.benchmarks.scoring import NARROW_S, WIDE_S, Score, table
from tests.benchmarks.seated import SEATED, SECONDS, on_chest, unrest

BAND_HZ = (0.03, 2.0)


def real_in_unrest(path: Path, seed: int) -> tuple[Recording, Array, Array]:
    """A stretch of one labelled recording put on the chest: the recording, starts and peaks of its inhales."""
    rng = np.random.default_rng(seed)
    noise = unrest(DATA / "local-only" / SEATED[seed % 2], rng)
    t_s = np.arange(len(noise)) / RATE_ACCELERATION_HZ
    source = read_recording(path, rate_hz=RATE_LABELLED_HZ)
    band = butter(2, BAND_HZ, btype="band", fs=RATE_LABELLED_HZ, output="sos")
    began_s = rng.uniform(10.0, source.seconds - SECONDS - 5.0)
    y = np.interp(t_s + began_s, source.t_s, sosfiltfilt(band, source.values[:, 0]))
    peaks = numbers(path.with_suffix(".breaths.csv")) - began_s
    peaks = peaks[(peaks > 0.0) & (peaks < SECONDS)]
    low = [int(a + np.argmin(y[a:b])) for a, b in zip(_at(peaks[:-1]), _at(peaks[1:]), strict=True)]
    sizes = np.interp(peaks[1:], t_s, y) - y[low]
    acc = on_chest(y / np.median(sizes), noise, rng)
    recording = Recording(
        path=path,
        stream=Stream.ACCELERATION,
        t_s=t_s,
        values=acc,
        rate_hz=RATE_ACCELERATION_HZ,
        unit="mg",
    )
    return recording, np.array(low) / RATE_ACCELERATION_HZ, peaks


def _at(moments_s: Array) -> list[int]:
    return np.asarray(moments_s * RATE_ACCELERATION_HZ, dtype=int).tolist()


def seated_real(each: int = 2) -> str:
    """Mean F1 over records, one offset of at most 1 s each removed, and the rate's error."""
    paths = sorted((DATA / "labelled").glob("bidmc_??.csv"))
    rows = []
    for name, cued in (("no cues", False), ("cues 30 s", True)):
        wide, narrow, score = [], [], Score()
        for seed in range(each * len(paths)):
            recording, starts, ends = real_in_unrest(paths[seed // each], seed)
            inhales = cues_from(starts, ends) if cued else []
            found = analyze_recording(recording, inhales=inhales).breaths
            peaks = np.array([b.inhale_peak_s for b in found if b.counts])
            wanted = ends[ends >= 10.0]
            wide.append(best_f1(peaks, wanted, WIDE_S, OFFSETS_S))
            narrow.append(best_f1(peaks, wanted, NARROW_S, OFFSETS_S))
            score.add(peaks.tolist(), ends, until_s=SECONDS)
        figures = (np.mean(wide), np.mean(narrow), np.median(wide))
        rows.append((name, [*(f"{f:.3f}" for f in figures), f"{np.mean(score.rate_errors):.2f}"]))
    return table(
        f"Real breaths in seated unrest ({each * len(paths)} records)",
        rows,
        ["F1 ±0.75 s", "F1 ±0.35 s", "median ±0.75 s", "rate error /min"],
    )


def main() -> None:
    """Print the table."""
    if not (DATA / "local-only").is_dir() or not (DATA / "labelled").is_dir():
        print(f"seated_real: skipped, no recordings at {DATA} (set BREATHSYNC_DATA)", file=sys.stderr)
        return
    print(seated_real())


if __name__ == "__main__":
    main()
