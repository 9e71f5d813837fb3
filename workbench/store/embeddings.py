"""What has the learned model heard of each track?

Conventions
-----------
One row a track and model; the vector is the embedding, then the probabilities of the tags, and empty where there was
nothing to be heard. It belongs to the sound whose hash the track has: whoever stores another hash forgets it, or stores
the new one with it. Frames hold the vectors of that version of the model that has heard most tracks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import sqlalchemy as sa

from workbench.models import EMBEDDING_SIZE, EMBEDDINGS, LEARNED_MODEL, TABLES, TAG_COUNT
from workbench.store.columns import frame_of
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from workbench.models import LearnedFeatures

__all__ = ["count_heard", "embeddings_frame", "forget_embedding", "spoken", "store_embedding"]

VECTOR: Final = {"vector": pl.Array(pl.Float32, EMBEDDING_SIZE + TAG_COUNT)}


def store_embedding(connection: sa.Connection, track_id: int, version: str, heard: LearnedFeatures | None) -> None:
    """Keep what a version of the model heard of a track, None where it heard nothing; what it heard before goes."""
    forget_embedding(connection, track_id)
    vector = np.concatenate([heard.embedding, heard.tags]) if heard else np.empty(0, np.float32)
    row = {"track_id": track_id, "model": LEARNED_MODEL, "version": version, "vector": vector}
    connection.execute(TABLES["embedding"].insert(), row)


def forget_embedding(connection: sa.Connection, track_id: int) -> None:
    """Forget what any model heard of a track."""
    touch(connection, [track_id])
    table = TABLES["embedding"]
    connection.execute(table.delete().where(table.c.track_id == track_id))


def embeddings_frame(connection: sa.Connection) -> pl.DataFrame:
    """What the model heard of each track, as `models.EMBEDDINGS`, sorted by id."""
    table = TABLES["embedding"].c
    query = sa.select(table.track_id, table.model, table.version, table.vector).order_by(table.track_id)
    query = query.where(spoken())
    frame = frame_of(connection, query, EMBEDDINGS | VECTOR)
    vectors = frame["vector"].to_numpy().reshape(len(frame), -1) if len(frame) else np.empty((0, 1), np.float32)
    parts = {"embedding": vectors[:, :EMBEDDING_SIZE], "tags": vectors[:, EMBEDDING_SIZE:]}
    columns = [pl.Series(name, part if len(frame) else [], EMBEDDINGS[name]) for name, part in parts.items()]
    return frame.drop("vector").with_columns(columns).select(*EMBEDDINGS)


def spoken() -> sa.ColumnElement[bool]:
    """Whether a row of `embedding` has a vector, by the version of the model that has heard most tracks.

    Vectors of two versions cannot be compared.
    """
    embedding = TABLES["embedding"].c
    version = TABLES["embedding"].alias("prevailing").c.version
    most = sa.select(version).group_by(version).order_by(sa.func.count().desc(), version.desc()).limit(1)
    return (sa.func.length(embedding.vector) > 0) & (embedding.version == most.scalar_subquery())


def count_heard(connection: sa.Connection) -> tuple[int, int]:
    """How many tracks have a place in the timbre space, and how many in the learned one."""
    features = TABLES["audio_features"].c
    measured = sa.select(sa.func.count()).where(features.mfcc_mean.is_not(None)).scalar_subquery()
    heard = sa.select(sa.func.count()).select_from(TABLES["embedding"]).where(spoken()).scalar_subquery()
    counts = connection.execute(sa.select(measured, heard)).one()
    return int(counts[0]), int(counts[1])
