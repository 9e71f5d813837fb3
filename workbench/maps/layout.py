"""How do points come to lie beside their neighbours?

Conventions
-----------
UMAP as its authors describe it: McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection for
Dimension Reduction", arXiv:1802.03426. Where the paper is silent (epochs, clipping, the width of the start) it goes
with umap-learn 0.5, the authors' implementation. All in one thread and seeded: the same rows and seed give the same
map, bit for bit, on one machine. Rows go through in the order of their track ids, so that their own order is nothing.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.errors import SpaceError
from workbench.maps.compiled import kernels
from workbench.neighbours import exact

if TYPE_CHECKING:
    from workbench.spaces import Space

__all__ = ["ENGINES", "RECIPE", "checked_seed", "curve", "embed", "principal_axes", "refine"]

Points = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

RECIPE: Final = "umap-2"
"""Raised whenever the same space would give another map."""

ENGINES: Final = ("workbench", "umap")
"""Who computes: the kernels here, or umap-learn, which is slower to start and kept as the reference."""

FEWEST: Final = 4
"""Tracks from which UMAP has something to say; fewer lie along their principal axes."""

WIDTH: Final = 10.0
"""Width of the start along each axis; as in umap-learn."""

JITTER: Final = 1e-4
"""Noise on the start, as a share of its width: equal tracks must not stay glued together."""

ROUNDING: Final = 1e-6
"""Differences of float32 rows of unit length that mean nothing."""

EPOCHS: Final = ((10_000, 500), (1 << 62, 200))
"""Epochs up to so many tracks; as in umap-learn."""

WARM_EPOCHS: Final = 30
WARM_RATE: Final = 0.1
"""Learning rate at which `refine` starts; a new map starts at 1."""


def embed(
    space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1, engine: str = "workbench"
) -> Points:
    """Points of a map, one for each row of a space; the order of the rows does not matter to the map.

    A new process needs 2.4 CPU s for 1,000 tracks, 6.3 s for 10,000 and 26 s for 50,000, imports included
    (``tests/bench_maps.py``). The first map on a machine compiles for 3 s more, which numba keeps (`compiled`).

    Parameters
    ----------
    space : Space
        Rows of unit length.
    seed : int
        0 to 2**32 - 1; another seed gives another map of the same neighbourhoods.
    n_neighbours : int
        How many neighbours, itself included, hold a track in place: few show small groups, many the whole. At most
        the number of tracks less one is used.
    min_dist : float
        How close two points may lie, 0 to 1.
    engine : str
        One of `ENGINES`.

    Returns
    -------
    ndarray (n, 2) float32
        Row for row. Below 4 tracks, or where all are equal, the principal axes as they are.

    Raises
    ------
    SpaceError
        The space is empty, or a parameter is out of its range.
    """
    _check(space, seed, n_neighbours, min_dist, engine)
    order = np.argsort(space.track_ids, kind="stable")
    matrix = space.matrix[order]
    axes = principal_axes(matrix)
    points = np.empty((len(space), 2), np.float32)
    if len(space) < FEWEST or not axes.any():
        points[order] = axes
    elif engine == "umap":
        from workbench.maps.reference import embedded

        points[order] = embedded(matrix, _start(axes, seed), seed, n_neighbours, min_dist)
    else:
        epochs = next(epochs for most, epochs in EPOCHS if len(space) <= most)
        start = _start(axes, seed)
        points[order] = _descended(_graph(matrix, n_neighbours), start, seed, min_dist, epochs, rate=1.0)
    return points


def refine(
    space: Space,
    points: Points,
    *,
    epochs: int = WARM_EPOCHS,
    seed: int = 0,
    n_neighbours: int = 15,
    min_dist: float = 0.1,
) -> tuple[Points, float]:
    """A map put right a little: a few epochs from where its points lie, at a low learning rate (0.1, falling to 0).

    Parameters
    ----------
    space : Space
        What was mapped.
    points : ndarray (n, 2)
        The map, row for row; it is not changed.
    epochs : int
        How many; 0 moves nothing.
    seed, n_neighbours, min_dist
        As `embed` takes them.

    Returns
    -------
    points : ndarray (n, 2) float32
        Row for row.
    drift : float
        Median distance that a point has moved, over the map's width before: the longer side of its bounding box. 0.01
        is a hundredth of the map.

    Raises
    ------
    SpaceError
        Other points than tracks, or a parameter is out of its range.
    """
    _check(space, seed, n_neighbours, min_dist, ENGINES[0])
    if len(points) != len(space) or epochs < 0:
        raise SpaceError(f"{len(points)} points for {len(space)} tracks, {epochs} epochs: give one point a track")
    before = np.array(points, np.float32)
    width = float(np.ptp(before, axis=0).max())
    if len(space) < FEWEST or not width:
        return before, 0.0
    order = np.argsort(space.track_ids, kind="stable")
    graph = _graph(space.matrix[order], n_neighbours)
    after = np.empty_like(before)
    after[order] = _descended(graph, before[order], seed, min_dist, epochs, rate=WARM_RATE)
    return after, float(np.median(np.linalg.norm(after - before, axis=1))) / width


def checked_seed(seed: int) -> int:
    """A seed as a plain int.

    Raises
    ------
    SpaceError
        It is no whole number from 0 to 2**32 - 1.
    """
    try:
        whole = int(operator.index(seed))
    except TypeError:
        whole = -1
    if not 0 <= whole < 2**32:
        raise SpaceError(f"seed {seed!r} is none: choose a whole number from 0 to {2**32 - 1}")
    return whole


def principal_axes(matrix: Points) -> Points:
    """Rows along the two directions in which they differ most, ndarray (n, 2) float32, centred.

    An axis points to where its largest loading is positive, so that the same rows never come out mirrored.
    """
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, :-3:-1]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    points = centred @ (axes * np.sign(largest))
    flat = np.zeros((len(matrix), 2), np.float32)  # a space of one column has one axis
    flat[:, : points.shape[1]] = np.where(np.abs(points) > ROUNDING, points, 0)
    return flat


def curve(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """The a and b of 1 / (1 + a d^2b), how near two points of a map count at distance d.

    Fitted by least squares to a curve that is 1 up to `min_dist` and falls by exp(-(d - min_dist) / spread) from there
    (McInnes et al., 2018, definition 11), at 300 distances from 0 to 3 `spread`; Levenberg-Marquardt over the
    logarithms of a and b.
    """
    d = np.linspace(0, 3 * spread, 300)[1:]  # at 0 every curve is 1
    wanted = np.exp(-np.maximum(d - min_dist, 0) / spread)
    logs, damping = np.zeros(2), 1e-3
    misfit, slopes = _misfit(logs, d, wanted)
    for _ in range(100):
        square = slopes.T @ slopes
        trial = logs - np.linalg.solve(square + damping * np.diag(np.diag(square)), slopes.T @ misfit)
        there, slopes_there = _misfit(trial, d, wanted)
        if there @ there < misfit @ misfit:
            logs, misfit, slopes, damping = trial, there, slopes_there, damping / 10
        else:
            damping *= 10
    a, b = np.exp(logs)
    return float(a), float(b)


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """Neighbourhoods as a fuzzy set of edges, both ways; those of row i are `starts[i]` to `starts[i + 1]`."""

    starts: npt.NDArray[np.int32]
    tails: npt.NDArray[np.int32]
    weights: Points


def _check(space: Space, seed: int, n_neighbours: int, min_dist: float, engine: str) -> None:
    if not len(space):
        raise SpaceError("a map of no tracks: run library.analyze(), or choose tracks that are analysed")
    checked_seed(seed)
    if n_neighbours < 2 or not 0 <= min_dist <= 1:  # noqa: PLR2004  a track and one other
        raise SpaceError(
            f"n_neighbours {n_neighbours} and min_dist {min_dist}: choose 2 or more and a number from 0 to 1"
        )
    if engine not in ENGINES:
        raise SpaceError(f"there is no engine {engine!r}: choose one of {', '.join(ENGINES)}")


def _graph(matrix: Points, n_neighbours: int) -> _Graph:
    """Each row's neighbours with their weights, united with those whose neighbour it is: v + w - v w."""
    n = len(matrix)
    indices, distances = exact(matrix, min(max(n_neighbours, 2), n - 1))
    near = np.where(distances[:, 1:] > ROUNDING, distances[:, 1:], 0).astype(np.float32)
    weights = np.empty_like(near)
    kernels().weigh_neighbours(near, weights)
    heads = np.repeat(np.arange(n, dtype=np.int64), near.shape[1])
    there = heads * n + indices[:, 1:].ravel()
    order = np.argsort(there)
    there, weight = there[order], weights.ravel()[order].astype(np.float64)
    back = there % n * n + there // n
    place = np.minimum(np.searchsorted(there, back), len(there) - 1)
    returned = there[place] == back
    other = np.where(returned, weight[place], 0)
    united = weight + other - weight * other
    edges = np.concatenate([there, back[~returned]])
    order = np.argsort(edges)
    edges, united = edges[order], np.concatenate([united, united[~returned]])[order]
    starts = np.searchsorted(edges, np.arange(n + 1, dtype=np.int64) * n)
    return _Graph(starts.astype(np.int32), (edges % n).astype(np.int32), united.astype(np.float32))


