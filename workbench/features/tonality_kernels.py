"""Loops of `workbench.features.tonality`."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from workbench.features.compiled import compiled

__all__ = ["find_peaks", "fold", "place"]

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

TINY = 1e-9


@compiled
def find_peaks(
    spectra: Samples,
    low: int,
    high: int,
    around: int,
    least: tuple[float, float],
    bin_hz: float,
    cents: Samples,
    strengths: Samples,
    counts: Counts,
) -> None:
    """Local maxima of each frame between two bins: cents above A4, magnitudes, and how many there are.

    `spectra` (frames, 2 * bins) holds real and imaginary parts in turn. A peak is `least[0]` times the mean of the
    `around` bins about it, and `least[1]` times the largest bin of the frame. A parabola through the logarithms finds
    its top. Written to are `cents` and `strengths` (frames, most) and `counts` (frames,).
    """
    bins, size = spectra.shape[1] // 2, high - low
    magnitude, sums = np.empty(bins, np.float32), np.empty(size + around + 1, np.float64)
    for t in range(len(spectra)):
        largest = np.float32(0)
        for i in range(bins):
            magnitude[i] = np.sqrt(
                spectra[t, 2 * i] * spectra[t, 2 * i] + spectra[t, 2 * i + 1] * spectra[t, 2 * i + 1]
            )
            largest = max(largest, magnitude[i])
        sums[0] = 0.0
        for i in range(size + around):
            sums[i + 1] = sums[i] + magnitude[min(max(low + i - around // 2, low), high - 1)]
        found = 0
        for i in range(low + 1, high - 1):
            top = magnitude[i]
            if not (top > magnitude[i - 1] and top >= magnitude[i + 1] and top > least[1] * largest):
                continue
            mean = (sums[i - low + around] - sums[i - low]) / around
            if top > least[0] * mean and found < cents.shape[1]:
                left, middle, right = (
                    math.log(magnitude[i - 1] + TINY),
                    math.log(top + TINY),
                    math.log(magnitude[i + 1] + TINY),
                )
                offset = 0.5 * (left - right) / (left - 2 * middle + right - TINY)
                offset = min(max(offset, -0.5), 0.5)
                cents[t, found] = 1200 * math.log2((i + offset) * bin_hz / 440)
                strengths[t, found] = top
                found += 1
        counts[t] = found


@compiled
def place(peaks: tuple[Samples, Samples, Counts], histogram: Floats, circle: Floats) -> None:
    """Add where between two semitones the peaks of some frames lie, every frame counting the same.

    `histogram` (100,) takes them by cents, roots of their magnitudes; `circle` (3,) the sum of their directions by
    magnitude, real and imaginary, and the number of frames that have peaks.
    """
    cents, magnitudes, counts = peaks
    start = 0
    for t in range(len(counts)):
        places, sizes = cents[start : start + counts[t]], magnitudes[start : start + counts[t]]
        roots = total = 0.0
        for i in range(len(places)):
            roots += math.sqrt(sizes[i])
            total += sizes[i]
        for i in range(len(places)):
            histogram[math.floor(places[i]) % 100] += math.sqrt(sizes[i]) / roots
            angle = 2 * math.pi * places[i] / 100
            circle[0] += sizes[i] / total * math.cos(angle)
            circle[1] += sizes[i] / total * math.sin(angle)
        circle[2] += len(places) > 0
        start += counts[t]


@compiled
def fold(
    peaks: tuple[Samples, Samples, Counts],
    tuning: float,
    partials: tuple[int, float, float],
    exponent: float,
    out: Floats,
) -> None:
    """Strengths of each frame's peaks by pitch class, `out` (frames, 12).

    `peaks` are cents, magnitudes and counts of `workbench.features.tonality.Peaks`; `partials` the highest multiple
    of a stronger peak below that makes a peak a partial, how near it must be in cents, and what share it keeps. A peak
    between two semitones counts less (cosine squared).
    """
    cents, magnitudes, counts = peaks
    highest, near, share = partials
    multiples = np.array([1200 * math.log2(float(multiple)) for multiple in range(2, highest + 1)])
    lowest = np.zeros(len(multiples), np.int64)
    start = 0
    for t in range(len(counts)):
        places, sizes = cents[start : start + counts[t]], magnitudes[start : start + counts[t]]
        lowest[:] = 0
        for i in range(len(places)):
            size = float(sizes[i])
            for k in range(len(multiples)):
                below = places[i] - multiples[k]
                while places[lowest[k]] < below - near:  # peaks are sorted: each search goes on from the last
                    lowest[k] += 1
                j = lowest[k]
                while places[j] < below + near:
                    if sizes[j] > sizes[i]:
                        size = share * sizes[i]
                    j += 1
            semitones = (places[i] - tuning) / 100
            nearest = math.floor(semitones + 0.5)
            off = math.cos(math.pi * (semitones - nearest))
            out[t, (int(nearest) + 9) % 12] += size**exponent * off * off
        start += counts[t]
