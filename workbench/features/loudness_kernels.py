"""Loops of `workbench.features.loudness`.

They work on `planar` blocks: one row a channel, which begins with the last `BEFORE` samples of the block before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.features.compiled import compiled

__all__ = ["BEFORE", "measure_steps", "mixed", "planar", "sounding", "true_peak", "weigh_steps"]

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

TAPS = 12
"""Of BS.1770-4's interpolation."""
BEFORE = TAPS - 1
SLICE = 64
"""Samples oversampled at a time: a few vector registers of each phase."""
FADED = 1e-30
"""A filter's memory under this is none; numbers near the smallest there are slow a processor down a hundredfold."""
SIZE_BITS = np.int32(0x7FFFFFFF)
"""Without its sign bit a float32 is ordered as the integer of its bits, of which the largest is found in vectors."""


@compiled
def planar(y: Samples, tail: Samples, rows: Samples) -> None:
    """The channels of (n, channels) into `rows`, behind the `tail` (channels, `BEFORE`) of the block before."""
    n, channels = y.shape
    for channel in range(channels):
        rows[channel, :BEFORE] = tail[channel]
        row = rows[channel, BEFORE:]
        for i in range(n):
            row[i] = y[i, channel]


@compiled
def mixed(rows: Samples) -> tuple[Samples, float]:
    """Mean of the channels, ndarray (n,), and the sum of its squares."""
    channels, size = rows.shape
    mono = np.zeros(size - BEFORE, np.float32)
    for channel in range(channels):
        row = rows[channel, BEFORE:]
        for i in range(len(row)):
            mono[i] += row[i]
    mono /= np.float32(channels)
    squares = 0.0
    for i in range(len(mono)):
        squares += np.float64(mono[i]) * np.float64(mono[i])
    return mono, squares


@compiled
def measure_steps(rows: Samples, filled: int, step: int, full_scale: float, table: Floats) -> int:
    """Squares and peak of each step of `step` samples; gives the number of samples at full scale.

    `table` (steps, channels, 3) takes them in its last two places, its first row going on from `filled` samples.
    """
    channels, size = rows.shape
    clipped = 0
    limit = np.float32(full_scale)
    for channel in range(channels):
        row = rows[channel]
        bits = row.view(np.int32)
        first, place = BEFORE, 0
        while first < size:
            last = min(size, first + step - (filled if place == 0 else 0))
            part, sizes = row[first:last], bits[first:last]
            square = 0.0
            peak = np.int32(0)
            for i in range(len(part)):
                square += np.float64(part[i]) * np.float64(part[i])
            for i in range(len(sizes)):
                peak = max(peak, sizes[i] & SIZE_BITS)
            highest = np.array([peak], np.int32).view(np.float32)[0]
            if highest >= limit:
                clipped += _count(part, limit)
            table[place, channel, 1] += square
            table[place, channel, 2] = max(table[place, channel, 2], highest)
            first, place = last, place + 1
    return clipped


@compiled
def _count(y: Samples, limit: np.float32) -> int:
    found = 0
    for i in range(len(y)):
        found += abs(y[i]) >= limit
    return found


