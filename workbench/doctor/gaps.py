"""Which albums lack tracks, and which have a number twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

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

    A gap is a number under the highest that is here; what lies above it cannot be known. Discs of fewer than three
    numbered tracks, or with less than half of the numbers up to the highest, are left out: they were never complete.
    Files that are gone count as not here. Of files that hold the same sound one counts: they are duplicates.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id``, ``path``, ``missing``, ``audio_hash``, ``album``, ``album_id``, ``artists``,
        ``disc_number`` and ``track_number``.
    """
    numbered = tracks.filter(
        ~pl.col("missing"), pl.col("album").is_not_null(), pl.col("album_id").is_not_null(), pl.col("track_number") > 0
    ).sort("path")
    copied = pl.col("audio_hash").is_not_null() & ~pl.struct("album_id", "audio_hash").is_first_distinct()
    number = pl.col("track_number")
    discs = (
        numbered.filter(~copied)
        .group_by("album_id", "disc_number", maintain_order=True)
        .agg(
            pl.col("album").first(),
            pl.col("artists").list.first().drop_nulls().mode().sort().first().alias("artist"),
            pl.len().alias("tracks"),
            number.max().alias("highest"),
            number.unique().sort().alias("numbers"),
            number.filter(number.is_duplicated()).unique().sort().alias("twice"),
            pl.col("track_id").first(),
            ALBUM_FOLDER.mode().sort().first().alias("path"),
        )
        .with_columns(known=pl.col("numbers").list.len())
    )
    whole = (pl.col("known") >= FEWEST_TRACKS) & (pl.col("known") >= FEWEST_SHARE * pl.col("highest"))
    odd = (pl.col("known") < pl.col("highest")) | (pl.col("twice").list.len() > 0)
    rows = [_row(row) for row in discs.filter(whole & odd).iter_rows(named=True)]
    found = pl.DataFrame(rows, GAPS | {"gaps": pl.Int64()})
    return found.sort("gaps", "album", "path", "disc_number", descending=[True, False, False, False]).select(*GAPS)


def _row(disc: dict[str, Any]) -> dict[str, Any]:
    numbers, twice, highest = disc["numbers"], disc["twice"], disc["highest"]
    gaps = sorted({*range(1, highest)} - {*numbers})
    absent, doubled = spans(gaps) or None, spans(twice) or None
    lacking = "look for the missing ones, or check the numbers" if absent else None
    double = "two copies, or two discs without disc numbers?" if doubled else None
    proposal = "; ".join(each for each in (lacking, double) if each)
    return {**disc, "gaps": len(gaps), "absent": absent, "doubled": doubled, "proposal": proposal}


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
