"""Which tracks lack which tags?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.places import FOLDER, STEM
from workbench.models import Reason

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["IMPORTANT", "INCOMPLETE", "incomplete_tags"]

IMPORTANT: Final = {
    "title": "title",
    "artists": "artist",
    "album": "album",
    "track_number": "track number",
    "genres": "genre",
    "year": "year",
}
"""Columns that a collection is sorted and searched by, and what the list calls them."""

INCOMPLETE: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "path": pl.String(),
    "lacking": pl.Int64(),
    "lacks": pl.String(),
    "proposal": pl.String(),
}
"""Columns of `incomplete_tags`."""

SHARED: Final = {"artist": "artist", "album": "album", "genre": "genre", "year": "year"}
"""What the tracks of one folder often have in common."""

FEWEST_WITNESSES: Final = 2


def incomplete_tags(tracks: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Tracks that lack important tags, those that lack most first; schema `INCOMPLETE`.

    Where a tag is missing, and at least two tracks and half of those in the same folder have it and all say the same,
    that is proposed. `tag_coverage` counts the same by tag.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads the columns of `IMPORTANT`, ``path``, and what the list shows.
    findings : polars.DataFrame
        Schema `models.FINDINGS`: they tell a title that the tags name from one that is the file's name.
    """
    present = tracks.filter(~pl.col("missing")).with_columns(folder=FOLDER)
    empty = {name: _is_empty(name) for name in IMPORTANT} | {"title": _is_untitled(findings)}
    words = [pl.when(empty[name]).then(pl.lit(word)) for name, word in IMPORTANT.items()]
    lacking = pl.sum_horizontal(*(empty[name].cast(pl.Int64) for name in IMPORTANT))
    told = [_told_by_folder(name, word) for name, word in SHARED.items()]
    others = pl.concat_str(told, separator=", ", ignore_nulls=True)
    said = pl.format("the other tracks of its folder say {}", others)
    named = present.with_columns(
        lacking=lacking,
        lacks=pl.concat_str(words, separator=", ", ignore_nulls=True),
        proposal=pl.when(others != "").then(said).otherwise(pl.lit("its folder does not tell: fill in by hand")),
    )
    worst = named.filter(pl.col("lacking") > 0).sort("lacking", "path", "track_id", descending=[True, False, False])
    return worst.select(*INCOMPLETE).cast(pl.Schema(INCOMPLETE))


def _is_empty(name: str) -> pl.Expr:
    return pl.col(name).list.len().fill_null(0) == 0 if name in {"artists", "genres"} else pl.col(name).is_null()


def _is_untitled(findings: pl.DataFrame) -> pl.Expr:
    """Whether the title is the file's name, and the scan found none in the tags."""
    says_none = (pl.col("reason") == Reason.MISSING_TAGS) & pl.col("text").str.contains("no title", literal=True)
    untitled = findings.filter(says_none)["track_id"].drop_nulls()
    return pl.col("title").is_null() | (pl.col("track_id").is_in(untitled.implode()) & (pl.col("title") == STEM))


def _told_by_folder(name: str, word: str) -> pl.Expr:
    """What all other tracks of the folder say, where this one says nothing and they agree."""
    witnesses = pl.col(name).count().over("folder")
    enough = (witnesses >= FEWEST_WITNESSES) & (2 * witnesses >= pl.len().over("folder"))
    agreed = enough & (pl.col(name).drop_nulls().n_unique().over("folder") == 1)
    value = pl.col(name).max().over("folder").cast(pl.String)
    return pl.when(pl.col(name).is_null() & agreed).then(pl.format(word + " '{}'", value))
