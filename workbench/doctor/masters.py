"""Which masters are clipped, and which are pressed flat?

Conventions
-----------
Both are facts of the sound and matters of taste: some music is meant to be loud. What is lost in a master no player and
no lower volume brings back; another issue of the same music may have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["MASTERS", "brick_walled", "clipped"]

MASTERS: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "album": pl.String(),
    "path": pl.String(),
    "clipping_ratio": pl.Float64(),
    "true_peak_dbtp": pl.Float64(),
    "loudness_lufs": pl.Float64(),
    "loudness_range_lu": pl.Float64(),
    "dynamic_range_db": pl.Float64(),
    "proposal": pl.String(),
}
"""Columns of `clipped` and `brick_walled`."""

CLIPPED_SHARE: Final = 0.001
"""As the findings of the analysis have it: one sample in a thousand at or beyond the largest value of 16 bits."""

LEAST_DYNAMIC_RANGE_DB: Final = 8.0
"""DR8 is the least that Dynamic Range Day asks of a good loud master (productionadvice.co.uk, "How loud is too loud?",
2013), measured as the Pleasurize Music Foundation's meter does (manual of the TT Dynamic Range Meter, 2009)."""

STREAMING_LUFS: Final = -14.0
"""To this loudness services turn louder music down: AES TD1008 (2021) advises -14 LUFS for the loudest track."""

HIGHEST_PEAK_DBTP: Final = -1.0
"""The most that EBU R 128 (2020) allows a true peak; a limiter leaves them there or above."""


def clipped(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks of which more than one sample in a thousand is clipped, most first; schema `MASTERS`.

    A sample counts as clipped at or beyond the largest value of 16-bit sound. In lossy files some are the decoder's own
    overshoot, which a player with headroom does not cut.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``clipping_ratio`` (share of samples), ``true_peak_dbtp``, and what the list shows.
    """
    found = _present(tracks).filter(pl.col("clipping_ratio").is_between(CLIPPED_SHARE, 1, closed="right"))
    share = (100 * pl.col("clipping_ratio")).round(1)
    found = found.with_columns(proposal=pl.format("{} % of its samples are clipped: look for another issue", share))
    return found.select(*MASTERS).sort("clipping_ratio", "track_id", descending=[True, False])


def brick_walled(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks whose master is probably limited hard, the flattest first; schema `MASTERS`.

    All three hold: a dynamic range under 8 dB, a loudness over -14 LUFS, and true peaks over -1 dBTP. The dynamic range
    alone would accuse drones and organ tones, which are even by nature; these are seldom as loud.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``dynamic_range_db``, ``loudness_lufs``, ``true_peak_dbtp``, and what the list shows.
    """
    found = _present(tracks).filter(
        pl.col("dynamic_range_db") < LEAST_DYNAMIC_RANGE_DB,
        pl.col("loudness_lufs") > STREAMING_LUFS,
        pl.col("true_peak_dbtp") > HIGHEST_PEAK_DBTP,
    )
    found = found.with_columns(
        proposal=pl.format(
            "probably limited hard (DR {} at {} LUFS): another issue may be livelier",
            pl.col("dynamic_range_db").round(0).cast(pl.Int64),
            pl.col("loudness_lufs").round(1),
        )
    )
    return found.select(*MASTERS).sort("dynamic_range_db", "track_id")


def _present(tracks: pl.DataFrame) -> pl.DataFrame:
    return tracks.filter(~pl.col("missing"))
