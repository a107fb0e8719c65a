"""What the strap commands print: lines for a person, redrawn where the terminal can, or JSON Lines."""

import json
import sys
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout.")]
Plain = Annotated[bool, typer.Option("--plain", help="A line a time, never redrawn.")]


class Out:
    """Lines for a person on stderr and stdout, or JSON Lines on stdout."""

    def __init__(self, *, plain: bool, as_json: bool) -> None:
        self.as_json = as_json
        self._redraws = not plain and not as_json and sys.stdout.isatty()
        self._drawn = False

    def say(self, line: str, **fields: Any) -> None:
        """One line of text, or one object of `fields`."""
        self._end_drawing()
        if self.as_json:
            if fields:
                print(json.dumps(fields), flush=True)
        else:
            print(line, flush=True)

    def draw(self, line: str, **fields: Any) -> None:
        """A line that the next one replaces, where the terminal can."""
        if self._redraws:
            print(f"\r{line}\x1b[K", end="", flush=True)
            self._drawn = True
        else:
            self.say(line, **fields)

    def _end_drawing(self) -> None:
        if self._drawn:
            print(flush=True)
            self._drawn = False
