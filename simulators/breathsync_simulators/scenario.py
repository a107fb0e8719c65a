"""A person as a file: `scenarios/NAME.toml`, read with its types and bounds. A new person needs no code.

Every number may be given as one value or as `[low, high]`: each session draws its own from that span, so one
file is a whole population. `like = "steady"` takes over whatever a file leaves out; `steady.toml` holds every
field, with its meaning and where its number comes from.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from breathsync.errors import BreathsyncError, UnknownNameError

AtGate = Literal[
    "breathe", "half", "fast", "gasp", "hold", "lean", "lean_hold", "slump", "move_strap", "quiet", "nothing"
]
"""What a person may do when the gate is armed."""

OnOffer = Literal["again", "smaller_bar", "by_hand", "back_off", "stop", "silent"]
"""What a person may answer to the offer after refusals."""

Share = Annotated[float, Meta(ge=0, le=1)]
PerHour = Annotated[float, Meta(ge=0, le=600)]
PerMinute = Annotated[float, Meta(ge=0, le=20)]
Degrees = Annotated[float, Meta(ge=0, le=180)]
Seconds = Annotated[float, Meta(ge=0, le=600)]
Weight = Annotated[float, Meta(ge=0)]


class ScenarioError(BreathsyncError):
    """A scenario file that cannot be used: file, path of the field, what is allowed."""

    exit_code = 2


class Breathing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quiet breathing."""

    rate_per_min: Annotated[float, Meta(ge=1.5, le=40)]
    rate_spread: Annotated[float, Meta(ge=0, le=0.6)]
    rate_memory: Annotated[float, Meta(ge=0, le=0.95)]
    depth_spread: Annotated[float, Meta(ge=0, le=0.8)]
    depth_memory: Annotated[float, Meta(ge=0, le=0.95)]
    inhale_share: Annotated[float, Meta(ge=0.2, le=0.6)]
    pause_share: Annotated[float, Meta(ge=0, le=0.5)]
    chest_share: Annotated[float, Meta(ge=0.05, le=0.95)]
    belly_lead_s: Annotated[float, Meta(ge=0, le=0.5)]
    sighs_per_hour: PerHour
    gasps_per_hour: PerHour
    holds_per_hour: PerHour


