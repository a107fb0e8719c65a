"""Polar's delta compression: a reference sample, then blocks of small differences.

    reference   channels × ceil(bits / 8) bytes, signed, little endian
    then blocks width (1 byte) count (1 byte) count × channels differences of `width` bits each

Differences are packed least significant bit first, channel by channel, two's complement, each added to the
sample before; every block is padded to a whole byte. Source: Polar's PMD specification and the unit tests of
polar-ble-sdk 8.0.0 (facts; no code).
"""

from collections.abc import Sequence

from breathsync.errors import DecodeError
from breathsync.sensors.ble.profiles._bytes import fail

Sample = tuple[int, ...]

WIDEST_DELTA = 32
MOST_PER_BLOCK = 255


def decompress(data: bytes, *, channels: int, bits: int) -> tuple[Sample, ...]:
    """All samples in `data`, the reference first.

    Raises DecodeError when a block is cut, its width is not 1..32, or a sum leaves the range of `bits`.
    """
    what = "compressed Polar frame"
    size = (bits + 7) // 8
    at = channels * size
    if len(data) < at:
        raise fail(what, f"the reference sample needs {at} bytes", data)
    last = [int.from_bytes(data[c * size : (c + 1) * size], "little", signed=True) for c in range(channels)]
    samples = [tuple(last)]
    limit = 1 << (8 * size - 1)
    while at < len(data):
        if at + 2 > len(data):
            raise fail(what, "a block's head is cut", data)
        width, count = data[at], data[at + 1]
        at += 2
        if not 1 <= width <= WIDEST_DELTA:
            raise fail(what, f"a width of {width} bits where 1..{WIDEST_DELTA} are allowed", data)
        length = (width * count * channels + 7) // 8
        if at + length > len(data):
            raise fail(what, f"a block of {count} samples of {width} bits is cut", data)
        packed = int.from_bytes(data[at : at + length], "little")
        at += length
        mask, sign = (1 << width) - 1, 1 << (width - 1)
        for _ in range(count):
            for channel in range(channels):
                delta = packed & mask
                packed >>= width
                last[channel] += delta - (1 << width) if delta & sign else delta
            if not all(-limit <= value < limit for value in last):
                raise DecodeError(f"{what}: a sample of {last} leaves the range of {8 * size} bits.")
            samples.append(tuple(last))
    return tuple(samples)


def compress(
    samples: Sequence[Sample], *, channels: int, bits: int, per_block: int = MOST_PER_BLOCK
) -> bytes:
    """Encode as a device would: blocks of at most `per_block` differences, each as narrow as it can be.

    Raises ValueError for no samples, a wrong number of channels, or a value outside `bits`.
    """
    size = (bits + 7) // 8
    limit = 1 << (8 * size - 1)
    if not samples or any(len(sample) != channels for sample in samples):
        raise ValueError(f"one sample or more of {channels} channels expected, got {list(samples)[:3]}")
    if any(not -limit <= value < limit for sample in samples for value in sample):
        raise ValueError(f"a value is outside {-limit}..{limit - 1}")
    if not 1 <= per_block <= MOST_PER_BLOCK:
        raise ValueError(f"per_block = {per_block} is outside 1..{MOST_PER_BLOCK}")
    out = b"".join(value.to_bytes(size, "little", signed=True) for value in samples[0])
    for start in range(1, len(samples), per_block):
        stop = min(start + per_block, len(samples))
        deltas = [
            new - old for i in range(start, stop) for new, old in zip(samples[i], samples[i - 1], strict=True)
        ]
        width = max(2, *((d if d >= 0 else ~d).bit_length() + 1 for d in deltas))
        packed = sum((d & ((1 << width) - 1)) << (i * width) for i, d in enumerate(deltas))
        out += bytes((width, stop - start)) + packed.to_bytes((width * len(deltas) + 7) // 8, "little")
    return out
