"""Whether there is a terminal to draw on. Asked before Textual is imported: without one it would draw all the same."""

import os
import sys

NO_TERMINAL = "There is no terminal to draw on."
NO_TERMINAL_ADVICE = "Use --plain for the same session as lines of text."


def has_terminal() -> bool:
    """Whether keys can be read and a picture drawn.

    On Linux and macOS Textual draws on stderr, so that stdout stays free for data; both must be terminals,
    or somebody has redirected the picture away.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream is not None and stream.isatty() for stream in streams):
        return False
    return os.environ.get("TERM", "") != "dumb"
