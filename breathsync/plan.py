"""What somebody asked for, before anything is opened."""

from dataclasses import dataclass

from breathsync.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody asked for. `speed` other than 1 is for recordings and simulated people only. `settings`:
    None for the person's own.

    `to`: who else hears the session, as one types it: `mqtt://HOST/TOPIC`, `osc://HOST:PORT`, `lsl:`.
    """

    routine: str
    source: str
    speed: float = 1.0
    seed: int | None = None
    language: str = "en"
    check_in: bool = True
    settings: Settings | None = None
    to: tuple[str, ...] = ()
