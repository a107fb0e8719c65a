"""What phone apps say, in the units of this program."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breathsync.samples import FloatArray, Stream

MG_PER_M_S2 = 1000.0 / 9.80665
DEG_PER_RAD = 180.0 / np.pi
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhoneBlock:
    """Samples of one stream: `device_time_ns` (n,) on the phone's own clock, `values` (n, 3) in our units."""

    stream: Stream
    device_time_ns: NDArray[np.int64]
    values: FloatArray


def acceleration(time_ns: list[int], m_s2: list[list[float]]) -> PhoneBlock:
    """Acceleration with gravity, m/s² → mg."""
    return _block(Stream.ACCELERATION, time_ns, np.asarray(m_s2, dtype=np.float64) * MG_PER_M_S2)


def gyroscope(time_ns: list[int], rad_s: list[list[float]]) -> PhoneBlock:
    """Turning rate, rad/s → degrees/s."""
    return _block(Stream.GYROSCOPE, time_ns, np.asarray(rad_s, dtype=np.float64) * DEG_PER_RAD)


def _block(stream: Stream, time_ns: list[int], values: FloatArray) -> PhoneBlock:
    return PhoneBlock(
        stream=stream,
        device_time_ns=np.asarray(time_ns, dtype=np.int64),
        values=values.reshape(len(time_ns), 3),
    )
