"""What is kept of the collection, to be compared with later?

Conventions
-----------
A snapshot is a dict that JSON can hold. Its numbers are counts, or sums that are rounded after whole milliseconds and
bytes were added up, so that the same rows give the same snapshot in any order. All but ``missing`` and ``findings`` are
of the tracks whose files are there. A key that an older workbench did not know is not there: unknown, not 0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.stats.counting import DURATION_S, by_genre, summary
from workbench.stats.coverage import tag_coverage

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["HISTORY", "MOST_GENRES", "history", "snapshot", "statistics_of"]

MOST_GENRES: Final = 200
"""Genres whose tracks a snapshot counts: those with most."""

MOST: Final = 2**53

HISTORY: Final[Schema] = {
    "taken_at": pl.Datetime("us", "UTC"),
    "tracks": pl.Int64(),
    "missing": pl.Int64(),
    "hours": pl.Float64(),
    "size_gb": pl.Float64(),
    "analyzed": pl.Int64(),
    "heard": pl.Int64(),
    "artists": pl.Int64(),
    "albums": pl.Int64(),
    "genres": pl.Int64(),
    "playlists": pl.Int64(),
}
"""Columns of `history`."""


def snapshot(
    tracks: pl.DataFrame, findings: pl.DataFrame, *, heard: int | None = None, playlists: int | None = None
) -> dict[str, Any]:
    """The collection in numbers, as a store keeps them; equal for an unchanged collection.

    Parameters
    ----------
    tracks, findings : DataFrame
        Columns of `models.TRACKS` and `models.FINDINGS`.
    heard : int or None
        Present tracks that the learned model has heard; None where that is not known.
    playlists : int or None
        Saved playlists.

    Returns
    -------
    dict
        The numbers of `HISTORY` but for the moment, and by name: ``tags`` (tracks that carry each), ``findings`` (by
        reason), ``formats`` (tracks by container and codec), ``genre_tracks`` (the `MOST_GENRES` most frequent).
    """
    there = tracks.filter(~pl.col("missing"))
    milliseconds, size_bytes = (
        int(sum_or_none or 0)
        for sum_or_none in there.select(
            (DURATION_S * 1000).round().cast(pl.Int64).sum(), pl.col("size_bytes").sum()
        ).row(0)
    )
    counted = summary(there).select("tracks", "analyzed", "artists", "albums", "genres").row(0, named=True)
    return counted | {
        "missing": len(tracks) - len(there),
        "hours": round(milliseconds / 3_600_000, 3),
        "size_gb": round(size_bytes / 1e9, 3),
        "heard": heard,
        "playlists": playlists,
        "tags": dict(tag_coverage(there).select("tag", "tracks").iter_rows()),
        "findings": _counts(findings, pl.col("reason")),
        "formats": _counts(there, _format()),
        "genre_tracks": dict(_frequent_genres(there).iter_rows()),
    }


def statistics_of(text: str) -> dict[str, Any]:
    """The numbers of a snapshot out of its JSON; what is no number is not there, as if nobody had counted it."""
    held = json.loads(text)
    return _numbers(held, deep=True) if isinstance(held, dict) else {}


def history(snapshots: pl.DataFrame) -> pl.DataFrame:
    """What stood in each snapshot, one row each in the order they were taken; schema `HISTORY`.

    Parameters
    ----------
    snapshots : DataFrame
        ``taken_at`` and ``statistics`` (JSON), as the store gives them.
    """
    rows = [
        {"taken_at": taken_at} | {name: held.get(name) for name in HISTORY if name != "taken_at"}
        for taken_at, held in _moments(snapshots)
    ]
    return pl.DataFrame(rows, HISTORY, strict=False)


def _moments(snapshots: pl.DataFrame) -> list[tuple[Any, dict[str, Any]]]:
    return [(taken_at, statistics_of(text)) for taken_at, text in snapshots.select("taken_at", "statistics").rows()]


def _numbers(held: dict[str, Any], *, deep: bool = False) -> dict[str, Any]:
    """The numbers by name, and the groups of numbers in it."""
    groups = {key: _numbers(value) for key, value in held.items() if deep and isinstance(value, dict)}
    return {key: value for key, value in held.items() if _is_number(value)} | groups


def _is_number(value: object) -> bool:
    """Whether it counts something: no truth, no NaN, and not more than a float holds to the unit."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST


def _counts(frame: pl.DataFrame, name: pl.Expr) -> dict[str, int]:
    counts = frame.group_by(name.fill_null("unknown").alias("name")).agg(pl.len())
    return dict(counts.sort("name").iter_rows())


def _format() -> pl.Expr:
    """Container and codec as one name: "mp3", "ogg (opus)"."""
    box, codec = pl.col("container"), pl.col("codec")
    return pl.when(codec.is_null() | (box == codec)).then(box).otherwise(pl.format("{} ({})", box, codec))


def _frequent_genres(tracks: pl.DataFrame) -> pl.DataFrame:
    return by_genre(tracks).drop_nulls("genre").select("genre", "tracks").head(MOST_GENRES)
