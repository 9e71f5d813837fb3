"""Which tracks of a list stay?

Conventions
-----------
What stays is row numbers, in their order.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from workbench.errors import PlaylistError
from workbench.neighbours import capped, names_in
from workbench.playlists.journeys import neighbour_path, spread
from workbench.playlists.needs import need
from workbench.playlists.pins import STRANGE, ends_of, places_of, points_of, within
from workbench.playlists.steps import given

if TYPE_CHECKING:
    from workbench.playlists.paths import Order
    from workbench.spaces import Space

__all__ = ["crowds", "kept_per", "lengths", "limited", "way_through"]

FEWEST: Final = 2
"""Tracks of a way."""


def limited(
    name: str, rows: pl.DataFrame, *, minutes: float | None, tracks: int | None
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The beginning of a list, as `Playlist.limit` describes it, and what it came upon (`Step.found`).

    Raises
    ------
    PlaylistError
        A limit is negative or not finite, or the rows have no lengths to tell minutes by.
    """
    if not 0 <= (minutes or 0) < math.inf or (tracks or 0) < 0:
        raise PlaylistError(
            f"playlist {name!r}: limits are 0 or more, and finite, found {minutes} minutes, {tracks} tracks"
        )
    kept = rows if tracks is None else rows.head(tracks)
    if minutes is not None:
        need(name, rows, "duration_s")
        kept = kept.filter(lengths(kept).fill_null(0).cum_sum() <= minutes * 60)
    return kept, _found(rows, kept, minutes, tracks)


def kept_per(name: str, rows: pl.DataFrame, n: int, per: str) -> Order:
    """The first n rows of each value, as `Playlist.at_most` describes it.

    Raises
    ------
    PlaylistError
        n is below 1, or there is no such column.
    """
    if n < 1:
        raise PlaylistError(f"playlist {name!r}: at most {n} per {per} leaves nothing; choose 1 or more")
    if per != "artist" or "artists" not in rows.columns:
        need(name, rows, per)
    return np.fromiter(capped(names_in(rows, per), n), np.intp)


def crowds(rows: pl.DataFrame, n: int, per: str) -> dict[str, int]:
    """Values that more than n rows have, with their numbers; none where there is no such column."""
    if per not in rows.columns and (per != "artist" or "artists" not in rows.columns):
        return {}
    counts = Counter(each for names in names_in(rows, per) for each in set(names))
    return {each: count for each, count in counts.items() if count > n}


def way_through(name: str, rows: pl.DataFrame, *, space: Space, start: int, end: int, tracks: int | None) -> Order:
    """The way from one track to another through their neighbours, as `Playlist.through` describes it.

    Raises
    ------
    PlaylistError
        A track is not in the playlist or has no place, both are one, or fewer than two tracks are asked for.
    """
    if tracks is not None and tracks < FEWEST:
        raise PlaylistError(f"playlist {name!r}: a way has {FEWEST} tracks or more, found {tracks}")
    if start == end:
        raise PlaylistError(f"playlist {name!r}: track {start} cannot be the start and the end; choose two tracks")
    once = np.flatnonzero(rows["track_id"].is_first_distinct())
    frame = rows[once]
    known = places_of(frame, space) >= 0
    ends = within(name, frame, known, ends_of(name, frame, (start, end)), STRANGE)
    matrix = points_of(frame.filter(pl.Series(known)), space)
    way = neighbour_path(matrix, *ends)  # type: ignore[arg-type] # both were given
    return once[known][way if tracks is None else spread(matrix, way, tracks)]


def lengths(rows: pl.DataFrame) -> pl.Series:
    """Seconds of each track, null where unknown."""
    return rows["duration_s"].cast(pl.Float64).fill_nan(None)


def _found(rows: pl.DataFrame, kept: pl.DataFrame, minutes: float | None, tracks: int | None) -> dict[str, Any]:
    """Ids that a limit leaves out; and what it should reach: all that was asked where it leaves nothing out."""
    if len(kept) == len(rows):
        seconds = None if minutes is None else minutes * 60
        return given(tracks=tracks, seconds=seconds)
    left_out = rows["track_id"][len(kept) :].to_list()
    if len(kept) == tracks:
        return {"left_out": left_out, "tracks": tracks}
    return {"left_out": left_out, "seconds": float(lengths(kept).sum())}
