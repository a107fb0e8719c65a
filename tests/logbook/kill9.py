"""A recording program that is killed at a random moment, and what its store then holds.

The child records as fast as it can, and after each `put` writes into shared memory how far it has come: what stands
there has been announced. The parent kills it with SIGKILL and looks.
"""

import mmap
import os
import random
import signal
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from breathsync.guide.events import EndKind, Side, Verdict
from breathsync.logbook.store import Logbook
from breathsync.samples import Samples
from breathsync.settings import Settings
from tests.logbook.synthetic import INFO, ROUTINE, a_breath, a_verdict, acceleration

_SHARED = struct.Struct("<qd")
"""Verdicts announced, and the time of the last sample put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """One kill: what was announced, and what was found. `lost_s`: samples put but not in the store, in seconds."""

    after_s: float
    announced: int
    found: int
    lost_s: float
    in_order: bool
    marked: bool
    integrity: str

    @property
    def fine(self) -> bool:
        """Whether everything was kept that must be."""
        kept = self.found >= self.announced and self.lost_s < 1.0
        return kept and self.in_order and self.marked and self.integrity == "ok"


def kill_once(folder: Path, *, longest_s: float = 0.25, seed: int) -> Killed:
    """Record in a child, kill it after a random time of at most `longest_s`, open the store."""
    shared = mmap.mmap(-1, _SHARED.size)
    after_s = random.Random(seed).uniform(0.002, longest_s)
    child = os.fork()
    if child == 0:
        try:
            _record(folder, shared)
        finally:
            os._exit(1)  # never back into the parent's program
    deadline_s = time.monotonic() + 10.0
    while not any(shared[:]) and time.monotonic() < deadline_s:
        time.sleep(0.0005)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    announced, last_s = _SHARED.unpack(shared[:])
    return _look(folder, after_s=after_s, announced=announced, last_s=last_s)


def _record(folder: Path, shared: mmap.mmap) -> None:
    writer = Logbook(folder).begin(info=INFO, routine=ROUTINE, settings=Settings())
    verdicts, start = 0, 0
    while True:
        for _ in range(15):
            block = acceleration((np.arange(start, start + 36) + 1) / 200.0)
            writer.put(block)
            start += 36
            _SHARED.pack_into(shared, 0, verdicts, float(block.t_s[-1]))
        breath = a_breath(start / 200.0, amplitude=20.0, period_s=5.0)
        writer.put(a_verdict(breath, side=Side.LEFT, point=1, opened=True))
        verdicts += 1
        _SHARED.pack_into(shared, 0, verdicts, start / 200.0)


def _look(folder: Path, *, after_s: float, announced: int, last_s: float) -> Killed:
    book = Logbook(folder)
    log = book.find("last")
    integrity = str(book.connection.execute("PRAGMA integrity_check").fetchone()[0])
    entries = list(log.entries())
    blocks = [entry.item for entry in entries if isinstance(entry.item, Samples)]
    stored_s = float(blocks[-1].t_s[-1]) if blocks else 0.0
    even = np.concatenate([block.t_s for block in blocks]) if blocks else np.empty(0)
    holes = len(even) and np.abs(np.diff(even) - 1 / 200.0).max() > 1e-6
    marked = log.ended is not None and log.ended.how is EndKind.INTERRUPTED
    book.close()
    return Killed(
        after_s=after_s,
        announced=announced,
        found=sum(isinstance(entry.item, Verdict) for entry in entries),
        lost_s=last_s - stored_s,
        in_order=[entry.seq for entry in entries] == list(range(len(entries))) and not holes,
        marked=marked,
        integrity=integrity,
    )
