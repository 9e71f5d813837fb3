"""What is played, and what is liked, as far as tags and the user say?

Conventions
-----------
A play count comes from tags alone: it is known of what other programs have counted and written, and of nothing else. A
track without one is left out, never counted as unplayed. Where nothing is known, a frame is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.stats.counting import COUNTS, HOURS, SIZE_GB, one_row_a_name

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["PLAYED", "PLAYS", "RATINGS", "by_rating", "most_played", "plays_by_artist", "plays_by_genre"]

PLAYED: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "plays": pl.Int64(),
    "rating": pl.Float64(),
}
"""Columns of `most_played`."""

PLAYS: Final[Schema] = {"tracks": pl.Int64(), "plays": pl.Int64()}
"""Columns of the ``plays_by_`` frames, after the name: tracks whose play count is known, and their plays together."""

RATINGS: Final[Schema] = {"stars": pl.Float64(), **COUNTS}
"""Columns of `by_rating`."""

MOST_STARS: Final = 5


def most_played(tracks: pl.DataFrame, *, n: int = 20) -> pl.DataFrame:
    """The n tracks that were played most, of equal ones the better rated first; schema `PLAYED`.

    Parameters
    ----------
    tracks : DataFrame
        Reads ``track_id``, ``title``, ``artist``, ``play_count`` and ``rating``. What was never played is left out.
    n : int
        Most rows.
    """
    played = tracks.filter(pl.col("play_count") > 0).rename({"play_count": "plays"})
    order = {"plays": True, "rating": True, "track_id": False}
    ranked = played.sort(*order, descending=[*order.values()], nulls_last=True)
    return ranked.select(*PLAYED).head(n).cast(pl.Schema(PLAYED))


def plays_by_genre(tracks: pl.DataFrame) -> pl.DataFrame:
    """Plays by ``genre``, most first, with `PLAYS`; a track counts for each of its genres, null where it has none."""
    return _played(one_row_a_name(tracks, "genres", "genre"), "genre")


def plays_by_artist(tracks: pl.DataFrame, *, n: int = 20) -> pl.DataFrame:
    """The n artists that were played most, by ``artist``, with `PLAYS`; a track counts for each of its artists."""
    return _played(one_row_a_name(tracks, "artists", "artist").drop_nulls("artist"), "artist").head(n)


def by_rating(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``stars``, 0 to 5 in steps of a half, none left out, and null for those without; schema `RATINGS`.

    A rating between two steps counts for the nearest, one in the middle for the higher. Empty where no track is rated.

    Parameters
    ----------
    tracks : DataFrame
        Reads ``rating``, ``duration_s`` and ``size_bytes``.
    """
    halves = (
        (pl.when(pl.col("rating").is_finite()).then("rating") * MOST_STARS * 2 + 0.5)
        .floor()
        .cast(pl.Int64)
        .alias("halves")
    )
    counts = tracks.group_by(halves).agg(pl.len().alias("tracks"), HOURS, SIZE_GB)
    if counts["halves"].is_null().all():
        return pl.DataFrame(schema=RATINGS)
    steps = pl.DataFrame({"halves": [*range(2 * MOST_STARS + 1), None]}, {"halves": pl.Int64})
    if not counts["halves"].has_nulls():
        steps = steps.drop_nulls()
    joined = steps.join(counts, on="halves", how="left", nulls_equal=True, maintain_order="left")
    filled = joined.with_columns(pl.col(*COUNTS).fill_null(0), stars=pl.col("halves") / 2)
    return filled.select(*RATINGS).cast(pl.Schema(RATINGS))


def _played(named: pl.DataFrame, name: str) -> pl.DataFrame:
    """Known play counts, added up by a name; most plays first, equal ones by name."""
    known = named.drop_nulls("play_count").group_by(name)
    counts = known.agg(pl.len().alias("tracks"), pl.col("play_count").sum().alias("plays"))
    return counts.sort("plays", name, descending=[True, False], nulls_last=True).cast(pl.Schema(PLAYS))
