"""Loops of `workbench.features.spectrum`.

`LANES` frames are described side by side, the frame on the last axis: what runs over a frame's bins then runs in the
processor's vectors, one frame a lane, sums and sorted lists included.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from workbench.features.compiled import compiled

__all__ = ["describe", "hop_levels"]

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

LANES = 64
LEAST_POWER = np.float32(1e-10)
CROSSING = np.float32(-1e-10)
"""Samples above this count as positive: librosa's rule for crossings."""
EXPONENT, MANTISSA, ONE = 23, 0x7FFFFF, 0x3F800000
"""A float32's bits: where the exponent of 2 begins, the mask of the mantissa, and the number 1."""
BIAS = 127
STRETCH = 41
"""Bins summed before they join the whole sum, which keeps its digits."""
SMALLEST = np.float32(1e-30)
FACTORS = 64
"""Mantissas under 2 multiplied before a logarithm is taken; up to 127 stay a number of single precision."""


@compiled
def describe(
    spectra: Floats,
    frequencies: Samples,
    rolloff: float,
    mel: tuple[Places, Samples],
    bands: Places,
    shapes: Samples,
    levels: Samples,
    extremes: Samples,
) -> None:
    """Centroid, bandwidth, roll-off and flatness, mel levels, and the extremes of the contrast's bands, a frame.

    `spectra` (frames, 2 * bins) holds real and imaginary parts in turn; `mel` the number of corners at or under each
    bin and the weights (bins, 2) of the filters that fall and rise there; `bands` (7, 3) first bin, end and number of
    extreme bins. Written to are `shapes` (frames, 4), `levels` (frames, filters) and `extremes` (frames, 7, 2).
    """
    bins = len(frequencies)
    power, magnitude = np.zeros((bins, LANES), np.float32), np.zeros((bins, LANES), np.float32)
    shape = np.zeros((4, LANES), np.float32)
    filters = np.zeros((levels.shape[1] + 2, LANES), np.float32)
    kept = np.zeros((2, 64, LANES), np.float32)
    for first in range(0, len(spectra), LANES):
        frames = spectra[first : first + LANES]
        count = len(frames)
        for lane in range(count):
            for i in range(bins):
                real, imaginary = frames[lane, 2 * i], frames[lane, 2 * i + 1]
                power[i, lane] = real * real + imaginary * imaginary
        for i in range(bins):
            for lane in range(LANES):
                magnitude[i, lane] = np.sqrt(power[i, lane])
        total = _moments(magnitude, frequencies, shape)
        _rolloff(magnitude, frequencies, total * np.float32(rolloff), shape[2])
        _flatness(power, shape[3])
        _mel(power, mel[0], mel[1], filters)
        for lane in range(count):
            for i in range(4):
                shapes[first + lane, i] = shape[i, lane]
            for i in range(levels.shape[1]):
                levels[first + lane, i] = filters[i + 1, lane]
        for band in range(len(bands)):
            _extremes(magnitude, bands[band], kept)
            for lane in range(count):
                for side in range(2):
                    extremes[first + lane, band, side] = kept[side, -1, lane]


@compiled
def _moments(magnitude: Samples, frequencies: Samples, out: Samples) -> Samples:
    """Centroid and bandwidth into the first two rows, 0 where there is nothing; and the sum of each lane."""
    total, weighted, spread = np.zeros((3, LANES), np.float32)
    part, weighted_part = np.zeros((2, LANES), np.float32)
    for first in range(0, len(frequencies), STRETCH):
        part[:], weighted_part[:] = 0, 0
        rows, hz = magnitude[first : first + STRETCH], frequencies[first : first + STRETCH]
        for i in range(len(rows)):
            for lane in range(LANES):
                part[lane] += rows[i, lane]
                weighted_part[lane] += rows[i, lane] * hz[i]
        for lane in range(LANES):
            total[lane] += part[lane]
            weighted[lane] += weighted_part[lane]
    for lane in range(LANES):
        out[0, lane] = weighted[lane] / max(total[lane], SMALLEST)
    for first in range(0, len(frequencies), STRETCH):
        part[:] = 0
        rows, hz = magnitude[first : first + STRETCH], frequencies[first : first + STRETCH]
        for i in range(len(rows)):
            for lane in range(LANES):
                distance = hz[i] - out[0, lane]
                part[lane] += rows[i, lane] * distance * distance
        for lane in range(LANES):
            spread[lane] += part[lane]
    for lane in range(LANES):
        out[1, lane] = np.sqrt(spread[lane] / max(total[lane], SMALLEST))
    return total


