"""Which files are there twice, and which of them is the one to keep?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.missing_tags import IMPORTANT
from workbench.doctor.places import ALBUM_FOLDER, SHORT_PATH
from workbench.duplicates import grouped
from workbench.models import Reason
from workbench.tags.containers import LOSSLESS

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["COPIES", "duplicate_files"]

COPIES: Final[Schema] = {
    "group": pl.Int64(),
    "reason": pl.String(),
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "path": pl.String(),
    "codec": pl.String(),
    "bit_rate_bps": pl.Int64(),
    "size_bytes": pl.Int64(),
    "duration_s": pl.Float64(),
    "tags": pl.Int64(),
    "keep": pl.Boolean(),
    "proposal": pl.String(),
}
"""Columns of `duplicate_files`."""

LONGER_S: Final = 1.0
"""Copies of one sound differ by less, through the silence that encoders add."""

BETTER_BIT_RATE_BPS: Final = 16_000
"""Less than a step between the bit rates that encoders are set to."""

CRITERIA: Final = {
    "lossless": "it is lossless",
    "rate": "it has the higher bit rate",
    "length": "it is longer",
    "tags": "it has more tags",
    "company": "more of its album lies beside it",
}
"""In their order: why a file is the better of two."""


def duplicate_files(tracks: pl.DataFrame) -> pl.DataFrame:
    """Groups of files that hold one sound, or probably one recording, and which to keep; schema `COPIES`.

    ``keep`` is a proposal: lossless before lossy, then the higher bit rate, the longer, the better tagged, the one
    beside more of its album, the first by path. A bit rate counts between lossy files only. Nothing is deleted: merging
    duplicates by rule is wrong too often for that, so listen to what is only probably the same.

    Parameters
    ----------
    tracks : polars.DataFrame
        Columns of `models.TRACKS`; a file whose double is not among them is not listed.
    """
    present = tracks.filter(~pl.col("missing"))
    known = present.select(*(name for name in COPIES if name in tracks.columns), *_judged())
    found = grouped(tracks).join(known, on="track_id", how="left", maintain_order="left")
    found = found.with_columns(rate=_is_richest()).with_columns(length=_is_longest())
    order = ["group", *CRITERIA, "path", "track_id"]
    found = found.sort(order, descending=[name in CRITERIA for name in order])
    is_best = pl.int_range(pl.len()).over("group") == 0
    found = found.with_columns(keep=is_best, best=_best(), why=_why())
    return found.with_columns(proposal=_proposal()).select(*COPIES).cast(pl.Schema(COPIES))


def _judged() -> list[pl.Expr]:
    """What files are compared by, each by itself; only what has an album lies beside more of it."""
    beside = pl.len().over("album_id", ALBUM_FOLDER)
    filled = [
        pl.col(name).list.len().fill_null(0) > 0 if name in {"artists", "genres"} else pl.col(name).is_not_null()
        for name in IMPORTANT
    ]
    return [
        pl.col("codec").is_in(list(LOSSLESS)).fill_null(value=False).alias("lossless"),
        pl.sum_horizontal(each.cast(pl.Int64) for each in filled).alias("tags"),
        pl.when(pl.col("album").is_not_null()).then(beside).otherwise(0).alias("company"),
    ]


def _is_richest() -> pl.Expr:
    """Whether no lossy file of the group has a clearly higher bit rate; an unknown one is not lower."""
    rate = pl.col("bit_rate_bps")
    return pl.col("lossless") | (rate > rate.max().over("group", "lossless") - BETTER_BIT_RATE_BPS).fill_null(
        value=True
    )


def _is_longest() -> pl.Expr:
    """Whether none of those as good so far is clearly longer; an unknown length is not shorter."""
    longest = pl.col("duration_s").max().over("group", "lossless", "rate")
    return (pl.col("duration_s") >= longest - LONGER_S).fill_null(value=True)


def _best() -> pl.Expr:
    """Where the first of the group lies: in short, but whole where the short form would name this file too."""
    short = SHORT_PATH.first().over("group")
    return pl.when(short == SHORT_PATH).then(pl.col("path").first().over("group")).otherwise(short)


def _why() -> pl.Expr:
    """The first criterion by which the first of a group is better than the second."""
    said = pl.lit("none is better, and it is the first by path")
    for name, words in reversed(CRITERIA.items()):
        better = pl.col(name).first().over("group") > pl.col(name).get(1).over("group")
        said = pl.when(better).then(pl.lit(words)).otherwise(said)
    return said


def _proposal() -> pl.Expr:
    is_sure = pl.col("reason") == Reason.DUPLICATE_AUDIO
    spare = pl.when(is_sure).then(pl.lit("same sound as ")).otherwise(pl.lit("listen first: probably the same as "))
    return pl.when(pl.col("keep")).then(pl.format("keep this one: {}", pl.col("why"))).otherwise(spare + pl.col("best"))
