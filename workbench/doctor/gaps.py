"""Which albums lack tracks, and which have a number twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.doctor.albums import has_album, split_albums
from workbench.doctor.places import ALBUM_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.stats.counting import Schema

__all__ = ["GAPS", "number_gaps"]

GAPS: Final[Schema] = {
    "album_id": pl.Int64(),
    "album": pl.String(),
    "artist": pl.String(),
    "disc_number": pl.Int64(),
    "tracks": pl.Int64(),
    "highest": pl.Int64(),
    "absent": pl.String(),
    "doubled": pl.String(),
    "track_id": pl.Int64(),
    "path": pl.String(),
    "proposal": pl.String(),
}
"""Columns of `number_gaps`."""

FEWEST_TRACKS: Final = 3
FEWEST_SHARE: Final = 0.5
"""An album of which less is here was never complete: single songs, gathered."""


def number_gaps(tracks: pl.DataFrame) -> pl.DataFrame:
    """Albums, disc by disc, whose track numbers have gaps or stand twice, most gaps first; schema `GAPS`.

    A gap is a number under the highest that is here; what lies above it cannot be known. Where a disc begins behind the
    last number of the disc before, the album is numbered through, and what came before is no gap; nor is what lies
    before a later disc of which no earlier one is here. Tracks without a disc number count to the first disc. What
    another part of a split album has (`split_albums`) is not absent. Discs of fewer than three numbered tracks, or with
    less than half of the numbers that they should have, are left out: they were never complete. Files that are gone
    count as not here. Of files that hold the same sound one counts: they are duplicates.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``audio_hash``, and what `split_albums` reads.
    """
    discs = _discs(tracks.filter(~pl.col("missing"), is_numbered()).sort("path", "track_id"), split_albums(tracks))
    least = FEWEST_SHARE * (pl.col("highest") - pl.col("start") + 1)
    begun = discs.filter(pl.col("numbers").list.len() >= FEWEST_TRACKS, pl.col("known").list.len() >= least)
    should = pl.int_ranges("start", pl.col("highest") + 1)
    begun = begun.with_columns(gaps=should.list.set_difference("known").list.sort(), should=should.list.len())
    gaps = pl.col("gaps").list.len()
    odd = begun.filter(pl.col("should") - gaps >= least, (gaps > 0) | (pl.col("twice").list.len() > 0))
    rows = [_row(row) for row in odd.iter_rows(named=True)]
    order = ["gaps", "album", "path", "album_id", "disc_number"]
    found = pl.DataFrame(rows, GAPS | {"gaps": pl.Int64()}).sort(order, descending=[name == "gaps" for name in order])
    return found.select(*GAPS)


def is_numbered() -> pl.Expr:
    """Whether a track has its place on an album with a name of its own."""
    return has_album() & (pl.col("track_number") > 0)


def _discs(numbered: pl.DataFrame, split: pl.DataFrame) -> pl.DataFrame:
    """Each disc of each album: its numbers, where they should start, and all that are known of it."""
    disc = pl.col("disc_number").fill_null(1)
    copied = pl.col("audio_hash").is_not_null() & ~pl.struct("album_id", "audio_hash").is_first_distinct()
    number = pl.col("track_number")
    discs = (
        numbered.filter(~copied)
        .group_by("album_id", disc=disc, maintain_order=True)
        .agg(
            pl.col("disc_number").max(),
            pl.col("album").first(),
            pl.col("artists").list.first().drop_nulls().mode().sort().first().alias("artist"),
            pl.len().alias("tracks"),
            number.min().alias("lowest"),
            number.max().alias("highest"),
            number.unique().sort().alias("numbers"),
            number.filter(number.is_duplicated()).unique().sort().alias("twice"),
            pl.col("track_id").first(),
            ALBUM_FOLDER.mode().sort().first().alias("path"),
        )
        .sort("album_id", "disc")
        .with_columns(start=_start())
    )
    elsewhere = _elsewhere(numbered.select("album_id", disc=disc, number="track_number"), split)
    discs = discs.join(elsewhere, on=["album_id", "disc"], how="left", maintain_order="left")
    return discs.with_columns(known=pl.col("numbers").list.set_union(pl.col("elsewhere").fill_null([])))


def _start() -> pl.Expr:
    """The number that a disc should start with; discs in their order."""
    before = pl.col("highest").cum_max().shift(1).over("album_id")
    follows = pl.when(pl.col("lowest") > before).then(before + 1).otherwise(1)
    return pl.when(before.is_null() & (pl.col("disc") > 1)).then(pl.col("lowest")).otherwise(follows)


def _elsewhere(numbers: pl.DataFrame, split: pl.DataFrame) -> pl.DataFrame:
    """The numbers that the parts of each split album have together: ``album_id``, ``disc``, ``elsewhere``."""
    parts = split.select(album_id=pl.col("album_ids").str.split(", ").cast(pl.List(pl.Int64)))
    parts = parts.with_row_index("whole").explode("album_id")
    together = parts.join(numbers, on="album_id").group_by("whole", "disc").agg("number")
    each = parts.join(together, on="whole").explode("number")
    return each.group_by("album_id", "disc").agg(elsewhere=pl.col("number").unique())


def _row(disc: dict[str, Any]) -> dict[str, Any]:
    absent, doubled = spans(disc["gaps"]) or None, spans(disc["twice"]) or None
    lacking = "look for the missing ones, or check the numbers" if absent else None
    double = "two copies, two discs without disc numbers, or two albums of one name?" if doubled else None
    proposal = "; ".join(each for each in (lacking, double) if each)
    return {**disc, "gaps": len(disc["gaps"]), "absent": absent, "doubled": doubled, "proposal": proposal}


def spans(numbers: Iterable[int]) -> str:
    """Numbers in rising order, runs of them as one.

    Examples
    --------
    >>> spans([3, 7, 8, 9])
    '3, 7-9'
    """
    return ", ".join(f"{start}-{end}" if end > start else str(start) for start, end in _runs(numbers))


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    run: tuple[int, int] | None = None
    for number in numbers:
        if run and number == run[1] + 1:
            run = run[0], number
            continue
        if run:
            yield run
        run = number, number
    if run:
        yield run
