"""Loops of `workbench.features.rhythm`."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from workbench.features.compiled import compiled

__all__ = ["best_path", "magnitudes"]

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@compiled
def magnitudes(spectra: Samples) -> Samples:
    """Sizes of complex numbers, of which `spectra` (frames, 2 * bins) holds real and imaginary parts in turn."""
    frames, bins = len(spectra), spectra.shape[1] // 2
    sizes = np.empty((frames, bins), np.float32)
    for t in range(frames):
        for i in range(bins):
            real, imaginary = spectra[t, 2 * i], spectra[t, 2 * i + 1]
            sizes[t, i] = math.sqrt(real * real + imaginary * imaginary)
    return sizes


@compiled
def best_path(strength: Samples, period: float, tightness: float) -> Places:
    """The frames with the best sum of strength less tightness * log(interval / period)^2, after Ellis 2007."""
    shortest, longest = round(period / 2), round(2 * period)
    count = longest - shortest + 1
    penalty = np.empty(count)
    for i in range(count):
        penalty[i] = tightness * math.log((longest - i) / period) ** 2
    size = len(strength) + longest
    score, origin = np.zeros(size), np.zeros(size, np.int32)
    candidates = np.empty(count)
    for frame in range(longest, size):
        first = frame - longest
        for i in range(count):
            candidates[i] = score[first + i] - penalty[i]
        best = 0
        for i in range(1, count):
            if candidates[i] > candidates[best]:
                best = i
        origin[frame] = first + best
        score[frame] = strength[first] + candidates[best]
    frame = size - int(period)
    for i in range(frame, size):
        if score[i] > score[frame]:
            frame = i
    path = np.empty(size // max(1, shortest) + 2, np.int64)
    found = 0
    while frame >= longest:
        path[found] = frame - longest
        found += 1
        frame = origin[frame]
    return path[:found][::-1].copy()
