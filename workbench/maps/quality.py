"""How far can a map be trusted, as a whole and point by point?

Conventions
-----------
Trustworthiness (Venna and Kaski, 2001, "Neighborhood preservation in nonlinear projection methods: an experimental
study") falls when tracks that sound different lie side by side. Of track i with the k nearest points on the map:
1 - 2 / (k (2n - 3k - 1)) * sum of max(0, r - k), where r is each one's rank among all tracks by cosine distance to i. 1
where all of them are among the k that sound most alike, 0 where they are the k that sound least so. A rank counts the
tracks that are nearer by more than rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from workbench.maps.layout import Points
    from workbench.spaces import Space

__all__ = ["EXACT", "trust", "trustworthiness"]

EXACT: Final = 5_000
"""Tracks up to which every rank is counted."""

SAMPLE: Final = 2_000
"""Tracks by which ranks are estimated beyond that."""

SEED: Final = 0
BLOCK_VALUES: Final = 2_000_000
ROUNDING: Final = 1e-6
NEVER: Final = -9.0
"""Below every cosine."""


def trust(space: Space, points: Points, n_neighbours: int = 15) -> Points:
    """Trustworthiness of each point, 0 to 1; its mean is that of the map.

    Neighbours on the map are exact. Up to 5,000 tracks the ranks are exact too. Beyond that they are estimated from how
    many of 2,000 tracks, drawn once for all, are nearer: of 10,000 made tracks the mean was off by 0.0002, a point in
    twenty by more than 0.003, the worst by 0.01. 50,000 tracks take some 3 CPU s.

    Parameters
    ----------
    space : Space
        What was mapped.
    points : ndarray (n, 2)
        The map, row for row.
    n_neighbours : int
        How many are looked at; must be under half the number of tracks.

    Returns
    -------
    ndarray (n,) float32
        Row for row.

    Raises
    ------
    SpaceError
        Too few tracks for so many neighbours, or other points than tracks.
    """
    n, k = len(space), n_neighbours
    if len(points) != n or k < 1 or 2 * k >= n:
        raise SpaceError(
            f"{len(points)} points for {n} tracks and {k} neighbours: "
            "give one point a track and ask for less than half as many neighbours"
        )
    order = np.argsort(space.track_ids, kind="stable")  # what is drawn goes by track
    matrix = space.matrix[order]
    beside = _beside(points[order], k)
    crowd = np.arange(n) if n <= EXACT else np.sort(np.random.default_rng(SEED).choice(n, SAMPLE, replace=False))
    found = np.empty(n, np.float32)
    for rows in np.array_split(np.arange(n), -(-n * len(crowd) // BLOCK_VALUES)):
        misplaced = np.maximum(_ranks(matrix, rows, beside[rows], crowd) - k, 0).sum(axis=1)
        found[order[rows]] = 1 - 2 / (k * (2 * n - 3 * k - 1)) * misplaced
    return found.clip(0, 1)  # an estimated rank may be too high


def trustworthiness(space: Space, points: Points, *, n_neighbours: int = 15) -> float:
    """How far neighbours on the map are neighbours in sound, 0 to 1; 0.9 and more is a map to trust.

    The mean of `trust`, and estimated where that is.

    Parameters
    ----------
    space : Space
        What was mapped.
    points : ndarray (n, 2)
        The map, row for row.
    n_neighbours : int
        How many are looked at; must be under half the number of tracks.

    Raises
    ------
    SpaceError
        Too few tracks for so many neighbours, or other points than tracks.
    """
    return float(trust(space, points, n_neighbours).mean(dtype=np.float64))


def _beside(points: Points, k: int) -> npt.NDArray[np.intp]:
    """The k nearest points of each, itself left out, ndarray (n, k)."""
    from scipy.spatial import cKDTree

    _, found = cKDTree(points).query(points, k + 1)
    is_itself = found == np.arange(len(points))[:, None]
    is_itself[~is_itself.any(axis=1), k] = True  # among so many in one place that it was not named
    others: npt.NDArray[np.intp] = found[~is_itself].reshape(len(points), k)
    return others


def _ranks(
    matrix: Points, rows: npt.NDArray[np.intp], beside: npt.NDArray[np.intp], crowd: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Rank of each neighbour on the map among all tracks by distance to its row, 1 the nearest, ndarray (rows, k)."""
    similarities = matrix[rows] @ matrix[crowd].T
    similarities[rows[:, None] == crowd] = NEVER
    own = np.einsum("id,ijd->ij", matrix[rows], matrix[beside])
    nearer = [np.count_nonzero(similarities > each[:, None], axis=1) for each in (own + ROUNDING).T.astype(np.float32)]
    others = len(crowd) - np.isin(rows, crowd)
    ranks: npt.NDArray[np.float64] = 1 + np.column_stack(nearer) * ((len(matrix) - 1) / others)[:, None]
    return ranks
