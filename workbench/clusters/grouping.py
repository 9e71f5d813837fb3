"""Which tracks of a space belong together?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from workbench.spaces import Ids, Space
    from workbench.spaces.space import Floats, Matrix

__all__ = ["GROUPS", "METHODS", "group", "holding", "sensible_number"]

Labels: TypeAlias = npt.NDArray[np.int64]

GROUPS: Final = {
    "track_id": pl.Int64(),
    "group": pl.Int64(),
    "membership": pl.Float64(),
    "highest_group": pl.Int64(),
}
"""Columns of `group`."""

METHODS: Final = ("kmeans", "hdbscan")

FEWEST_GROUPS: Final = 4
MOST_GROUPS: Final = 24
"""What a person can tell apart and look through."""

STARTS: Final = ((5_000, 10), (math.inf, 3))
"""Times that k-means starts anew, up to so many tracks; the best is kept. 20,000 tracks of 60 numbers cost 8 s of CPU
with three starts, 26 s with ten."""

LEAST_SHARED: Final = 0.5
"""Share of the smaller of two groups that both must hold before the new one takes over the number of the earlier."""

DENSITY_COMPONENTS: Final = 6
"""Principal components that HDBSCAN sees: in many dimensions all distances are alike, and nothing is dense."""

SEEDS: Final = 2**32
"""How many seeds k-means knows."""

NOISE: Final = -1
TINY: Final = 1e-12


def group(
    space: Space,
    *,
    method: str = "kmeans",
    n: int | None = None,
    seed: int = 0,
    previous: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Groups of tracks that sound alike.

    Parameters
    ----------
    space : Space
        The tracks; `Space.cut` chooses them.
    method : str
        ``"kmeans"`` gives every track a group. As the rows have unit length, nearest by distance is nearest by cosine
        similarity. ``"hdbscan"`` finds as many groups as there are dense places and leaves out what lies between. It
        looks at the first 6 principal components; a group has at least half as many tracks as
        the square root of their number, but 4. Where no place is denser than others all are one group, if that is one.
    n : int or None
        Number of groups, for k-means, or fewer where tracks are equal; None takes `sensible_number`.
    seed : int
        Where k-means starts, 0 to 4,294,967,295.
    previous : polars.DataFrame, optional
        An earlier result: a group takes over the number of the earlier one with which it shares most tracks, the pair
        with most in common first, where those are at least half of the smaller of the two. The others get numbers that
        no group had.

    Returns
    -------
    polars.DataFrame
        Schema `GROUPS`, in the order of the space. ``group`` is null for tracks that HDBSCAN leaves out.
        ``membership`` is 0 to 1. For k-means it is the simplified silhouette 1 - a/b, where a is the distance to the
        middle of the own group and b that to the next: 0 on the border; null where there is one group only. For
        HDBSCAN it is how deep in the dense place a track lies, 1 at its heart; null without a group.
        ``highest_group`` is the highest number given so far, for the next fit.

    Raises
    ------
    SpaceError
        The space is empty, there is no such method, n or the seed is no whole number or out of range, or n is given to
        HDBSCAN.

    References
    ----------
    Hruschka, de Castro and Campello (2004), "Evolutionary algorithms for clustering gene-expression data" (simplified
    silhouette); Campello, Moulavi and Sander (2013), "Density-based clustering based on hierarchical density
    estimates".

    Examples
    --------
    >>> group(space, n=8)  # doctest: +SKIP
    """
    _check(space, method, n, seed)
    order = np.argsort(space.track_ids, kind="stable")  # the same tracks in another order are the same groups
    rows = space.matrix[order]
    found, membership = _means(rows, n, seed) if method == "kmeans" else _dense(rows)
    numbers, highest = _numbered(space.track_ids[order], found, previous)
    back = np.argsort(order, kind="stable")
    columns = {
        "track_id": space.track_ids,
        "group": pl.Series([numbers.get(int(label)) for label in found[back]], dtype=pl.Int64),
        "membership": pl.Series(membership[back]).fill_nan(None),
        "highest_group": np.full(len(space), highest),
    }
    return pl.DataFrame(columns, GROUPS)


def sensible_number(tracks: int) -> int:
    """Groups to divide so many tracks into: the square root of half their number, but 4 to 24, and no more than tracks.

    The rule of thumb is of Mardia, Kent and Bibby (1979), "Multivariate analysis", p. 365; the bounds are for people.

    Examples
    --------
    >>> [sensible_number(tracks) for tracks in (2, 20, 200, 20_000)]
    [2, 4, 10, 24]
    """
    wanted = round(math.sqrt(tracks / 2))
    return min(max(wanted, FEWEST_GROUPS), MOST_GROUPS, tracks)


