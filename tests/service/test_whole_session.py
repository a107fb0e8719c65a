"""Every message of a whole session follows the committed schema, whatever a client asked for."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("websockets", reason="the extra `service` is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

from websockets.asyncio.client import connect  # noqa: E402

from breathsync.compose import open_session  # noqa: E402
from breathsync.service import messages  # noqa: E402
from breathsync.service.messages import Names  # noqa: E402
from breathsync.service.server import HOST, Service  # noqa: E402

SCHEMA = json.loads(Path(messages.__file__).with_name("schema.json").read_text())
TOKEN = "a-token-of-the-test"
WITHIN_S = 120
EACH_KIND = 60
"""Messages of a kind that are looked at; a view takes a hundredth of a second."""


async def test_every_message_of_a_whole_session_follows_the_schema() -> None:
    valid = jsonschema.Draft202012Validator({**SCHEMA, "$ref": "#/$defs/from_service"})
    service = Service(
        token=TOKEN, open_session=open_session, names=lambda: Names(routines=["first-time"], sources=[])
    )
    url = f"ws://{HOST}:{await service.listen(port=0)}"
    heard: Counter[str] = Counter()
    texts: list[str | bytes] = []
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with asyncio.timeout(WITHIN_S), connect(url, additional_headers=headers, max_size=None) as client:
        for command in (
            {"type": "list"},
            {"type": "word", "word": "stop"},
            {"type": "subscribe", "live": True, "view": True, "samples_hz": 5},
            {"type": "start", "routine": "first-time", "source": "sim:steady@h10", "speed": 60, "seed": 3},
        ):
            await client.send(json.dumps(command))
        while '"type":"ended"' not in str((texts or [""])[-1]):
            texts.append(await client.recv())
    await service.close()
    for text in texts:
        message = json.loads(text)
        heard[message["type"]] += 1
        if heard[message["type"]] <= EACH_KIND:
            valid.validate(message)
    assert {"hello", "names", "refused", "started", "live", "view", "samples"} <= heard.keys()
    assert {
        "step",
        "cue",
        "question",
        "verdict",
        "point_passed",
        "calibrated",
        "breath_ended",
    } <= heard.keys()
    assert {"peak_seen", "inhale_began", "breath_returned", "sensor_change"} <= heard.keys()
