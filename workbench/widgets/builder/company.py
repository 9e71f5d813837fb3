"""Which tracks would go well behind those of a list?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.neighbours import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workbench.spaces import Space

__all__ = ["neighbours_of"]

PER_ARTIST: Final = 2
MOST: Final = 500
"""Neighbours of a track that are looked through for some that may be taken."""


def neighbours_of(
    space: Space, tracks: pl.DataFrame, seeds: Sequence[int], *, n: int, present: Collection[int]
) -> dict[int, list[int]]:
    """For each seed the n tracks that sound most like it, of those that are not in the list yet.

    Parameters
    ----------
    space : Space
        Where to look.
    tracks : pl.DataFrame
        Whose neighbours may be taken; of one artist at most two behind a seed, and none whose file is missing.
    seeds : sequence of int
        Track ids; a track that is a neighbour of two of them goes to the first.
    n : int
        Neighbours of each.
    present : collection of int
        Ids in the list.

    Raises
    ------
    SpaceError
        None of the seeds has a place in the space.
    """
    there = tracks.filter(~pl.col("missing").fill_null(value=False)) if "missing" in tracks.columns else tracks
    allowed = set(there["track_id"].to_list())
    passed_over = len(present) + len(tracks) - len(there)
    found = nearest(space, seeds, n=min(n + passed_over, MOST), tracks=tracks, per_artist=PER_ARTIST)
    taken = set(present)
    chosen: dict[int, list[int]] = {}
    for seed, neighbour in found.select("track_id", "neighbour_id").iter_rows():
        behind = chosen.setdefault(seed, [])
        if len(behind) < n and neighbour in allowed and neighbour not in taken:
            behind.append(neighbour)
            taken.add(neighbour)
    return chosen
