"""Made-up breaths in the real unrest of seated people: `python -m tests.benchmarks.seated` prints the table.

Two recordings of one seated person are too few to judge by. So their own breath is taken out, what is left is
shuffled in phase (the same for all three axes, so that sway and heart beat keep their spectrum and direction), and a
breath of known times is put in: 3.5-8 mg, every 2.6-7 s, anywhere within 60 degrees of the forward tilt. Marks come
late by 0.3-0.5 s and scatter by 0.15 s, as a button's do.
"""

import sys
from pathlib import Path

import numpy as np

from breathsync.analysis import analyze_recording
from breathsync.samples import Stream
from breathsync.sensors.recording import Recording, read_recording
from tests.benchmarks.detection import DATA, OFFSETS_S, RATE_ACCELERATION_HZ, best_f1, cues_from, numbers
from tests.benchmarks.others import Array
from tests.benchmarks.scoring import NARROW_S, WIDE_S, table

SEATED = ("sternum_acc_J1GoodSitting.csv", "sternum_acc_J3MaybegoodSitting.csv")
SECONDS = 90.0
BUTTON_LATE_S = 0.4


def unrest(path: Path, rng: np.random.Generator) -> Array:
    """What moves a seated chest besides breath, mg, shape (n, 3)."""
    recording = read_recording(path, rate_hz=RATE_ACCELERATION_HZ)
    t_s, acc = recording.t_s, recording.values
    peaks = numbers(path.with_suffix(".breaths.csv")) - BUTTON_LATE_S
    phase = np.interp(t_s, peaks, 2 * np.pi * np.arange(len(peaks)))
    waves = [f(k * phase) for k in (1, 2, 3) for f in (np.sin, np.cos)]
    model = np.stack((np.ones(len(t_s)), t_s, t_s**2, t_s**3, *waves), axis=1)
    there = (t_s > 8.0) & (t_s < peaks[-1])
    rest = acc[there] - model[there] @ np.linalg.lstsq(model[there], acc[there], rcond=None)[0]
    n = int(SECONDS * RATE_ACCELERATION_HZ)
    spectrum = np.fft.rfft(np.concatenate((rest, rest[::-1]))[:n], axis=0)
    turned = spectrum * np.exp(2j * np.pi * rng.random(len(spectrum)))[:, None]
    return np.asarray(np.fft.irfft(turned, n=n, axis=0))


def on_chest(y: Array, noise: Array, rng: np.random.Generator) -> Array:
    """Whole mg (n, 3) of breaths `y` (n,), about 1 from trough to peak, made 3.5-8 mg in `noise` (n, 3)."""
    up = np.array((0.86, 0.03, 0.5))
    up /= np.linalg.norm(up)
    forward = np.array((-0.5, 0.0, 0.86)) - up * (np.array((-0.5, 0.0, 0.86)) @ up)
    forward /= np.linalg.norm(forward)
    off = np.radians(rng.uniform(-60.0, 60.0))
    way = np.cos(off) * forward + np.sin(off) * np.cross(up, forward)
    return np.asarray(np.round(1000.0 * up + noise + rng.uniform(3.5, 8.0) * y[:, None] * way))


def make_seated(seed: int) -> tuple[Recording, Array, Array]:
    """A recording, and the marks of its inhales' starts and ends."""
    rng = np.random.default_rng(seed)
    noise = unrest(DATA / "local-only" / SEATED[seed % 2], rng)
    t_s = np.arange(len(noise)) / RATE_ACCELERATION_HZ
    every_s = rng.uniform(2.6, 7.0)
    y, starts, ends = np.zeros(len(t_s)), [], []
    onset = -2.0
    while onset < SECONDS:
        whole = every_s * np.exp(0.08 * rng.normal())
        ti, te = whole * rng.uniform(0.34, 0.46), whole * rng.uniform(0.42, 0.52)
        corners = (onset, onset + ti, onset + ti + te)
        inside = (t_s >= corners[0]) & (t_s < corners[2])
        y[inside] = (
            np.exp(0.15 * rng.normal())
            * np.sin(0.5 * np.pi * np.interp(t_s[inside], corners, (0, 1, 0))) ** 2
        )
        if 0 < corners[1] < SECONDS:
            starts.append(onset)
            ends.append(corners[1])
        onset += whole
    acc = on_chest(y, noise, rng)
    late = rng.uniform(0.3, 0.5, len(ends))
    recording = Recording(
        path=Path("made"),
        stream=Stream.ACCELERATION,
        t_s=t_s,
        values=acc,
        rate_hz=RATE_ACCELERATION_HZ,
        unit="mg",
    )
    marked = np.clip(np.array(starts) + rng.normal(0.3, 0.2, len(starts)), 0.0, None)
    return recording, marked, np.array(ends) + late + rng.normal(0.0, 0.15, len(ends))


def seated(seeds: range = range(24)) -> str:
    """Mean F1 over records, one offset of at most 1 s each removed."""
    rows = []
    for name, cued in (("no cues", False), ("cues 30 s", True)):
        wide, narrow = [], []
        for seed in seeds:
            recording, starts, ends = make_seated(seed)
            inhales = cues_from(starts, ends) if cued else []
            peaks = np.array(
                [b.inhale_peak_s for b in analyze_recording(recording, inhales=inhales).breaths if b.counts]
            )
            wanted = ends[ends >= 10.0]
            wide.append(best_f1(peaks, wanted, WIDE_S, OFFSETS_S))
            narrow.append(best_f1(peaks, wanted, NARROW_S, OFFSETS_S))
        rows.append((name, [f"{np.mean(wide):.3f}", f"{np.mean(narrow):.3f}", f"{np.median(wide):.3f}"]))
    return table(
        f"Made-up breaths in seated unrest ({len(seeds)} records)",
        rows,
        ["F1 ±0.75 s", "F1 ±0.35 s", "median ±0.75 s"],
    )


def main() -> None:
    """Print the table."""
    if not (DATA / "local-only").is_dir():
        print(f"seated: skipped, no recordings at {DATA} (set BREATHSYNC_DATA)", file=sys.stderr)
        return
    print(seated())


if __name__ == "__main__":
    main()
