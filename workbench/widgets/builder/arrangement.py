"""In what order do the tracks of a list stand?

Conventions
-----------
An arrangement is a list of track ids, each once; every function gives a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["arranged", "extended", "joined", "moved", "placed", "without"]


def arranged(tracks: pl.DataFrame, track_ids: Iterable[int]) -> pl.DataFrame:
    """The rows of `tracks` in the order of `track_ids`."""
    order = pl.DataFrame({"track_id": list(track_ids)}, schema={"track_id": tracks.schema["track_id"]})
    return order.join(tracks, on="track_id", how="inner", maintain_order="left").select(tracks.columns)


def joined(track_ids: Iterable[int], more: Iterable[int]) -> list[int]:
    """The ids of both, the first ones first, none twice."""
    return list(dict.fromkeys([*track_ids, *more]))


def extended(track_ids: Iterable[int], more: Mapping[int, Sequence[int]]) -> list[int]:
    """With more ids behind some of the ids, none twice: who is there stays where it is.

    Examples
    --------
    >>> extended([1, 2, 3], {1: [7, 3], 3: [8]})
    [1, 7, 2, 3, 8]
    """
    ids = list(track_ids)
    known = set(ids)
    wide = (each for here in ids for each in (here, *(new for new in more.get(here, ()) if new not in known)))
    return list(dict.fromkeys(wide))


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


def placed(track_ids: Iterable[int], chosen: Collection[int], before: int | None) -> list[int]:
    """The chosen ids, in their order, taken out and put in before another; None or an unknown one is the end.

    One of the chosen may stand for the place: then it is before the first behind it that is not chosen.

    Examples
    --------
    >>> placed([1, 2, 3, 4], {1, 4}, 3)
    [2, 1, 4, 3]
    >>> placed([1, 2, 3, 4], {1}, None)
    [2, 3, 4, 1]
    """
    ids = list(track_ids)
    place = ids.index(before) if before in ids else len(ids)
    head, tail = ids[:place], ids[place:]
    return [*without(head, chosen), *(one for one in ids if one in chosen), *without(tail, chosen)]


def without(track_ids: Iterable[int], chosen: Collection[int]) -> list[int]:
    """The ids that are not chosen."""
    return [track_id for track_id in track_ids if track_id not in chosen]
