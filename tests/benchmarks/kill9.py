"""`kill -9` at random moments of a recording. `python -m tests.benchmarks.kill9 --runs 200` prints what was kept."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tests.logbook.kill9 import kill_once


def main() -> None:
    """Kill, look, and say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--longest", type=float, default=0.25, help="seconds until the kill, at most")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kills = [
            kill_once(Path(folder) / str(n), longest_s=args.longest, seed=args.seed + n)
            for n in range(args.runs)
        ]
    lost_s = np.array([kill.lost_s for kill in kills])
    print(f"kills                                  {len(kills)}")
    print(f"verdicts announced                     {sum(kill.announced for kill in kills)}")
    print(f"of them missing                        {sum(max(0, k.announced - k.found) for k in kills)}")
    print(f"samples missing, median / worst        {np.median(lost_s):.2f} s / {lost_s.max():.2f} s")
    print(f"out of order or with a hole            {sum(not kill.in_order for kill in kills)}")
    print(f"not marked as interrupted              {sum(not kill.marked for kill in kills)}")
    print(f"integrity check not ok                 {sum(kill.integrity != 'ok' for kill in kills)}")
    print("fine" if all(kill.fine for kill in kills) else "NOT FINE")


if __name__ == "__main__":
    main()