class Full(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A full breath on purpose; `size` in quiet breaths."""

    size: Annotated[float, Meta(ge=1, le=9)]
    spread: Annotated[float, Meta(ge=0, le=0.6)]
    inhale_s: Annotated[float, Meta(ge=0.3, le=20)]
    exhale_s: Annotated[float, Meta(ge=0.3, le=30)]
    top_s: Annotated[float, Meta(ge=0, le=6)]
    pace_spread: Annotated[float, Meta(ge=0, le=0.5)]
    stumble: Share


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the wall moves a sensor, and how the body holds itself."""

    tilt_deg: Annotated[float, Meta(ge=0.01, le=3)]
    side_tilt: Share
    deep_loss: Annotated[float, Meta(ge=0, le=0.5)]
    force_n: Annotated[float, Meta(ge=0.02, le=5)]
    belt_n: Annotated[float, Meta(ge=0, le=40)]
    slump_deg: Degrees
    slump_back_s: Annotated[float, Meta(ge=5, le=3600)]
    twist_deg: Degrees
    ease_deg: Degrees
    twist_loss: Annotated[float, Meta(ge=0, le=0.8)]
    twist_lean_deg: Degrees
    sway_deg: Degrees
    wander_deg: Degrees


class Heart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The heart, its ripple on the chest, and how the breath moves it."""

    rate_bpm: Annotated[float, Meta(ge=35, le=160)]
    sinus_ms: Annotated[float, Meta(ge=0, le=200)]
    wander_ms: Annotated[float, Meta(ge=0, le=100)]
    ripple_mg: Annotated[float, Meta(ge=0, le=60)]
    r_wave_uv: Annotated[float, Meta(ge=100, le=3000)]
    extra_per_hour: PerHour


class Habits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens by itself, times a minute."""

    fidget: PerMinute
    reach: PerMinute
    cough: PerMinute
    talk: PerMinute
    laugh: PerMinute
    yawn: PerMinute
    lean: PerMinute
    talk_s: Annotated[float, Meta(ge=0.5, le=60)]


class Mind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the person listens, and what they do at the gate."""

    reaction_s: Annotated[float, Meta(ge=0.1, le=20)]
    obeys: Share
    at_gate: dict[AtGate, Weight]
    half_size: Annotated[float, Meta(ge=0.1, le=1)]
    keeps_still: Share
    again_after_s: Seconds
    on_offer: dict[OnOffer, Weight]
    presses_key: Share
    pauses_per_hour: PerHour
    stops_per_hour: PerHour
    by_tap: Share
    nothing_holds_after: Annotated[float, Meta(ge=1, le=1000)]
    ache: Annotated[float, Meta(ge=0, le=10)]
    answers: dict[str, bool | int]


class Wear(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sensor on the body, and what goes wrong with it."""

    upside_down: bool
    on_belly: bool
    crooked_deg: Degrees
    noise: Annotated[float, Meta(ge=0, le=20)]
    clip_n: Annotated[float, Meta(ge=1, le=60)]
    clip_mg: Annotated[float, Meta(ge=500, le=16000)]
    slips_per_hour: PerHour
    slip_deg: Degrees
    off_per_hour: PerHour
    off_s: Seconds
    drops_per_hour: PerHour
    drop_s: Seconds
    gaps_per_hour: PerHour
    gap_s: Annotated[float, Meta(ge=0.02, le=5)]
    stuck_per_hour: PerHour
    stuck_s: Seconds


class Traits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One drawn person: every number is fixed."""

    about: str
    breathes_fully: bool
    breathing: Breathing
    full: Full
    body: Body
    heart: Heart
    habits: Habits
    mind: Mind
    wear: Wear


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A kind of person: the file's table, with spans where a number differs from one session to the next."""

    name: str
    table: dict[str, Any]

    @property
    def about(self) -> str:
        """One sentence for a list."""
        return str(self.table["about"])

    @property
    def breathes_fully(self) -> bool:
        """Whether this person takes full breaths when asked; the overall miss rate counts these."""
        return bool(self.table["breathes_fully"])

    def drawn(self, rng: np.random.Generator) -> Traits:
        """One person of this kind."""
        table = copy.deepcopy(self.table)
        for group, key, (low, high) in _spans(table):
            group[key] = float(rng.uniform(low, high))
        return msgspec.convert(table, Traits)


def folder() -> Traversable:
    """Where the scenarios lie."""
    return resources.files("breathsync_simulators") / "scenarios"


def people() -> list[str]:
    """The names of all people, in order."""
    return sorted(f.name.removesuffix(".toml") for f in folder().iterdir() if f.name.endswith(".toml"))


@cache
def load(name_or_path: str) -> Scenario:
    """A person by name, or from a file of one's own (`path/to/me.toml`).

    Raises UnknownNameError with the nearest names, ScenarioError with file, field and what is allowed.
    """
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        if not path.is_file():
            raise ScenarioError(f"There is no file {path}.", advice="Name a scenario file that exists.")
        return decode(path.read_bytes(), source=str(path))
    if name_or_path not in people():
        raise UnknownNameError("person", name_or_path, people())
    return decode((folder() / f"{name_or_path}.toml").read_bytes(), source=f"{name_or_path}.toml")


def decode(data: bytes, *, source: str) -> Scenario:
    """A scenario from the bytes of its file; `source` names the file in errors. Raises ScenarioError."""
    try:
        own = msgspec.toml.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{source} is not TOML: {error}.") from None
    like = own.pop("like", None)
    table = _merged(load(str(like)).table, own) if like is not None else own
    for group, key, (low, high) in _spans(table):
        if not low <= high:
            raise ScenarioError(f"{source}: {key} = {group[key]} runs backwards.", advice="Give [low, high].")
    for end in (0, 1):
        fixed = copy.deepcopy(table)
        for group, key, span in _spans(fixed):
            group[key] = float(span[end])
        try:
            msgspec.convert(fixed, Traits)
        except msgspec.ValidationError as error:
            raise ScenarioError(
                f"{source}: {str(error).replace(' - at', ', at')}.",
                advice='simulators/README.md lists the fields; `like = "steady"` fills in what is left out.',
            ) from None
    for name in ("at_gate", "on_offer"):
        if sum(table["mind"][name].values()) <= 0:
            raise ScenarioError(f"{source}: mind.{name} needs at least one weight above 0.")
    return Scenario(name=Path(source).stem, table=table)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`own` laid over `base`, group by group; the weights of a choice replace each other as a whole."""
    table = copy.deepcopy(base)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            table[key] = {**table[key], **value}
        else:
            table[key] = value
    return table


def _spans(table: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, tuple[float, float]]]:
    """Every `[low, high]` of the groups, in a fixed order, with the group and the key that hold it."""
    for name in Traits.__struct_fields__:
        group = table.get(name)
        if not isinstance(group, dict):
            continue
        for key in sorted(group):
            value = group[key]
            if isinstance(value, list) and len(value) == 2 and all(isinstance(x, int | float) for x in value):
                yield group, key, (value[0], value[1])
