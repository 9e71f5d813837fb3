"""How complete are the tags?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["COVERAGE", "tag_coverage"]

COVERAGE: Final[Schema] = {"tag": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `tag_coverage`."""


TAGS: Final = (
    "artists",
    "album",
    "album_artists",
    "genres",
    "year",
    "disc_number",
    "track_number",
    "bpm_tag",
    "key_tag",
    "comment",
    "has_cover",
)
"""Columns that come from tags alone; not the title, for which the file's name stands in."""


def tag_coverage(tracks: pl.DataFrame) -> pl.DataFrame:
    """How many tracks carry each tag, best covered first, schema `COVERAGE`; an empty list is no tag."""
    known = [(tag, int(_filled(tracks[tag]).sum())) for tag in TAGS]
    rows = [(tag, count, count / len(tracks) if len(tracks) else None) for tag, count in known]
    return pl.DataFrame(rows, COVERAGE, orient="row").sort("tracks", descending=True, maintain_order=True)


def _filled(values: pl.Series) -> pl.Series:
    """Which values say something: not null, no empty list, not False."""
    if isinstance(values.dtype, pl.List):
        return values.list.len().fill_null(0) > 0
    return values.fill_null(value=False) if values.dtype == pl.Boolean else values.is_not_null()
