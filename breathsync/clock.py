"""The session's time axis: the host's monotonic clock from zero, or that many times faster."""

import asyncio
import time


class SessionClock:
    """A `Clock` that begins at zero when it is made and runs `speed` times as fast as the wall."""

    def __init__(self, *, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0; got {speed}")
        self._speed = speed
        self._zero_s = time.monotonic()

    @property
    def speed(self) -> float:
        """Seconds on this axis for each second of the wall."""
        return self._speed

    def now_s(self) -> float:
        """Seconds on the session's axis."""
        return (time.monotonic() - self._zero_s) * self._speed

    async def sleep_until(self, t_s: float) -> None:
        """Return when the axis has reached `t_s`; gives others a turn even when it already has."""
        await asyncio.sleep(max(0.0, (t_s - self.now_s()) / self._speed))
