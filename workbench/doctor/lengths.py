"""Does it play as long as it says?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["ODD_LENGTHS", "odd_lengths"]

ODD_LENGTHS: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "path": pl.String(),
    "codec": pl.String(),
    "declared_s": pl.Float64(),
    "decoded_s": pl.Float64(),
    "difference_s": pl.Float64(),
    "difference_percent": pl.Float64(),
    "proposal": pl.String(),
}
"""Columns of `odd_lengths`."""

TOLERANCE_S: Final = 1.0
TOLERANCE_SHARE: Final = 0.05
"""As the findings of the analysis have it: headers that guess from the bit rate are off by less."""

FRAMED: Final = ("mp3", "aac")
"""Containers that are a row of frames, in which a header with the length is missing or an extra (Xing's)."""

ALL_BYTES: Final = 0.98
"""A guessed length takes all bytes but those of tags; a file cut off within the tolerance is not on the list."""

MOST_PERCENT: Final = 200
"""Beyond it a share says less than seconds."""


def odd_lengths(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks that play longer or shorter than their file declares, those that lack most first; schema `ODD_LENGTHS`.

    On the list are differences over a second and over a twentieth of what was decoded. A difference is what was decoded
    less what was declared, and its per cent are of the latter. Tracks that are not analysed, known by excerpts only, or
    gone are left out, as are files that declare nothing. MP3 and AAC files may not declare their length either; it is
    guessed then from their size and the bit rate of their first frames. Where all bytes are there that the length
    would take, the proposal is no more than to listen.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``declared_duration_s``, ``duration_s`` (decoded where ``analyzed``), ``container``, ``bit_rate_bps``,
        ``size_bytes``, and what the list shows.
    """
    declared, decoded = pl.col("declared_duration_s"), pl.col("duration_s")
    difference = decoded - declared
    odd = tracks.filter(
        pl.col("analyzed"),
        ~pl.col("missing"),
        declared > 0,
        difference.is_finite(),
        difference.abs() > pl.max_horizontal(pl.lit(TOLERANCE_S), TOLERANCE_SHARE * decoded),
    ).with_columns(
        declared_s=declared,
        decoded_s=decoded,
        difference_s=difference,
        difference_percent=100 * difference / declared,
    )
    return odd.with_columns(proposal=_proposal()).select(*ODD_LENGTHS).sort("difference_s", "track_id")


def _proposal() -> pl.Expr:
    """What may have happened, and what to do."""
    percent = pl.col("difference_percent").abs().round(0).cast(pl.Int64)
    short = pl.format("{} % of it is not there: fetch it again", percent.clip(upper_bound=99))
    longer = pl.format("{} %", percent)
    longer = pl.when(percent > MOST_PERCENT).then(pl.format("{} s", pl.col("difference_s").round(1))).otherwise(longer)
    long = pl.format("its header errs: it plays {} longer, the sound is there", longer)
    guess = pl.lit("its length may be a guess from its size: listen to its end")
    return pl.when(pl.col("difference_s") > 0).then(long).when(_may_be_guessed()).then(guess).otherwise(short)


def _may_be_guessed() -> pl.Expr:
    """Whether a file of frames has all the bytes that its length would take: one that was cut off has fewer."""
    needed = pl.col("declared_s") * pl.col("bit_rate_bps") / 8
    complete = pl.col("size_bytes") >= ALL_BYTES * needed
    return (pl.col("container").is_in(FRAMED) & complete).fill_null(value=False)