@compiled
def weigh_steps(rows: Samples, filters: Floats, state: Floats, filled: int, step: int, table: Floats) -> None:
    """K-weighted squares of each step, into the first place of `table` (steps, channels, 3).

    Two channels go side by side, for each sample waits for the one before. `filters` (2, 5) hold b0, b1 - a1 b0,
    b2 - a2 b0, a1 and a2 of each section; `state` (channels, 4) goes on from block to block.
    """
    channels, size = rows.shape
    b0, f1, f2, a1, a2 = filters[0]
    c0, g1, g2, c1, c2 = filters[1]
    for left in range(0, channels, 2):
        right = min(left + 1, channels - 1)
        x, y = rows[left], rows[right]
        p, q, r, s = state[left]
        t, u, v, w = state[right]
        first, place = BEFORE, 0
        while first < size:
            last = min(size, first + step - (filled if place == 0 else 0))
            one = two = 0.0
            one_part, two_part = x[first:last], y[first:last]
            for i in range(len(one_part)):
                m, n = np.float64(one_part[i]), np.float64(two_part[i])
                k, j = b0 * m + p, b0 * n + t
                p, q, t, u = f1 * m + q - a1 * p, f2 * m - a2 * p, f1 * n + u - a1 * t, f2 * n - a2 * t
                m, n = c0 * k + r, c0 * j + v
                r, s, v, w = g1 * k + s - c1 * r, g2 * k - c2 * r, g1 * j + w - c1 * v, g2 * j - c2 * v
                one += m * m
                two += n * n
            table[place, left, 0] += one
            if right != left:
                table[place, right, 0] += two
            if abs(p) + abs(q) + abs(r) + abs(s) + abs(t) + abs(u) + abs(v) + abs(w) < FADED:
                p = q = r = s = t = u = v = w = 0.0
            first, place = last, place + 1
        state[left] = p, q, r, s
        state[right] = t, u, v, w


@compiled
def true_peak(rows: Samples, taps: Samples, gain: float, peak: float) -> float:
    """Largest size between the samples, at least `peak`; a slice that cannot pass the peak so far is left out.

    `taps` (4, `TAPS` / 2) are the even and the odd half of two phases; the other two phases mirror them. `gain` is the
    most that a phase can amplify.
    """
    channels, size = rows.shape
    between = np.zeros(SLICE, np.float32)
    over = between.view(np.int32)
    rest = np.zeros(SLICE + BEFORE, np.float32)
    for channel in range(channels):
        row = rows[channel]
        bits = row.view(np.int32)
        for first in range(0, size - BEFORE, SLICE):
            last = min(size, first + SLICE + BEFORE)
            loudest = np.int32(0)
            sizes = bits[first:last]
            for i in range(len(sizes)):
                loudest = max(loudest, sizes[i] & SIZE_BITS)
            if np.array([loudest], np.int32).view(np.float32)[0] * gain <= peak:
                continue
            part = row[first:last]
            if last - first < SLICE + BEFORE:
                rest[:] = 0
                rest[: last - first] = part
                part = rest
            _oversample(part, taps, between)
            whole = over[: last - first - BEFORE]  # what lies beyond needs samples of the next block
            for i in range(len(whole)):
                loudest = max(loudest, whole[i])
            peak = max(peak, np.array([loudest], np.int32).view(np.float32)[0])
    return peak


@compiled
def _oversample(row: Samples, taps: Samples, out: Samples) -> None:
    """Largest of the four phases at each sample.

    A phase and its mirror are the sum and the difference of an even and an odd half, and the larger of the two is the
    sum of the halves' sizes.
    """
    for i in range(SLICE):
        even = odd = other_even = other_odd = np.float32(0)
        for tap in range(TAPS // 2):
            left, right = row[i + tap], row[i + (BEFORE - tap)]
            both, apart = left + right, left - right
            even += taps[0, tap] * both
            odd += taps[1, tap] * apart
            other_even += taps[2, tap] * both
            other_odd += taps[3, tap] * apart
        out[i] = max(abs(even) + abs(odd), abs(other_even) + abs(other_odd))


@compiled
def sounding(rows: Samples, threshold: float) -> tuple[int, int]:
    """Places of the first and the last sample of a block over a threshold in any channel; -1, -1 for none."""
    channels, size = rows.shape
    start, end = size, -1
    for channel in range(channels):
        row = rows[channel]
        for i in range(BEFORE, start):
            if abs(row[i]) > threshold:
                start = i
                break
        for i in range(size - 1, max(end, start - 1), -1):
            if abs(row[i]) > threshold:
                end = i
                break
    return (start - BEFORE, end - BEFORE) if end >= 0 else (-1, -1)
