"""How do rows become frames?

Conventions
-----------
One row a track (or a finding), columns and types exactly as `models.TRACKS`, `models.FEATURES` and `models.FINDINGS`
declare them, sorted by id. Moments are UTC. A track whose file is gone from the store has no path and is missing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from workbench.models import FEATURES, FINDINGS, SCALAR_FEATURES, TABLES, TRACKS, VECTOR_FEATURES
from workbench.store.roots import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["features_frame", "findings_frame", "tracks_frame"]

DECLARED = {"duration_s": ("track", "declared_duration_s"), "declared_duration_s": ("track", "declared_duration_s")} | {
    name: ("file", name) for name in ("sample_rate_hz", "bit_depth", "channels")
}
"""Columns that the file's headers fill until the track is analysed."""

LISTS = {
    "artists": ("track_artist", "artist", "track_id"),
    "genres": ("track_genre", "genre", "track_id"),
    "album_artists": ("album_artist", "artist", "album_id"),
}
"""Columns of names: the linking table, the table of the names, the column that both frames share."""


def tracks_frame(connection: sa.Connection) -> pl.DataFrame:
    """All tracks: tags, file and single-valued features, as `models.TRACKS`."""
    frame = _frame(connection, _tracks_query(), TRACKS | {"root": pl.Binary(), "tail": pl.Binary()})
    paths = [_joined(root, tail) for root, tail in zip(frame["root"], frame["tail"], strict=True)]
    frame = frame.with_columns(
        pl.Series("path_bytes", paths, pl.Binary),
        pl.Series("path", [path and text_of(path) for path in paths], pl.String),
    )
    for name, (link, target, key) in LISTS.items():
        frame = frame.join(_names(connection, link, target, name), on=key, how="left")
    names = pl.col(*LISTS).fill_null([])
    title = pl.col("title").fill_null(pl.col("path").str.extract(r"([^/\\]*?)(?:\.[^.]*)?$"))
    artist = pl.when(pl.col("artists").list.len() > 0).then(pl.col("artists").list.join(", "))
    return (
        frame.with_columns(names, title)
        .with_columns(
            artist=artist, genre=pl.col("genres").list.first(), missing=pl.col("missing").fill_null(value=True)
        )
        .select(*TRACKS)
        .sort("track_id")
    )


def features_frame(connection: sa.Connection) -> pl.DataFrame:
    """Every column of analysis of the analysed tracks, as `models.FEATURES`."""
    features = TABLES["audio_features"].c
    rows = connection.execute(sa.select(*(features[name] for name in FEATURES)).order_by(features.track_id)).all()
    columns = dict(zip(FEATURES, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(FEATURES, ())
    series = [_series(name, columns[name], dtype) for name, dtype in FEATURES.items()]
    return pl.DataFrame(series)


def findings_frame(connection: sa.Connection) -> pl.DataFrame:
    """Files that are there and were skipped, failed or look wrong, as `models.FINDINGS`."""
    finding, file, root = (TABLES[name] for name in ("finding", "file", "root"))
    joined = finding.join(file, file.c.id == finding.c.file_id).join(root, root.c.id == file.c.root_id)
    own = [finding.c[name] for name in FINDINGS if name not in {"finding_id", "path"}]
    query = sa.select(finding.c.id.label("finding_id"), *own, root.c.path.label("root"), file.c.path.label("tail"))
    frame = _frame(
        connection,
        query.select_from(joined).where(~file.c.missing),
        FINDINGS | {"root": pl.Binary(), "tail": pl.Binary()},
    )
    paths = [text_of(_joined(root, tail) or b"") for root, tail in zip(frame["root"], frame["tail"], strict=True)]
    return frame.with_columns(pl.Series("path", paths, pl.String)).select(*FINDINGS).sort("finding_id")


def _tracks_query() -> sa.Select[tuple[Any, ...]]:
    track, file, root, album, features, rating = (
        TABLES[name] for name in ("track", "file", "root", "album", "audio_features", "rating")
    )
    joined = (
        track.outerjoin(file, file.c.track_id == track.c.id)
        .outerjoin(root, root.c.id == file.c.root_id)
        .outerjoin(album, album.c.id == track.c.album_id)
        .outerjoin(features, features.c.track_id == track.c.id)
        .outerjoin(rating, rating.c.track_id == track.c.id)
    )
    columns: dict[str, sa.ColumnElement[Any]] = {
        "track_id": track.c.id,
        "album": album.c.name,
        "compilation": album.c.compilation,
        "rating": rating.c.rating,
        "has_cover": track.c.has_cover | sa.func.coalesce(file.c.folder_cover.is_not(None), sa.false()),
        "analyzed": features.c.track_id.is_not(None),
        "root": root.c.path,
        "tail": file.c.path,
    }
    columns |= {name: features.c[name] for name in SCALAR_FEATURES}
    for name, (source, column) in DECLARED.items():
        columns[name] = sa.func.coalesce(features.c[name], TABLES[source].c[column])
    for own in (track, file):
        columns |= {name: own.c[name] for name in TRACKS if name in own.c and name not in {*columns, "path"}}
    return sa.select(*(column.label(name) for name, column in columns.items())).select_from(joined)


def _frame(
    connection: sa.Connection, query: sa.Select[tuple[Any, ...]], types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Frame of a query, each column of the type declared for its name."""
    result = connection.execute(query)
    names = list(result.keys())
    columns = list(zip(*result, strict=True)) or [()] * len(names)
    return pl.DataFrame([_series(name, values, types[name]) for name, values in zip(names, columns, strict=True)])


def _series(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """Series of a declared type; an all-null column keeps it."""
    if name in VECTOR_FEATURES:
        return _vectors(name, values, dtype)
    if name == "reasons":
        values = [[{"column": column, "code": code} for column, code in each.items()] for each in values]
    if isinstance(dtype, pl.Datetime):
        return pl.Series(name, values, pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.Series(name, values, dtype)


def _vectors(name: str, values: Sequence[np.ndarray | None], dtype: pl.DataType) -> pl.Series:
    """Series of arrays or null, by way of one buffer of all numbers."""
    present = [value for value in values if value is not None]
    if isinstance(dtype, pl.Array) and present:
        whole = pl.Series(name, np.stack(present))
    else:
        whole = pl.Series(name, [value.tolist() for value in present], dtype)
    places = pl.Series("place", [value is not None for value in values], pl.Boolean)
    index = pl.when(places).then(places.cum_sum() - 1)
    return pl.select(index.alias("index")).select(pl.lit(whole).gather("index").alias(name)).to_series().cast(dtype)


def _names(connection: sa.Connection, link: str, target: str, column: str) -> pl.DataFrame:
    """Owner's id and the names linked to it, as a list in their order."""
    linked, named = TABLES[link], TABLES[target]
    owner = linked.c[LISTS[column][2]]
    joined = linked.join(named, named.c.id == linked.c[f"{target}_id"])
    query = sa.select(owner, named.c.name.label(column)).select_from(joined).order_by(owner, linked.c.position)
    types = {owner.name: pl.Int64(), column: pl.String()}
    return _frame(connection, query, types).group_by(owner.name, maintain_order=True).agg(column)


def _joined(root: bytes | None, tail: bytes | None) -> bytes | None:
    return None if root is None or tail is None else os.path.normpath(os.path.join(root, tail))  # noqa: PTH118  bytes
