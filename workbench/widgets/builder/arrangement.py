"""In what order do the tracks of a list stand?

Conventions
-----------
An arrangement is a list of track ids, each once; every function gives a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["arranged", "joined", "moved", "without"]


def arranged(tracks: pl.DataFrame, track_ids: Iterable[int]) -> pl.DataFrame:
    """The rows of `tracks` in the order of `track_ids`."""
    order = pl.DataFrame({"track_id": list(track_ids)}, schema={"track_id": tracks.schema["track_id"]})
    return order.join(tracks, on="track_id", how="inner", maintain_order="left").select(tracks.columns)


def joined(track_ids: Iterable[int], more: Iterable[int]) -> list[int]:
    """The ids of both, the first ones first, none twice."""
    return list(dict.fromkeys([*track_ids, *more]))


def moved(track_ids: Iterable[int], chosen: Collection[int], step: int) -> list[int]:
    """The chosen ids one place up (`step` -1) or down (1); those that stand at the end together stay.

    Examples
    --------
    >>> moved([1, 2, 3, 4], {3, 4}, -1)
    [1, 3, 4, 2]
    >>> moved([1, 2, 3, 4], {1, 3}, -1)
    [1, 3, 2, 4]
    """
    ids = list(track_ids)[::-step]
    for place in range(1, len(ids)):
        if ids[place] in chosen and ids[place - 1] not in chosen:
            ids[place - 1], ids[place] = ids[place], ids[place - 1]
    return ids[::-step]


def without(track_ids: Iterable[int], chosen: Collection[int]) -> list[int]:
    """The ids that are not chosen."""
    return [track_id for track_id in track_ids if track_id not in chosen]
