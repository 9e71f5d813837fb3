"""Where does each track lie on a flat map, so that tracks that sound alike lie together?

Conventions
-----------
A map is UMAP (McInnes, Healy and Melville, arXiv:1802.03426) over exact cosine neighbours, started from the two
principal axes: the same rows and the same seed give the same map, bit for bit, on one machine. Axes mean nothing;
only who lies beside whom does. x and y are float32 in `embed` and Float64 columns in `project`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.errors import SpaceError
from workbench.neighbours import exact

if TYPE_CHECKING:
    from workbench.spaces import Ids, Space

__all__ = ["embed", "layout_key", "place", "project", "trustworthiness"]

log = logging.getLogger(__name__)

Points = npt.NDArray[np.float32]

RECIPE: Final = "umap-1"
"""Raised whenever the same space would give another map."""

FEWEST: Final = 4
"""Tracks from which UMAP has something to say; fewer lie along their principal axes."""

JITTER: Final = 1e-4
"""Noise on the start, as a share of its width: equal tracks must not stay glued together."""

ROUNDING: Final = 1e-6
"""Differences of float32 rows of unit length that mean nothing."""

KERNELS: Final = (
    ("umap_", "smooth_knn_dist"),
    ("umap_", "compute_membership_strengths"),
    ("layouts", "_nb_optimize_layout_euclidean_single_epoch"),
    ("layouts", "clip"),
    ("utils", "tau_rand_int"),
)
"""Functions that umap-learn 0.5 compiles anew in every process unless numba is asked to keep them."""


def embed(space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1) -> Points:
    """Points of a map, one for each row of a space; the order of the rows does not matter to the map.

    The first map on a machine compiles for some 40 CPU seconds, 25 of them in the neighbour search that umap-learn
    imports and that is not used here. numba keeps the result in ``NUMBA_CACHE_DIR``, or where that is not set beside
    the packages. From then on a new process needs some 4 s, most of it imports, and 2 s more for 1,000 tracks.

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

    Returns
    -------
    ndarray (n, 2) float32
        Row for row. Below 4 tracks, or where all are equal, the principal axes as they are.

    Raises
    ------
    SpaceError
        The space is empty, or a parameter is out of its range.
    """
    _check(space, seed, n_neighbours, min_dist)
    order = np.argsort(space.track_ids, kind="stable")
    points = np.empty((len(space), 2), np.float32)
    points[order] = _embedded(space.matrix[order], seed, n_neighbours, min_dist)
    return points


def project(
    tracks: pl.DataFrame, space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1
) -> pl.DataFrame:
    """The tracks that have a place in a space, with their place on a map of just these tracks.

    Tracks without features have no place anywhere and are dropped: compare the heights to count them.

    Parameters
    ----------
    tracks : polars.DataFrame
        Any frame with ``track_id``.
    space : Space
        Fitted on the whole collection; it is cut to the tracks.
    seed, n_neighbours, min_dist
        As `embed` takes them.

    Returns
    -------
    polars.DataFrame
        The same columns and ``x`` and ``y``, Float64.

    Raises
    ------
    SpaceError
        No track has a place in the space.
    """
    own = space.cut(tracks["track_id"])
    if not len(own):
        raise SpaceError(f"none of {len(tracks)} tracks has a place in the {space.kind} space: run library.analyze()")
    points = embed(own, seed=seed, n_neighbours=n_neighbours, min_dist=min_dist)
    return place(tracks, own.track_ids, points)


def place(tracks: pl.DataFrame, track_ids: Ids, points: Points) -> pl.DataFrame:
    """The tracks that have a point, in their order, with ``x`` and ``y`` (Float64); the others are dropped.

    Parameters
    ----------
    tracks : polars.DataFrame
        Any frame with ``track_id``.
    track_ids : ndarray (n,) int64
        Whose the points are.
    points : ndarray (n, 2)
        As `embed` gives them.
    """
    schema = {"track_id": pl.Int64, "x": pl.Float64, "y": pl.Float64}
    known = pl.DataFrame({"track_id": track_ids, "x": points[:, 0], "y": points[:, 1]}, schema)
    known = known.unique("track_id", keep="first")
    return tracks.drop("x", "y", strict=False).join(known, on="track_id", how="inner", maintain_order="left")


def layout_key(
    space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1
) -> tuple[str, dict[str, Any]]:
    """Name under which a map of these tracks can be kept, and what it was made of.

    Equal keys: the same tracks in any order, features of the same versions, the same parameters. Scaling may differ a
    little, since it follows the rest of the collection: a kept map stays as it is when other tracks are added.

    Returns
    -------
    key : str
        64 hexadecimal digits.
    parameters : dict
        JSON-able: recipe, space, seed, n_neighbours, min_dist, tracks (their number).
    """
    parameters = {
        "recipe": RECIPE,
        "space": space.version,
        "seed": seed,
        "n_neighbours": n_neighbours,
        "min_dist": min_dist,
        "tracks": len(space),
    }
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    digest.update(np.sort(space.track_ids).astype("<i8").tobytes())
    return digest.hexdigest(), parameters


def trustworthiness(space: Space, points: Points, *, n_neighbours: int = 15) -> float:
    """How far neighbours on the map are neighbours in sound, 0 to 1; 0.9 and more is a map to trust.

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

    References
    ----------
    Venna and Kaski (2001), "Neighborhood preservation in nonlinear projection methods"; as in scikit-learn.
    """
    if len(points) != len(space) or 2 * n_neighbours >= len(space):
        raise SpaceError(
            f"{len(points)} points for {len(space)} tracks and {n_neighbours} neighbours: "
            "give one point a track and ask for less than half as many neighbours"
        )
    from sklearn.manifold import trustworthiness as measured

    return float(measured(space.matrix, points, n_neighbors=n_neighbours, metric="cosine"))


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


def _check(space: Space, seed: int, n_neighbours: int, min_dist: float) -> None:
    if not len(space):
        raise SpaceError("a map of no tracks: run library.analyze(), or choose tracks that are analysed")
    if not 0 <= seed < 2**32:
        raise SpaceError(f"seed {seed} is out of range: choose 0 to {2**32 - 1}")
    if n_neighbours < 2 or not 0 <= min_dist <= 1:  # noqa: PLR2004  a track and one other
        raise SpaceError(
            f"n_neighbours {n_neighbours} and min_dist {min_dist}: choose 2 or more and a number from 0 to 1"
        )


def _embedded(matrix: Points, seed: int, n_neighbours: int, min_dist: float) -> Points:
    axes = principal_axes(matrix)
    if len(matrix) < FEWEST or not axes.any():
        return axes
    indices, distances = exact(matrix, min(n_neighbours, len(matrix) - 1))
    model = _umap()(
        n_neighbors=indices.shape[1],
        min_dist=min_dist,
        metric="cosine",
        init=_start(axes, seed),
        random_state=seed,
        n_jobs=1,
        disconnection_distance=float("inf"),
        precomputed_knn=(indices, distances),
    )
    with warnings.catch_warnings():
        # the neighbours come without a search index, which only transform() would need
        warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)
        return np.asarray(model.fit_transform(matrix), np.float32)


def _start(axes: Points, seed: int) -> Points:
    """The principal axes, 10 wide, with a trace of noise."""
    width = 10 / np.abs(axes).max()
    noise = np.random.default_rng(seed).normal(scale=10 * JITTER, size=axes.shape)
    start: Points = (axes * width + noise).astype(np.float32)
    return start


@cache
def _umap() -> Any:  # noqa: ANN401  umap-learn has no types
    """umap-learn's class, its compiled functions kept between processes where numba has a place to keep them."""
    with warnings.catch_warnings():
        # its neural variant, which is not used here, asks for TensorFlow
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        import umap

    for module, name in KERNELS:
        kernel: Any = getattr(getattr(umap, module, None), name, None)
        if not hasattr(kernel, "enable_caching"):
            log.info("umap-learn has no %s.%s to keep compiled: maps start slower", module, name)
            continue
        try:
            kernel.enable_caching()
        except RuntimeError as error:  # numba found no folder it may write to
            log.info("%s.%s is compiled in every process: %s", module, name, error)
    return umap.UMAP
