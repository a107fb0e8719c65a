"""`breathsync web`: the screen in a browser on this machine."""

from typing import Annotated

import typer

from breathsync.errors import UsageError


def web(
    port: Annotated[int, typer.Option(min=1024, max=65535, help="The port on 127.0.0.1.")] = 8642,
) -> None:
    """The same screen in a browser, for one visitor on this machine."""
    try:
        from breathsync.tui.web import GuardedServer
    except ImportError as error:
        raise UsageError(
            "The screen in a browser needs the extra `web`.", advice="pip install 'breathsync[web]'"
        ) from error
    GuardedServer(port=port).serve()
