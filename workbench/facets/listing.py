"""Which artists and albums do these tracks belong to?

Conventions
-----------
Spellings that a search cannot tell apart are one name, as the first of the tracks spells it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from workbench.errors import WorkbenchError
from workbench.query.fields import folded

__all__ = ["ALBUMS", "ARTISTS", "albums", "artists"]

ARTISTS: Final = {"artist": pl.String(), "albums": pl.Int64(), "tracks": pl.Int64(), "duration_s": pl.Float64()}
"""Columns of `artists`."""

ALBUMS: Final = {
    "album": pl.String(),
    "artist": pl.String(),
    "year": pl.Int64(),
    "tracks": pl.Int64(),
    "duration_s": pl.Float64(),
}
"""Columns of `albums`."""

READ: Final = {"album": pl.String(), "year": pl.Int64(), "duration_s": pl.Float64()}


def artists(rows: pl.DataFrame) -> pl.DataFrame:
    """Artists of tracks, by name.

    Parameters
    ----------
    rows : polars.DataFrame
        Reads ``artists`` (or ``artist``), and ``album`` and ``duration_s`` where it has them.

    Returns
    -------
    polars.DataFrame
        Schema `ARTISTS`. A track of two artists counts for both; one without an artist for none. ``duration_s`` adds
        up what is known, and is null where nothing is.

    Raises
    ------
    WorkbenchError
        There is no column of artists.
    """
    table = _table(rows, "artists" if "artists" in rows.columns else "artist").explode("artist", empty_as_null=True)
    grouped = table.filter(pl.col("artist") != "").group_by(_name("artist"), maintain_order=True)
    albums = pl.col("album").drop_nulls().n_unique().alias("albums")
    found = grouped.agg(pl.col("artist").first(), albums, pl.len().alias("tracks"), _length())
    return _shaped(found.sort("folded artist"), ARTISTS)


def albums(rows: pl.DataFrame) -> pl.DataFrame:
    """Albums of tracks, by artist, then by year, then by name.

    Parameters
    ----------
    rows : polars.DataFrame
        Reads ``album``, ``album_artists`` (or ``artists``, or ``artist``), and ``year`` and ``duration_s`` where it
        has them.

    Returns
    -------
    polars.DataFrame
        Schema `ALBUMS`. Albums of one name are told apart by the first album artist, who is ``artist``; null where
        none is known. ``year`` is the earliest. A track without an album counts for none.

    Raises
    ------
    WorkbenchError
        There is no column of artists.
    """
    column = next((name for name in ("album_artists", "artists") if name in rows.columns), "artist")
    table = _table(rows, column).with_columns(pl.col("artist").list.first()).filter(pl.col("album") != "")
    grouped = table.group_by(_name("album"), _name("artist"), maintain_order=True)
    found = grouped.agg(pl.col("album", "artist").first(), pl.col("year").min(), pl.len().alias("tracks"), _length())
    return _shaped(found.sort("folded artist", "year", "folded album", nulls_last=True), ALBUMS)


def _table(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The columns read, null where there are none; artists as lists."""
    if column not in rows.columns:
        raise WorkbenchError("tracks without a column 'artists' or 'artist': take what library.tracks() gives")
    names = pl.col(column) if isinstance(rows.schema[column], pl.List) else pl.concat_list(column)
    others = [
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in READ.items()
    ]
    return rows.select(names.list.drop_nulls().alias("artist"), *others)


def _length() -> pl.Expr:
    known = pl.col("duration_s").is_not_null().any()
    return pl.when(known).then(pl.col("duration_s").sum()).alias("duration_s")


def _name(column: str) -> pl.Expr:
    return folded(pl.col(column)).str.to_lowercase().alias(f"folded {column}")


def _shaped(found: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return found.select(*schema).cast(pl.Schema(schema))
