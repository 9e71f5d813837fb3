"""Which tracks sound most alike, and in what?

Conventions
-----------
Distance is 1 - cosine similarity: 0 the same, 1 unrelated, 2 opposite. The search is exact: every track is compared
with every other, in float32, block by block. An index would pay for its building only beyond a million tracks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from workbench.spaces import Space, TrackIds

__all__ = ["NEIGHBOURS", "capped", "exact", "names_in", "nearest", "why"]

Matrix: TypeAlias = npt.NDArray[np.float32]
Rows: TypeAlias = npt.NDArray[np.intp]
Names: TypeAlias = Sequence[str]

NEIGHBOURS: Final = {
    "track_id": pl.Int64(),
    "neighbour_id": pl.Int64(),
    "distance": pl.Float64(),
    "rank": pl.Int64(),
}
"""Columns of `nearest`."""

WHY: Final = {"block": pl.String(), "similarity": pl.Float64()}
"""Columns of `why`."""

BLOCK_VALUES: Final = 4_000_000
"""Similarities held at a time: 16 MB."""

GROUP: Final = 64
"""Rows under one maximum in `exact`."""

NEVER: Final = -9.0
"""Below every cosine."""

THREAD_VALUES: Final = 1 << 18
"""Values of a matrix that OpenBLAS multiplies by a vector in one thread: it takes more from 460,800 on, which wait for
memory and for each other. https://github.com/OpenMathLib/OpenBLAS/issues/2846"""

PREFIX: Final = 4
"""How many times `n` neighbours are looked at first where an artist's share is capped, and by how much more then."""


def nearest(
    space: Space,
    track_ids: TrackIds,
    *,
    n: int = 10,
    tracks: pl.DataFrame | None = None,
    per_artist: int | None = None,
) -> pl.DataFrame:
    """The tracks that sound most like each of some tracks; never the track itself.

    Parameters
    ----------
    space : Space
        Where to look.
    track_ids : iterable of int
        The seeds; those without a place in the space are left out.
    n : int
        Neighbours of a seed; fewer where the space or the cap gives no more.
    tracks : polars.DataFrame, optional
        Read for `per_artist`: ``track_id`` and ``artists`` or ``artist``.
    per_artist : int, optional
        How many neighbours of one seed may be by one artist. Tracks without an artist are not counted.

    Returns
    -------
    polars.DataFrame
        Schema `NEIGHBOURS`, the seeds in the order given, ranks from 1; equally near ones in the order of the space.

    Raises
    ------
    SpaceError
        No seed has a place, `per_artist` comes without `tracks`, or a number is below 1.
    """
    seeds = _seeds(space, track_ids)
    if n < 1 or (per_artist is not None and per_artist < 1):
        raise SpaceError(f"n and per_artist must be 1 or more, found {n} and {per_artist}")
    artists = None if per_artist is None else _artists(space, tracks)
    found = []
    for seed, similarities in _similarities(space.matrix, seeds):
        if artists is None or per_artist is None:
            rows = _largest(similarities, min(n, len(space) - 1))
        else:
            rows = _largest_capped(similarities, n, artists, per_artist)
        found.append((seed, rows, similarities[rows]))
    return _frame(space, found)


def why(space: Space, track_id: int, neighbour_id: int) -> pl.DataFrame:
    """What makes two tracks alike: each block's part of their cosine similarity, largest first.

    Returns
    -------
    polars.DataFrame
        Schema `WHY`; the similarities add up to 1 - distance, a negative one pulls the tracks apart.

    Raises
    ------
    SpaceError
        A track has no place in the space.
    """
    products = space.row(track_id) * space.row(neighbour_id)
    parts = [(block, float(products[columns].sum())) for block, columns in space.blocks.items()]
    return pl.DataFrame(parts, WHY, orient="row").sort("similarity", descending=True)


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


def capped(names: Iterable[Names], most: int) -> Iterator[int]:
    """Positions to keep so that no name comes more than `most` times; items without a name all stay.

    Examples
    --------
    >>> [*capped([["Ana"], ["Ana", "Bo"], ["Bo"], [], []], 1)]
    [0, 2, 3, 4]
    """
    seen: Counter[str] = Counter()
    for position, each in enumerate(names):
        if all(seen[name] < most for name in each):
            seen.update(each)
            yield position


