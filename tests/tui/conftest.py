"""Each test begins in English."""

from collections.abc import Iterator

import pytest

from breathsync.tui.tongue import speak


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    speak("en")
    yield
    speak("en")
