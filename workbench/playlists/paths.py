"""Which way through many points is short?"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Order", "smooth_path"]

Order = npt.NDArray[np.intp]

PATIENCE: Final = 100_000_000
"""Distances that `smooth_path` may look at: all it can use for hundreds of tracks, one round for 10,000."""

LEAST_GAIN: Final = 1e-6
"""Shortening of a path that is more than float32's rounding."""


def smooth_path(matrix: npt.NDArray[np.float32]) -> Order:
    """An order of rows in which each is close to the one before: a short open path through all of them.

    From the row least like the first, always on to the nearest that is left; then pieces of the path are turned round
    as long as that shortens it (2-opt: Croes 1958, "A method for solving traveling-salesman problems"). No shortest
    path, but none that one turn would shorten, up to some 1,000 rows; beyond, the time is limited. Of the two
    directions the one is given that has the first row in its first half.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length; distance is 1 - cosine.

    Returns
    -------
    ndarray (n,) of int
        Row numbers.
    """
    if not len(matrix):
        return np.empty(0, np.intp)
    path = _untangled(matrix, _chain(matrix))
    late = 2 * np.flatnonzero(path == 0)[0] >= len(path)
    return path[::-1] if late else path


def _chain(matrix: npt.NDArray[np.float32]) -> Order:
    """From the row least like the first always to the nearest that is left."""
    path = np.empty(len(matrix), np.intp)
    left = np.ones(len(matrix), bool)
    here = int(np.argmin(matrix @ matrix[0]))
    for step in range(len(matrix)):
        path[step] = here
        left[here] = False
        here = int(np.argmax(np.where(left, matrix @ matrix[here], -np.inf)))
    return path


def _untangled(matrix: npt.NDArray[np.float32], path: Order) -> Order:
    """The path after all turns of a piece that shorten it, as far as the patience lasts."""
    path, points = path.copy(), matrix[path]
    steps = np.append(
        1 - np.sum(points[:-1] * points[1:], axis=1), 0
    )  # from each point to the next; none from the last
    for _ in range(max(1, PATIENCE // len(path) ** 2)):
        turned = [_turn(path, points, steps, start) for start in range(len(path) - 1)]
        if not any(turned):
            break
    return path


def _turn(path: Order, points: npt.NDArray[np.float32], steps: npt.NDArray[np.float32], start: int) -> bool:
    """Turn round, in place, the piece from `start` whose turning shortens the path most; False where none does."""
    before = start - 1
    onward = np.append(1 - points[start + 1 :] @ points[start], 0)  # from the piece's start to what follows its end
    joining = 1 - points[start:] @ points[before] if start else np.zeros_like(onward)  # from before it to its end
    gains = joining[0] + steps[start:] - joining - onward
    size = int(np.argmax(gains))
    if gains[size] <= LEAST_GAIN:
        return False
    end = start + size
    for values in (path, points):
        values[start : end + 1] = values[start : end + 1][::-1].copy()
    steps[start:end] = steps[start:end][::-1].copy()
    steps[end] = onward[size]
    if start:
        steps[before] = joining[size]
    return True
