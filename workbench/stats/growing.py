"""How has the collection grown, and what does its sound take up?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import polars as pl

from workbench.tags.containers import LOSSLESS

if TYPE_CHECKING:
    from datetime import date

    from workbench.stats.counting import Schema

__all__ = ["BIT_RATES", "GROWTH", "by_bit_rate", "growth"]

GROWTH: Final[Schema] = {"from": pl.Date(), "to": pl.Date(), "added": pl.Int64(), "total": pl.Int64()}
"""Columns of `growth`: first day, first day after it, tracks added between them, tracks there at the end."""

FEW_DAYS: Final = 60
"""A span that is shorter, in days, is told day by day."""

BIT_RATES: Final[Schema] = {
    "kbps_from": pl.Int64(),
    "kbps_to": pl.Int64(),
    "codec": pl.String(),
    "lossless": pl.Boolean(),
    "tracks": pl.Int64(),
}
"""Columns of `by_bit_rate`; ``kbps_to`` is not included, and null in the highest bin."""

EDGES_KBPS: Final = (0, 64, 96, 128, 160, 192, 224, 256, 320, 500, 700, 900, 1100, 1400, 2000, 4000)
"""Steps of MPEG-1 layer III's table of bit rates (ISO/IEC 11172-3, 2.4.2.3) up to its highest, 320; above it, where
FLAC and PCM are (a CD's PCM is 1411), wider ones."""


def growth(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks added and tracks in all, month by month, schema `GROWTH`; no month between is left out.

    By days where the first and the last were added under two months apart. A track that was deleted from the library
    is not counted in the past either. Days are UTC days; reads ``added_at``.
    """
    days = tracks["added_at"].drop_nulls().dt.date()
    if days.is_empty():
        return pl.DataFrame(schema=GROWTH)
    first, last = cast("tuple[date, date]", (days.min(), days.max()))
    step = "1d" if (last - first).days < FEW_DAYS else "1mo"
    starts = pl.date_range(first if step == "1d" else first.replace(day=1), last, step, eager=True).alias("from")
    counts = days.dt.truncate(step).alias("from").value_counts(name="added")
    grown = starts.to_frame().join(counts, on="from", how="left", maintain_order="left")
    return grown.select(
        "from",
        pl.col("from").dt.offset_by(step).alias("to"),
        pl.col("added").fill_null(0),
        pl.col("added").fill_null(0).cum_sum().alias("total"),
    ).cast(pl.Schema(GROWTH))


def by_bit_rate(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by bit rate and codec, lowest rate first and unknown last, schema `BIT_RATES`.

    Rates are rounded to whole kbit/s before they are counted, for headers say 319,999; only bins that hold tracks have
    a row. ``lossless`` goes by the codec, and is null where that is unknown.
    """
    kbps = (pl.col("bit_rate_bps") / 1000).round().cast(pl.Int64)
    bins = tracks.select(
        (pl.lit(pl.Series(EDGES_KBPS)).search_sorted(kbps, side="right").cast(pl.Int64) - 1).alias("bin"),
        kbps.alias("kbps"),
        "codec",
    ).with_columns(pl.when(pl.col("kbps").is_not_null()).then("bin").alias("bin"))
    counts = bins.group_by("bin", "codec").agg(pl.len().alias("tracks"))
    ends = dict(enumerate((*EDGES_KBPS[1:], None)))
    return (
        counts.sort("bin", "tracks", "codec", descending=[False, True, False], nulls_last=True)
        .select(
            pl.col("bin").replace_strict(dict(enumerate(EDGES_KBPS)), return_dtype=pl.Int64).alias("kbps_from"),
            pl.col("bin").replace_strict(ends, return_dtype=pl.Int64).alias("kbps_to"),
            "codec",
            pl.col("codec").is_in(list(LOSSLESS)).alias("lossless"),
            "tracks",
        )
        .cast(pl.Schema(BIT_RATES))
    )
