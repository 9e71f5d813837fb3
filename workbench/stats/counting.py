"""How many tracks of what?"""

from __future__ import annotations

from typing import Final

import polars as pl

from workbench.keys import CAMELOT

__all__ = [
    "COUNTS",
    "DURATION_S",
    "HOURS",
    "KEYS",
    "REASONS",
    "SIZE_GB",
    "SUMMARY",
    "Schema",
    "by_artist",
    "by_decade",
    "by_format",
    "by_genre",
    "by_key",
    "by_year",
    "findings_by_reason",
    "one_row_a_name",
    "summary",
]

Schema = dict[str, pl.DataType]


COUNTS: Final[Schema] = {"tracks": pl.Int64(), "hours": pl.Float64(), "size_gb": pl.Float64()}
"""Columns of every ``by_`` frame of tracks, after the names they are counted by."""


SUMMARY: Final[Schema] = {
    "tracks": pl.Int64(),
    "analyzed": pl.Int64(),
    "hours": pl.Float64(),
    "size_gb": pl.Float64(),
    "artists": pl.Int64(),
    "albums": pl.Int64(),
    "genres": pl.Int64(),
    "missing": pl.Int64(),
}
"""Columns of `summary`."""


KEYS: Final[Schema] = {"camelot": pl.String(), "key": pl.String(), "mode": pl.String(), "tracks": pl.Int64()}
"""Columns of `by_key`."""


REASONS: Final[Schema] = {"stage": pl.String(), "state": pl.String(), "reason": pl.String(), "findings": pl.Int64()}
"""Columns of `findings_by_reason`."""


DURATION_S: Final = pl.when(pl.col("duration_s").cast(pl.Float64).is_finite()).then("duration_s")
"""The length where it is known."""


HOURS: Final = (DURATION_S.sum() / 3600).alias("hours")


SIZE_GB: Final = (pl.col("size_bytes").sum() / 1e9).alias("size_gb")


def summary(tracks: pl.DataFrame) -> pl.DataFrame:
    """The collection in one row, schema `SUMMARY`; `missing` counts tracks whose file is gone."""
    return tracks.select(
        pl.len().alias("tracks"),
        pl.col("analyzed").sum(),
        HOURS,
        SIZE_GB,
        pl.lit(one_row_a_name(tracks, "artists", "artist")["artist"].drop_nulls().n_unique()).alias("artists"),
        pl.col("album_id").drop_nulls().n_unique().alias("albums"),
        pl.lit(one_row_a_name(tracks, "genres", "genre")["genre"].drop_nulls().n_unique()).alias("genres"),
        pl.col("missing").sum(),
    ).cast(pl.Schema(SUMMARY))


def by_format(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``container`` and ``codec``, most first, with the columns of `COUNTS`."""
    return _counted(tracks, "container", "codec")


def by_genre(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``genre``, most first, with the columns of `COUNTS`; a track counts for each of its genres."""
    return _counted(one_row_a_name(tracks, "genres", "genre"), "genre")


def by_artist(tracks: pl.DataFrame, *, n: int = 20) -> pl.DataFrame:
    """The n artists with most tracks, by ``artist``, with `COUNTS`; a track counts for each of its artists."""
    named = one_row_a_name(tracks, "artists", "artist").drop_nulls("artist")
    return _counted(named, "artist").head(n)


def by_year(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by release ``year``, oldest first and unknown last, with the columns of `COUNTS`."""
    return _counted(tracks, "year").sort("year", nulls_last=True)


def by_decade(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``decade`` (1990 is 1990 to 1999), oldest first and unknown last, with the columns of `COUNTS`."""
    decades = tracks.with_columns((pl.col("year") // 10 * 10).alias("decade"))
    return _counted(decades, "decade").sort("decade", nulls_last=True)


def by_key(tracks: pl.DataFrame) -> pl.DataFrame:
    """All 24 keys in Camelot order, 1A, 1B, ... 12B, with their number of tracks, 0 too; schema `KEYS`."""
    wheel = sorted(CAMELOT.items(), key=lambda entry: (int(entry[0][:-1]), entry[0][-1]))
    rows = [(code, key, mode) for code, (key, mode) in wheel]
    names = pl.DataFrame(rows, [name for name in KEYS if name != "tracks"], orient="row")
    counts = tracks.group_by("camelot").agg(pl.len().alias("tracks"))
    joined = names.join(counts, on="camelot", how="left", maintain_order="left")
    return joined.with_columns(pl.col("tracks").fill_null(0)).cast(pl.Schema(KEYS))


def findings_by_reason(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings (schema `models.FINDINGS`) by stage, state and reason, most first; schema `REASONS`."""
    names = ["stage", "state", "reason"]
    counts = findings.group_by(names).agg(pl.len().alias("findings"))
    return counts.sort("findings", *names, descending=[True, False, False, False]).cast(pl.Schema(REASONS))


def one_row_a_name(tracks: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """A row for each track and each different name in its list; one with null where the list is empty."""
    names = pl.col(column).list.unique(maintain_order=True)
    lists = pl.when(names.list.len() > 0).then(names).alias(name)  # polars differs over what an empty list explodes to
    return tracks.with_columns(lists).explode(name)


def _counted(tracks: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Tracks, hours and gigabytes by names, most tracks first, equal ones by name."""
    counts = tracks.group_by(names).agg(pl.len().alias("tracks"), HOURS, SIZE_GB)
    order = [True, *(False for _ in names)]
    return counts.sort("tracks", *names, descending=order, nulls_last=True).cast(pl.Schema(COUNTS))
