"""Which tracks sound most like these?"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from workbench.errors import SpaceError
from workbench.neighbours.naming import Register
from workbench.neighbours.proximity import mutual_proximity, nearest_mutually
from workbench.neighbours.search import largest, similarities

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.neighbours.search import Rows
    from workbench.spaces import Space, TrackIds

__all__ = ["NEIGHBOURS", "nearest"]

NEIGHBOURS: Final = {
    "track_id": pl.Int64(),
    "neighbour_id": pl.Int64(),
    "distance": pl.Float64(),
    "proximity": pl.Float64(),
    "rank": pl.Int64(),
}
"""Columns of `nearest`."""

PREFIX: Final = 4
"""How many times `n` neighbours are looked at first where some may be passed over, and by how much more then."""


def nearest(
    space: Space,
    track_ids: TrackIds,
    *,
    n: int = 10,
    tracks: pl.DataFrame | None = None,
    per_artist: int | None = None,
    by: Literal["proximity", "distance"] = "proximity",
) -> pl.DataFrame:
    """The tracks that sound most like each of some tracks; never the track itself.

    By proximity a seed costs some 5 ms at 10,000 tracks and 30 at 100,000, less where tracks near it were asked about
    before; by distance a tenth of that.

    Parameters
    ----------
    space : Space
        Where to look.
    track_ids : iterable of int
        The seeds; those without a place in the space are left out.
    n : int
        Neighbours of a seed; fewer where the space or the rules give no more.
    tracks : polars.DataFrame, optional
        With it no two neighbours are versions of one recording (live, remastered, the same sound twice), nor is one a
        version of its seed. Read: ``track_id``, and of ``artists`` or ``artist``, ``title``, ``audio_hash`` what there
        is.
    per_artist : int, optional
        How many neighbours of one seed may be by one artist; needs `tracks`. Tracks without an artist are not counted.
    by : str
        "proximity" ranks by mutual proximity: a track that is near to everything is no one's neighbour for that.
        "distance" ranks by cosine distance alone.

    Returns
    -------
    polars.DataFrame
        Schema `NEIGHBOURS`, the seeds in the order given, ranks from 1; equally near ones in the order of the space.
        ``distance`` is 0 (the same) to 2 (opposite); ``proximity`` 0 to 1, the probability that a third track is less
        alike to either.

    Raises
    ------
    SpaceError
        No seed has a place, `per_artist` comes without `tracks`, or a parameter is none of its values.
    """
    seeds = _seeds(space, track_ids)
    if n < 1 or (per_artist is not None and per_artist < 1):
        raise SpaceError(f"n and per_artist must be 1 or more, found {n} and {per_artist}")
    if by not in {"proximity", "distance"}:
        raise SpaceError(f"neighbours are ranked by 'proximity' or 'distance', found {by!r}")
    if per_artist is not None and tracks is None:
        raise SpaceError("per_artist needs to know the artists: give tracks=library.tracks()")
    register = None if tracks is None else Register(tracks, space.track_ids)
    parts = []
    for seed, found in similarities(space.matrix, seeds):
        best = partial(nearest_mutually, space, seed, found) if by == "proximity" else partial(largest, found)
        if register is None:
            rows = best(min(n, len(space) - 1))
        else:
            rows = _admitted(best, register, n, seed, len(space) - 1, per_artist)
        parts.append((seed, rows, found[rows], np.exp(mutual_proximity(space, seed, rows, found[rows]))))
    return _frame(space, parts)


def _seeds(space: Space, track_ids: TrackIds) -> Rows:
    rows = space.positions(track_ids)
    if len(rows) and (rows < 0).all():
        raise SpaceError(
            f"none of the {len(rows)} tracks has a place in this space of {len(space)}: analyze them first"
        )
    return rows[rows >= 0]


def _admitted(
    best: Callable[[int], Rows], register: Register, count: int, seed: int, others: int, per_artist: int | None
) -> Rows:
    """The best rows that the register lets in; where it seldom says no, a few rows only are sorted."""
    looked_at = min(PREFIX * count, others)
    while True:
        rows = best(looked_at)
        kept = [*islice(register.admitted(rows, seed=seed, per_artist=per_artist), count)]
        if len(kept) == count or looked_at == others:
            return rows[kept]
        looked_at = min(PREFIX * looked_at, others)


def _frame(space: Space, parts: list[tuple[int, Rows, np.ndarray, np.ndarray]]) -> pl.DataFrame:
    """Schema `NEIGHBOURS` out of seeds, their neighbours' rows, similarities and proximities."""
    if not parts:
        return pl.DataFrame(schema=NEIGHBOURS)
    seeds, rows, found, proximities = zip(*parts, strict=True)
    counts = [len(each) for each in rows]
    columns = {
        "track_id": space.track_ids[np.repeat(seeds, counts)],
        "neighbour_id": space.track_ids[np.concatenate(rows)],
        "distance": np.clip(1 - np.concatenate(found), 0, 2).astype(np.float64),
        "proximity": np.concatenate(proximities),
        "rank": np.concatenate([np.arange(1, count + 1) for count in counts]),
    }
    return pl.DataFrame(columns, NEIGHBOURS)
