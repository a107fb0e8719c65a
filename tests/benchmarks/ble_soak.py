"""How well the link holds: runs of start, drop, return and stop, and a long soak with drops.

    python -m tests.benchmarks.ble_soak runs --runs 100
    python -m tests.benchmarks.ble_soak soak --minutes 30

`runs`: scan → connect → start → drop in mid-stream → reconnect → stop, on each carrier. `soak`: one connection at
200 Hz on the fake BlueZ, dropped every 20 to 40 s, away for 3 s each time. Both print a table. A simulated H10 is
on the other side; nothing here met a real strap.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from breathsync_simulators.straps import polar_h10
from breathsync_simulators.straps.quirks import Quirks

from breathsync.clock import SessionClock
from breathsync.samples import Samples, SensorChange, SensorState, Stream
from breathsync.sensors.ble.link import Radio
from breathsync.sensors.ble.strap import StrapSensor
from tests.sensors.ble.bodies import SineBody
from tests.sensors.ble.carriers import on_bluez, on_bumble, over_tcp

RUN_LIMIT_S = 30.0


@dataclass
class Tally:
    """What one run saw."""

    sent: int = 0
    received: int = 0
    delays_s: list[float] = field(default_factory=list)
    """From the strap's sending to the listener's samples: bus or air included."""
    inside_s: list[float] = field(default_factory=list)
    """From the notification's arrival in the product to the listener's samples."""
    back_s: list[float] = field(default_factory=list)
    """From the strap's return to the first sample after it."""
    start_s: float = 0.0
    backwards: int = 0
    gaps: int = 0
    drops: int = 0


def _is_acceleration(data: bytes) -> bool:
    return data[0] == 2 and len(data) > 200


class Counted:
    """A strap and a sensor whose frames are counted and timed on both sides."""

    def __init__(self, quirks: Quirks, radio: Radio | None) -> None:
        self.tally = Tally()
        self._sent_at: deque[float] = deque()
        self._arrived_at: deque[float] = deque()
        self._on_the_way: Counter[bytes] = Counter()
        self.sensor_closing = False
        self.strap = polar_h10.strap(SineBody(), quirks)
        self._take = self.strap.take
        self.strap.take = self._count_sent  # type: ignore[method-assign]
        self.radio = radio
        self._was_there = True
        self._there_at = 0.0
        self._last_s = -1.0
        self.first_seen = asyncio.Event()

    def sensor(self) -> StrapSensor:
        """A sensor whose notifications are counted before anything is made of them."""
        self.sensor_closing = False
        sensor = StrapSensor(name="polar-h10", clock=SessionClock(), radio=self.radio)
        heard = sensor._heard

        def count(characteristic: str, data: bytes) -> None:
            if self._on_the_way[data] > 0:  # BlueZ shows a value that was read as a notification too
                self.tally.received += 1
                self._on_the_way[data] -= 1
                if not self._on_the_way[data]:
                    del self._on_the_way[data]
            if _is_acceleration(data):
                self._arrived_at.append(time.monotonic())
            heard(characteristic, data)

        sensor._heard = count  # type: ignore[method-assign]
        return sensor

    def _count_sent(self) -> list[object]:
        out = self._take()
        now = time.monotonic()
        there = self.strap.powered
        if there and not self._was_there:
            self._there_at = now
        self._was_there = there
        for item in out:
            if type(item).__name__ == "HangUp":
                self.tally.drops += 1
                self._there_at = now
            else:
                if not self.sensor_closing:  # what is sent while the sensor says good-bye has no listener
                    self.tally.sent += 1
                    self._on_the_way[item.data] += 1  # type: ignore[union-attr]
                if _is_acceleration(item.data):  # type: ignore[union-attr]
                    self._sent_at.append(now)
        return out  # type: ignore[return-value]

    async def listen(self, sensor: StrapSensor) -> None:
        """Hear the sensor out."""
        async for event in sensor.events():
            if isinstance(event, SensorChange) and event.state is SensorState.STREAMING and self._there_at:
                self.tally.back_s.append(time.monotonic() - self._there_at)
                self._there_at = 0.0
            if isinstance(event, Samples) and event.stream is Stream.ACCELERATION:
                if self._sent_at:
                    self.tally.delays_s.append(time.monotonic() - self._sent_at.popleft())
                if self._arrived_at:
                    self.tally.inside_s.append(time.monotonic() - self._arrived_at.popleft())
                steps = np.diff(event.t_s, prepend=self._last_s)
                self.tally.backwards += int(np.sum(steps <= 0))
                self.tally.gaps += int(np.sum(steps > 0.5)) if self._last_s >= 0 else 0
                self._last_s = float(event.t_s[-1])
                self.first_seen.set()


CARRIERS = {"fake BlueZ": on_bluez, "Bumble": on_bumble, "Bumble over TCP": over_tcp}


