"""What is wrong with this collection, all in all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.albums import has_album, split_albums
from workbench.doctor.copies import duplicate_files
from workbench.doctor.gaps import is_numbered, number_gaps
from workbench.doctor.lengths import odd_lengths
from workbench.doctor.masters import brick_walled, clipped
from workbench.doctor.missing_tags import incomplete_tags
from workbench.doctor.transcodes import is_judged, probable_transcodes
from workbench.keys import parse_key
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

FLATNESS: Final = ("dynamic_range_db", "loudness_lufs", "true_peak_dbtp")


def _tells_key() -> pl.Expr:
    """Whether a key tag names a key."""
    return pl.col("key_tag").map_elements(lambda tag: parse_key(tag) is not None, return_dtype=pl.Boolean)


def _known(*names: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(names).is_not_null())


TOLD: Final[dict[str, tuple[str, str, pl.Expr]]] = {
    "findings": ("findings of scan and analysis", "certain", ALL),
    "lengths": (
        "tracks that are not as long as they say",
        "look at each",
        pl.col("analyzed") & (pl.col("declared_duration_s") > 0) & _known("duration_s"),
    ),
    "missing_tags": ("tracks that lack important tags", "certain", ALL),
    "split_albums": ("albums that stand apart in pieces", "look at each", has_album()),
    "gaps": ("discs with gaps in their numbers, or one twice", "look at each", is_numbered()),
    "duplicates": ("files that are there twice", "certain where the sound is the same", ALL),
    "clipped": ("masters with clipped samples", "certain", _known("clipping_ratio")),
    "brick_walled": ("masters that are pressed flat", "look at each", _known(*FLATNESS)),
    "transcodes": ("files that were probably lossier once", "a hint", is_judged()),
    "tempo": ("tempo tags that the sound contradicts", "look at each", (pl.col("bpm_tag") > 0) & _known("bpm")),
    "key": ("key tags that the sound contradicts", "look at each", _known("key", "mode") & _tells_key()),
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
        "duplicates": _with_any_of(duplicate_files(every), own),
        "clipped": clipped(tracks),
        "brick_walled": brick_walled(tracks),
        "transcodes": probable_transcodes(every).filter(own),
        "tempo": tempo_disagreements(tracks),
        "key": key_disagreements(tracks),
        "genre": genre_disagreements(tracks, doubtful),
    }


def overview(
    tables: Mapping[str, pl.DataFrame], tracks: pl.DataFrame, *, doubtful: pl.DataFrame | None = None
) -> pl.DataFrame:
    """How much each table of `examine` holds, and how far to believe it; schema `OVERVIEW`.

    ``judged`` is the number of present tracks that are known well enough to be looked at: no rows of none judged is no
    good news.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        What `examine` gave.
    tracks, doubtful : polars.DataFrame
        What it was given; no genre was judged without doubts to read.
    """
    present = tracks.filter(~pl.col("missing"))
    judged = {name: len(present.filter(TOLD[name][2])) for name in tables}
    if doubtful is None:
        judged |= {"genre": 0}
    rows = [(name, TOLD[name][0], len(table), judged[name], TOLD[name][1]) for name, table in tables.items()]
    return pl.DataFrame(rows, OVERVIEW, orient="row")


def findings_of(findings: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """The findings of these tracks, and those of files that became no track; schema `models.FINDINGS`."""
    own = pl.col("track_id").is_in(tracks["track_id"].implode())
    return findings.filter(own | pl.col("track_id").is_null())


def _with_any_of(copies: pl.DataFrame, own: pl.Expr) -> pl.DataFrame:
    """Whole groups of which one file is among these; asked once, not group by group, which grows with both."""
    return copies.filter(pl.col("group").is_in(copies.filter(own)["group"].unique().implode()))


def _touching(split: pl.DataFrame, album_ids: pl.Series) -> pl.DataFrame:
    """Split albums of which one part is among these."""
    parts = split.select("track_id", pl.col("album_ids").str.split(", ")).explode("album_ids")
    among = pl.col("album_ids").cast(pl.Int64).is_in(album_ids.drop_nulls().implode())
    return split.filter(pl.col("track_id").is_in(parts.filter(among)["track_id"].implode()))
