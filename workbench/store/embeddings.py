"""What has the learned model heard of each track?

Conventions
-----------
One row a track and model; the vector is the embedding, then the probabilities of the tags. It belongs to the sound
whose hash the track has: whoever stores another hash forgets it, or stores the new one with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import sqlalchemy as sa

from workbench.models import EMBEDDING_SIZE, EMBEDDINGS, TABLES, TAG_COUNT
from workbench.store.columns import frame_of
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from workbench.models import LearnedFeatures

__all__ = ["embeddings_frame", "forget_embedding", "store_embedding"]

VECTOR: Final = {"vector": pl.Array(pl.Float32, EMBEDDING_SIZE + TAG_COUNT)}


def store_embedding(connection: sa.Connection, track_id: int, heard: LearnedFeatures) -> None:
    """Keep what the model heard of a track, in place of what it heard before."""
    forget_embedding(connection, track_id)
    vector = np.concatenate([heard.embedding, heard.tags])
    row = {"track_id": track_id, "model": heard.model, "version": heard.version, "vector": vector}
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
    frame = frame_of(connection, query, EMBEDDINGS | VECTOR)
    vectors = frame["vector"].to_numpy().reshape(len(frame), -1) if len(frame) else np.empty((0, 1), np.float32)
    parts = {"embedding": vectors[:, :EMBEDDING_SIZE], "tags": vectors[:, EMBEDDING_SIZE:]}
    columns = [pl.Series(name, part if len(frame) else [], EMBEDDINGS[name]) for name, part in parts.items()]
    return frame.drop("vector").with_columns(columns).select(*EMBEDDINGS)
