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


def odd_lengths(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks that play longer or shorter than their file declares, those that lack most first; schema `ODD_LENGTHS`.

    On the list are differences over a second and over a twentieth of what was decoded. A difference is what was decoded
    less what was declared, and its per cent are of the latter. Tracks that are not analysed, known by excerpts only, or
    gone are left out, as are files that declare nothing.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``declared_duration_s``, ``duration_s`` (decoded where ``analyzed``), and what the list shows.
    """
    declared, decoded = pl.col("declared_duration_s"), pl.col("duration_s")
    difference = decoded - declared
    odd = tracks.filter(
        pl.col("analyzed"),
        ~pl.col("missing"),
        declared > 0,
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
    short = pl.format("{} % of it is not there: fetch it again", percent)
    long = pl.format("its header errs: it plays {} % longer, the sound is there", percent)
    return pl.when(pl.col("difference_s") < 0).then(short).otherwise(long)
