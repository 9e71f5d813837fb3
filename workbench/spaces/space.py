"""Where does each track stand among the others?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.errors import SpaceError

__all__ = [
    "FEWEST",
    "Crowd",
    "Floats",
    "Grounds",
    "Ids",
    "Matrix",
    "Rows",
    "Space",
    "TrackIds",
    "digest",
    "positions",
    "scaled",
    "slices",
    "unit_rows",
    "weighted_version",
]

Floats: TypeAlias = npt.NDArray[np.float64]
Ids: TypeAlias = npt.NDArray[np.int64]
Matrix: TypeAlias = npt.NDArray[np.float32]
Rows: TypeAlias = npt.NDArray[np.intp]
TrackIds: TypeAlias = Iterable[int] | pl.Series | Ids

FEWEST: Final = 3
"""Tracks that a space needs."""

IQR_TO_SIGMA: Final = 0.7413
"""Interquartile range of a normal distribution times this is its standard deviation."""

CLIP: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """What two tracks can be said to have in common, whichever space found them; row for row with a space.

    Attributes
    ----------
    timbre : ndarray (n, d) float32
        Rows of the timbre space, of unit length; NaN where a track has none.
    blocks : dict of str to slice
        Columns of `timbre` that belong together.
    tags : ndarray (n, t) float32
        Probability of each learned tag, 0 to 1; NaN where a track has none. No columns where nothing was learned.
    ranks : ndarray (n, t) float32
        The same as percentiles over the collection, 0 to 1: the network's probabilities are low and uncalibrated.
    tag_names : tuple of str
        Names of the columns of `tags`.
    """

    timbre: Matrix
    blocks: dict[str, slice]
    tags: Matrix
    ranks: Matrix
    tag_names: tuple[str, ...]

    def cut(self, rows: Rows) -> Grounds:
        """These rows."""
        return replace(self, timbre=self.timbre[rows], tags=self.tags[rows], ranks=self.ranks[rows])

    def weighted(self, factors: Mapping[str, float]) -> Grounds:
        """The same with blocks of the timbre space multiplied; factors of other blocks change nothing."""
        return replace(self, timbre=multiplied(self.timbre, self.blocks, factors))


@dataclass(slots=True, eq=False)
class Crowd:
    """The tracks of a space as it was fitted; a space and all its cuts share one.

    Attributes
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length.
    views : ndarray (n, 2) float32 or None
        How crowded it is round each row, NaN where nobody asked yet; `workbench.neighbours` measures it.
    """

    matrix: Matrix
    views: Matrix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Tracks as points.

    Attributes
    ----------
    track_ids : ndarray (n,) int64
        Which track each row is.
    matrix : ndarray (n, d) float32
        Rows of unit length.
    kind : str
        How it was made, one of `KINDS`.
    blocks : dict of str to slice
        Columns of `matrix` that belong together; they tile it.
    version : str
        Names recipe, weights and analyser: equal versions are made in the same way, perhaps on another collection.
    weights : dict of str to float
        What `weighted` has multiplied the blocks by; a block that is not named has its first weight.
    grounds : Grounds or None
        What neighbours are explained by.
    crowd : Crowd
        The space as it was fitted, before any cut.
    members : ndarray (n,) intp
        Which rows of the crowd these are.
    """

    track_ids: Ids
    matrix: Matrix
    kind: str
    blocks: dict[str, slice]
    version: str
    weights: dict[str, float] = field(default_factory=dict)
    grounds: Grounds | None = None
    crowd: Crowd = field(default_factory=lambda: Crowd(np.empty((0, 0), np.float32)))
    members: Rows = field(default_factory=lambda: np.empty(0, np.intp))

    def __post_init__(self) -> None:
        """A space that is no cut is its own crowd."""
        if len(self.members) != len(self.track_ids):
            object.__setattr__(self, "crowd", Crowd(self.matrix))
            object.__setattr__(self, "members", np.arange(len(self.track_ids)))

    def __len__(self) -> int:
        """Number of tracks that have a place."""
        return len(self.track_ids)

    def positions(self, track_ids: TrackIds) -> npt.NDArray[np.intp]:
        """Row number of each track id, -1 where it has no place."""
        return positions(self.track_ids, track_ids)

    def cut(self, track_ids: TrackIds) -> Space:
        """The rows of these tracks, in this order; ids without a place are left out."""
        rows = self.positions(track_ids)
        rows = rows[rows >= 0]
        return replace(
            self,
            track_ids=self.track_ids[rows],
            matrix=self.matrix[rows],
            grounds=self.grounds.cut(rows) if self.grounds else None,
            members=self.members[rows],
        )

    def weighted(self, **factors: float) -> Space:
        """The same tracks with some blocks counting for more or less.

        Parameters
        ----------
        **factors : float
            By block (`blocks`), what it is multiplied by: 1 leaves it, 0 takes it out. Similarity follows the square.

        Returns
        -------
        Space
            Its `weights` are those of this space times the factors.

        Raises
        ------
        SpaceError
            A factor is negative or of no block, or nothing would be left.

        Examples
        --------
        >>> space.weighted(rhythm=2).weights  # doctest: +SKIP
        {'rhythm': 2.0}
        """
        strange = sorted(factors.keys() - self.blocks.keys())
        if strange:
            raise SpaceError(f"no block {', '.join(map(repr, strange))}; the blocks are: {', '.join(self.blocks)}")
        each = [float(factors.get(block, 1.0)) for block in self.blocks]
        if min(each) < 0 or not any(each) or not np.isfinite(each).all():
            raise SpaceError(f"weights must be 0 or more and not all 0, found {factors}")
        weights = {name: self.weights.get(name, 1.0) * factor for name, factor in zip(self.blocks, each, strict=True)}
        if not any(weights.values()):
            raise SpaceError(f"with {factors} and what the space is weighted by already, nothing would be left of it")
        kept = {name: weight for name, weight in weights.items() if weight != 1}
        whole = multiplied(self.crowd.matrix, self.blocks, dict(zip(self.blocks, each, strict=True)))
        return Space(
            self.track_ids,
            whole[self.members],
            self.kind,
            self.blocks,
            weighted_version(self.version.partition("*")[0], kept),
            kept,
            self.grounds.weighted(factors) if self.grounds else None,
            Crowd(whole),
            self.members,
        )

    def row(self, track_id: int) -> Matrix:
        """The point of one track, ndarray (d,) float32.

        Raises
        ------
        SpaceError
            The track has no place.
        """
        position = int(self.positions([track_id])[0])
        if position < 0:
            raise SpaceError(
                f"track {track_id} has no place in this {self.kind} space of {len(self)}: analyze it first"
            )
        point: Matrix = self.matrix[position]
        return point

    def __repr__(self) -> str:
        """Kind, size and version."""
        return f"Space({self.kind}, {len(self)} tracks x {self.matrix.shape[1]}, version {self.version})"