def names_in(frame: pl.DataFrame, column: str) -> list[list[str]]:
    """Names of each row as a list, empty where unknown; for ``"artist"`` the column ``artists`` goes first."""
    column = "artists" if column == "artist" and "artists" in frame.columns else column
    values = frame[column].to_list()
    return [value if isinstance(value, list) else [] if value is None else [str(value)] for value in values]


def _seeds(space: Space, track_ids: TrackIds) -> Rows:
    rows = space.positions(track_ids)
    if len(rows) and (rows < 0).all():
        raise SpaceError(
            f"none of the {len(rows)} tracks has a place in this space of {len(space)}: analyze them first"
        )
    return rows[rows >= 0]


def _artists(space: Space, tracks: pl.DataFrame | None) -> Callable[[Rows], list[list[str]]]:
    """What looks up the artists of a space's rows; none where a track is not in the frame."""
    if tracks is None:
        raise SpaceError("per_artist needs to know the artists: give tracks=library.tracks()")
    known = tracks["track_id"].to_numpy()
    order = np.argsort(known, kind="stable")
    columns = tracks.select(pl.col("^artists?$"))

    def artists(rows: Rows) -> list[list[str]]:
        asked = space.track_ids[rows]
        places = np.searchsorted(known, asked, side="right", sorter=order) - 1
        there = known[order[places]] == asked if len(known) else np.zeros(len(rows), bool)
        names = iter(names_in(columns[order[places[there]]], "artist"))
        return [next(names) if is_there else [] for is_there in there]

    return artists


def _blocks(rows: Rows, width: int) -> list[Rows]:
    """Rows in runs whose similarities to `width` rows fit into a block."""
    run = max(16, BLOCK_VALUES // max(width, 1))
    return [rows[start : start + run] for start in range(0, len(rows), run)]


def _similarities(matrix: Matrix, seeds: Rows) -> Iterator[tuple[int, Matrix]]:
    """Each seed with its similarity to every row, `NEVER` to itself."""
    for block in _blocks(seeds, len(matrix)):
        similarities = _products(matrix, block[0])[None] if len(block) == 1 else matrix[block] @ matrix.T
        similarities[np.arange(len(block)), block] = NEVER
        yield from zip(block.tolist(), similarities, strict=True)


def _products(matrix: Matrix, seed: int) -> Matrix:
    """Similarity of every row to one, in runs that stay in one thread; a multiple of 64 rows changes no bit of it."""
    products = np.empty(len(matrix), np.float32)
    run = max(1, THREAD_VALUES // matrix.shape[1] // GROUP) * GROUP
    for start in range(0, len(matrix), run):
        np.dot(matrix[start : start + run], matrix[seed], out=products[start : start + run])
    return products


def _largest(values: Matrix, count: int) -> Rows:
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


def _largest_capped(values: Matrix, count: int, artists: Callable[[Rows], Iterable[Names]], most: int) -> Rows:
    """Like `_largest`, with no more than `most` rows by one artist; a cap that is seldom hit sorts a few rows only."""
    others = len(values) - 1
    looked_at = min(PREFIX * count, others)
    while True:
        rows = _largest(values, looked_at)
        kept = [*islice(capped(artists(rows), most), count)]
        if len(kept) == count or looked_at == others:
            return rows[kept]
        looked_at = min(PREFIX * looked_at, others)


def _frame(space: Space, found: list[tuple[int, Rows, Matrix]]) -> pl.DataFrame:
    """Schema `NEIGHBOURS` out of seeds, their neighbours' rows and similarities."""
    if not found:
        return pl.DataFrame(schema=NEIGHBOURS)
    seeds, rows, similarities = zip(*found, strict=True)
    counts = [len(each) for each in rows]
    columns = {
        "track_id": space.track_ids[np.repeat(seeds, counts)],
        "neighbour_id": space.track_ids[np.concatenate(rows)],
        "distance": np.clip(1 - np.concatenate(similarities), 0, 2).astype(np.float64),
        "rank": np.concatenate([np.arange(1, count + 1) for count in counts]),
    }
    return pl.DataFrame(columns, NEIGHBOURS)


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
