"""Print every breath and every gate of the session that `breathsync serve` runs.

    python examples/breaths.py TOKEN-FILE [PORT]

`breathsync serve` says where its token file lies. Needs: pip install websockets
"""

import asyncio
import json
import sys
from pathlib import Path

from websockets.asyncio.client import connect


async def main(token: str, port: str = "8787") -> None:
    """Listen until the session has ended."""
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(f"ws://127.0.0.1:{port}", additional_headers=headers) as service:
        async for text in service:
            message = json.loads(text)
            match message["type"]:
                case "hello":
                    print(
                        f"breathsync {message['breathsync']}, a session runs: {message['running']}",
                        flush=True,
                    )
                case "breath_ended":
                    breath = message["breath"]
                    print(
                        f"{breath['inhale_peak_s']:7.1f} s  {breath['amplitude']:.2f} {breath['unit']}",
                        flush=True,
                    )
                case "verdict":
                    print(
                        "gate opened" if message["opened"] else f"not yet: {message['sentence']}", flush=True
                    )
                case "ended":
                    print(f"session {message['how']}", flush=True)
                    return


token_file, *port = sys.argv[1:]
asyncio.run(main(Path(token_file).read_text(), *port))
