"""A service that listens, for the tests of the server."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from breathsync.errors import RoutineError
from breathsync.plan import Plan

if TYPE_CHECKING:
    from tests.service.serving import Running


@pytest.fixture
async def running() -> "AsyncIterator[Running]":
    pytest.importorskip("websockets", reason="the extra `service` is not installed")
    from breathsync.service.messages import Names
    from breathsync.service.server import HOST, Service
    from tests.service.serving import TOKEN, FakeSession, Running

    sessions: list[FakeSession] = []

    async def open_session(plan: Plan, **_: Any) -> FakeSession:
        if plan.routine == "unknown":
            raise RoutineError("There is no such routine.")
        sessions.append(FakeSession())
        return sessions[-1]

    service = Service(
        token=TOKEN,
        open_session=open_session,  # type: ignore[arg-type]
        names=lambda: Names(routines=["first-time"], sources=["sim:steady"]),
    )
    port = await service.listen(port=0)
    yield Running(service=service, sessions=sessions, url=f"ws://{HOST}:{port}")
    await service.close()
