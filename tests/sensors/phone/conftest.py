"""What the tests of phones share."""

import asyncio
from collections.abc import AsyncIterator

import pytest


@pytest.fixture(autouse=True)
async def _last_turns() -> AsyncIterator[None]:
    """aiohttp's connections are closed some turns of the loop after it says so (with TLS: a good-bye later); a loop
    that ends before leaves sockets whose warning would then fail another test."""
    yield
    await asyncio.sleep(0.1)