@compiled
def _rolloff(magnitude: Samples, frequencies: Samples, wanted: Samples, out: Samples) -> None:
    """Frequency of the first bin up to which the magnitudes reach a sum."""
    passed, places = np.zeros(LANES, np.float32), np.zeros(LANES, np.int32)
    for i in range(len(frequencies)):
        for lane in range(LANES):
            passed[lane] += magnitude[i, lane]
            places[lane] += np.int32(passed[lane] < wanted[lane])
    for lane in range(LANES):
        out[lane] = frequencies[min(places[lane], len(frequencies) - 1)]


@compiled
def _flatness(power: Samples, out: Samples) -> None:
    """Geometric over arithmetic mean; the geometric one by a sum of exponents and a product of mantissas."""
    bins = len(power)
    total, part, exponents = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32), np.zeros(LANES, np.int32)
    logarithms = np.zeros(LANES)
    value = np.zeros(LANES, np.float32)
    bits = value.view(np.int32)
    for first in range(0, bins, FACTORS):
        part[:] = 1
        rows = power[first : first + FACTORS]
        for i in range(len(rows)):
            for lane in range(LANES):
                value[lane] = max(rows[i, lane], LEAST_POWER)
                total[lane] += value[lane]
            for lane in range(LANES):
                exponents[lane] += (bits[lane] >> np.int32(EXPONENT)) - np.int32(BIAS)
                bits[lane] = (bits[lane] & np.int32(MANTISSA)) | np.int32(ONE)
            for lane in range(LANES):
                part[lane] *= value[lane]
        for lane in range(LANES):
            logarithms[lane] += math.log(part[lane])
    for lane in range(LANES):
        geometric = math.exp((logarithms[lane] + exponents[lane] * math.log(2.0)) / bins)
        out[lane] = geometric / (total[lane] / bins)


@compiled
def _mel(power: Samples, corners: Places, weights: Samples, out: Samples) -> None:
    """Level of each filter; `out` has a row more at both ends, for what lies outside of all filters."""
    out[:] = 0
    for i in range(len(power)):
        band = corners[i]
        for lane in range(LANES):
            out[band - 1, lane] += power[i, lane] * weights[i, 0]
            out[band, lane] += power[i, lane] * weights[i, 1]


@compiled
def _extremes(magnitude: Samples, band: Places, kept: Samples) -> None:
    """Means of the smallest and of the largest of a band's bins, into the last row of `kept`."""
    first, end, count = band
    low, high = kept[0], kept[1]
    low[:count], high[:count] = np.float32(3e38), np.float32(-1)
    sinking, rising = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32)
    rows = magnitude[first:end]
    for i in range(len(rows)):
        for lane in range(LANES):
            sinking[lane] = rising[lane] = rows[i, lane]
        for place in range(count):
            for lane in range(LANES):
                here, there = low[place, lane], high[place, lane]
                low[place, lane] = min(here, sinking[lane])
                sinking[lane] = max(here, sinking[lane])
                high[place, lane] = max(there, rising[lane])
                rising[lane] = min(there, rising[lane])
    for side in range(2):
        total = kept[side, -1]
        total[:] = 0
        for place in range(count):
            for lane in range(LANES):
                total[lane] += kept[side, place, lane]
        for lane in range(LANES):
            total[lane] /= count


@compiled
def hop_levels(y: Samples, count: int, size: int, hop: int) -> tuple[Samples, Samples]:
    """Root mean square and share of sign changes of each of `count` frames, from sums over their hops.

    `y` (n,) are the samples that the frames overlap on; a frame is whole hops.
    """
    rms, crossings = np.empty(count, np.float32), np.empty(count, np.float32)
    hops = size // hop
    energy, changes = np.zeros(count + hops), np.zeros(count + hops, np.int64)
    for k in range(count + hops - 1):
        part, following = y[k * hop : (k + 1) * hop], y[k * hop + 1 : (k + 1) * hop + 1]
        total, crossed = np.float32(0), 0
        for i in range(len(part)):
            total += part[i] * part[i]
        for i in range(len(following)):
            crossed += (part[i] < CROSSING) != (following[i] < CROSSING)
        energy[k], changes[k] = total, crossed
    for t in range(count):
        last = (t + hops) * hop
        within = changes[t : t + hops].sum()
        if last < len(y):  # the pair that leads out of the frame
            within -= int((y[last - 1] < CROSSING) != (y[last] < CROSSING))
        rms[t] = math.sqrt(energy[t : t + hops].sum() / size)
        crossings[t] = within / size
    return rms, crossings
