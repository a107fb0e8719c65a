"""Other ways to find breaths, to stand beside: NeuroKit2 itself, and our own few lines in the style of others.

All but `plain_rule` see the whole recording. "Style" means the published idea written anew, not the program.
"""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt, sosfiltfilt

Array = NDArray[np.float64]


def neurokit(x: Array, rate_hz: float, method: str) -> Array:
    """NeuroKit2's rsp_clean and rsp_peaks (Makowski et al. 2021)."""
    import neurokit2

    cleaned = neurokit2.rsp_clean(x, sampling_rate=rate_hz, method=method)
    _, info = neurokit2.rsp_peaks(cleaned, sampling_rate=rate_hz, method=method)
    return np.asarray(info["RSP_Peaks"], dtype=np.float64) / rate_hz


def biopeaks_style(x: Array, rate_hz: float) -> Array:
    """Zero crossings with an amplitude threshold (Khodadad et al. 2018), the idea behind biopeaks."""
    y = sosfiltfilt(butter(2, (0.1, 1.0), "bandpass", fs=rate_hz, output="sos"), x)
    edges = np.flatnonzero(np.diff(np.signbit(y))) + 1
    tops = [(a + int(np.argmax(np.abs(y[a:b])))) for a, b in itertools.pairwise(edges)]
    heights = np.array([abs(y[i] - y[j]) for i, j in itertools.pairwise(tops)])
    large = heights > 0.3 * heights.mean()
    return np.array([i for i, ok in zip(tops[1:], large, strict=True) if ok and y[i] > 0]) / rate_hz


def physiokit_style(x: Array, rate_hz: float) -> Array:
    """Two moving averages of the squared positive half, 0.5 s against 2 s, the idea behind physiokit."""
    y = sosfiltfilt(butter(3, (0.05, 3.0), "bandpass", fs=rate_hz, output="sos"), x)
    power = np.where(y > 0, y * y, 0.0)
    short = uniform_filter1d(power, round(0.5 * rate_hz))
    long = uniform_filter1d(power, round(2.0 * rate_hz))
    inside = np.concatenate([[0], (short > long + 0.05 * power.mean()).astype(np.int8), [0]])
    starts, ends = np.flatnonzero(np.diff(inside) > 0), np.flatnonzero(np.diff(inside) < 0)
    wide = [(a, b) for a, b in zip(starts, ends, strict=True) if b - a >= 0.5 * rate_hz]
    return np.array([a + int(np.argmax(y[a:b])) for a, b in wide]) / rate_hz


def plain_rule(x: Array, rate_hz: float) -> tuple[list[float], list[float]]:
    """Causal: a 1 Hz low-pass with hysteresis of 0.3 of the recent breath. Peaks, and when each was known."""
    keep = max(1, int(rate_hz / 25))
    low_pass = butter(2, 1.0, fs=rate_hz, output="sos")
    y = sosfilt(low_pass, x - x[0])[::keep]
    delay_s = 2**0.5 / (2 * np.pi)
    peaks: list[float] = []
    known: list[float] = []
    recent: list[float] = []
    rising, high, low, high_i = True, y[0], y[0], 0
    for i, value in enumerate(y.tolist()):
        step = 0.3 * (sorted(recent)[len(recent) // 2] if recent else high - low)
        if rising and value >= high:
            high, high_i = value, i
        elif rising and high - value > step:
            peaks.append(high_i * keep / rate_hz - delay_s)
            known.append(i * keep / rate_hz)
            recent = [*recent[-4:], high - low]
            rising, low = False, value
        elif not rising and value < low:
            low = value
        elif not rising and value - low > step:
            rising, high, high_i = True, value, i
    return peaks, known
