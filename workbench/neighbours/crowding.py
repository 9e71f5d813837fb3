"""How crowded is it round each track?

Conventions
-----------
The crowd round a row is told by its nearest rows: the mean and the standard deviation of its similarity to them. It is
measured once for a space and kept with it. Up to some ten thousands of rows the nearest are found exactly; beyond that
among the rows of the nearest cells, which misses few of them and costs a tenth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.neighbours.search import exact

if TYPE_CHECKING:
    from workbench.neighbours.search import Matrix, Rows
    from workbench.spaces import Space

__all__ = ["crowding"]

NEAREST: Final = 50
"""Rows that tell how crowded it is, at most half of all. In made spaces of 3,000 to 5,000 rows, some in groups, some
with heavy tails, some like real music, 50 took the skew of the neighbour lists from between 1.4 and 4.1 to between 0.07
and 0.50; the mean and deviation of all similarities left it at up to 1.7."""

LARGE: Final = 20_000
"""Rows from which the nearest are looked for in cells."""

PROBED: Final = 8
"""Cells that are looked into."""

MOST: Final = 8_192
"""Rows that are compared at a time, and with as many."""


def crowding(space: Space) -> Matrix:
    """Mean and standard deviation of each row's similarity to its nearest rows, ndarray (n, 2) float32.

    Of a cut space it is that of the whole: cutting moves nothing.
    """
    crowd = space.crowd
    if crowd.views is None:
        crowd.views = measured(crowd.matrix)
    views: Matrix = crowd.views[space.members]
    return views


def measured(matrix: Matrix) -> Matrix:
    """What `crowding` gives, for every row of a matrix."""
    count = min(NEAREST, len(matrix) // 2)
    if count < 1:
        return np.zeros((len(matrix), 2), np.float32)
    if len(matrix) > LARGE:
        return by_cells(matrix, count)
    _, distances = exact(matrix, count + 1)
    near = 1 - distances[:, 1:]
    return np.column_stack([near.mean(axis=1), near.std(axis=1)]).astype(np.float32)


def by_cells(matrix: Matrix, count: int) -> Matrix:
    """The same, where the nearest are looked for in the cells that lie nearest.

    As many rows as the square root of their number, drawn at random, are the centres of cells; each row lives in the
    cell of the nearest centre.
    """
    cells = int(np.sqrt(len(matrix)))
    centres = matrix[np.random.default_rng(0).choice(len(matrix), cells, replace=False)]
    runs = range(0, len(matrix), MOST)
    home = np.concatenate([(matrix[start : start + MOST] @ centres.T).argmax(axis=1) for start in runs])
    order = np.argsort(home, kind="stable")
    inhabitants = np.split(order, np.searchsorted(home[order], np.arange(1, cells)))
    nearest_cells = np.argsort(-(centres @ centres.T), axis=1)[:, :PROBED]
    views = np.zeros((len(matrix), 2), np.float32)
    for rows, near in zip(inhabitants, nearest_cells, strict=True):
        others = np.concatenate([inhabitants[cell] for cell in near])
        others = others[:: -(-len(others) // MOST)]  # a cell of equal tracks may hold half of all
        for start in range(0, len(rows), MOST):
            part = rows[start : start + MOST]
            views[part] = _among(matrix, part, others, count)
    return views


def _among(matrix: Matrix, rows: Rows, others: Rows, count: int) -> Matrix:
    """Mean and deviation of the similarity of some rows to the most similar ones among others; themselves left out."""
    found = matrix[rows] @ matrix[others].T
    found[rows[:, None] == others] = np.nan
    kept = min(count, max(len(others) - 1, 1))
    best = -np.partition(-found, kept - 1, axis=1)[:, :kept]  # NaN sorts last
    return np.column_stack([np.nanmean(best, axis=1), np.nanstd(best, axis=1)])
