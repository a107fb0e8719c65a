"""Samples for a client that wants fewer of them: low-passed, then every n-th, so that nothing folds down."""

from breathsync.breath.filters import EvenLowPass
from breathsync.samples import Samples, Stream

CORNER = 0.4
"""Of the rate that is kept; Bessel of order 4 leaves little above half of it."""


class Thinned:
    """One client's wish. Streams without a nominal rate (RR) and slow ones pass as they are.

    Thinned samples are dated as the sample they were kept with; the filter's delay (about 0.3 / `at_most_hz` s) is
    taken off.
    """

    def __init__(self, *, at_most_hz: float, rates_hz: dict[Stream, float]) -> None:
        self._filters: dict[Stream, EvenLowPass] = {}
        for stream, rate_hz in rates_hz.items():
            keep = int(rate_hz / at_most_hz) if at_most_hz > 0 else 1
            if keep > 1:
                columns = 3 if stream in (Stream.ACCELERATION, Stream.GYROSCOPE) else 1
                self._filters[stream] = EvenLowPass(
                    rate_hz=rate_hz, corner_hz=CORNER * rate_hz / keep, order=4, keep=keep, columns=columns
                )

    def take(self, block: Samples) -> Samples:
        """What is left of a block; may be empty."""
        low_pass = self._filters.get(block.stream)
        if low_pass is None:
            return block
        values, kept = low_pass.push(block.values)
        return Samples(stream=block.stream, t_s=block.t_s[kept] - low_pass.delay_s, values=values)
