"""A live pair: one simulated person goes through a session twice, alone and under 1,000 bad connections.

The same seed is the same body, and it breathes in the time of its samples; so raw samples, words and outcomes of the
two have to be the same to the last bit, and each verdict has to come as soon after its moment.
"""

import asyncio
import resource
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.benchmarks.service_attack import CUT_OFF, LET_IN, NO_ANSWER, OUTLIVED, REFUSED, TOKEN, attack

EACH = 100
SPEED = 10.0
"""So a session of a quarter of an hour takes a minute and a half; its clock is that much less patient with us."""
LIFE_OVER_S = 300.0
"""At the speed of life the two sessions run at the same time, and the connections come within the first minutes."""
SEED = 5
PERSON = "shallow@h10"
"""Most of whose breaths are refused, so that there are verdicts of both kinds."""
ROUTINE = "seated-twist"
LATE_S = 0.02
"""A verdict that is later than its twin by more than this is late: what an event may take to a client."""
SHARE = 0.8
"""Of the session's length, as it took alone, over which the connections are spread."""


async def hostile(child: Any, *, speed: float = SPEED, each: int = EACH, routine: str = ROUTINE) -> None:
    """Play both and compare."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    how = {"speed": speed, "seed": SEED, "routine": routine, "source": f"sim:{PERSON}"}
    met: dict[str, Counter[str]] = {}
    heard: list[str] = []
    began_s, over_s = time.monotonic(), LIFE_OVER_S
    left_alone = asyncio.create_task(_alone(child, how))
    if speed != 1:
        await left_alone
        over_s = SHARE * (time.monotonic() - began_s)
    with tempfile.TemporaryDirectory() as folder:
        async with child(Path(folder), **how) as (port, play):
            over = asyncio.Event()
            honest = asyncio.create_task(_listen(port, heard))
            attacking = asyncio.create_task(attack(port, each=each, over_s=over_s, ended=over))
            attacked = await play()
            over.set()
            met = await attacking
            await honest
    alone = await left_alone
    _tell(met)
    _compare(alone, attacked, speed=speed)
    told = sum(kind == "verdict" for kind, _, _ in attacked["said"])
    print(f"hostile   an honest client meanwhile heard {heard.count('verdict')} of {told} verdicts")


async def _alone(child: Any, how: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        async with child(Path(folder), **how) as (_, play):
            return await play()


async def _listen(port: int, heard: list[str]) -> None:
    """Somebody who has the token and behaves."""
    with suppress(ConnectionClosed):
        async with connect(
            f"ws://127.0.0.1:{port}", additional_headers={"Authorization": f"Bearer {TOKEN}"}, proxy=None
        ) as client:
            async for text in client:
                heard.append(str(text).split('"', 4)[3])


def _tell(met: dict[str, Counter[str]]) -> None:
    columns = (LET_IN, REFUSED, CUT_OFF, OUTLIVED, NO_ANSWER)
    print(f"hostile   {'':<14}" + "".join(f"{name:>18}" for name in columns))
    for kind, became in met.items():
        print(f"hostile   {kind:<14}" + "".join(f"{became[name]:>18}" for name in columns))
    total = sum((became for became in met.values()), Counter[str]())
    print(f"hostile   {f'all {total.total()}':<14}" + "".join(f"{total[name]:>18}" for name in columns))


def _compare(alone: Any, attacked: Any, *, speed: float) -> None:
    for what in ("samples", "inputs", "outcomes"):
        a, b = alone[what], attacked[what]
        same = "the same" if a == b else f"NOT THE SAME: {a} alone, {b} under attack"
        print(f"hostile   {what}: {a[0]:,} alone, {b[0]:,} under attack: {same}")
    a, b = alone["verdicts"], attacked["verdicts"]
    changed = sum(x != y for (x, _), (y, _) in zip(a, b, strict=False)) + abs(len(a) - len(b))
    later = [under - left for (_, left), (_, under) in zip(a, b, strict=False)]
    late = sum(one > LATE_S for one in later)
    opened = sum(verdict[1] for verdict, _ in b)
    print(
        f"hostile   {len(b)} verdicts ({opened} opened), {changed} changed, {late} late (more than "
        f"{1e3 * LATE_S:.0f} ms later than its twin); at {speed:g} times the speed of life"
    )
    for name, times in (
        ("alone", [late_s for _, late_s in a]),
        ("under attack", [late_s for _, late_s in b]),
    ):
        ordered = sorted(times)
        print(
            f"hostile   after its moment a verdict was said, {name}: median "
            f"{1e3 * ordered[len(ordered) // 2]:.1f}, max {1e3 * ordered[-1]:.1f} ms"
        )
    print(
        f"hostile   latest beside its twin: {1e3 * max(later):+.1f} ms; peak memory {_mb(alone)} / {_mb(attacked)}"
    )


def _mb(seen: Any) -> str:
    return f"{seen['peak_kb'] / 1024:.0f} MB"
