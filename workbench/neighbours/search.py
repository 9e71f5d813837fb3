"""Which rows of a matrix are most alike?

Conventions
-----------
The search is exact: every row is compared with every other, in float32, block by block. An index would pay for its
building only beyond a million rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Matrix", "Rows", "exact", "largest", "similarities"]

Matrix: TypeAlias = npt.NDArray[np.float32]
Rows: TypeAlias = npt.NDArray[np.intp]

BLOCK_VALUES: Final = 4_000_000
"""Similarities held at a time: 16 MB."""

GROUP: Final = 64
"""Rows under one maximum in `exact`."""

NEVER: Final = -9.0
"""Below every cosine."""

THREAD_VALUES: Final = 1 << 18
"""Values of a matrix that OpenBLAS multiplies by a vector in one thread: it takes more from 460,800 on, which wait for
memory and for each other. https://github.com/OpenMathLib/OpenBLAS/issues/2846"""


def exact(matrix: Matrix, k: int) -> tuple[npt.NDArray[np.int32], Matrix]:
    """The k nearest rows of every row, the row itself first.

    Maxima over groups of 64 rows are searched before the rows: the k best rows lie in the k groups with the highest
    maxima. Some five times faster than a partition of whole rows: about 0.4 s for 10,000 rows of 64 numbers.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length.
    k : int
        1 to n.

    Returns
    -------
    indices : ndarray (n, k) int32
        Row numbers, nearest first; column 0 is the row itself.
    distances : ndarray (n, k) float32
        0 to 2.

    Raises
    ------
    SpaceError
        k is not in 1..n.
    """
    if not 1 <= k <= len(matrix):
        raise SpaceError(f"{k} neighbours of {len(matrix)} rows: ask for 1 to {len(matrix)}")
    groups = -(-len(matrix) // GROUP)
    padded = np.zeros((matrix.shape[1], groups * GROUP), np.float32)
    padded[:, : len(matrix)] = matrix.T
    found = [_best(matrix, padded, rows, k) for rows in _blocks(np.arange(len(matrix)), len(matrix))]
    similarities = np.vstack([similarity for _, similarity in found])
    distances = np.clip(1 - similarities, 0, 2)
    distances[:, 0] = 0
    return np.vstack([indices for indices, _ in found]).astype(np.int32), distances


def similarities(matrix: Matrix, seeds: Rows) -> Iterator[tuple[int, Matrix]]:
    """Each seed with its similarity to every row, `NEVER` to itself."""
    for block in _blocks(seeds, len(matrix)):
        found = _products(matrix, block[0])[None] if len(block) == 1 else matrix[block] @ matrix.T
        found[np.arange(len(block)), block] = NEVER
        yield from zip(block.tolist(), found, strict=True)


def largest(values: Matrix, count: int) -> Rows:
    """Positions of the largest values, largest first, equal ones in their order.

    As in `exact`, maxima over groups are searched first: so many groups hold a value as large as the smallest of the
    highest maxima that no smaller value is among the largest.
    """
    if not count:
        return np.empty(0, np.intp)
    groups = len(values) // GROUP
    heads = values[: groups * GROUP].reshape(GROUP, groups).max(axis=0) if groups > count else values
    least = np.partition(heads, len(heads) - count)[len(heads) - count]
    chosen = np.flatnonzero(values >= least)
    return chosen[np.argsort(-values[chosen], kind="stable")[:count]]


def _blocks(rows: Rows, width: int) -> list[Rows]:
    """Rows in runs whose similarities to `width` rows fit into a block."""
    run = max(16, BLOCK_VALUES // max(width, 1))
    return [rows[start : start + run] for start in range(0, len(rows), run)]


def _products(matrix: Matrix, seed: int) -> Matrix:
    """Similarity of every row to one, in runs that stay in one thread; a multiple of 64 rows changes no bit of it."""
    products = np.empty(len(matrix), np.float32)
    run = max(1, THREAD_VALUES // matrix.shape[1] // GROUP) * GROUP
    for start in range(0, len(matrix), run):
        np.dot(matrix[start : start + run], matrix[seed], out=products[start : start + run])
    return products


def _best(matrix: Matrix, padded: Matrix, rows: Rows, k: int) -> tuple[Rows, Matrix]:
    """Nearest rows of some rows, found among the groups with the highest maxima; group g holds g, g + groups, ..."""
    groups = padded.shape[1] // GROUP
    similarities = matrix[rows] @ padded
    similarities[:, len(matrix) :] = NEVER
    similarities[np.arange(len(rows)), rows] = -NEVER  # first even among equals
    maxima = similarities.reshape(len(rows), GROUP, groups).max(axis=1)
    chosen = np.argpartition(-maxima, min(k, groups) - 1, axis=1)[:, :k]
    candidates = (chosen[:, :, None] + np.arange(0, GROUP * groups, groups)).reshape(len(rows), -1)
    values = np.take_along_axis(similarities, candidates, axis=1)
    top = np.argpartition(-values, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(values, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    indices = np.take_along_axis(np.take_along_axis(candidates, top, axis=1), order, axis=1)
    return indices, np.take_along_axis(values, order, axis=1)