def holding(groups: pl.DataFrame, track_id: int) -> pl.DataFrame:
    """The rows of the group that holds a track; none where it has no group.

    A group's number hangs on what was grouped before; who is in it does not, so that this finds a group again.

    Parameters
    ----------
    groups : polars.DataFrame
        Reads ``track_id`` and ``group``.
    track_id : int
        Any member, e.g. a medoid.

    Examples
    --------
    >>> holding(pl.DataFrame({"track_id": [1, 2, 3], "group": [1, 2, 2]}), 3)["track_id"].to_list()
    [2, 3]
    """
    own = groups.filter(pl.col("track_id") == track_id)["group"].drop_nulls()
    return groups.filter(pl.col("group").is_in(own.to_list()))


def least_group(tracks: int) -> int:
    """Tracks that HDBSCAN wants in a group."""
    return max(4, round(math.sqrt(tracks) / 2))


def _check(space: Space, method: str, n: int | None, seed: int) -> None:
    if method not in METHODS:
        raise SpaceError(f"no method {method!r} to group tracks; choose one of {', '.join(METHODS)}")
    if not len(space):
        raise SpaceError("groups of no tracks: run library.analyze(), or choose tracks that are analysed")
    if n is not None and method == "hdbscan":
        raise SpaceError(f"HDBSCAN finds the number of groups itself: leave out n={n}, or choose method='kmeans'")
    for name, number in (("n", n), ("seed", seed)):
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | np.integer)):
            raise SpaceError(f"{name}={number!r}: choose a whole number")
    if not 0 <= seed < SEEDS:
        raise SpaceError(f"seed={seed}: choose 0 to {SEEDS - 1}")
    if n is not None and not 1 <= n <= len(space):
        raise SpaceError(f"{n} groups of {len(space)} tracks: choose 1 to {len(space)}")


def _means(rows: Matrix, n: int | None, seed: int) -> tuple[Labels, Floats]:
    from sklearn.cluster import KMeans

    different = len(np.unique(rows, axis=0))
    count = min(sensible_number(len(rows)) if n is None else n, different)
    starts = next(starts for most, starts in STARTS if len(rows) <= most)
    fitted = KMeans(count, n_init=starts, random_state=seed).fit(rows)
    distances = np.sort(fitted.transform(rows).astype(np.float64), axis=1)
    if count == 1:
        return fitted.labels_.astype(np.int64), np.full(len(rows), np.nan)
    own, next_one = distances[:, 0], distances[:, 1]
    return fitted.labels_.astype(np.int64), 1 - own / np.maximum(next_one, TINY)


def _dense(rows: Matrix) -> tuple[Labels, Floats]:
    from sklearn.cluster import HDBSCAN

    least = least_group(len(rows))
    if len(rows) < least:
        return np.full(len(rows), NOISE), np.full(len(rows), np.nan)
    along = _principal(rows)
    fitted = HDBSCAN(min_cluster_size=least, copy=True).fit(along)
    if (fitted.labels_ == NOISE).all():  # the root of its tree is no group unless it may be
        fitted = HDBSCAN(min_cluster_size=least, copy=True, allow_single_cluster=True).fit(along)
    return fitted.labels_.astype(np.int64), np.where(fitted.labels_ == NOISE, np.nan, fitted.probabilities_)


def _principal(rows: Matrix) -> Floats:
    """Centred rows along the few directions in which they differ most."""
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    along: Floats = centred @ axes[:, ::-1][:, :DENSITY_COMPONENTS]
    return along


def _numbered(track_ids: Ids, found: Labels, previous: pl.DataFrame | None) -> tuple[dict[int, int], int]:
    """The number of each label, and the highest number given so far; noise has none."""
    sizes = {int(label): int((found == label).sum()) for label in np.unique(found) if label != NOISE}
    first = {label: int(track_ids[found == label].min()) for label in sizes}
    numbers = {} if previous is None else _taken_over(track_ids, found, previous)
    highest = 0 if previous is None else _highest(previous)
    for label in sorted(sizes, key=lambda each: (-sizes[each], first[each])):
        if label not in numbers:
            highest += 1
            numbers[label] = highest
    return numbers, highest


def _taken_over(track_ids: Ids, found: Labels, previous: pl.DataFrame) -> dict[int, int]:
    """Labels with the number of the earlier group that they share most tracks with, the largest overlap first."""
    now = pl.DataFrame({"track_id": track_ids, "label": found}).filter(pl.col("label") != NOISE)
    before = previous.select("track_id", "group").drop_nulls()
    overlaps = now.join(before, on="track_id").group_by("label", "group").agg(pl.len().alias("tracks"))
    sizes = overlaps.join(now.group_by("label").agg(pl.len().alias("size")), on="label").join(
        before.group_by("group").agg(pl.len().alias("size_before")), on="group"
    )
    real = sizes.filter(pl.col("tracks") >= LEAST_SHARED * pl.min_horizontal("size", "size_before"))
    order = real.sort("tracks", "group", "label", descending=[True, False, False])
    numbers: dict[int, int] = {}
    for label, number in order.select("label", "group").iter_rows():
        if label not in numbers and number not in numbers.values():
            numbers[label] = number
    return numbers


def _highest(previous: pl.DataFrame) -> int:
    given: list[Any] = [previous[name].max() for name in ("group", "highest_group") if name in previous.columns]
    return max((int(number) for number in given if number is not None), default=0)
