"""In which order do tracks follow each other well?

Conventions
-----------
An order is row numbers. What could not be met is said in sentences beside it, never left out in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.errors import PlaylistError
from workbench.playlists.needs import need
from workbench.playlists.paths import smooth_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.playlists.paths import Order
    from workbench.spaces import Space

__all__ = ["ORDERS", "arranged", "ordered"]

ORDERS: Final = ("flow", "shuffle")
"""Names of orders that are no columns."""


def ordered(
    name: str, rows: pl.DataFrame, by: str, *, space: Space | None, seed: int, descending: bool
) -> tuple[Order, tuple[str, ...]]:
    """An order of a playlist's rows, as `Playlist.order` describes it, and what it could not meet."""
    if by == "flow":
        order = _flow(name, rows, space)
        return (order[::-1] if descending else order), ()
    if by == "shuffle":
        return np.random.default_rng(seed).permutation(len(rows)), ()
    return _sorted(name, rows, by, descending=descending), ()


def arranged(track_ids: Sequence[int], wanted: Sequence[int]) -> Order:
    """Row numbers of some ids in the order of others, each time an id comes; those that are not wanted behind.

    Examples
    --------
    >>> arranged([5, 6, 7, 6], [6, 7, 6, 9]).tolist()
    [1, 2, 3, 0]
    """
    places: dict[int, list[int]] = {}
    for place, track_id in enumerate(wanted):
        places.setdefault(track_id, []).append(place)
    ahead = {track_id: iter(each) for track_id, each in places.items()}
    ranks = [next(ahead.get(track_id, iter(())), len(wanted)) for track_id in track_ids]
    return np.argsort(ranks, kind="stable")


def _sorted(name: str, rows: pl.DataFrame, by: str, *, descending: bool) -> Order:
    need(name, rows, by, others=ORDERS)
    if rows.schema[by].is_nested():
        raise PlaylistError(f"playlist {name!r}: {by!r} holds lists, which have no order; choose another column")
    values = pl.col(by).str.zfill(3) if by == "camelot" else pl.col(by)  # else 10A would stand before 2A
    numbered = rows.select(values.alias(by), row=pl.int_range(pl.len()))
    return numbered.sort(by, descending=descending, nulls_last=True, maintain_order=True)["row"].to_numpy()


def _flow(name: str, rows: pl.DataFrame, space: Space | None) -> Order:
    if space is None:
        raise PlaylistError(f"playlist {name!r}: 'flow' needs a space: order('flow', space=library.space())")
    places = space.positions(rows["track_id"].to_list())
    placed = np.flatnonzero(places >= 0)
    return np.concatenate([placed[smooth_path(space.matrix[places[placed]])], np.flatnonzero(places < 0)])
