"""Which way leads from one track to another?

Conventions
-----------
Matrices have rows of unit length; distance is 1 - cosine. Rows in, rows out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.neighbours import exact
from workbench.playlists.paths import short_path

if TYPE_CHECKING:
    from workbench.playlists.paths import Order, Points

__all__ = ["drifting_path", "neighbour_path", "spread"]

BACKWARDS: Final = 10.0
"""What going back all the way costs, in distances: to go back by a tenth of the tracks costs as much as a step between
tracks that have nothing in common."""

NEIGHBOURS: Final = 10
"""Neighbours of a track that it may be left to, where it is among theirs."""

LEAST_DISTANCE: Final = 1e-6
"""Of equal tracks: a graph takes a distance of 0 for none."""

FAR: Final = -9.0
"""Below every cosine."""


def drifting_path(matrix: Points, start: int, end: int) -> Order:
    """A short path through all rows that moves from the start to the end.

    Rows are ranked by how much nearer they are to the end than to the start. A step costs its distance, and what
    it moves along these ranks (`BACKWARDS` for all of them): moving forwards adds up to the same for every path, going
    back is paid twice.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        All tracks.
    start, end : int
        Two different rows.
    """
    nearer = matrix @ (matrix[end] - matrix[start])
    ranks = np.searchsorted(np.sort(nearer), nearer) / max(1, len(matrix) - 1)  # equal ones alike
    points = np.column_stack([matrix, BACKWARDS * ranks]).astype(np.float64)
    return short_path(points, _drift, start=start, end=end)


def neighbour_path(matrix: Points, start: int, end: int) -> Order:
    """The rows on the shortest way from the start to the end in which each is a neighbour of the one before.

    Rows are joined where each is among the ten nearest of the other; what that leaves apart is joined by the shortest
    spanning tree of all nearest ones, and groups that have no neighbours in common by their nearest rows. The shortest
    way is that whose distances add up to least (Dijkstra 1959, "A note on two problems in connexion with graphs"). Some
    2 s for 20,000 rows.
    """
    from scipy.sparse.csgraph import dijkstra

    if start == end:
        return np.array([start], np.intp)
    _, before = dijkstra(_graph(matrix), directed=False, indices=start, return_predecessors=True)
    way = [end]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return np.array(way[::-1], np.intp)


def spread(matrix: Points, way: Order, count: int) -> Order:
    """A way with about so many rows: thinned evenly, or stretched where its steps are longest.

    Into the longest step the row is put that is nearest to both its ends, as long as there is one.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        All rows, those of the way among them.
    way : ndarray (m,) of int
        Start and end stay.
    count : int
        2 or more.
    """
    if len(way) >= count:
        return way[np.round(np.linspace(0, len(way) - 1, count)).astype(np.intp)]
    rows = way.tolist()
    steps = [float(1 - matrix[one] @ matrix[other]) for one, other in pairwise(rows)]
    taken = np.zeros(len(matrix))
    taken[rows] = np.inf
    while len(rows) < min(count, len(matrix)):
        place = int(np.argmax(steps))
        ends = matrix[rows[place : place + 2]]
        new = int(np.argmin(taken - matrix @ ends.sum(axis=0)))
        taken[new] = np.inf
        rows.insert(place + 1, new)
        steps[place : place + 1] = (1 - ends @ matrix[new]).tolist()
    return np.array(rows, np.intp)


def _drift(points: Points, point: Points) -> Points:
    costs: Points = 1 - points[:, :-1] @ point[:-1] + np.abs(points[:, -1] - point[-1])
    return costs


def _graph(matrix: Points) -> Any:  # noqa: ANN401  a sparse matrix of scipy
    """Distances of rows that are joined; all hang together."""
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    near = _nearest(matrix)
    either = near.maximum(near.T)
    while (found := connected_components(either, directed=False))[0] > 1:
        bridges = _bridges(matrix, found[1])
        either = either.maximum(bridges).maximum(bridges.T)
    return near.minimum(near.T).maximum(minimum_spanning_tree(either))


def _nearest(matrix: Points) -> Any:  # noqa: ANN401  the same
    """Distance of each row to each of its nearest."""
    found, distances = exact(matrix, min(NEIGHBOURS + 1, len(matrix)))
    rows = np.repeat(np.arange(len(matrix)), found.shape[1] - 1)
    return _sparse(distances[:, 1:].ravel(), rows, found[:, 1:].ravel(), len(matrix))


def _bridges(matrix: Points, labels: Points) -> Any:  # noqa: ANN401  the same
    """From each group but the largest the shortest way to a row of another."""
    from workbench.neighbours.search import similarities

    best: dict[int, tuple[float, int, int]] = {}
    for row, found in similarities(matrix, np.flatnonzero(labels != np.bincount(labels).argmax())):
        others = np.where(labels == labels[row], FAR, found)
        nearest = int(np.argmax(others))
        label = int(labels[row])
        best[label] = max(best.get(label, (FAR, 0, 0)), (float(others[nearest]), row, nearest))
    likeness, rows, ends = zip(*best.values(), strict=True)
    return _sparse(1 - np.array(likeness), rows, ends, len(matrix))


def _sparse(distances: Points, rows: Any, columns: Any, count: int) -> Any:  # noqa: ANN401  the same
    from scipy.sparse import csr_matrix

    return csr_matrix((np.maximum(distances, LEAST_DISTANCE).astype(np.float64), (rows, columns)), (count, count))
