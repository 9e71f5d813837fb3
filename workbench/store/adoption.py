"""Which missing track is it that came back under another name and other tags?

Conventions
-----------
A newcomer is taken over only while nothing hangs on it: one that stands in a playlist, is rated or corrected stays.
"""

from __future__ import annotations

import sqlalchemy as sa

from workbench.models import TABLES, Extent
from workbench.models.tables import now
from workbench.store.revisions import touch
from workbench.store.suggestions import index_names, unindex

__all__ = ["adopt"]

OWN = ("playlist_item", "rating", "correction")
"""Tables of what a user makes of a track."""

KEPT = frozenset({"id", "added_at"})


def adopt(connection: sa.Connection, newcomer: int, audio_hash: bytes) -> None:
    """Let the one missing track that has a sound take over what belongs to a newcomer with the same sound."""
    missing = _missing_with(connection, newcomer, audio_hash)
    if len(missing) != 1 or any(_has(connection, name, newcomer) for name in OWN):
        return
    (track_id,) = missing
    touch(connection, [newcomer, track_id])
    is_known = _has(connection, "embedding", track_id)
    hears_more = _has(connection, "embedding", newcomer) and (_is_whole(connection, newcomer) or not is_known)
    file, track = TABLES["file"], TABLES["track"]
    connection.execute(file.delete().where(file.c.track_id == track_id))
    for name in ("track_artist", "track_genre", *(() if _is_whole(connection, track_id) else ("audio_features",))):
        table = TABLES[name]
        connection.execute(table.delete().where(table.c.track_id == track_id))
        connection.execute(table.update().where(table.c.track_id == newcomer).values(track_id=track_id))
    if hears_more:
        table = TABLES["embedding"]
        connection.execute(table.delete().where(table.c.track_id == track_id))
        connection.execute(table.update().where(table.c.track_id == newcomer).values(track_id=track_id))
    features = TABLES["audio_features"]
    connection.execute(features.update().where(features.c.track_id == track_id).values(analyzed_at=now()))
    for name in ("file", "finding"):
        table = TABLES[name]
        connection.execute(table.update().where(table.c.track_id == newcomer).values(track_id=track_id))
    tags = connection.execute(track.select().where(track.c.id == newcomer)).mappings().one()
    values = {name: value for name, value in tags.items() if name not in KEPT}
    connection.execute(track.update().where(track.c.id == track_id).values(values))
    connection.execute(track.delete().where(track.c.id == newcomer))
    unindex(connection, "title", [newcomer, track_id])
    index_names(connection, "title", [(track_id, tags["title"])])


def _is_whole(connection: sa.Connection, track_id: int) -> bool:
    """Whether all of a track's sound was heard; it is the newcomer's sound too."""
    features = TABLES["audio_features"].c
    query = sa.select(features.extent).where(features.track_id == track_id)
    return connection.execute(query).scalar() == Extent.FULL


def _missing_with(connection: sa.Connection, newcomer: int, audio_hash: bytes) -> list[int]:
    file, track = TABLES["file"], TABLES["track"]
    present = sa.exists().where(file.c.track_id == track.c.id, ~file.c.missing)
    query = sa.select(track.c.id).where(track.c.audio_hash == audio_hash, track.c.id != newcomer, ~present)
    return list(connection.execute(query).scalars())


def _has(connection: sa.Connection, name: str, track_id: int) -> bool:
    table = TABLES[name].c
    return connection.execute(sa.select(sa.exists().where(table.track_id == track_id))).scalar_one()