def _descended(graph: _Graph, start: Points, seed: int, min_dist: float, epochs: int, *, rate: float) -> Points:
    """Points after so many epochs, the learning rate falling in a line to 0.

    An edge of the largest weight is taken in every epoch, others in proportion; what they begin with is drawn, so that
    a weak edge has its chance in a few epochs too.
    """
    drawn = np.random.default_rng([seed, 1])
    state = drawn.integers(1, 1 << 63, 1, np.uint64)
    shares = graph.weights / graph.weights.max()
    credit = drawn.random(len(shares), np.float32)
    points = np.array(start, np.float32)
    table = kernels().forces(*curve(min_dist))
    for number in range(epochs):
        now = rate * (1 - number / epochs)
        kernels().epoch(points, graph.starts, graph.tails, shares, credit, table, now, state)
    return points


def _start(axes: Points, seed: int) -> Points:
    """The principal axes, each as wide as the other, with a trace of noise."""
    spans = np.ptp(axes, axis=0)
    wide = WIDTH * (axes - axes.min(axis=0)) / np.where(spans > 0, spans, 1)
    noise = np.random.default_rng(seed).normal(scale=WIDTH * JITTER, size=axes.shape)
    start: Points = (wide + noise).astype(np.float32)
    return start


def _misfit(logs: Floats, d: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """What a curve differs by, and by how much that changes with the logarithms of a and b."""
    a, b = np.exp(logs)
    power = a * d ** (2 * b)
    fall = -power / (1 + power) ** 2
    return 1 / (1 + power) - wanted, np.column_stack([fall, fall * 2 * b * np.log(d)])
