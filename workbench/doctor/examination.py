"""What is wrong with this collection, all in all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.albums import split_albums
from workbench.doctor.copies import duplicate_files
from workbench.doctor.gaps import number_gaps
from workbench.doctor.lengths import odd_lengths
from workbench.doctor.masters import brick_walled, clipped
from workbench.doctor.missing_tags import incomplete_tags
from workbench.doctor.transcodes import is_judged, probable_transcodes
from workbench.stats.comparing import genre_disagreements, key_disagreements, tempo_disagreements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stats.counting import Schema

__all__ = ["OVERVIEW", "examine", "findings_of", "overview"]

OVERVIEW: Final[Schema] = {
    "table": pl.String(),
    "what": pl.String(),
    "rows": pl.Int64(),
    "judged": pl.Int64(),
    "trust": pl.String(),
}
"""Columns of `overview`."""

ALL: Final = pl.lit(value=True)


def _known(*names: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(names).is_not_null())


TOLD: Final[dict[str, tuple[str, str, pl.Expr]]] = {
    "findings": ("findings of scan and analysis", "certain", ALL),
    "lengths": (
        "tracks that are not as long as they say",
        "certain",
        pl.col("analyzed") & _known("declared_duration_s"),
    ),
    "missing_tags": ("tracks that lack important tags", "certain", ALL),
    "split_albums": ("albums that stand apart in pieces", "look at each", _known("album")),
    "gaps": ("discs with gaps in their numbers, or one twice", "look at each", _known("album", "track_number")),
    "duplicates": ("files that are there twice", "certain where the sound is the same", ALL),
    "clipped": ("masters with clipped samples", "certain", _known("clipping_ratio")),
    "brick_walled": ("masters that are pressed flat", "look at each", _known("dynamic_range_db", "loudness_lufs")),
    "transcodes": ("files that were probably lossier once", "a hint", is_judged()),
    "tempo": ("tempo tags that the sound contradicts", "look at each", _known("bpm_tag", "bpm")),
    "key": ("key tags that the sound contradicts", "look at each", _known("key_tag", "key")),
    "genre": ("genre tags that the sound contradicts", "a hint", pl.col("analyzed") & _known("genre")),
}
"""Each table of `examine`: what its rows are, how far to believe them, and what a track must have to be judged."""


def examine(
    tracks: pl.DataFrame,
    findings: pl.DataFrame,
    *,
    whole: pl.DataFrame | None = None,
    doubtful: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Every table of the quality report, by name; nothing is changed by it.

    Parameters
    ----------
    tracks : polars.DataFrame
        Columns of `models.TRACKS`: the collection, or the part of it that is asked about.
    findings : polars.DataFrame
        Schema `models.FINDINGS`; those of other tracks are left out.
    whole : polars.DataFrame or None
        The whole collection where `tracks` is a part: albums, folders and copies are judged by all of it, and listed
        where one of `tracks` belongs to them. None where `tracks` is all.
    doubtful : polars.DataFrame or None
        What `Library.doubtful_genres` gives; None where too few tracks are analysed for it.

    Returns
    -------
    dict of str to polars.DataFrame
        The keys of `overview`'s column ``table``; each value has the schema of the function that made it.
    """
    every = tracks if whole is None else whole
    found = findings_of(findings, tracks)
    own = pl.col("track_id").is_in(tracks["track_id"].implode())
    return {
        "findings": found,
        "lengths": odd_lengths(tracks),
        "missing_tags": incomplete_tags(every, findings).filter(own),
        "split_albums": _touching(split_albums(every), tracks["album_id"]),
        "gaps": number_gaps(every).filter(pl.col("album_id").is_in(tracks["album_id"].drop_nulls().implode())),
        "duplicates": duplicate_files(every).filter(own.any().over("group")),
        "clipped": clipped(tracks),
        "brick_walled": brick_walled(tracks),
        "transcodes": probable_transcodes(every).filter(own),
        "tempo": tempo_disagreements(tracks),
        "key": key_disagreements(tracks),
        "genre": genre_disagreements(tracks, doubtful),
    }


def overview(tables: Mapping[str, pl.DataFrame], tracks: pl.DataFrame) -> pl.DataFrame:
    """How much each table of `examine` holds, and how far to believe it; schema `OVERVIEW`.

    ``judged`` is the number of present tracks that are known well enough to be looked at: no rows of none judged is no
    good news.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        What `examine` gave.
    tracks : polars.DataFrame
        What it was given.
    """
    present = tracks.filter(~pl.col("missing"))
    rows = [
        (name, TOLD[name][0], len(table), len(present.filter(TOLD[name][2])), TOLD[name][1])
        for name, table in tables.items()
    ]
    return pl.DataFrame(rows, OVERVIEW, orient="row")


def findings_of(findings: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """The findings of these tracks, and those of files that became no track; schema `models.FINDINGS`."""
    own = pl.col("track_id").is_in(tracks["track_id"].implode())
    return findings.filter(own | pl.col("track_id").is_null())


def _touching(split: pl.DataFrame, album_ids: pl.Series) -> pl.DataFrame:
    """Split albums of which one part is among these."""
    parts = split.select("track_id", pl.col("album_ids").str.split(", ")).explode("album_ids")
    among = pl.col("album_ids").cast(pl.Int64).is_in(album_ids.drop_nulls().implode())
    return split.filter(pl.col("track_id").is_in(parts.filter(among)["track_id"].implode()))
