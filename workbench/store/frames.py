"""How do rows become frames?

Conventions
-----------
One row a track (or a finding), columns and types exactly as `models.TRACKS`, `models.FEATURES` and `models.FINDINGS`
declare them, sorted by id. Moments are UTC. A user's own values stand in place of the file's, ratings too. A track
whose file is gone from the store has no path and is missing.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import sqlalchemy as sa
from polars.exceptions import PolarsError

from workbench.models import FEATURES, FINDINGS, SCALAR_FEATURES, TABLES, TRACKS
from workbench.store.columns import frame_of
from workbench.store.corrections import corrected
from workbench.store.roots import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["features_frame", "findings_frame", "path_bytes", "tracks_frame", "with_paths"]

DECLARED: Final = {
    "duration_s": ("track", "declared_duration_s"),
} | {name: ("file", name) for name in ("sample_rate_hz", "bit_depth", "channels")}
"""Columns that the file's headers fill until the track is analysed."""

LISTS: Final = {
    "artists": ("track_artist", "artist", "track_id"),
    "genres": ("track_genre", "genre", "track_id"),
    "album_artists": ("album_artist", "artist", "album_id"),
}
"""Columns of names: the linking table, the table of the names, the column that both frames share."""


def tracks_frame(connection: sa.Connection, track_ids: Iterable[int] | None = None) -> pl.DataFrame:
    """Tracks, all or those of some ids: tags, file and single-valued features, as `models.TRACKS`."""
    wanted = None if track_ids is None else _listed(track_ids)
    track = TABLES["track"].c
    query = _tracks_query() if wanted is None else _tracks_query().where(track.id.in_(wanted))
    frame = with_paths(frame_of(connection, query, TRACKS))
    for name, (link, target, key) in LISTS.items():
        owners = None if wanted is None else _listed(frame[key].unique().drop_nulls())
        frame = frame.join(_names(connection, link, target, name, owners), on=key, how="left")
    frame = frame.with_columns(pl.col(*LISTS).fill_null([]))
    return (
        corrected(connection, frame)
        .with_columns(
            title=pl.col("title").fill_null(pl.col("path").str.extract(r"([^/\\]*?)(?:\.[^.]*)?$")),
            artist=pl.when(pl.col("artists").list.len() > 0).then(pl.col("artists").list.join(", ")),
            genre=pl.col("genres").list.first(),
            missing=pl.col("missing").fill_null(value=True),
        )
        .select(*TRACKS)
        .sort("track_id")
        .rechunk()
    )


def features_frame(connection: sa.Connection) -> pl.DataFrame:
    """Every column of analysis of the analysed tracks, as `models.FEATURES`."""
    features = TABLES["audio_features"].c
    query = sa.select(*(features[name] for name in FEATURES)).order_by(features.track_id)
    return corrected(connection, frame_of(connection, query, FEATURES)).select(*FEATURES)


def findings_frame(connection: sa.Connection) -> pl.DataFrame:
    """Files that are there and were skipped, failed or look wrong, as `models.FINDINGS`."""
    finding, file, root = (TABLES[name] for name in ("finding", "file", "root"))
    joined = finding.join(file, file.c.id == finding.c.file_id).join(root, root.c.id == file.c.root_id)
    own = [finding.c[name] for name in FINDINGS if name not in {"finding_id", "path"}]
    query = sa.select(finding.c.id.label("finding_id"), *own, path_bytes().label("path_bytes"))
    frame = frame_of(
        connection, query.select_from(joined).where(~file.c.missing), FINDINGS | {"path_bytes": pl.Binary()}
    )
    return with_paths(frame).select(*FINDINGS).sort("finding_id")


def _tracks_query() -> sa.Select[tuple[Any, ...]]:
    track, file, root, album, features, rating, user = (
        TABLES[name] for name in ("track", "file", "root", "album", "audio_features", "rating", "user")
    )
    owner = sa.select(sa.func.min(user.c.id)).scalar_subquery()
    joined = (
        track.outerjoin(file, file.c.track_id == track.c.id)
        .outerjoin(root, root.c.id == file.c.root_id)
        .outerjoin(album, album.c.id == track.c.album_id)
        .outerjoin(features, features.c.track_id == track.c.id)
        .outerjoin(rating, (rating.c.track_id == track.c.id) & (rating.c.user_id == owner))
    )
    columns: dict[str, sa.ColumnElement[Any]] = {
        "track_id": track.c.id,
        "album": album.c.name,
        "compilation": album.c.compilation,
        "rating": sa.func.coalesce(rating.c.rating, track.c.rating_tag),
        "has_cover": track.c.has_cover | file.c.folder_cover.is_not(None),
        "analyzed": features.c.track_id.is_not(None),
        "path_bytes": path_bytes(),
        "audio_hash": sa.func.nullif(sa.func.lower(sa.func.hex(track.c.audio_hash)), ""),
    }
    columns |= {name: features.c[name] for name in SCALAR_FEATURES}
    for name, (source, column) in DECLARED.items():
        columns[name] = sa.func.coalesce(features.c[name], TABLES[source].c[column])
    columns["declared_duration_s"] = sa.func.coalesce(track.c.declared_duration_s, features.c.declared_duration_s)
    for own in (track, file):
        columns |= {name: own.c[name] for name in TRACKS if name in own.c and name not in {*columns, "path"}}
    return sa.select(*(column.label(name) for name, column in columns.items())).select_from(joined)


def path_bytes() -> sa.ColumnElement[bytes]:
    """Bytes of a file's absolute path, "/" between the parts."""
    root = sa.func.rtrim(sa.cast(TABLES["root"].c.path, sa.String), "/")
    return sa.cast(root.concat("/").concat(TABLES["file"].c.path), sa.LargeBinary)


def with_paths(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a frame the column ``path`` of its ``path_bytes``, as this system writes paths."""
    try:
        shown = frame["path_bytes"].cast(pl.String)
    except PolarsError:  # a name that is no UTF-8
        shown = pl.Series([path and text_of(path) for path in frame["path_bytes"]], dtype=pl.String)
    frame = frame.with_columns(shown.str.replace(r"/replaced-\d+$", "").alias("path"))  # `files.make_way`
    if os.sep == "/":
        return frame
    return frame.with_columns(pl.col("path").str.replace_all("/", os.sep, literal=True)).with_columns(
        path_bytes=pl.col("path").cast(pl.Binary)
    )


def _listed(ids: Iterable[int]) -> sa.Select[tuple[int]]:
    """Select of these ids, however many: they go in as one text."""
    each = sa.func.json_each(json.dumps(list(ids))).table_valued("value")
    return sa.select(each.c.value)


def _names(
    connection: sa.Connection, link: str, target: str, column: str, owners: sa.Select[tuple[int]] | None
) -> pl.DataFrame:
    """Owner's id and the names linked to it, as a list in their order."""
    linked, named = TABLES[link], TABLES[target]
    owner = linked.c[LISTS[column][2]]
    joined = linked.join(named, named.c.id == linked.c[f"{target}_id"])
    query = sa.select(owner, named.c.name.label(column)).select_from(joined).order_by(owner, linked.c.position)
    if owners is not None:
        query = query.where(owner.in_(owners))
    types: Mapping[str, pl.DataType] = {owner.name: pl.Int64(), column: pl.String()}
    return frame_of(connection, query, types).group_by(owner.name, maintain_order=True).agg(column)