def multiplied(matrix: Matrix, blocks: Mapping[str, slice], factors: Mapping[str, float]) -> Matrix:
    """Rows with each block multiplied by its factor, if it has one, and brought to unit length again."""
    columns = np.ones(matrix.shape[1])
    for name, block in blocks.items():
        columns[block] = factors.get(name, 1.0)
    rows: Matrix = unit_rows(matrix * columns).astype(np.float32)
    return rows


def weighted_version(version: str, weights: Mapping[str, float]) -> str:
    """Version of a space when its blocks are multiplied by something."""
    return f"{version}*{digest(dict(weights))}" if weights else version


def positions(known: Ids, track_ids: TrackIds) -> Rows:
    """Where each track id stands among the known ones, -1 where it does not."""
    asked = np.asarray(track_ids if isinstance(track_ids, np.ndarray | pl.Series) else [*track_ids], np.int64)
    if not len(known):
        return np.full(len(asked), -1, np.intp)
    order = np.argsort(known, kind="stable")  # runs through ids that are sorted already
    found = order[np.minimum(np.searchsorted(known, asked, sorter=order), len(known) - 1)]
    return np.where(known[found] == asked, found, -1)


def digest(parts: object) -> str:
    """Twelve hexadecimal digits that differ where the parts do."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def slices(sizes: Sequence[tuple[str, int]]) -> dict[str, slice]:
    """Columns of blocks that stand side by side."""
    ends = np.cumsum([size for _, size in sizes])
    return {block: slice(int(end) - size, int(end)) for (block, size), end in zip(sizes, ends, strict=True)}


def scaled(columns: Floats) -> Floats:
    """Robust z-scores: (value - median) / (IQR * 0.7413), clipped to -5..5, NaN as 0.

    Parameters
    ----------
    columns : ndarray (n, d)
        NaN where unknown.

    Notes
    -----
    A column whose middle half is one value is divided by its standard deviation instead; a constant one becomes 0.
    """
    known = ~np.isnan(columns)
    columns = np.where(known.any(axis=0), columns, 0.0)  # a column nobody knows is constant
    low, median, high = np.nanquantile(columns, [0.25, 0.5, 0.75], axis=0)
    spread = (high - low) * IQR_TO_SIGMA
    spread = np.where(spread > 0, spread, np.nanstd(columns, axis=0))
    steady = spread <= 1e-9 * np.maximum(np.abs(median), 1)  # rounding is no difference
    scores = (columns - median) / np.where(steady, np.inf, spread)
    clipped: Floats = np.nan_to_num(scores).clip(-CLIP, CLIP)
    return clipped


def unit_rows(matrix: Floats) -> Floats:
    """Rows divided by their length; a row of zeros stays."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    rows: Floats = matrix / np.where(lengths > 0, lengths, 1)
    return rows
