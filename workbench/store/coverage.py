"""How much of the collection is analysed, and by which versions?"""

from __future__ import annotations

from typing import Final

import polars as pl
import sqlalchemy as sa

from workbench.models import LEARNED_MODEL, TABLES, Group

__all__ = ["COVERAGE", "coverage_frame"]

COVERAGE: Final = {"part": pl.String(), "version": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `coverage_frame`."""


def coverage_frame(connection: sa.Connection) -> pl.DataFrame:
    """Present tracks by part of the analysis and version, as `COVERAGE`; the version is null where there is none."""
    file, features, embedding = (TABLES[name] for name in ("file", "audio_features", "embedding"))
    heard = (embedding.c.track_id == file.c.track_id) & (embedding.c.model == LEARNED_MODEL)
    joined = file.outerjoin(features, features.c.track_id == file.c.track_id).outerjoin(embedding, heard)
    versions = {**{group.value: features.c[f"{group}_version"] for group in Group}, "learned": embedding.c.version}
    rows = []
    for part, version in versions.items():
        query = sa.select(version, sa.func.count()).select_from(joined).group_by(version).order_by(version)
        counts = connection.execute(query.where(file.c.track_id.is_not(None), ~file.c.missing)).all()
        total = sum(count for _, count in counts)
        rows += [(part, made_by, count, count / total) for made_by, count in counts]
    return pl.DataFrame(rows, COVERAGE, orient="row")
