"""Numbers as one types them: what no command can mean is refused at the door (`nan` is above and below nothing)."""

import typer

LONGEST_S = 7 * 86400.0
FASTEST = 1000.0


def a_time(seconds: float) -> float:
    """A time in seconds, 0 or more. Raises BadParameter."""
    if not 0 <= seconds <= LONGEST_S:
        raise typer.BadParameter(f"{seconds:g} is not in the range 0 to {LONGEST_S:g} s.")
    return seconds


def a_speed(speed: float) -> float:
    """Times the speed of life, above 0. Raises BadParameter."""
    if not 0 < speed <= FASTEST:
        raise typer.BadParameter(f"{speed:g} is not above 0 and up to {FASTEST:g}.")
    return speed
