"""Eight hours of simulated samples through the follower alone: does its memory stay flat?

    python -m tests.benchmarks.follower_memory [--sensors h10,belt] [--person restless] [--hours 1,2,4,8]

The simulated person lives in a process of their own, whose memory grows with their truth; what is measured is the
process that holds the follower, its events thrown away as they come. Three prompted inhales teach the axis, and the
quiet minutes calibrate it. Prints a line a sensor: resident memory at the start, after the calibration and after so
many hours of stream, the growth from the first of these hours to the last, and the follower's share of a core.
"""

import argparse
import gc
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from breathsync_simulators.wearers import open_wearer

from breathsync.breath.events import LearnQuiet
from breathsync.breath.follower import Follower
from breathsync.samples import Samples
from breathsync.settings import Settings

BLOCK_S = 0.5
LIVE_AT_ONCE_S = 60.0
QUIET_FROM_S, QUIET_UNTIL_S = 60.0, 180.0
PROMPTS = 3
FULL_OVER_QUIET = 3.0


def memory_mb() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1000


def live(person: str, sensor: str, seconds: float, out: Connection) -> None:
    """In a process of its own: send the first minute's inhales, then all samples, a minute at a time."""
    wearer = open_wearer(person, sensor, seed=1)
    sent_s = 0.0
    while sent_s < seconds:
        blocks: list[Samples] = []
        steps = round(LIVE_AT_ONCE_S / BLOCK_S)
        for k in range(1, steps + 1):
            blocks += wearer.until(sent_s + k * BLOCK_S)
        if sent_s == 0.0:
            breaths = [b for b in wearer.truth.breaths if b.onset_s > 5.0][:PROMPTS]
            out.send([(b.onset_s, b.peak_s) for b in breaths])
        sent_s += LIVE_AT_ONCE_S
        out.send(blocks)
    out.close()


def minutes(out: Connection) -> Iterator[list[Samples]]:
    """The minutes of samples until the person is done."""
    while True:
        try:
            yield out.recv()
        except EOFError:
            return


def follow(person: str, sensor: str, hours: list[float], results: Connection) -> None:
    """In a process of its own: the follower. Sends memory at each of the hours."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    body = spawn.Process(target=live, args=(person, sensor, hours[-1] * 3600, there))
    body.start()
    there.close()
    prompts = here.recv()
    follower = Follower(info=open_wearer(person, sensor, seed=1).info, settings=Settings())
    for start_s, end_s in prompts:
        follower.teach_inhale(start_s=start_s, end_s=end_s)
    results.send(memory_mb())
    took_s = 0.0
    left = list(hours)
    for minute, blocks in enumerate(minutes(here)):
        began_s = time.process_time()
        for block in blocks:
            follower.push(block)
        took_s += time.process_time() - began_s
        now_s = (minute + 1) * LIVE_AT_ONCE_S
        if now_s == QUIET_FROM_S:
            follower.order(LearnQuiet())
        elif now_s == QUIET_UNTIL_S:
            follower.full_known(lambda quiet: FULL_OVER_QUIET * quiet)
            results.send((memory_mb(), follower.calibration is not None))
        if now_s >= left[0] * 3600:
            left.pop(0)
            gc.collect()
            results.send(memory_mb())
    body.join()
    results.send(took_s)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sensors", default="h10,belt")
    parser.add_argument("--person", default="restless")
    parser.add_argument("--hours", default="1,2,4,8")
    options = parser.parse_args()
    hours = [float(h) for h in options.hours.split(",")]
    spawn = get_context("spawn")
    print("| sensor | start, MB | calibrated | " + " | ".join(f"{h:g} h" for h in hours), end="")
    print(" | growth, MB an hour | share of a core |")
    print("|---" * (5 + len(hours)) + "|")
    for sensor in options.sensors.split(","):
        here, there = spawn.Pipe(duplex=False)
        child = spawn.Process(target=follow, args=(options.person, sensor, hours, there))
        child.start()
        there.close()
        start_mb = here.recv()
        calibrated_mb, calibrated = here.recv()
        after = [here.recv() for _ in hours]
        took_s = here.recv()
        child.join()
        growth = (after[-1] - after[0]) / max(hours[-1] - hours[0], 1e-9)
        cells = [f"{start_mb:.1f}", f"{calibrated_mb:.1f}" if calibrated else "refused"]
        cells += [*(f"{mb:.1f}" for mb in after), f"{growth:+.2f}", f"{took_s / hours[-1] / 36:.2f} %"]
        print(f"| {sensor} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
