"""What real straps do on bad days, to be switched on one by one: `breathsync simulate strap ... --quirk NAME`."""

from dataclasses import dataclass, fields
from typing import Any

from breathsync.errors import UnknownNameError, UsageError

CLOCK_2019_NS = 599_616_000_000_000_000
"""2019-01-01 in ns since 2000-01-01: where the clock of an H10 starts when nobody has set it."""
CLOCK_SET_NS = 848_707_200_000_000_000
"""Some day in 2026, in ns since 2000-01-01: a clock that has been set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """One field a quirk; the defaults are a strap on a good day. Seconds are the body's."""

    seed: int = 0
    """For the quirks that are drawn by lot."""
    drop_frames: float = 0.0
    """Share of data frames that never arrive, 0..1."""
    garbage: float = 0.0
    """Share of data frames of which a byte or the length is wrong, 0..1."""
    burst_s: float = 0.0
    """Frames are held back for so long and then come all at once."""
    clock_start_ns: int = CLOCK_SET_NS
    drift_ppm: float = 0.0
    hang_up_on_request: int = 0
    """The how-manieth write since the strap was made is answered by dropping the link; 0 = none."""
    hang_up_after_s: float = 0.0
    """Each link is dropped so long after it was made; 0 = never."""
    drop_every_s: tuple[float, float] = (0.0, 0.0)
    """The link is dropped after a time drawn between these; 0 = never."""
    away_s: float = 0.0
    """After a drop it is out of reach for so long."""
    refuse_settings: bool = False
    """Every start is refused for its sample rate."""
    already_streaming: bool = False
    """The first start after a connection is answered by "already in state"."""
    pairing: bool = False
    """The characteristics for samples want a paired link."""
    refuse_pairing: bool = False
    mtu: int = 0
    """The largest MTU the strap agrees to; 0 = the carrier's."""
    held: bool = False
    """Another phone or program holds it: it does not advertise and takes no connection."""
    stuck_axis: int = -1
    """This axis repeats one value for ever; -1 = none."""
    off_after_s: float = 0.0
    """The strap has left the body: it switches itself off at this second; 0 = never."""
    doubled: bool = False
    """Each frame comes twice."""
    battery: float = 90.0
    """Per cent at the start."""
    battery_falls: float = 0.0
    """Per cent a minute."""
    firmware: str = ""
    """Say this firmware instead of the usual one."""


NAMED: dict[str, dict[str, Any]] = {
    "lossy": {"drop_frames": 0.05},
    "garbage": {"garbage": 0.05},
    "bursts": {"burst_s": 0.5},
    "clock-2019": {"clock_start_ns": CLOCK_2019_NS},
    "drift": {"drift_ppm": 100.0},
    "hang-up-mid-request": {"hang_up_on_request": 1},
    "refuse-settings": {"refuse_settings": True},
    "already-streaming": {"already_streaming": True},
    "pairing": {"pairing": True},
    "refuse-pairing": {"pairing": True, "refuse_pairing": True},
    "mtu-23": {"mtu": 23},
    "held": {"held": True},
    "stuck-axis": {"stuck_axis": 2},
    "off-after-45s": {"off_after_s": 45.0},
    "doubled": {"doubled": True},
    "battery-falling": {"battery": 25.0, "battery_falls": 5.0},
    "firmware-4.0.4": {"firmware": "4.0.4", "hang_up_after_s": 3.0},
    "drops": {"drop_every_s": (20.0, 40.0)},
}
"""Quirks by the name they have on the command line."""


def parse_quirks(words: list[str], *, seed: int = 0) -> Quirks:
    """Quirks from words such as `doubled` or `drift_ppm=50`.

    Raises UnknownNameError for a name that is neither, UsageError for a value that is not a number.
    """
    chosen: dict[str, Any] = {"seed": seed}
    numbers = {f.name: f.type for f in fields(Quirks) if f.type in (int, float)}
    for word in words:
        name, given, text = word.partition("=")
        if not given and name in NAMED:
            chosen |= NAMED[name]
        elif given and name in numbers:
            try:
                chosen[name] = int(text) if numbers[name] is int else float(text)
            except ValueError:
                raise UsageError(f"The quirk {name} wants a number, not {text!r}.") from None
        else:
            raise UnknownNameError("quirk", name, [*NAMED, *(f"{number}=..." for number in numbers)])
    return Quirks(**chosen)
