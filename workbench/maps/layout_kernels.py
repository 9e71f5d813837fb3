"""Loops of `workbench.maps.layout`; `workbench.maps.compiled` loads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.maps.compiled import compiled

__all__ = ["epoch", "forces", "weigh_neighbours"]

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint64]

BISECTIONS = 64
CLOSE_ENOUGH = 1e-5
LEAST_BANDWIDTH = 1e-3
"""Share of a row's mean distance below which its bandwidth does not fall; as umap-learn has it."""

NEGATIVES = 5
"""Points that each attracted point is pushed from; as in umap-learn."""

STEEPEST = np.float32(4)
"""Largest step along an axis before the learning rate: as in umap-learn."""

NEAR = 1e-3
"""Keeps the push between two points that nearly meet finite (McInnes et al., 2018, section 3.2)."""

FIRST_OCTAVE, OCTAVES, FINENESS = -24, 40, 6
"""Squared distances that `forces` tabulates, 2**-24 to 2**16, in 2**6 steps an octave: exact to 1e-4."""
REST = 23 - FINENESS
"""Bits of a float32's 23 that say how far a number lies within a step."""
FIRST_STEP = (127 + FIRST_OCTAVE) << FINENESS
LAST_STEP = (OCTAVES << FINENESS) - 1
WITHIN = np.float32(1 / (1 << REST))

MULTIPLIER = np.uint64(2685821657736338717)


@compiled("void(f4[:,::1], f4[:,::1])")
def weigh_neighbours(distances: Floats, weights: Floats) -> None:
    """Membership of each row's neighbours: exp(-(d - rho) / sigma), 1 within rho, in `weights` (n, k).

    rho is the smallest distance above 0; sigma is bisected until a row's weights add up to the logarithm to base 2 of
    k + 1, the number of neighbours with the row itself (McInnes et al., 2018, algorithm 3).
    """
    n, k = distances.shape
    target = np.log2(k + 1.0)
    overall = distances.mean()
    for i in range(n):
        row = distances[i]
        rho = np.float32(0)
        for j in range(k):
            if row[j] > 0 and (rho == 0 or row[j] < rho):
                rho = row[j]
        low, high, sigma = 0.0, 0.0, 1.0
        for _ in range(BISECTIONS):
            total = 0.0
            for j in range(k):
                total += np.exp(-max(row[j] - rho, np.float32(0)) / sigma)
            if abs(total - target) < CLOSE_ENOUGH:
                break
            if total > target:
                high = sigma
                sigma = (low + high) / 2
            else:
                low = sigma
                sigma = (low + high) / 2 if high > 0 else 2 * sigma
        sigma = max(sigma, LEAST_BANDWIDTH * (row.mean() if rho > 0 else overall), 1e-12)
        for j in range(k):
            weights[i, j] = np.exp(-max(row[j] - rho, np.float32(0)) / sigma)


@compiled("f4[:,::1](f8, f8)")
def forces(a: float, b: float) -> Floats:
    """Pull and push at tabulated squared distances s, ndarray (steps, 2): what the way between two points is times.

    The pull is -2 a b s^(b - 1) / (1 + a s^b), the push 2 b / ((0.001 + s) (1 + a s^b)): the gradients of the cross
    entropy (McInnes et al., 2018, section 3.2). A power costs more than all else in a step, and is looked up instead.
    """
    steps = (OCTAVES << FINENESS) + 1
    table = np.empty((steps, 2), np.float32)
    for step in range(steps):
        octave, part = step >> FINENESS, step & ((1 << FINENESS) - 1)
        square = 2.0 ** (FIRST_OCTAVE + octave) * (1 + part / (1 << FINENESS))
        power = square**b
        table[step, 0] = -2 * a * b * power / (square * (1 + a * power))
        table[step, 1] = 2 * b / ((NEAR + square) * (1 + a * power))
    return table


@compiled("f4(f4[:,::1], i8, f4)")
def _force(table: Floats, kind: int, square: np.float32) -> Any:  # noqa: ANN401  a float32, to numba and not to mypy
    """A force at a squared distance, in a line between two steps of the table; a float32's bits say which."""
    bits = np.float32(square).view(np.int32)
    step = (bits >> REST) - FIRST_STEP
    if step < 0:
        return table[0, kind]
    if step >= LAST_STEP:
        return table[LAST_STEP, kind]
    part = np.float32(bits & ((1 << REST) - 1)) * WITHIN
    return table[step, kind] + part * (table[step + 1, kind] - table[step, kind])


@compiled("void(f4[:,::1], i4[::1], i4[::1], f4[::1], f4[::1], f4[:,::1], f8, u8[::1])")
def epoch(
    points: Floats,
    starts: Places,
    tails: Places,
    shares: Floats,
    credit: Floats,
    table: Floats,
    rate: float,
    state: Bits,
) -> None:
    """One pass of stochastic gradient descent over all edges, in place.

    Row i's edges are `tails[starts[i]:starts[i + 1]]`. An edge gains its share of credit in each epoch, and spends 1
    on a step: both ends move towards each other, and the row's point away from `NEGATIVES` others drawn at random
    (McInnes et al., 2018, algorithm 5). `table` is of `forces`. `state` holds one number that is not 0, of the
    generator xorshift64* (Vigna, 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled").
    """
    n = np.uint64(len(points))
    step, one = np.float32(rate), np.float32(1)
    bits = state[0]
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        for edge in range(starts[i], starts[i + 1]):
            credit[edge] += shares[edge]
            if credit[edge] < one:
                continue
            credit[edge] -= one
            j = tails[edge]
            dx, dy = x - points[j, 0], y - points[j, 1]
            force = _force(table, 0, dx * dx + dy * dy)
            dx = step * min(max(force * dx, -STEEPEST), STEEPEST)
            dy = step * min(max(force * dy, -STEEPEST), STEEPEST)
            x += dx
            y += dy
            points[j, 0] -= dx
            points[j, 1] -= dy
            for _ in range(NEGATIVES):
                bits ^= bits >> np.uint64(12)
                bits ^= bits << np.uint64(25)
                bits ^= bits >> np.uint64(27)
                other = np.int64((((bits * MULTIPLIER) >> np.uint64(32)) * n) >> np.uint64(32))
                if other == i:
                    continue
                dx, dy = x - points[other, 0], y - points[other, 1]
                force = _force(table, 1, dx * dx + dy * dy)
                x += step * min(max(force * dx, -STEEPEST), STEEPEST)
                y += step * min(max(force * dy, -STEEPEST), STEEPEST)
        points[i, 0], points[i, 1] = x, y
    state[0] = bits
