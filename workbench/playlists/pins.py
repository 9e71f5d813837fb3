"""Where do a playlist's tracks stand, and which of them are its start and its end?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import PlaylistError

if TYPE_CHECKING:
    import polars as pl

    from workbench.playlists.paths import Order, Points
    from workbench.spaces import Space

__all__ = ["STRANGE", "Ends", "Mask", "ends_of", "places_of", "points_of", "within"]

Ends: TypeAlias = tuple[int | None, int | None]
"""A start and an end: track ids or row numbers, None where it is free."""

Mask: TypeAlias = npt.NDArray[np.bool_]

STRANGE: Final = "no place in the space"
"""What a track lacks that is not in the space."""


def places_of(rows: pl.DataFrame, space: Space | None) -> Order:
    """Row of the space of each track, -1 where it has none."""
    return np.full(len(rows), -1, np.intp) if space is None else space.positions(rows["track_id"])


def points_of(rows: pl.DataFrame, space: Space) -> Points:
    """Where each track stands, ndarray (n, d) float32; 0 for one without a place."""
    places = places_of(rows, space)
    return np.where((places >= 0)[:, None], space.matrix[places], np.float32(0))


def ends_of(name: str, rows: pl.DataFrame, pins: Ends) -> Ends:
    """Row numbers of two track ids: where the start comes first, and the end last.

    Raises
    ------
    PlaylistError
        A track is not in the playlist, or is to be both ends of more than itself.
    """
    ids = rows["track_id"].to_list()
    for track_id in pins:
        if track_id is not None and track_id not in ids:
            raise PlaylistError(f"playlist {name!r}: track {track_id} is not in it, and can be no start or end")
    start, end = pins
    first = None if start is None else ids.index(start)
    last = None if end is None else len(ids) - 1 - ids[::-1].index(end)
    if first is not None and first == last and len(ids) > 1:
        raise PlaylistError(f"playlist {name!r}: track {start} cannot be the start and the end; choose two tracks")
    return first, last


def within(name: str, rows: pl.DataFrame, known: Mask, ends: Ends, why: str) -> Ends:
    """Numbers of two rows among those that are known.

    Raises
    ------
    PlaylistError
        One of them is not known; `why` says what it lacks.
    """
    for row in ends:
        if row is not None and not known[row]:
            raise PlaylistError(f"playlist {name!r}: track {rows['track_id'][row]} has {why}; choose another one")
    start, end = (None if row is None else int(known[:row].sum()) for row in ends)
    return start, end