async def one_run(carrier: str) -> Tally:
    """Scan, connect, start, a drop in mid-stream, reconnect, stop."""
    counted = Counted(Quirks(hang_up_after_s=0.8), None)
    async with CARRIERS[carrier](counted.strap) as radio:
        counted.radio = radio
        sensor = counted.sensor()
        began = time.monotonic()
        await sensor.connect()
        counted.tally.start_s = time.monotonic() - began
        listening = asyncio.create_task(counted.listen(sensor))
        while counted.tally.drops < 1:
            await asyncio.sleep(0.01)
        counted.first_seen.clear()
        await counted.first_seen.wait()
        counted.sensor_closing = True
        await sensor.close()
        await listening
        if counted.strap.is_connected or counted.strap.streaming:
            raise RuntimeError("the strap was left on")
    return counted.tally


async def runs(number: int, carriers: list[str]) -> bool:
    """Each carrier; whether every run passed."""
    print(
        "| carrier | passed | notifications | lost | start median / max | back median / max "
        "| sent → Samples p50 / p95 | arrived → Samples p50 / p95 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    all_well = True
    for carrier in carriers:
        tallies, failed = [], 0
        for _ in range(number):
            try:
                async with asyncio.timeout(RUN_LIMIT_S):
                    tallies.append(await one_run(carrier))
            except Exception as error:
                failed += 1
                print(f"{carrier}: {error!r}", file=sys.stderr)
        sent, received = sum(t.sent for t in tallies), sum(t.received for t in tallies)
        start, back = [t.start_s for t in tallies], [b for t in tallies for b in t.back_s]
        delays_ms = 1000 * np.concatenate([t.delays_s for t in tallies])
        inside_ms = 1000 * np.concatenate([t.inside_s for t in tallies])
        all_well &= failed == 0 and sent == received and not any(t.backwards for t in tallies)
        all_well &= max(back) < 2.0 and float(np.percentile(inside_ms, 95)) < 5.0
        print(
            f"| {carrier} | {len(tallies)}/{number} | {sent} | {sent - received} "
            f"| {np.median(start):.2f} / {max(start):.2f} s | {np.median(back):.2f} / {max(back):.2f} s "
            f"| {np.median(delays_ms):.1f} / {np.percentile(delays_ms, 95):.1f} ms "
            f"| {np.median(inside_ms):.2f} / {np.percentile(inside_ms, 95):.2f} ms |",
            flush=True,
        )
    return all_well


def _memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


async def soak(minutes: float) -> bool:
    """One long connection with drops; whether nothing leaked and time ran forward."""
    counted = Counted(Quirks(drop_every_s=(20.0, 40.0), away_s=3.0), None)
    print("| minute | drops | notifications sent / lost | gaps | backwards | tasks | files | memory |")
    print("|---|---|---|---|---|---|---|---|")
    rows: list[tuple[int, int, float]] = []
    async with on_bluez(counted.strap) as radio:
        counted.radio = radio
        sensor = counted.sensor()
        await sensor.connect()
        listening = asyncio.create_task(counted.listen(sensor))
        tally = counted.tally
        began = time.monotonic()
        for minute in range(1, round(minutes) + 1):
            await asyncio.sleep(began + 60 * minute - time.monotonic())
            while sensor.state is not SensorState.STREAMING:
                await asyncio.sleep(0.05)
            gc.collect()
            rows.append((len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")), _memory_mb()))
            print(
                f"| {minute} | {tally.drops} | {tally.sent} / {tally.sent - tally.received} | {tally.gaps} "
                f"| {tally.backwards} | {rows[-1][0]} | {rows[-1][1]} | {rows[-1][2]:.0f} MB |",
                flush=True,
            )
        counted.sensor_closing = True
        await sensor.close()
        await listening
    delays_ms, inside_ms = 1000 * np.array(tally.delays_s), 1000 * np.array(tally.inside_s)
    print(
        f"\nsent to Samples p50 {np.median(delays_ms):.1f} ms, p95 {np.percentile(delays_ms, 95):.1f} ms; "
        f"arrived to Samples p50 {np.median(inside_ms):.2f} ms, p95 {np.percentile(inside_ms, 95):.2f} ms; "
        f"back after return: median {np.median(tally.back_s):.2f} s, longest {max(tally.back_s):.2f} s; "
        f"frames not understood: {sensor.bad_frames}"
    )
    tasks, files, memory_mb = zip(*rows, strict=True)
    return (
        tally.sent == tally.received
        and tally.backwards == 0
        and tally.gaps == tally.drops
        and max(tally.back_s) < 2.0
        and max(tasks) - min(tasks) <= 2
        and max(files) - min(files) <= 2
        and memory_mb[-1] - memory_mb[len(memory_mb) // 4] < 5
    )


def main() -> None:
    """Run what is asked for; exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("runs", "soak"))
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--carrier", choices=CARRIERS, help="only this one")
    parser.add_argument("--minutes", type=float, default=30)
    asked = parser.parse_args()
    carriers = [asked.carrier] if asked.carrier else list(CARRIERS)
    well = asyncio.run(runs(asked.runs, carriers) if asked.what == "runs" else soak(asked.minutes))
    print("all bars met" if well else "A BAR WAS MISSED")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
